package modeltest_test

import (
	"reflect"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestParse(t *testing.T) {
	spans := modeltest.Spans(t, `
		# a comment
		web  GET /a b   server  0..100   ok n=3 b=true s="x y" @host.name=h
		  cart load  client  500us..1.5 error="card declined" id=aa
		    db q client -1..2s parent=0
		  - x internal 3..2 error
		trace 2
		web GET /a b server 0..1 @host.name=h`)
	if len(spans) != 5 {
		t.Fatalf("%d spans", len(spans))
	}
	a, b, c, d, e := spans[0], spans[1], spans[2], spans[3], spans[4]
	if a.Name != "GET /a b" || a.Kind != model.KindServer || a.End-a.Start != 100e6 || a.Status != model.StatusOK || a.Parent != 0 {
		t.Errorf("%+v", a)
	}
	if v, _ := a.Attribute("s"); v.Str() != "x y" {
		t.Errorf("s is %v", v)
	}
	if v, _ := a.Attribute("n"); v.Int() != 3 {
		t.Errorf("n is %v", v)
	}
	if b.ID != 0xaa || b.Parent != 1 || b.StatusText != "card declined" || b.Start != modeltest.Base+500_000 || b.End != modeltest.Base+1_500_000 {
		t.Errorf("%+v", b)
	}
	if c.Parent != 0 || c.Start != modeltest.Base-1e6 || c.End != modeltest.Base+2e9 {
		t.Errorf("%+v", c)
	}
	if d.Parent != 1 || d.Resource.Service != model.UnknownService || d.End >= d.Start || d.Status != model.StatusError {
		t.Errorf("%+v", d)
	}
	if e.TraceID != (model.TraceID{Lo: 2}) || e.Parent != 0 || e.Resource != a.Resource {
		t.Errorf("%+v", e)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ drawing, want string }{
		{"web x server", "start..end"},
		{"web x sever 0..1", "no kind"},
		{"web x server 0..1 what", "not understood"},
		{"web x server 0..1 id=zz", "invalid syntax"},
		{"web x server 0..1 a=\"b", "not closed"},
		{"\n\nweb x", "line 3"},
	} {
		if _, err := modeltest.Parse(c.drawing); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.drawing, err, c.want)
		}
	}
}

func TestRandomIsSeeded(t *testing.T) {
	for name, make := range map[string]func(seed uint64) []model.Span{
		"random":     func(s uint64) []model.Span { return modeltest.Random(modeltest.Rand(s), 50) },
		"sequential": func(s uint64) []model.Span { return modeltest.Sequential(modeltest.Rand(s), 50) },
		"hostile":    func(s uint64) []model.Span { return modeltest.Hostile(modeltest.Rand(s), 50) },
	} {
		if !reflect.DeepEqual(make(1), make(1)) || reflect.DeepEqual(make(1), make(2)) {
			t.Errorf("%s does not follow its seed", name)
		}
	}
}
