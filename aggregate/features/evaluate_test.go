package features_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oteltop/aggregate/features"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

const drawn = `
web  GET /cart  server  0..100  user.id=u7
  web  fetch  client  10..60
    cart  load  server  12..58  error
      cart  SELECT  client  15..25  db.system.name=redis db.rows=3
      cart  SELECT  client  30..50  db.system.name=redis db.rows=4 error
  web  render  internal  70..90  db.rows=many
trace 2
web  GET /  server  0..10
`

// cells evaluates an expression for drawn traces, in order of their ids.
func cells(t *testing.T, text string, spans []model.Span) []features.Cell {
	t.Helper()
	x, err := features.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s := storetest.Of(spans...)
	e, err := x.Prepare(context.Background(), s.Snapshot(), s.Names())
	if err != nil {
		t.Fatal(err)
	}
	byID := func(traces []store.TraceInfo) {
		slices.SortFunc(traces, func(a, b store.TraceInfo) int { return int(a.ID.Lo) - int(b.ID.Lo) })
	}
	var out []features.Cell
	requesttest.Ordered(s, byID, func(tr *request.Trace) {
		c := e.Cell(tr)
		if fast, ok := e.Untouched(tr.Index); ok && fast != c {
			t.Errorf("%s: %+v without looking into the trace, %+v with", text, fast, c)
		}
		out = append(out, c)
	})
	return out
}

func show(c features.Cell) string {
	switch c.Sort {
	case features.Missing:
		return "-"
	case features.Text:
		return fmt.Sprintf("%q", c.Text)
	}
	return fmt.Sprintf("%.6g", c.Number)
}

func TestCells(t *testing.T) {
	spans := modeltest.Spans(t, drawn)
	for text, want := range map[string][2]string{
		`sum(self where db.system.name != "")`:           {"3e+07", "0"},
		`count(service = "cart")`:                        {"3", "0"},
		`count()`:                                        {"6", "1"},
		`count({ service = "web" } >> { error })`:        {"2", "0"},
		`max(duration where kind = client)`:              {"5e+07", "-"},
		`min(duration)`:                                  {"1e+07", "1e+07"},
		`mean(duration where service = cart)`:            {"2.53333e+07", "-"},
		`sum(critical)`:                                  {"1e+08", "1e+07"},
		`max(depth)`:                                     {"3", "0"},
		`first(.user.id)`:                                {`"u7"`, "-"},
		`first(name where service = cart)`:               {`"load"`, "-"},
		`last(name)`:                                     {`"render"`, `"GET /"`},
		`distinct(service)`:                              {"2", "1"},
		`sum(.db.rows)`:                                  {"7", "-"},
		`max(db.rows)`:                                   {"4", "-"},
		`first(.db.rows)`:                                {"3", "-"},
		`last(.db.rows)`:                                 {`"many"`, "-"},
		`sum(self where service = cart) / max(duration)`: {"0.46", "0"},
		`count(error) / count(kind = client)`:            {"0.666667", "-"},
		`2 + 3 * count(error) - (count() - 1) / 5`:       {"7", "2"},
		`first(status where error)`:                      {`"error"`, "-"},
		`first(kind)`:                                    {`"server"`, `"server"`},
		`count() + first(.user.id)`:                      {"-", "-"},
	} {
		got := cells(t, text, spans)
		if len(got) != 2 || show(got[0]) != want[0] || show(got[1]) != want[1] {
			t.Errorf("%s: %s and %s, want %s", text, show(got[0]), show(got[1]), want)
		}
	}
}

// TestDistinctIsBounded: what one trace has beyond the bound is counted as lost.
func TestDistinctIsBounded(t *testing.T) {
	modeltest.OneGoroutine(t)
	var spans []model.Span
	for i := range 10_007 {
		spans = append(spans, model.Span{TraceID: model.TraceID{Lo: 1}, ID: model.SpanID(i + 1), Parent: model.SpanID(min(i, 1)), Name: fmt.Sprint(i), Kind: model.KindServer,
			Start: 1e18, End: 1e18 + 9, Resource: &model.Resource{Service: "a"}, Scope: &model.Scope{}})
	}
	s := storetest.Of(spans...)
	x, err := features.Parse("distinct(name)")
	if err != nil {
		t.Fatal(err)
	}
	v, err := x.Prepare(t.Context(), s.Snapshot(), s.Names())
	if err != nil {
		t.Fatal(err)
	}
	requesttest.Each(s, func(r *request.Trace) {
		if c := v.Cell(r); c.Number != 10_000 || v.Lost() != 7 {
			t.Errorf("%v distinct names, %d lost", c.Number, v.Lost())
		}
	})
}

// Cells do not depend on the order in which spans arrive, and self times along the critical path sum to the
// duration of the root.
func TestOrderOfArrival(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var spans []model.Span
	resource := []*model.Resource{{Service: "a"}, {Service: "b"}}
	for trace := uint64(1); trace <= 60; trace++ {
		for id := uint64(1); id <= 12; id++ {
			start := int64(1000*id) + rng.Int64N(500)
			spans = append(spans, model.Span{
				TraceID: model.TraceID{Lo: trace}, ID: model.SpanID(id), Parent: model.SpanID(rng.Uint64N(id)), Name: fmt.Sprint("op", rng.IntN(4)),
				Kind: model.Kind(1 + rng.IntN(5)), Start: start, End: start + rng.Int64N(20_000), Resource: resource[rng.IntN(2)], Scope: &model.Scope{},
				Attributes: []model.Attribute{{Key: "n", Value: model.IntValue(rng.Int64N(9))}},
			})
		}
	}
	texts := []string{"sum(self where service = a)", "max(critical)", "first(.n where kind = client)", "distinct(name)", "last(.n)", "sum(.n) / count()"}
	before := map[string][]features.Cell{}
	for _, x := range texts {
		before[x] = cells(t, x, spans)
	}
	rng.Shuffle(len(spans), func(i, k int) { spans[i], spans[k] = spans[k], spans[i] })
	for _, x := range texts {
		if after := cells(t, x, spans); !slices.Equal(before[x], after) {
			t.Errorf("%s: %v, then %v", x, before[x], after)
		}
	}
}

func numbers(ns ...float64) []features.Cell {
	var out []features.Cell
	for _, n := range ns {
		out = append(out, features.Cell{Sort: features.Number, Number: n})
	}
	return out
}

func TestSummarise(t *testing.T) {
	var many []float64
	for i := range 1000 {
		many = append(many, float64(1000-i))
	}
	s := features.Summarise(append(numbers(many...), features.Cell{}))
	if s.N != 1000 || s.Missing != 1 || s.P50 != 500 || s.P99 != 990 || s.Min != 1 || s.Max != 1000 || s.Mean != 500.5 || s.Most != 0 || s.Least != 999 {
		t.Errorf("%+v", s)
	}
	n := 0
	for _, b := range s.Bins {
		n += b.N
	}
	if n != 1000 || s.Bins[3] != (features.Bin{Low: 8, High: 16, N: 8}) {
		t.Errorf("%v", s.Bins)
	}
	s = features.Summarise(numbers(-3, 0, 0, 2, -3))
	if !slices.Equal(s.Bins, []features.Bin{{-3, -3, 2}, {0, 0, 2}, {2, 2, 1}}) {
		t.Errorf("%v", s.Bins)
	}
	var texts []features.Cell
	for i := range 300 {
		texts = append(texts, features.Cell{Sort: features.Text, Text: fmt.Sprintf("%03d", i/2)})
	}
	s = features.Summarise(append(texts, numbers(7)...))
	if !s.IsText || s.N != 301 || len(s.Values) != 101 || s.Values[0].N != 2 || !s.Values[100].Other || s.Values[100].N != 101 {
		t.Errorf("%+v", s)
	}
	if s = features.Summarise(nil); s.N != 0 || s.Least != -1 || len(s.Bins) != 0 {
		t.Errorf("%+v", s)
	}
}

// AUC is the share of pairs in which the selected number is the larger, counted one by one.
func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var cells []features.Cell
	for i := range 400 {
		n := float64(rng.IntN(50))
		if i%4 == 0 {
			n += 20
		}
		cells = append(cells, numbers(n)...)
	}
	cells[1] = features.Cell{}
	selected := func(i int) bool { return i%4 == 0 }
	c := features.Compare(cells, selected)
	pairs, larger := 0., 0.
	for i := range cells {
		for k := range cells {
			if selected(i) && !selected(k) && cells[k].Sort == features.Number {
				pairs++
				switch a, b := cells[i].Number, cells[k].Number; {
				case a > b:
					larger++
				case a == b:
					larger += .5
				}
			}
		}
	}
	if math.Abs(c.AUC-larger/pairs) > 1e-12 || c.P > 1e-9 || c.Lower < .4 || c.Selected.N != 100 || c.Rest.Missing != 1 || !c.Tested {
		t.Errorf("AUC %g, want %g: %+v", c.AUC, larger/pairs, c)
	}
	// Nothing is found where there is nothing: one test in a hundred may be wrong at 1 %.
	wrong := 0
	for range 100 {
		for i := range cells {
			cells[i] = numbers(rng.ExpFloat64())[0]
		}
		if features.Compare(cells, selected).P < .01 {
			wrong++
		}
	}
	if wrong > 4 {
		t.Errorf("%d of 100 comparisons of the same are significant", wrong)
	}
	if c = features.Compare(cells, func(int) bool { return false }); c.Tested {
		t.Errorf("%+v", c)
	}
}

func TestDivide(t *testing.T) {
	var cells, by []features.Cell
	for i := range 1000 {
		cells = append(cells, numbers(float64(i))...)
		switch {
		case i%10 == 0:
			by = append(by, features.Cell{})
		case i < 500:
			by = append(by, features.Cell{Sort: features.Text, Text: []string{"x", "y", "x"}[i%3]})
		default:
			by = append(by, features.Cell{Sort: features.Text, Text: fmt.Sprint("rare ", i)})
		}
	}
	groups := features.Divide(cells, by)
	n := 0
	for _, g := range groups {
		n += g.N
	}
	if len(groups) != 102 || groups[0].Value != "x" || groups[0].N != 300 || groups[1].Value != "y" || n != 1000 {
		t.Errorf("%d groups of %d: %+v", len(groups), n, groups[0])
	}
	if g := groups[100]; !g.Other || g.N != 450-98 {
		t.Errorf("%+v", g)
	}
	if g := groups[101]; !g.Absent || g.N != 100 || g.Most != 990 {
		t.Errorf("%+v", g)
	}
	groups = features.Divide(cells, cells)
	if groups[0].Value != "512 to 1024" || groups[0].N != 488 || len(groups) != 11 {
		t.Errorf("%d groups, %+v", len(groups), groups[0])
	}
}
