package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/outliers"
	"oteltop/aggregate/request"
)

// ViewOutliers is requests that are unlike their own kind.
const ViewOutliers View = "outliers"

// outlierRow is a group of requests. kind is latency, of those that took far longer than others that did the
// same and on the same call path, or shape, of those that did what hardly any other did, with the reason:
// calls, lacks, wide, deep, large. Latency comes first, by q; then shapes, the rarest first. Also listed are
// groups that chance may explain; q, the family-wise probability of that, tells.
type outlierRow struct {
	Kind       string   `json:"kind"`
	Title      string   `json:"title"`
	Service    string   `json:"root_service"`
	Operation  string   `json:"root_operation"`
	OpKind     string   `json:"root_kind"`
	Reason     *string  `json:"reason"` // null of latency
	Shape      *string  `json:"shape"`  // of latency; null where several rare shapes were pooled
	Count      uint64   `json:"count"`
	AtLeast    bool     `json:"at_least"` // there are more
	Of         uint64   `json:"of"`       // requests of the root operation; of lacks, those that come to the place
	Among      *uint64  `json:"compared"` // of latency: requests of the same shape and mode
	Failed     uint64   `json:"failed"`
	Median     *int64   `json:"median_ns"`
	Fastest    *int64   `json:"fastest_ns"`
	Slowest    *int64   `json:"slowest_ns"`
	Z          *float64 `json:"robust_z"`
	Surprise   float64  `json:"surprise_bits"` // of the duration, or of the shape
	PathBits   *float64 `json:"calls_surprise_bits"`
	Percentile *float64 `json:"percentile"` // of shape: the highest of the ranks of shape, calls and sizes
	Q          *float64 `json:"q"`          // null where nothing was tested
	Path       string   `json:"path"`       // of latency: to the call that took the time; of shape: to the odd call
	PathTime   *int64   `json:"path_ns"`    // own time of that call on the critical path of the slowest
	PathUsual  *int64   `json:"path_usual_ns"`
	Most       *int     `json:"most"` // of wide, deep, large
	Usual      *int64   `json:"usual_most"`
	TraceIDs   []string `json:"trace_ids"`
}

func outliersView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Outliers(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]outlierRow, 0, len(x.Slow)+len(x.Odd))
	for i := range x.Slow {
		rows = append(rows, newSlowRow(&x.Slow[i]))
	}
	for i := range x.Odd {
		rows = append(rows, newOddRow(&x.Odd[i]))
	}
	return &document{View: ViewOutliers, Provenance: x.Provenance, Rows: rows}, nil
}

func newSlowRow(s *outliers.Slow) outlierRow {
	row := outlierRow{
		Kind: "latency", Title: s.Title(), Service: s.Root.ServiceName, Operation: s.Root.Name, OpKind: s.Root.Kind.String(),
		Count: s.Count, AtLeast: s.AtLeast, Of: s.Of, Among: &s.Among, Failed: s.Failed, Median: &s.Median, Fastest: &s.Fastest, Slowest: &s.Slowest,
		Z: &s.Z, Surprise: s.Surprise, Q: &s.Q, Path: outliers.PathText(s.Path), PathTime: &s.Own, PathUsual: &s.Usual, TraceIDs: idTexts(s.Traces),
	}
	if s.Shape != 0 {
		name := request.ShapeName(s.Shape)
		row.Shape = &name
	}
	return row
}

func newOddRow(o *outliers.Odd) outlierRow {
	reason := string(o.Reason)
	row := outlierRow{
		Kind: "shape", Title: o.Title(), Service: o.Root.ServiceName, Operation: o.Root.Name, OpKind: o.Root.Kind.String(), Reason: &reason,
		Count: o.Count, Of: o.Of, Failed: o.Failed, Surprise: o.ShapeBits, Percentile: &o.Percentile, Q: known(o.Q, o.Reason != outliers.Calls),
		Path: outliers.PathText(o.Path), TraceIDs: idTexts(o.Traces),
	}
	switch o.Reason {
	case outliers.Calls, outliers.Lacks:
		row.PathBits = &o.PathBits
	default:
		row.Z, row.Most, row.Usual = &o.Z, &o.Most, &o.Usual
	}
	return row
}
