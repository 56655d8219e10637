package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/outliers"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model"
	"oteltop/model/store"
)

func fakeOperation(service, name string, kind model.Kind) store.Operation {
	return store.Operation{ServiceName: service, Name: name, Kind: kind}
}

// fakeShapeRows are a usual shape, a rarer one that fails, and one of another root operation.
func fakeShapeRows() []shapes.Row {
	rows := []shapes.Row{
		{Root: fakeOperation("frontend", "GET /checkout", model.KindServer), RootOp: 1, Shape: 0x3f2a91c400000000, Count: 812, OfRoot: 1020, Failed: 4, P50: 212e6, P95: 410e6, P99: 655e6, Max: 902e6, Spans: 23, Services: 5, Variants: 3},
		{Root: fakeOperation("frontend", "GET /checkout", model.KindServer), RootOp: 1, Shape: 0x77aa000100000000, Count: 208, OfRoot: 1020, Failed: 96, P50: 540e6, P95: 1210e6, P99: 2020e6, Max: 2100e6, Spans: 31, Services: 6, Variants: 64, MoreVariant: true},
		{Root: fakeOperation("cart", "GET /cart/{id}", model.KindServer), RootOp: 2, Shape: 0x0123456700000000, Count: 90, OfRoot: 90, P50: 8e6, P95: 12e6, P99: 15e6, Max: 15e6, Spans: 3, Services: 2, Variants: 1},
	}
	for i := range rows {
		r := &rows[i]
		r.Share, r.ErrorShare = float64(r.Count)/float64(r.OfRoot), float64(r.Failed)/float64(r.Count)
		r.First, r.Last = epoch.UnixNano()-int64(200-i)*1e9, epoch.UnixNano()
		r.Through = append([]string{r.Root.ServiceName}, fakeServices[2:]...)
		r.Exemplars = []shapes.Exemplar{{Trace: fakeTrace(i), Why: "newest"}}
	}
	return rows
}

func fakeRing() aggregate.Provenance {
	return aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 24_312, Traces: 1110, Of: 1_234_567, From: epoch.UnixNano() - 200e9, To: epoch.UnixNano()}
}

func (e *fakeEngine) Shapes(_ context.Context, q aggregate.Query) (*aggregate.Shapes, error) {
	return &aggregate.Shapes{Provenance: fakeRing(), Rows: fakeShapeRows(), Roots: 2}, e.note(q)
}

func spread(p10, p50, p90 int64) shapes.Spread { return shapes.Spread{P10: p10, P50: p50, P90: p90} }

func fakeNodes() []shapes.Node {
	const ms = 1e6
	return []shapes.Node{
		{Operation: fakeOperation("frontend", "GET /checkout", model.KindServer), Parent: -1, Presence: 1, PerTrace: 1, Most: 1, Calls: 812, ErrorShare: .005,
			Duration: spread(150*ms, 212*ms, 350*ms), Self: spread(9*ms, 12*ms, 20*ms), Critical: spread(9*ms, 12*ms, 20*ms)},
		{Operation: fakeOperation("frontend", "charge", model.KindClient), Parent: 0, Depth: 1, Presence: .97, PerTrace: 1, Most: 1, Calls: 790,
			Offset: spread(8*ms, 12*ms, 30*ms), Duration: spread(80*ms, 120*ms, 240*ms), Self: spread(4*ms, 6*ms, 9*ms), Critical: spread(4*ms, 6*ms, 9*ms)},
		{Operation: fakeOperation("payments", "charge", model.KindServer), Parent: 1, Depth: 2, Presence: .97, PerTrace: 1, Most: 1, Calls: 790, ErrorShare: .012,
			Offset: spread(10*ms, 15*ms, 33*ms), Duration: spread(76*ms, 114*ms, 230*ms), Self: spread(70*ms, 110*ms, 220*ms), Critical: spread(70*ms, 110*ms, 220*ms)},
		{Operation: fakeOperation("catalog", "SELECT item", model.KindClient), Parent: 0, Depth: 1, Presence: 1, PerTrace: 12.4, Most: 48, Calls: 10_068,
			Offset: spread(130*ms, 140*ms, 270*ms), Duration: spread(2*ms, 4*ms, 9*ms), Self: spread(30*ms, 50*ms, 90*ms), Critical: spread(30*ms, 48*ms, 88*ms)},
		{Operation: fakeOperation("frontend", "render", model.KindInternal), Parent: 0, Depth: 1, Presence: .41, PerTrace: 1, Most: 2, Calls: 333,
			Offset: spread(180*ms, 195*ms, 320*ms), Duration: spread(5*ms, 9*ms, 14*ms), Self: spread(5*ms, 9*ms, 14*ms), Critical: spread(5*ms, 9*ms, 14*ms)},
		{Parent: -1, Presence: .02, PerTrace: 1, Most: 1, Calls: 16},
		{Operation: fakeOperation("cart", "HGET", model.KindClient), Parent: 5, Depth: 1, Presence: .02, PerTrace: 1, Most: 1, Calls: 16,
			Offset: spread(0, 0, 1*ms), Duration: spread(1*ms, 2*ms, 3*ms), Self: spread(1*ms, 2*ms, 3*ms)},
	}
}

func (e *fakeEngine) Shape(_ context.Context, q aggregate.Query, shape string) (*aggregate.Shape, error) {
	if err := e.note(q); err != nil {
		return nil, err
	}
	for _, row := range fakeShapeRows() {
		if shape != "" && !request.HasName(row.Shape, shape) {
			continue
		}
		p := fakeRing()
		p.Traces = row.Count
		return &aggregate.Shape{Provenance: p, Row: row, Nodes: fakeNodes(), Traces: row.Count, Representatives: []shapes.Exemplar{
			{Trace: fakeTrace(7), Why: "typical, p50"}, {Trace: fakeTrace(8), Why: "p90"}, {Trace: fakeTrace(9), Why: "p99"}, {Trace: fakeTrace(10), Why: "newest that failed"},
		}}, nil
	}
	return nil, aggregate.ErrNoShape
}

func (e *fakeEngine) Outliers(_ context.Context, q aggregate.Query) (*aggregate.Outliers, error) {
	root := fakeOperation("frontend", "GET /checkout", model.KindServer)
	return &aggregate.Outliers{
		Provenance: fakeRing(),
		Slow: []outliers.Slow{
			{Root: root, Of: 1020, Among: 812, Count: 5, Median: 212e6, Fastest: 1900e6, Slowest: 2100e6, Q: 1e-6, Exact: true,
				Path: []store.Operation{root, fakeOperation("payments", "charge", model.KindServer)}, Traces: []model.TraceID{fakeTrace(3)}, Span: 2},
			{Root: root, Of: 1020, Count: 2, Median: 212e6, Slowest: 700e6, Q: .4},
		},
		Odd: []outliers.Odd{{Root: root, Reason: outliers.Lacks, Of: 1020, Count: 3, Others: .98, Q: 1e-4,
			Path: []store.Operation{root, fakeOperation("payments", "charge", model.KindServer)}, Traces: []model.TraceID{fakeTrace(4)}}},
	}, e.note(q)
}
