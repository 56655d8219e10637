package report_test

import (
	"testing"

	"oteltop/aggregate/report"
	"oteltop/model"
)

// TestTraceAndCriticalAgree: one trace has the same critical path alone as among others, also where its root was not
// seen, and the fields of the contract are there even when there is nothing in them.
func TestTraceAndCriticalAgree(t *testing.T) {
	r := &model.Resource{Service: "web"}
	id := model.TraceID{Lo: 7}
	for _, c := range []struct {
		name  string
		spans []model.Span
		path  int
		own   int64
	}{
		{"no root", []model.Span{
			{TraceID: id, ID: 1, Parent: 99, Resource: r, Name: "late", Start: 60, End: 90},
			{TraceID: id, ID: 2, Parent: 98, Resource: r, Name: "early", Start: 10, End: 50},
			{TraceID: id, ID: 3, Parent: 2, Resource: r, Name: "load", Start: 20, End: 40},
		}, 3, 40},
		{"a root without a duration", []model.Span{{TraceID: id, ID: 1, Resource: r, Name: "event", Start: 10, End: 10}}, 0, 0},
	} {
		var spans []*span
		for _, s := range c.spans {
			spans = append(spans, &span{fed: s})
		}
		e := feed(spans)
		var all int64
		for _, row := range ask(t, e, report.ViewCritical, report.Options{}).Rows {
			all += integer(t, row, "exclusive_ns")
		}
		a := ask(t, e, report.ViewTrace, report.Options{ID: id})
		var own int64
		for _, row := range a.Spans {
			own += integer(t, row, "critical_ns")
		}
		if a.Critical == nil || len(a.Critical) != c.path || own != c.own || all != c.own {
			t.Errorf("%s: %d sections (null: %v), %d ns on the path, %d ns in the view critical", c.name, len(a.Critical), a.Critical == nil, own, all)
		}
	}
}
