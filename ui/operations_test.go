package ui

import (
	"testing"

	"oteltop/aggregate"

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
