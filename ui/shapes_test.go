package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

const usualShape, failingShape = "3f2a91c4", "77aa0001"

// What is on the screen is what the engine says, of the list and of the typical trace.
func TestShapesShowTheEnginesFigures(t *testing.T) {
	s := watch(newFake(), "6", 200, 60, colorprofile.TrueColor)
	s.mustShow(t, "GET /checkout", "812", "80%", "212ms", "655ms", "46%", usualShape, failingShape, "3 shapes of 2 root operations",
		"n=812 traces of shape "+usualShape, "typical, p50", "newest that failed", "23 spans, 3 variants", "×12", "150ms-350ms", "(missing parent)", "41%", "52%")
	s = watch(newFake(), "6", 80, 24, colorprofile.TrueColor)
	s.mustShow(t, "GET /checkout", "n=812 traces of shape "+usualShape, "×12")
}

// Enter leads to exactly the traces of the shape, with the filter that was there; o and r open who stands for it.
func TestShapesDrill(t *testing.T) {
	want := `rootService = "frontend" && rootName = "GET /checkout" && shape = "` + failingShape + `"`
	s := watch(newFake(), "6", 120, 40, colorprofile.TrueColor)
	s.keys("down", "enter")
	if p := s.app.trail.here(); p.lens != LensTraces || p.scope.Filter.String() != want {
		t.Errorf("%v with %v", p.lens, p.scope.Filter)
	}
	s = watch(newFake(), "6", 120, 40, colorprofile.TrueColor)
	s.run(s.app.act(Narrow{"kind = server || error"}))
	s.keys("down", "L")
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Filter.String() != "(kind = server || error) && "+want {
		t.Errorf("%v with %v", p.lens, p.scope.Filter)
	}
	for _, c := range []struct {
		keys  []string
		trace model.TraceID
	}{{[]string{"o"}, fakeTrace(7)}, {[]string{"r", "r", "o"}, fakeTrace(9)}, {[]string{"R", "o"}, fakeTrace(10)}} {
		s = watch(newFake(), "6", 120, 40, colorprofile.TrueColor)
		s.keys(c.keys...)
		if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != c.trace {
			t.Errorf("%v: %v with %v", c.keys, p.lens, p.trace)
		}
	}
	s = watch(newFake(), "6", 120, 40, colorprofile.TrueColor)
	s.keys("tab", "down", "down", "enter")
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus.Operation != "charge" || p.scope.Focus.Service != "payments" ||
		!strings.Contains(p.scope.Filter.String(), usualShape) {
		t.Errorf("%v with %+v", p.lens, p.scope)
	}
}

// The selection asks for the typical trace of its shape, sorting keeps the selection where it was put, and
// copied text can be read without the program.
func TestShapesSelectAndSort(t *testing.T) {
	e := newFake()
	s := watch(e, "6", 120, 40, colorprofile.TrueColor)
	s.keys("down")
	s.mustShow(t, "n=208 traces of shape "+failingShape)
	list := s.app.screens[LensShapes].(*Shapes)
	list.table.sort = mostOf(shapesP50)
	list.table.toTop()
	list.arrange()
	if list.selected().name.String() != failingShape {
		t.Errorf("the slowest is %v", list.selected().name)
	}
	list.Key(keyPress("S"), s.app.moment())
	if list.selected().Root.Name != "GET /cart/{id}" {
		t.Errorf("the fastest is %v", list.selected().Root)
	}
	if act, ok := list.Key(keyPress("y"), s.app.moment()).(Copy); !ok || !strings.Contains(act.Text, "GET /cart/{id}, shape 01234567: 90 of 90 requests") {
		t.Errorf("copied %+v", act)
	}
	e.fail = aggregate.ErrNoShape
	s.tick()
	s.mustShow(t, "GET /cart/{id}")
}

func TestShapesMouse(t *testing.T) {
	s := watch(newFake(), "6", 120, 40, colorprofile.TrueColor)
	x, y, ok := s.find(failingShape)
	if !ok {
		t.Fatal("no row of the failing shape")
	}
	s.click(x, y)
	s.mustShow(t, "n=208 traces of shape "+failingShape)
	x, y, _ = s.find("p99 4bf9")
	s.click(x, y)
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(9) {
		t.Errorf("%v with %v", p.lens, p.trace)
	}
	s = watch(newFake(), "6", 120, 40, colorprofile.TrueColor)
	x, y, _ = s.find("p50")
	s.click(x, y)
	if l := s.app.screens[LensShapes].(*Shapes); !l.table.sort.isBy(shapesP50) {
		t.Errorf("sorted by %+v", l.table.sort)
	}
	x, y, _ = s.find("SELECT item")
	s.clock = s.clock.Add(1e10)
	s.doubleClick(x, y)
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus.Operation != "SELECT item" {
		t.Errorf("%v with %+v", p.lens, p.scope.Focus)
	}
}

// Questions of the palette lead to the shapes and to what is unlike its own kind.
func TestShapesInThePalette(t *testing.T) {
	s := watch(newFake(), "1", 120, 40, colorprofile.TrueColor)
	s.keys(":")
	s.text("typical traces")
	s.keys("enter")
	s.mustShow(t, "the typical trace")
	s.keys(":")
	s.text("weird traces")
	s.keys("enter")
	s.mustShow(t, "which requests are weird?", "3 groups unlike their own kind", "1 may be chance", "2.10s", "lacks a call")
	s.keys("o")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.trace != fakeTrace(4) {
		t.Errorf("%v with %v", p.lens, p.trace)
	}
}

// A scope in which nothing is retained, and one whose shapes are not there yet, say so.
func TestShapesWithoutAny(t *testing.T) {
	s := start(newFake(), 120, 40)
	l := newShapes()
	s.app.screens[LensShapes] = l
	held := s.hold("6")
	s.mustShow(t, "telling the shapes of the retained traces apart")
	s.run(held)
	s.mustShow(t, "the typical trace")
	l.AsideAnswer(shapesAbout{scope: l.scope}, shapesAnswer{list: &aggregate.Shapes{}})
	s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	s.mustShow(t, "no settled trace in this scope")
}
