package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model/store"
)

// The views of what requests do, whatever their timing.
const (
	ViewShapes View = "shapes" // what kinds of requests there are
	ViewShape  View = "shape"  // the typical trace of one kind
)

// shapeRow is a shape of a root operation. count is at most count_error too large; all other figures are of
// the traces known for certain, count − count_error. error_share is of traces with a failed span.
type shapeRow struct {
	Shape         string  `json:"shape"`
	RootService   string  `json:"root_service"`
	RootOperation string  `json:"root_operation"`
	RootKind      string  `json:"root_kind"`
	Count         uint64  `json:"count"`
	CountError    uint64  `json:"count_error"`
	OfRoot        uint64  `json:"root_count"` // traces of the root operation
	Share         float64 `json:"root_share"` // count / root_count
	P50           int64   `json:"p50_ns"`
	P95           int64   `json:"p95_ns"`
	P99           int64   `json:"p99_ns"`
	Max           int64   `json:"max_ns"`
	ErrorShare    float64 `json:"error_share"`
	Spans         int     `json:"spans"`         // median
	Services      int     `json:"services"`      // of the newest trace
	Variants      int     `json:"variants"`      // by exact repeat counts and serial or parallel order
	VariantsMore  bool    `json:"variants_more"` // there may be more
	First         int64   `json:"first_unix_nano"`
	Last          int64   `json:"last_unix_nano"`

	Exemplars []exemplarRow `json:"exemplars"`
}

// exemplarRow is a trace with the reason why it is named.
type exemplarRow struct {
	TraceID string `json:"trace_id"`
	Why     string `json:"why"`
}

// String is what a table shows.
func (e exemplarRow) String() string { return e.TraceID + " " + e.Why }

// typicalRow is a call path of the traces of a shape, laid over each other. Rows are depth first, siblings by
// offset. offset is when the first such call of a trace starts, since its root's start; duration is of one
// call; self and critical (own time on the critical path) of all such calls of a trace. service and operation
// are empty for a parent that was never seen.
type typicalRow struct {
	Service     string  `json:"service"`
	Operation   string  `json:"operation"`
	Kind        string  `json:"kind"`
	Depth       int     `json:"depth"`
	Parent      int     `json:"parent"` // row, −1 for a root
	Presence    float64 `json:"presence_share"`
	PerTrace    float64 `json:"calls_per_trace"` // of those that have any
	Most        int     `json:"calls_most"`
	ErrorShare  float64 `json:"error_share"`
	Offset      int64   `json:"offset_p50_ns"`
	OffsetLow   int64   `json:"offset_p10_ns"`
	OffsetHigh  int64   `json:"offset_p90_ns"`
	Duration    int64   `json:"duration_p50_ns"`
	DurationLow int64   `json:"duration_p10_ns"`
	DurationTop int64   `json:"duration_p90_ns"`
	Self        int64   `json:"self_p50_ns"`
	Critical    int64   `json:"critical_p50_ns"`
}

func shapesView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Shapes(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Rows, newShapeRow)
	return &document{View: ViewShapes, Provenance: x.Provenance, Rows: rows}, nil
}

func newShapeRow(r *shapes.Row) shapeRow {
	return shapeRow{
		Shape: request.ShapeName(r.Shape), RootService: r.Root.ServiceName, RootOperation: r.Root.Name, RootKind: r.Root.Kind.String(),
		Count: r.Count, CountError: r.CountError, OfRoot: r.OfRoot, Share: r.Share, P50: r.P50, P95: r.P95, P99: r.P99, Max: r.Max,
		ErrorShare: r.ErrorShare, Spans: r.Spans, Services: r.Services, Variants: r.Variants, VariantsMore: r.MoreVariant, First: r.First, Last: r.Last,
		Exemplars: newExemplarRows(r.Exemplars),
	}
}

func newExemplarRows(from []shapes.Exemplar) []exemplarRow {
	rows := make([]exemplarRow, 0, len(from))
	for _, x := range from {
		rows = append(rows, exemplarRow{idText(x.Trace), x.Why})
	}
	return rows
}

func shapeView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	x, err := e.Shape(ctx, q, o.Shape)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Nodes, newTypicalRow)
	row := newShapeRow(&x.Row)
	return &document{View: ViewShape, Provenance: x.Provenance, Rows: rows, Shape: &row, Representatives: newExemplarRows(x.Representatives)}, nil
}

func newTypicalRow(n *shapes.Node) typicalRow {
	row := typicalRow{
		Service: n.Operation.ServiceName, Operation: n.Operation.Name, Depth: n.Depth, Parent: n.Parent,
		Presence: n.Presence, PerTrace: n.PerTrace, Most: n.Most, ErrorShare: n.ErrorShare,
		Offset: n.Offset.P50, OffsetLow: n.Offset.P10, OffsetHigh: n.Offset.P90,
		Duration: n.Duration.P50, DurationLow: n.Duration.P10, DurationTop: n.Duration.P90,
		Self: n.Self.P50, Critical: n.Critical.P50,
	}
	if n.Operation != (store.Operation{}) {
		row.Kind = n.Operation.Kind.String()
	}
	return row
}
