package ui

import (
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model"

	"github.com/charmbracelet/colorprofile"
)

// What is kept under a name is what is shown when it is asked for again.
func TestViewsAreKept(t *testing.T) {
	s := watch(newFake(), "2", 120, 40, colorprofile.TrueColor)
	var kept []View
	s.app.o.KeepView = func(v View) (string, error) { kept = append(kept, v); return "there", v.Check() }
	focus := aggregate.Focus{Service: "cart", Operation: "GET /cart/{id}", Kind: model.KindServer}
	s.run(s.app.act(Drill{LensLatency, Scope{Last: 15 * time.Minute, Focus: focus}}))
	s.keys("/")
	s.text(`duration > 10ms`)
	s.keys("enter", ":")
	s.text("keep this view")
	s.keys("enter")
	s.mustShow(t, "keep this view as")
	s.text("slow carts")
	s.keys("enter")
	s.mustShow(t, `kept "slow carts" in there`)
	if len(kept) != 1 || kept[0].Lens != "latency" || kept[0].Filter != "duration > 10ms" || kept[0].Kind != "server" || kept[0].LastText != "15m" {
		t.Fatalf("%+v", kept)
	}
	s.keys("1", ":")
	s.text("slow carts")
	s.keys("enter")
	if p := s.app.trail.here(); p.lens != LensLatency || p.scope.Focus != focus || p.scope.Last != 15*time.Minute || p.scope.Filter.String() != "duration > 10ms" {
		t.Errorf("%v with %+v", p.lens, p.scope)
	}
	s.run(s.app.act(OpenSheet{Name: sheetTail}))
	s.run(s.app.keepView(viewOf("tail", s.app.trail.here())))
	s.keys("5", "enter")
	if v := viewOf("x", s.app.trail.here()); v.Lens != "traces" {
		t.Errorf("a waterfall is kept as %q", v.Lens)
	}
	s.run(s.app.o.Views[1].open(s.app))
	if p := s.app.trail.here(); p.lens != LensSheet || p.sheet.name != sheetTail {
		t.Errorf("%v %v", p.lens, p.sheet)
	}
}

func TestViewsAreChecked(t *testing.T) {
	for want, v := range map[string]View{
		"":                                    {Name: "a", Lens: "Map"},
		"a view needs a name":                 {Lens: "map"},
		`view "a": no such lens: "mirror"`:    {Name: "a", Lens: "mirror"},
		`view "a": no such lens: "waterfall"`: {Name: "a", Lens: "waterfall"},
		`view "a": no such kind of span: "sever"`:              {Name: "a", Lens: "map", Kind: "sever"},
		`view "a": last: "soon" is not a duration such as 15m`: {Name: "a", Lens: "map", LastText: "soon"},
	} {
		got := ""
		if err := v.Check(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", v, got, want)
		}
	}
}
