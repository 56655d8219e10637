package dependencies

import (
	"fmt"
	"strconv"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// Detector finds callers for which an operation makes far more calls than for others.
type Detector struct {
	conditions *Conditions
	names      store.Names
}

var _ findings.Detector = (*Detector)(nil)

// NewDetector returns a Detector. called names the peer of an exit span.
func NewDetector(names store.Names, called func(s *store.Settled) string) *Detector {
	return &Detector{NewConditions(called), names}
}

// Fold implements findings.Detector.
func (d *Detector) Fold(t *request.Trace) { d.conditions.Fold(t) }

// Findings implements findings.Detector.
func (d *Detector) Findings() []findings.Finding {
	rows, _ := d.conditions.Amplified(d.names)
	var out []findings.Finding
	for i := range rows {
		if rows[i].Caller != "" { // what nobody seen causes, nobody can change
			out = append(out, d.finding(&rows[i]))
		}
	}
	return out
}

func (d *Detector) finding(r *Amplified) findings.Finding {
	return findings.Finding{
		Kind: findings.Amplification,
		Title: fmt.Sprintf("%s %s calls %s %s times per call when called by %s, %s times otherwise (%.0f%% of its calls)",
			r.Service, r.Operation, r.Callee, times(r.Mean), r.Caller, times(r.Rest), 100*r.Share),
		Service: r.Service, Operation: r.Operation, OpKind: r.Kind, Client: r.Caller,
		Harmed: r.Traces, Of: d.conditions.traces, Q: r.Q,
		Figures: []findings.Figure{
			{Name: "callee", Text: r.Callee},
			{Name: "calls_per_call", Number: r.Mean},
			{Name: "otherwise_calls_per_call", Number: r.Rest},
			{Name: "max_calls_per_call", Number: float64(r.Max)},
			{Name: "calls_share", Number: r.Share},
			{Name: "calls", Number: float64(r.Calls)},
		},
		Traces: r.Worst, Span: r.Span,
		Select: fmt.Sprintf("{ service = %s } >> { service = %s && name = %s }", filter.Quote(r.Caller), filter.Quote(r.Service), filter.Quote(r.Operation)),
	}
}

// times writes a number of calls as a person would say it.
func times(n float64) string {
	if n >= 10 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}
