package model_test

import (
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// checkPath asserts the invariants of A10.
func checkPath(t *testing.T, tr *model.Trace, root int32, path []model.Section) {
	t.Helper()
	h := &tr.Heads[tr.Tree.Nodes[root].Span]
	at := h.Start
	for _, s := range path {
		own := &tr.Heads[tr.Tree.Nodes[s.Node].Span]
		if s.Start != at || s.End <= s.Start || s.Start < own.Start || s.End > own.End {
			t.Fatalf("section %+v of span [%d,%d) after %d in\n%s%+v", s, own.Start, own.End, at, modeltest.Draw(tr), path)
		}
		if s.Node < root || s.Node >= tr.Tree.Nodes[root].End {
			t.Fatalf("section %+v is not below %d", s, root)
		}
		at = s.End
	}
	if at != h.End {
		t.Fatalf("the path ends at %d, the root at %d in\n%s%+v", at, h.End, modeltest.Draw(tr), path)
	}
}

// onPath is a path in terms that do not depend on the order of the spans.
func onPath(tr *model.Trace) []model.Head {
	var out []model.Head
	for _, s := range tr.Sections {
		h := tr.Heads[tr.Tree.Nodes[s.Node].Span]
		h.Start, h.End = s.Start, s.End
		out = append(out, h)
	}
	return out
}

func TestCriticalPathProperties(t *testing.T) {
	r := modeltest.Rand(3)
	for i := range 4000 {
		spans := modeltest.Hostile(r, 1+r.IntN(30))
		if i%2 == 0 {
			spans = modeltest.Random(r, 1+r.IntN(60))
		}
		tr := model.NewTrace(spans[0].TraceID, spans, nil)
		var sum int64
		for _, ns := range tr.Critical {
			sum += ns
		}
		root := tr.PathRoot()
		checkPath(t, tr, root, tr.Sections)
		if took := tr.Heads[tr.Tree.Nodes[root].Span].Duration(); sum != took {
			t.Fatalf("times on the path add up to %d, the root took %d", sum, took)
		}
		order := r.Perm(len(spans))
		other := model.NewTrace(spans[0].TraceID, permuted(order, spans), permuted(order, tr.Heads))
		a, b := onPath(tr), onPath(other)
		if len(a) != len(b) {
			t.Fatalf("the order of the spans matters: %v, %v", a, b)
		}
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("the order of the spans matters: %+v, %+v", a[i], b[i])
			}
		}
	}
}

func TestCriticalPath(t *testing.T) {
	for _, c := range []struct {
		name, drawing string
		want          map[string]int64 // operation → ms on the path; the others 0
	}{
		{"touching siblings follow each other", `
			a root server 0..100
			  a one client 0..40
			  a two client 40..100`, map[string]int64{"one": 40, "two": 60}},
		{"parallel siblings: the one that ends last", `
			a root server 0..100
			  a one client 10..60
			  a two client 10..80`, map[string]int64{"root": 30, "two": 70}},
		{"a short overlap is put down to imprecision", `
			a root server 0..1000
			  a one client 0..509
			  a two client 500..1000`, map[string]int64{"one": 500, "two": 500}},
		{"an overlap of a hundredth is real", `
			a root server 0..1000
			  a one client 0..510
			  a two client 500..1000`, map[string]int64{"root": 500, "two": 500}},
		{"something else happens during the short overlap", `
			a root server 0..1000
			  a one client 0..509
			  a busy client 501..505
			  a two client 500..1000`, map[string]int64{"root": 500, "two": 500}},
		{"a consumer does not hold up its producer", `
			a root producer 0..100
			  b work consumer 10..100
			  b ack client 20..30`, map[string]int64{"root": 90, "ack": 10}},
		{"a child outlasts its parent, a grandchild lies beyond", `
			a root server 0..100
			  a late client 50..150
			    b never client 100..140
			    b inside client 90..140`, map[string]int64{"root": 50, "late": 40, "inside": 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := modeltest.Trace(t, c.drawing)
			checkPath(t, tr, tr.Root, tr.Sections)
			for i, n := range tr.Tree.Nodes {
				if name := tr.Spans[n.Span].Name; tr.Critical[i] != c.want[name]*1e6 {
					t.Errorf("%s: %d ns, want %d ms", name, tr.Critical[i], c.want[name])
				}
			}
		})
	}
}

// bruteSelf recounts a self time by asking for every ns of the span whether a child covers it.
func bruteSelf(tr *model.Trace, node int) int64 {
	n := &tr.Tree.Nodes[node]
	if n.Span < 0 {
		return 0
	}
	self := int64(0)
	h := &tr.Heads[n.Span]
	for at := h.Start; at < h.End; at++ {
		covered := false
		for c := range tr.Tree.Nodes {
			if tr.Tree.Nodes[c].Parent != int32(node) {
				continue
			}
			k := &tr.Heads[tr.Tree.Nodes[c].Span]
			async := h.Kind == model.KindProducer && k.Kind == model.KindConsumer
			covered = covered || (!async && k.Start <= at && at < k.End)
		}
		if !covered {
			self++
		}
	}
	return self
}

func TestSelfTimesProperties(t *testing.T) {
	r := modeltest.Rand(4)
	for range 1500 {
		tr := model.NewTrace(model.TraceID{Lo: 1}, modeltest.Hostile(r, 1+r.IntN(25)), nil)
		for i := range tr.Tree.Nodes {
			if s := tr.Tree.Nodes[i].Span; s >= 0 && tr.Heads[s].Duration() > 1000 {
				continue // too long to count through
			}
			if want := bruteSelf(tr, i); tr.Self[i] != want {
				t.Fatalf("node %d: self time %d, want %d in\n%s", i, tr.Self[i], want, modeltest.Draw(tr))
			}
		}
	}
	for range 300 {
		tr := model.NewTrace(model.TraceID{Lo: 1}, modeltest.Sequential(r, 100), nil)
		var sum int64
		for _, ns := range tr.Self {
			sum += ns
		}
		if sum != tr.Duration() {
			t.Fatalf("self times add up to %d, the root took %d", sum, tr.Duration())
		}
	}
}

func TestNewTrace(t *testing.T) {
	tr := modeltest.Trace(t, `
		web lost client 0..5 parent=ff
		web GET / server 10..100
		  - hidden internal 20..30 error=boom
		  cart load client 40..120 error
		web GET / server 50..60`)
	if tr.Root != 2 || tr.Services != 3 || tr.Errors != 2 || tr.Orphans != 1 || tr.Tree.Roots != 2 {
		t.Errorf("root %d, %d services, %d errors, %d orphans, %d roots", tr.Root, tr.Services, tr.Errors, tr.Orphans, tr.Tree.Roots)
	}
	if tr.Start != modeltest.Base || tr.End != modeltest.Base+120e6 || tr.Duration() != 90e6 {
		t.Errorf("[%d, %d), duration %d", tr.Start, tr.End, tr.Duration())
	}
	spans := append([]model.Span{{ID: 9, Parent: 1}}, tr.Spans...)
	if timeless := model.NewTrace(tr.ID, spans, nil); timeless.Start != tr.Start || timeless.End != tr.End {
		t.Errorf("a span without a time stretches the trace to [%d, %d)", timeless.Start, timeless.End)
	}
	if tr.Heads[1].Op != tr.Heads[4].Op || tr.Heads[1].Op == tr.Heads[0].Op || tr.Complete() {
		t.Error("operations or completeness are wrong")
	}
}

func TestSkew(t *testing.T) {
	tr := modeltest.Trace(t, `
		a root server 0..100 @host.name=one
		  b no-host server -10..40
		    b elsewhere server -30..20 @host.id=two @host.name=one
		      b inner internal -20..10 @host.id=two
		  c consumer producer 10..20 @host.name=one
		    d work consumer 90..95 @host.name=two
		    d early consumer 5..6 @host.name=two`)
	want := map[string]int64{"elsewhere": 20e6, "inner": 20e6, "early": 5e6}
	for i, n := range tr.Tree.Nodes {
		if name := tr.Spans[n.Span].Name; tr.Skew[i] != want[name] {
			t.Errorf("%s moved by %d, want %d", name, tr.Skew[i], want[name])
		}
	}
}

// TestPathOfATraceWithoutRoot: where no root was seen, the earliest span that lost its parent is waited for, and a
// real root, however late, goes before it.
func TestPathOfATraceWithoutRoot(t *testing.T) {
	lost := `
		web late server 60..90 parent=ee
		web early server 10..50 parent=ff
		  cart load client 20..40`
	for _, c := range []struct{ name, drawing, root, path string }{
		{"lost parents", lost, "early", "early load early"},
		{"a root", lost + "\n\t\tweb root server 70..80", "root", "root"},
	} {
		tr := modeltest.Trace(t, c.drawing)
		var path []string
		for _, s := range tr.Sections {
			path = append(path, tr.Spans[tr.Tree.Nodes[s.Node].Span].Name)
		}
		if root := tr.Spans[tr.Tree.Nodes[tr.PathRoot()].Span].Name; root != c.root || strings.Join(path, " ") != c.path {
			t.Errorf("%s: the path of %q is %q", c.name, root, path)
		}
	}
	if none := model.NewTrace(model.TraceID{Lo: 1}, nil, nil); none.PathRoot() != -1 || len(none.Sections) != 0 {
		t.Errorf("no spans: root %d", none.PathRoot())
	}
}
