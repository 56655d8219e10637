package ui

import (
	"testing"
	"time"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// The key that changes what rows are says what it leads to, and a scope within a service says why no service is listed.
func TestOperationsByService(t *testing.T) {
	s := watch(newFake(), "2", 120, 40, colorprofile.TrueColor)
	s.mustShow(t, "o by service", "kind")
	s.keys("o")
	s.mustShow(t, "o by operation", "6 services")
	s.mustNotShow(t, "kind")
	o := s.app.screens[LensOperations].(*Operations)
	within := *o.answer
	within.Services = nil
	o.Answer(&within)
	s.app.dirty = true
	s.mustShow(t, "the scope is a part of one service", "o lists its operations")
	s.keys("o")
	s.mustShow(t, "operations", "GET /")
	o.Answer(&aggregate.Operations{})
	s.app.dirty = true
	s.mustShow(t, "no operation in this scope")
}

// The failed traces of what never failed are no list to go to.
func TestOperationsErrorsOfWhatHasNone(t *testing.T) {
	o := newOperations()
	o.Answer(&aggregate.Operations{Rows: []aggregate.OperationRow{
		{Service: "cart", Operation: "GET /cart", RED: aggregate.RED{Calls: 1203}},
		{Service: "cart", Operation: "POST /cart", RED: aggregate.RED{Calls: 10, Errors: 1}, Self: -1},
	}})
	press := func() Action { return o.Key(tea.KeyPressMsg{Code: 'e', Text: "e"}, Moment{}) }
	if got, ok := press().(Say); !ok || got.Text != "none of 1203 spans GET /cart of cart failed" {
		t.Errorf("e without errors: %+v", got)
	}
	o.table.move(1)
	if got, ok := press().(Drill); !ok || !got.Scope.Selection.ErrorsOnly {
		t.Errorf("e with errors: %+v", got)
	}
}

// An empty list of failed traces says whose failures it looked for.
func TestNoFailedTraces(t *testing.T) {
	t.Parallel()
	s := watch(newShop(t, 2, 10*time.Second), "5", 100, 30, colorprofile.TrueColor)
	p := s.app.trail.here()
	p.scope.Selection = &aggregate.Selection{ErrorsOnly: true, Window: aggregate.Window{From: 1, To: 2}}
	s.app.trail.push(p)
	s.run(s.app.ask())
	s.mustShow(t, "whose root span failed")
}
