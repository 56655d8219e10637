package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// fakeFindings is a finding of every class.
func fakeFindings() *aggregate.Findings {
	since := epoch.UnixNano() - 3*60e9
	rows := []findings.Finding{
		{
			Kind: findings.Onset, Title: "payments: GET /payments/{id} in payments works 412ms per call, before 31ms", Service: "payments",
			Operation: "GET /payments/{id}", From: since, To: since + 60e9, Harmed: 730, Of: 912, Lost: 278e9, Q: 1.2e-9,
			Figures: []findings.Figure{{Name: "score", Number: 3.21}, {Name: "baseline_traces", Number: 4560}, {Name: "focus_traces", Number: 912}},
			Traces:  []model.TraceID{{Hi: 0x4bf92f3500000000, Lo: 1}, {Hi: 0x77aa000000000000, Lo: 2}}, Span: 3,
			Suspects: []suspects.Suspect{{Service: "payments", Score: 3.21, Share: .93}, {Service: "cart", Score: .2, Share: .07, Changes: []suspects.Change{{Mechanism: suspects.Work, Service: "cart", Operation: "GET /cart/{id}", Before: 2e6, After: 9e6, Score: .2}}}},
		},
		{
			Kind: findings.ErrorOrigin, Title: "errors of checkout begin in cart GET /cart/{id} (deadline_exceeded): 212 of 4,120 requests fail, all reach the user",
			Service: "cart", Operation: "GET /cart/{id}", OpKind: model.KindServer, Harmed: 212, Failed: 212, Of: 4120,
			Traces: []model.TraceID{{Hi: 0x4bf92f3600000000, Lo: 1}},
		},
		{
			Kind: findings.NPlusOne, Title: "catalog GET /catalog/{id} runs SELECT item 48 times one after the other: 312ms of 540ms",
			Service: "catalog", Operation: "GET /catalog/{id}", OpKind: model.KindServer, Harmed: 40, Of: 4120, Lost: 12e9,
			Figures: []findings.Figure{{Name: "calls_median", Number: 48}, {Name: "saved_ns", Number: 306e6}, {Name: "time_share", Number: .57}},
			Traces:  []model.TraceID{{Hi: 0x4bf92f3700000000, Lo: 1}}, Span: 7, Select: `service = "catalog" && name = "SELECT item"`,
		},
		{
			Kind: findings.PropagationGap, Title: "context lost frontend → shipping: 100% of 1,240 calls", Service: "shipping", Client: "frontend",
			Harmed: 1240, Of: 1240,
		},
	}
	return &aggregate.Findings{
		Provenance: aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 81_000, Traces: 4120, Of: 1_234_567, From: since, To: epoch.UnixNano()},
		Rows:       findings.Merge(rows), Found: 4, Traces: fakeExamples(rows),
	}
}

// fakeExamples are the traces that findings name, each slower than the one before it.
func fakeExamples(rows []findings.Finding) map[model.TraceID]aggregate.TraceRow {
	out := map[model.TraceID]aggregate.TraceRow{}
	for _, r := range rows {
		for i, id := range r.Traces {
			n := int64(i + 1)
			out[id] = aggregate.TraceRow{
				ID: id, RootService: "frontend", RootOperation: "POST /checkout", RootKind: model.KindServer, Start: epoch.UnixNano() - n*20e9,
				Duration: n * 412e6, Percentile: 98.5 + float64(i), Spans: 29, Services: 7, Errors: int(r.Failed / 100), Complete: true, Settled: true, Shape: "c0aff4",
			}
		}
	}
	return out
}

func (e *fakeEngine) Findings(_ context.Context, q aggregate.FindingsQuery) (*aggregate.Findings, error) {
	return fakeFindings(), e.note(q)
}
