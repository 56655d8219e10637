package aggregate

import (
	"testing"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/request"
	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/model/store"
)

// Of the traces that a finding names, those that lack no span come first, in their order; a span that is to be
// looked at stays that of the first.
func TestWholeTracesComeFirst(t *testing.T) {
	id := func(lo uint64) model.TraceID { return model.TraceID{Lo: lo} }
	torn := map[model.TraceID]struct{}{id(1): {}, id(3): {}}
	rows := []findings.Finding{
		{Traces: []model.TraceID{id(1), id(2), id(3), id(4)}},
		{Traces: []model.TraceID{id(1), id(2)}, Span: 7},
	}
	wholeFirst(rows, torn)
	want := []model.TraceID{id(2), id(4), id(1), id(3)}
	for i, got := range rows[0].Traces {
		if got != want[i] {
			t.Fatalf("%v, want %v", rows[0].Traces, want)
		}
	}
	if rows[1].Traces[0] != id(1) {
		t.Error("the span is of another trace now")
	}
}

// Of a time of which only what was slow, failed or rare is left no onset is searched: it would be compared with.
func TestWhatOutlivedItsTimeIsNoBaseline(t *testing.T) {
	h := suspects.NewHistory(store.New(store.Options{}).Names())
	for _, why := range []model.KeptBecause{model.KeptRecent, model.KeptError, model.KeptSlow, model.KeptExemplar} {
		remember(h, &request.Trace{TraceInfo: store.TraceInfo{Kept: why}, Spans: make([]store.Settled, 1)})
	}
	if h.Spans() != 1 {
		t.Errorf("%d traces are compared, want that of the ring", h.Spans())
	}
}
