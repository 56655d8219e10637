package report

import (
	"context"
	"fmt"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/model"
)

// The views of columns that a person makes up.
const (
	ViewFeatures  View = "features"  // the distribution of an expression (--expr, --by, --select)
	ViewBreakdown View = "breakdown" // spans by the value of an attribute (--by)
)

// featureRow is one of these, by part:
//
//	all        the whole column
//	selected   the traces that --select matches; of these auc, lower and p compare with the rest
//	rest       the other traces
//	group      the traces with one value of --by, the largest group first; then other and absent
//	bin        numbers in [low, high), or that are low where the two are equal, by size
//	value      traces with one text, the most frequent first
//
// Numbers are in the unit of the expression, ns for times; they are null of texts, and where there are none.
type featureRow struct {
	Part    string   `json:"part"`
	Value   *string  `json:"value"` // of groups and texts; null: absent, or all others
	Other   bool     `json:"other"` // all groups or texts that are not listed
	N       int      `json:"n"`     // traces that have it
	Missing *int     `json:"missing"`
	Unit    string   `json:"unit"`
	Sum     *float64 `json:"sum" text:"unit"`
	Mean    *float64 `json:"mean" text:"unit"`
	Min     *float64 `json:"min" text:"unit"`
	P50     *float64 `json:"p50" text:"unit"`
	P90     *float64 `json:"p90" text:"unit"`
	P95     *float64 `json:"p95" text:"unit"`
	P99     *float64 `json:"p99" text:"unit"`
	Max     *float64 `json:"max" text:"unit"`
	Low     *float64 `json:"low" text:"unit"`
	High    *float64 `json:"high" text:"unit"`
	AUC     *float64 `json:"auc"`   // probability that a selected trace's number is the larger
	Lower   *float64 `json:"lower"` // |2·auc−1| is at least so large
	P       *float64 `json:"p"`     // Mann-Whitney, two-sided
	TraceID *string  `json:"trace_id"`
}

func featuresView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	query := aggregate.FeaturesQuery{Query: q, Expr: o.Expr, Select: o.Select}
	if o.By != "" {
		by, err := aggregate.ParseBy(o.By)
		if err != nil {
			return nil, fmt.Errorf("by: %w", err)
		}
		query.By = by
	}
	x, err := e.Features(ctx, query)
	if err != nil {
		return nil, err
	}
	rows := []featureRow{newFeatureRow("all", x.Unit, &x.Summary)}
	rows[0].TraceID = traceOf(x.MostTrace)
	if c := x.Comparison; c != nil {
		selected := newFeatureRow("selected", x.Unit, &c.Selected)
		selected.AUC, selected.Lower, selected.P = known(c.AUC, c.Tested), known(c.Lower, c.Tested), known(c.P, c.Tested)
		rows = append(rows, selected, newFeatureRow("rest", x.Unit, &c.Rest))
	}
	for i := range x.Groups {
		g := &x.Groups[i]
		row := newFeatureRow("group", x.Unit, &g.Summary)
		row.Value, row.Other, row.TraceID = valueOf(g.Value, g.Absent || g.Other), g.Other, traceOf(g.MostTrace)
		rows = append(rows, row)
	}
	for i := range x.Bins {
		b := &x.Bins[i]
		rows = append(rows, featureRow{Part: "bin", N: b.N, Unit: x.Unit, Low: &b.Low, High: &b.High})
	}
	for _, v := range x.Values {
		rows = append(rows, featureRow{Part: "value", Value: valueOf(v.Text, v.Other), Other: v.Other, N: v.N})
	}
	return &document{View: ViewFeatures, Provenance: x.Provenance, Rows: rows}, nil
}

func newFeatureRow(part, unit string, s *features.Summary) featureRow {
	has := s.N > 0 && !s.IsText
	return featureRow{
		Part: part, N: s.N, Missing: &s.Missing, Unit: unit,
		Sum: known(s.Sum, has), Mean: known(s.Mean, has), Min: known(s.Min, has), P50: known(s.P50, has),
		P90: known(s.P90, has), P95: known(s.P95, has), P99: known(s.P99, has), Max: known(s.Max, has),
	}
}

func valueOf(text string, none bool) *string {
	if none {
		return nil
	}
	return &text
}

func traceOf(id model.TraceID) *string {
	if id.IsZero() {
		return nil
	}
	text := idText(id)
	return &text
}

// breakdownRow is the subject spans with one value of the attribute, by calls; then those with any other value,
// then those without it.
type breakdownRow struct {
	Value *string `json:"value"` // null: all others, or absent
	Other bool    `json:"other"`
	latencyFields
	Share   float64 `json:"calls_share"`
	TraceID string  `json:"trace_id"` // with the longest of these spans
}

func breakdownView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	q.Focus = aggregate.Focus{Service: o.Service, Operation: o.Operation}
	x, err := e.Breakdown(ctx, q, o.By)
	if err != nil {
		return nil, err
	}
	rows := make([]breakdownRow, 0, len(x.Rows))
	for i := range x.Rows {
		r := &x.Rows[i]
		rows = append(rows, breakdownRow{
			Value: valueOf(r.Value, r.Other || r.Absent), Other: r.Other, latencyFields: newLatencyFields(r.RED), Share: r.Share, TraceID: idText(r.Slowest),
		})
	}
	return &document{View: ViewBreakdown, Provenance: x.Provenance, Rows: rows}, nil
}
