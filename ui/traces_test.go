package ui

import (
	"testing"

	"oteltop/aggregate"
)

// Who copies or pins a trace stays on it, also where the cursor followed the newest until then.
func TestCursorStaysWithTheTraceThatWasActedOn(t *testing.T) {
	for _, key := range []string{"y", "p"} {
		s := start(newFake(), 120, 40)
		s.keys("5")
		tr := s.app.screens[LensTraces].(*Traces)
		id, _ := tr.table.selected()
		s.keys(key)
		l := *tr.answer
		l.Rows = append([]aggregate.TraceRow{{ID: fakeTrace(1000)}}, l.Rows...)
		tr.Answer(&l)
		if got, _ := tr.table.selected(); got != id {
			t.Errorf("after %s the cursor went on to another trace", key)
		}
	}
}
