package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/model"
	"oteltop/model/modeltest"

	"github.com/charmbracelet/colorprofile"
)

// pairEngine has a trace of before and one of now: of now one call takes longer, another is made four times, of which
// one fails, one is new and one is not made any more.
type pairEngine struct {
	*fakeEngine
	gone model.TraceID // is not retained
	odd  bool          // the example of before begins with another operation
}

func (e pairEngine) Trace(_ context.Context, id model.TraceID) (*aggregate.TraceView, error) {
	if id == e.gone {
		return nil, aggregate.ErrNoTrace
	}
	now := id == fakeTrace(3)
	var spans []model.Span
	add := func(parent int, service, name string, start, length int64) *model.Span {
		spans = append(spans, model.Span{TraceID: id, ID: model.SpanID(len(spans) + 1), Parent: model.SpanID(parent), Name: name, Kind: model.KindServer,
			Start: epoch.UnixNano() + start*1e6, End: epoch.UnixNano() + (start+length)*1e6, Resource: &model.Resource{Service: service}})
		return &spans[len(spans)-1]
	}
	length := int64(50)
	if now {
		length = 130
	}
	root := "GET /checkout"
	if e.odd && id == fakeTrace(4) {
		root = "GET /orders"
	}
	add(0, "frontend", root, 0, length)
	add(1, "checkout", "place order", 2, length-4)
	if !now {
		add(2, "recommendation", "rank candidates", 4, 12)
		add(2, "payments", "charge", 18, 10)
		add(2, "cart", "HGET", 30, 4)
		return &aggregate.TraceView{Trace: model.NewTrace(id, spans, nil)}, nil
	}
	add(2, "recommendation", "rank candidates", 4, 84)
	for i := range int64(4) {
		s := add(2, "payments", "charge", 90+i*9, 8)
		if i == 3 {
			s.Status = model.StatusError
		}
		add(int(s.ID), "fraud", "check", 91+i*9, 5)
	}
	return &aggregate.TraceView{Trace: model.NewTrace(id, spans, nil)}, nil
}

// Traces has one trace of each side.
func (e pairEngine) Traces(_ context.Context, q aggregate.TracesQuery) (*aggregate.TraceList, error) {
	id := fakeTrace(3)
	if q.Window.To != 0 {
		id = fakeTrace(4)
		if e.odd {
			id = fakeTrace(5)
		}
	}
	return &aggregate.TraceList{Matched: 1, Rows: []aggregate.TraceRow{{ID: id, RootService: "frontend", RootOperation: "GET /checkout", RootKind: model.KindServer}}}, nil
}

func TestPairScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for _, ascii := range []bool{false, true} {
			s := start(pairEngine{fakeEngine: newFake()}, size[0], size[1])
			s.app.o.ASCII = ascii
			s.app.retheme("dark", true)
			s.keys("+", "7", "down", "p", "m")
			name := fmt.Sprintf("compare-pair-%dx%d", size[0], size[1])
			if !ascii {
				golden(t, name+".txt", s.lines())
				s.picture(t, name)
				continue
			}
			for _, r := range s.lines() {
				if r > '~' {
					t.Errorf("%q in ASCII at %v", r, size)
				}
			}
		}
	}
	p := colorprofile.ANSI256
	s := start(pairEngine{fakeEngine: newFake()}, 80, 24)
	s.app.o.Profile, s.app.profile = &p, p
	s.app.retheme("light", false)
	s.keys("+", "7", "down", "p")
	golden(t, "compare-pair-80x24-light-256.ansi", s.app.View().Content)
}

// Keys lead from a change to its pair, to either waterfall at the same call, and back.
func TestPairKeys(t *testing.T) {
	s := start(pairEngine{fakeEngine: newFake()}, 120, 40)
	s.keys("+", "7", "p")
	c := s.app.screen().(*Compare)
	s.mustShow(t, "side by side", "before", "now", "+72.0ms", "×4", "+ fraud check", "- cart HGET", "ordinary requests")
	if r := c.pair.selected(); r == nil || r.what.String() != "charge" { // it fails, and did not
		t.Errorf("the cursor begins on %+v", r)
	}
	s.keys("enter")
	if p := s.app.trail.here(); p.lens != LensWaterfall || p.span == 0 {
		t.Errorf("enter leads to %v %v", p.lens, p.span)
	}
	s.keys("esc")
	if c.pair == nil || c.pair.answer == nil {
		t.Fatal("the pair is gone after the waterfall")
	}
	s.keys("m")
	s.mustShow(t, "extreme requests")
	if a := c.pair.answer; a.sides[pairNow].id != fakeTrace(3) || a.sides[pairBefore].id != fakeTrace(4) {
		t.Errorf("the examples are %v and %v", a.sides[pairNow].id, a.sides[pairBefore].id)
	}
	s.keys("tab", "enter")
	if p := s.app.trail.here(); p.trace != fakeTrace(4) {
		t.Errorf("tab and enter open %v", p.trace)
	}
	s.keys("esc", "x")
	if p := s.app.trail.here(); p.trace != fakeTrace(3) {
		t.Errorf("x opens %v", p.trace)
	}
	s.keys("esc", "n")
	s.mustShow(t, "payments charge")
	s.keys("y")
	s.mustShow(t, "copied pair of traces")
	s.keys("N", "N")
	s.mustShow(t, "no more changes")
	x, y, _ := s.find("HGET")
	s.doubleClick(x, y)
	if p := s.app.trail.here(); p.lens != LensWaterfall {
		t.Errorf("a double click leads to %v", p.lens)
	}
	s.keys("esc", "esc")
	if c.pair != nil || s.app.trail.here().lens != LensCompare {
		t.Error("esc does not go back to the changes")
	}
	s.mustShow(t, "812 comparisons")
	s.keys("tab", "G", "p")
	s.mustShow(t, "side by side: cart HGET")
	s.keys("p", "tab", "K", "p")
	s.mustShow(t, "saved baseline are not retained")
}

// A trace that is gone is said to be, and the other is shown all the same; another scope ends the pair.
func TestPairOfOne(t *testing.T) {
	s := start(pairEngine{fakeEngine: newFake(), gone: fakeTrace(4)}, 80, 24)
	s.keys("+", "7", "p", "m")
	s.mustShow(t, "is not retained any more", "rank candidates")
	s.keys("X")
	s.mustShow(t, "is not retained any more")
	s.keys("-")
	if c := s.app.screen().(*Compare); c.pair != nil {
		t.Error("the pair outlives its scope")
	}
}

// Where the examples begin with different operations, an ordinary request like that of now stands for before.
func TestPairBeginsAlike(t *testing.T) {
	s := start(pairEngine{fakeEngine: newFake(), odd: true}, 120, 40)
	s.keys("+", "7", "p", "m")
	a := s.app.screen().(*Compare).pair.answer
	if a.sides[pairNow].id != fakeTrace(3) || a.sides[pairBefore].id != fakeTrace(5) || a.rows[0].at[pairBefore].calls == 0 || a.rows[0].at[pairNow].calls == 0 {
		t.Errorf("%+v", a.sides)
	}
	s.mustShow(t, "the middle one of 1")
	s.mustNotShow(t, "GET /orders")
}

// A request that fails now is laid over an ordinary one of before, not over one that failed then, too.
func TestPairOfFailures(t *testing.T) {
	s := start(pairEngine{fakeEngine: newFake()}, 120, 40)
	s.keys("+", "7", "down", "down", "down", "down")
	s.mustShow(t, "fails in 3.5% of traces")
	s.keys("p")
	a := s.app.screen().(*Compare).pair.answer
	if now, before := a.sides[pairNow].words.String(), a.sides[pairBefore].words.String(); now != "the extreme" || before != "the middle one of 1" {
		t.Errorf("%q over %q", now, before)
	}
}

// Merging random traces gives what following every span to its root by hand gives.
func TestMergedPairIsWhatBruteForceFinds(t *testing.T) {
	r := modeltest.Rand(11)
	for range 200 {
		var traces [pairSides]*model.Trace
		type sum struct {
			calls, failed int
			total         int64
		}
		want := map[string]*[pairSides]sum{}
		for s := range pairSides {
			spans := modeltest.Hostile(r, 1+r.IntN(30))
			tr := model.NewTrace(spans[0].TraceID, spans, nil)
			traces[s] = tr
			for i := range tr.Tree.Nodes {
				path := ""
				for k := int32(i); k >= 0; k = tr.Tree.Nodes[k].Parent {
					step := "\x00(missing parent)\x000"
					if n := tr.Tree.Nodes[k].Span; n >= 0 {
						x := &tr.Spans[n]
						step = model.ServiceOf(x.Resource) + "\x00" + x.Name + "\x00" + fmt.Sprint(uint8(x.Kind))
					}
					path = step + "\x01" + path
				}
				if want[path] == nil {
					want[path] = &[pairSides]sum{}
				}
				if n := tr.Tree.Nodes[i].Span; n >= 0 {
					x, w := &tr.Spans[n], &want[path][s]
					w.calls++
					w.total += max(0, x.End-x.Start)
					if x.Status == model.StatusError {
						w.failed++
					}
				}
			}
		}
		rows, more := mergePair(traces)
		if len(rows) != len(want) || more != 0 {
			t.Fatalf("%d rows, by hand %d paths", len(rows), len(want))
		}
		var got, hand []string
		for i := range rows {
			if i > 0 && rows[i].depth > rows[i-1].depth+1 {
				t.Fatalf("row %d is %d deep below one of %d", i, rows[i].depth, rows[i-1].depth)
			}
			b, n := &rows[i].at[pairBefore], &rows[i].at[pairNow]
			got = append(got, fmt.Sprint(rows[i].depth, b.calls, b.total, b.failed, n.calls, n.total, n.failed))
		}
		for path, w := range want {
			hand = append(hand, fmt.Sprint(strings.Count(path, "\x01")-1, w[0].calls, w[0].total, w[0].failed, w[1].calls, w[1].total, w[1].failed))
		}
		slices.Sort(got)
		slices.Sort(hand)
		if !slices.Equal(got, hand) {
			t.Fatalf("got  %v\nwant %v", got, hand)
		}
	}
}

// The typical trace is the middle one by duration of those with the most frequent root operation.
func TestTypicalTrace(t *testing.T) {
	e := newShop(t, 15, 40*time.Second)
	ctx := context.Background()
	all, err := e.Traces(ctx, aggregate.TracesQuery{Query: aggregate.Query{Focus: aggregate.Focus{Service: "payments"}}, Limit: pairSample})
	if err != nil || len(all.Rows) < 20 {
		t.Fatalf("%d traces: %v", len(all.Rows), err)
	}
	byRoot := map[aggregate.Focus][]int64{}
	for i := range all.Rows {
		byRoot[rootOf(&all.Rows[i])] = append(byRoot[rootOf(&all.Rows[i])], all.Rows[i].Duration)
	}
	most := slices.MaxFunc(slices.Collect(func(yield func([]int64) bool) {
		for _, ds := range byRoot {
			if !yield(ds) {
				return
			}
		}
	}), func(a, b []int64) int { return cmp.Compare(len(a), len(b)) })
	slices.Sort(most)
	root := aggregate.Focus{}
	got, of, err := typicalTrace(ctx, e, aggregate.Query{}, aggregate.Focus{Service: "payments"}, &root)
	if err != nil || got == nil || of != len(most) || got.Duration != most[(len(most)-1)/2] {
		t.Errorf("%+v of %d: %v; by hand %d of %d", got, of, err, most[(len(most)-1)/2], len(most))
	}
	none := root
	if got, _, err := typicalTrace(ctx, e, aggregate.Query{Window: aggregate.Window{To: 5}}, aggregate.Focus{}, &none); got != nil || err != nil {
		t.Errorf("of nothing %+v, %v", got, err)
	}
}

// Both traces come from the sides of the comparison that is shown.
func TestPairScopes(t *testing.T) {
	marker := aggregate.Window{From: 100, To: 200}
	for _, c := range []struct {
		name        string
		x           pairing
		before, now aggregate.Window
	}{
		{"halves", pairing{comparing: comparing{oldest: 100, newest: 300}, base: baseline{kind: fromHalf}}, aggregate.Window{To: 200}, aggregate.Window{From: 200}},
		{"marker", pairing{comparing: comparing{scope: Scope{Baseline: marker}, query: aggregate.Query{Window: aggregate.Window{From: 200}, Baseline: marker}}, base: baseline{kind: fromMarker}},
			marker, aggregate.Window{From: 200}},
		{"window before", pairing{comparing: comparing{newest: 300, scope: Scope{Last: 100}, query: aggregate.Query{Window: aggregate.Window{From: 200}}}, base: baseline{kind: fromBefore}},
			aggregate.Window{From: 100, To: 200}, aggregate.Window{From: 200}},
	} {
		qs, err := c.x.scopes()
		if err != nil || qs[pairBefore].Window != c.before || qs[pairNow].Window != c.now {
			t.Errorf("%s: %+v, %+v, %v", c.name, qs[pairBefore].Window, qs[pairNow].Window, err)
		}
	}
	x := pairing{base: baseline{kind: fromRelease, service: "payments", version: "2", than: "1"}}
	qs, err := x.scopes()
	if err != nil || !strings.Contains(qs[pairBefore].Filter.String(), `version = "1"`) || !strings.Contains(qs[pairNow].Filter.String(), `version = "2"`) {
		t.Errorf("%v, %v, %v", qs[pairBefore].Filter, qs[pairNow].Filter, err)
	}
	if rarely(compare.LatencyShift) || !rarely(compare.NewError) {
		t.Error("an ordinary request shows a shift, and no new error")
	}
}

// By how much a change differs is told however long the names are.
func TestPairTitleTellsHowMuch(t *testing.T) {
	const title = "checkoutservice shop.EmailService/SendOrderConfirmation (a call to emailservice) takes 855ms, was 6.40ms (×134)"
	for width, want := range map[int]string{80: "takes 855ms, was 6.40ms (×134)", 120: title, 200: "side by side: " + title} {
		s := start(pairEngine{fakeEngine: newFake()}, width, 24)
		s.keys("+", "7", "p")
		s.app.screen().(*Compare).pair.title = model.Sanitise(title)
		s.app.dirty = true
		s.mustShow(t, want, "checkoutservice shop.EmailService")
	}
}
