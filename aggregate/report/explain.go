package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/explain"
)

// ViewExplain is what is special about the traces that --select matches.
const ViewExplain View = "explain"

// explainRow is an attribute, a callee (key path) or an operation's share of the critical path (key
// critical path) that the selected traces have more or less of. Counts are of traces.
type explainRow struct {
	Key            string   `json:"key"`
	Value          *string  `json:"value"`     // null: the key is absent; of a number that was ranked: none
	Scope          string   `json:"scope"`     // span, resource, trace
	Service        string   `json:"service"`   // of scope trace: where in the trace
	Operation      string   `json:"operation"` // likewise
	Selected       uint64   `json:"selected"`
	SelectedTotal  uint64   `json:"selected_total"`
	Baseline       uint64   `json:"baseline"`
	BaselineTotal  uint64   `json:"baseline_total"`
	Difference     float64  `json:"difference"` // of the shares, or of a number 2·auc−1
	Lower          float64  `json:"lower"`      // Newcombe's bound: the difference is at least so large
	Q              float64  `json:"q"`
	Numeric        bool     `json:"numeric"` // a number, compared by rank
	AUC            *float64 `json:"auc"`     // probability that a selected trace's number is the larger
	SelectedMedian *float64 `json:"selected_median"`
	BaselineMedian *float64 `json:"baseline_median"`
	SelectedTime   *float64 `json:"selected_time_ns"` // of a share of the critical path: mean time of a trace on it
	BaselineTime   *float64 `json:"baseline_time_ns"` // likewise
	IDLike         bool     `json:"id_like"`
	CountError     uint64   `json:"count_error"` // counts may be too large by so much
	AlsoCount      int      `json:"also_count"`  // how many tell the same of the same traces
	Also           []string `json:"also"`        // some of them
	TraceID        string   `json:"trace_id"`    // a selected trace that shows it
}

func explainView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	x, err := e.Explain(ctx, aggregate.ExplainQuery{Query: q, Select: o.Select, Against: o.Baseline, Limit: o.Limit})
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Rows, newExplainRow)
	return &document{View: ViewExplain, Provenance: x.Provenance, Rows: rows}, nil
}

func newExplainRow(r *explain.Row) explainRow {
	row := explainRow{
		Key: r.Key, Scope: string(r.Scope), Service: r.Service, Operation: r.Operation,
		Selected: r.Selected, SelectedTotal: r.SelectedTotal, Baseline: r.Baseline, BaselineTotal: r.BaselineTotal,
		Difference: r.Difference(), Lower: r.Lower, Q: r.Q, Numeric: r.Numeric,
		AUC: known(r.AUC, r.Numeric), SelectedMedian: known(r.SelectedMedian, r.Numeric), BaselineMedian: known(r.BaselineMedian, r.Numeric),
		SelectedTime: known(r.SelectedTime, r.Key == explain.KeyCritical), BaselineTime: known(r.BaselineTime, r.Key == explain.KeyCritical),
		IDLike: r.IDLike, CountError: r.Error, AlsoCount: r.AlsoCount, Also: append([]string{}, r.Also...), TraceID: idText(r.Exemplar),
	}
	if r.Numeric {
		row.Difference = 2*r.AUC - 1
	}
	if !r.Absent && (!r.Numeric || r.Value != "") {
		row.Value = &r.Value
	}
	return row
}
