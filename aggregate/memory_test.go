package aggregate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestMain(m *testing.M) { modeltest.Run(m) }

// busy is an engine over random traces that start a second apart.
func busy(t testing.TB, seed uint64, traces int) (*aggregate.Memory, *storetest.Store) {
	t.Helper()
	r := modeltest.Rand(seed)
	s := storetest.New(nil)
	e := enginetest.Over(s)
	for i := range traces {
		spans := modeltest.Random(r, 1+r.IntN(40))
		for k := range spans {
			spans[k].Start += int64(i) * 1e9
			spans[k].End += int64(i) * 1e9
			spans[k].Attributes = append(spans[k].Attributes, model.Attribute{Key: "http.method", Value: model.StringValue([]string{"GET", "POST", "POST"}[r.IntN(3)])})
		}
		s.Add(spans...)
	}
	s.Flush()
	return e, s
}

func parse(t testing.TB, text string) *filter.Expr {
	t.Helper()
	e, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// everything matches all spans, but takes the way of a scan.
const everything = "{}"

// TestScansAnswerLikeRollups: a filter that matches everything must not change a figure.
func TestScansAnswerLikeRollups(t *testing.T) {
	ctx := context.Background()
	e, _ := busy(t, 1, 60)
	all := parse(t, everything)
	for _, q := range []aggregate.Query{
		{}, {Focus: aggregate.Focus{Service: "front"}},
		{Focus: aggregate.Focus{Client: "front", Server: "service-1"}},
		{Window: aggregate.Window{From: modeltest.Base + 10e9, To: modeltest.Base + 30e9}},
	} {
		f := q
		f.Filter = all
		m, err := e.Map(ctx, q)
		n, err2 := e.Map(ctx, f)
		o, err3 := e.Operations(ctx, q)
		p, err4 := e.Operations(ctx, f)
		h, err5 := e.Heatmap(ctx, aggregate.HeatmapQuery{Query: q})
		i, err6 := e.Heatmap(ctx, aggregate.HeatmapQuery{Query: f})
		if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
			t.Fatal(err)
		}
		if n.Provenance.Basis != aggregate.BasisRing || p.Provenance.Basis != aggregate.BasisRing || i.Provenance.Basis != aggregate.BasisRing {
			t.Errorf("a filtered answer claims to be from rollups")
		}
		requireSame(t, "nodes", m.Nodes, n.Nodes)
		requireSame(t, "edges", m.Edges, n.Edges)
		requireSame(t, "operations", o.Rows, p.Rows)
		requireSame(t, "services", o.Services, p.Services)
		requireSame(t, "heatmap", h.Counts, i.Counts)
		requireSame(t, "heatmap errors", h.Errors, i.Errors)
	}
}

func requireSame(t *testing.T, what string, a, b any) {
	t.Helper()
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if string(x) != string(y) {
		t.Errorf("%s differ:\n%s\n%s", what, x, y)
	}
}

// TestEveryNumberDrills: what an edge, an operation, a service or a heatmap cell counts leads to traces
// that can be opened.
func TestEveryNumberDrills(t *testing.T) {
	ctx := context.Background()
	e, _ := busy(t, 2, 40)
	m, err := e.Map(ctx, aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var scopes []aggregate.Focus
	for _, x := range m.Edges {
		scopes = append(scopes, aggregate.Focus{Client: x.Client, Server: x.Server})
	}
	o, err := e.Operations(ctx, aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range o.Rows {
		scopes = append(scopes, aggregate.Focus{Service: r.Service, Operation: r.Operation, Kind: r.Kind})
	}
	for _, r := range o.Services {
		scopes = append(scopes, aggregate.Focus{Service: r.Service})
	}
	for _, f := range append(scopes, aggregate.Focus{}) {
		q := aggregate.Query{Focus: f}
		h, err := e.Heatmap(ctx, aggregate.HeatmapQuery{Query: q})
		if err != nil {
			t.Fatal(err)
		}
		if h.Total == 0 {
			t.Errorf("%+v: nothing in the heatmap", f)
		}
		for i, n := range h.Counts {
			if n > 0 {
				drill(t, e, q, h, i)
			}
		}
	}
}

// drill selects a cell and wants its exemplar and at most its count of traces.
func drill(t *testing.T, e *aggregate.Memory, q aggregate.Query, h *aggregate.Heatmap, cell int) {
	t.Helper()
	height := len(h.RowLow)
	column, row := cell/height, cell%height
	s := aggregate.Selection{Window: aggregate.Window{From: h.Start + int64(column)*h.Step, To: h.Start + int64(column+1)*h.Step}, MinDur: h.RowLow[row], MaxDur: h.RowHigh}
	if row+1 < height {
		s.MaxDur = h.RowLow[row+1]
	}
	for _, s.ErrorsOnly = range []bool{false, true} {
		want := h.Counts[cell]
		if s.ErrorsOnly {
			want = h.Errors[cell]
		}
		l, err := e.Traces(context.Background(), aggregate.TracesQuery{Query: q, Selection: &s})
		if err != nil {
			t.Fatal(err)
		}
		if l.Matched > want || (want > 0) != (l.Matched > 0) {
			t.Errorf("%+v %+v: %d traces for a cell of %d", q.Focus, s, l.Matched, want)
		}
		if !s.ErrorsOnly && !slices.ContainsFunc(l.Rows, func(r aggregate.TraceRow) bool { return r.ID == h.Exemplars[cell] }) {
			t.Errorf("%+v: the exemplar %v of a cell is not among its traces", q.Focus, h.Exemplars[cell])
		}
	}
}

func TestTracesSortAndLimit(t *testing.T) {
	ctx := context.Background()
	e, _ := busy(t, 3, 50)
	key := map[aggregate.TraceSort]func(r aggregate.TraceRow) string{
		aggregate.SortStart:    func(r aggregate.TraceRow) string { return fmt.Sprintf("%020d", r.Start) },
		aggregate.SortDuration: func(r aggregate.TraceRow) string { return fmt.Sprintf("%020d", r.Duration) },
		aggregate.SortSpans:    func(r aggregate.TraceRow) string { return fmt.Sprintf("%020d", r.Spans) },
		aggregate.SortErrors:   func(r aggregate.TraceRow) string { return fmt.Sprintf("%020d", r.Errors) },
		aggregate.SortServices: func(r aggregate.TraceRow) string { return fmt.Sprintf("%020d", r.Services) },
		aggregate.SortRoot:     func(r aggregate.TraceRow) string { return r.RootService + "\x00" + r.RootOperation },
	}
	for by, of := range key {
		for _, ascending := range []bool{false, true} {
			all, err := e.Traces(ctx, aggregate.TracesQuery{Sort: by, Ascending: ascending})
			if err != nil {
				t.Fatal(err)
			}
			first, err := e.Traces(ctx, aggregate.TracesQuery{Sort: by, Ascending: ascending, Limit: 7})
			if err != nil {
				t.Fatal(err)
			}
			if all.Matched != 50 || len(all.Rows) != 50 || first.Matched != 50 || len(first.Rows) != 7 {
				t.Fatalf("%s: %d of %d rows, then %d of %d", by, len(all.Rows), all.Matched, len(first.Rows), first.Matched)
			}
			requireSame(t, string(by), all.Rows[:7], first.Rows)
			for i := range all.Rows[1:] {
				c := strings.Compare(of(all.Rows[i]), of(all.Rows[i+1]))
				if ascending && c > 0 || !ascending && c < 0 || c == 0 && all.Rows[i].ID.String() > all.Rows[i+1].ID.String() {
					t.Errorf("%s ascending %v: row %d is out of order", by, ascending, i)
				}
			}
		}
	}
}

func TestEqualQuestionsGetTheSameAnswer(t *testing.T) {
	ctx := context.Background()
	e, s := busy(t, 4, 20)
	q := aggregate.TracesQuery{Query: aggregate.Query{Filter: parse(t, "POST || kind = server")}}
	a, err := e.Traces(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	q.Filter = parse(t, `{ "POST" || kind = "server" }`)
	b, err := e.Traces(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Error("an equal question was computed again although nothing has arrived")
	}
	before, _ := json.Marshal(a)
	v, err := e.Trace(ctx, a.Rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Pin(ctx, v.Trace.ID, true) {
		t.Fatal("a retained trace cannot be pinned")
	}
	v, err = e.Trace(ctx, v.Trace.ID)
	if err != nil || v.Row.Kept != model.KeptPinned {
		t.Errorf("a pin does not show: %v, %v", v.Row.Kept, err)
	}
	s.Add(modeltest.Random(modeltest.Rand(99), 10)...)
	s.Flush()
	if after, _ := json.Marshal(a); string(after) != string(before) {
		t.Error("an answer changed after it was given")
	}
	c, err := e.Count(ctx, aggregate.Query{})
	if err != nil || c.Traces != 21 || c.OfTraces != 21 {
		t.Errorf("counts %+v, %v; want 21 traces", c, err)
	}
}

func TestCountIsTheReference(t *testing.T) {
	ctx := context.Background()
	e, s := busy(t, 5, 40)
	for _, text := range []string{"error", "http.method = POST && kind = client", "{kind=server} >> {error}", ">20ms", everything} {
		f := parse(t, text)
		l, err := e.Traces(ctx, aggregate.TracesQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var spans, traces, windowed uint64
		window := aggregate.Window{From: modeltest.Base + 10e9, To: modeltest.Base + 20e9}
		for _, r := range l.Rows {
			trace, _ := s.Trace(r.ID)
			hits, ok := f.Match(trace)
			spans += uint64(len(hits))
			if ok {
				traces++
			}
			for _, i := range hits {
				if at := trace.Spans[i].Start; at >= window.From && at < window.To {
					windowed++
				}
			}
		}
		c, err := e.Count(ctx, aggregate.Query{Filter: f})
		if err != nil || c.Spans != spans || c.Traces != traces || c.OfTraces != 40 {
			t.Errorf("%s: %+v, %v; want %d spans in %d traces", text, c, err, spans, traces)
		}
		if c, err = e.Count(ctx, aggregate.Query{Filter: f, Window: window}); err != nil || c.Spans != windowed || c.Traces > 10 {
			t.Errorf("%s in a window: %+v, %v; want %d spans", text, c, err, windowed)
		}
	}
}

func TestTraceInContext(t *testing.T) {
	ctx := context.Background()
	e, _ := busy(t, 6, 50)
	l, err := e.Traces(ctx, aggregate.TracesQuery{Sort: aggregate.SortDuration})
	if err != nil {
		t.Fatal(err)
	}
	slowest, err := e.Trace(ctx, l.Rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	fastest, err := e.Trace(ctx, l.Rows[len(l.Rows)-1].ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(slowest.Context) != len(slowest.Trace.Tree.Nodes) {
		t.Fatalf("%d contexts for %d nodes", len(slowest.Context), len(slowest.Trace.Tree.Nodes))
	}
	if slowest.Row.Percentile <= fastest.Row.Percentile && slowest.Row.RootOperation == fastest.Row.RootOperation {
		t.Errorf("the slowest is at p%.0f, the fastest at p%.0f", slowest.Row.Percentile, fastest.Row.Percentile)
	}
	for i, c := range slowest.Context {
		if c.N == 0 || c.Percentile < 0 || c.Percentile > 100 || c.Median > c.P95 {
			t.Errorf("node %d: %+v", i, c)
		}
	}
	if slowest.ShapeCount == 0 || slowest.ShapeShare <= 0 || slowest.ShapeShare > 1 {
		t.Errorf("shape: %d, %g", slowest.ShapeCount, slowest.ShapeShare)
	}
	if _, err := e.Trace(ctx, model.TraceID{Lo: 12345}); !errors.Is(err, aggregate.ErrNoTrace) {
		t.Errorf("an unknown trace gives %v", err)
	}
}

func TestQuestionsEndWithTheirContext(t *testing.T) {
	e, _ := busy(t, 7, 30)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q := aggregate.Query{Filter: parse(t, "error")}
	for what, ask := range map[string]func() error{
		"map":        func() error { _, err := e.Map(ctx, q); return err },
		"operations": func() error { _, err := e.Operations(ctx, q); return err },
		"heatmap":    func() error { _, err := e.Heatmap(ctx, aggregate.HeatmapQuery{Query: q}); return err },
		"traces":     func() error { _, err := e.Traces(ctx, aggregate.TracesQuery{Query: q}); return err },
		"count":      func() error { _, err := e.Count(ctx, q); return err },
		"coverage":   func() error { _, err := e.Coverage(ctx); return err },
		"trace":      func() error { _, err := e.Trace(ctx, model.TraceID{Lo: 1}); return err },
		"export":     func() error { _, err := e.Export(ctx, model.TraceID{Lo: 1}); return err },
	} {
		if err := ask(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := e.Map(context.Background(), q); err != nil {
		t.Errorf("a question that was given up spoils the next: %v", err)
	}
}

func TestCatalog(t *testing.T) {
	e, _ := busy(t, 8, 20)
	if !slices.Contains(e.Keys(), "span.http.method") {
		t.Errorf("keys: %v", e.Keys())
	}
	if v := e.Values("span.http.method"); !slices.Equal(v, []string{"POST", "GET"}) {
		t.Errorf("values by frequency: %v", v)
	}
	if v := e.Values("service"); !slices.Contains(v, "front") {
		t.Errorf("services: %v", v)
	}
	if v := e.Values("kind"); !slices.Contains(v, "server") || slices.Contains(v, "producer") {
		t.Errorf("kinds: %v", v)
	}
}

func TestExportHasEverySpan(t *testing.T) {
	ctx := context.Background()
	e, s := busy(t, 9, 3)
	l, err := e.Traces(ctx, aggregate.TracesQuery{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.Export(ctx, l.Rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ResourceSpans []struct {
			ScopeSpans []struct {
				Spans []struct {
					TraceID, SpanID, Name string
					StartTimeUnixNano     string
					Attributes            []struct {
						Key   string
						Value struct{ StringValue string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	trace, _ := s.Trace(l.Rows[0].ID)
	for _, x := range trace.Spans {
		v, _ := x.Attribute("http.method")
		want[fmt.Sprintln(x.TraceID, x.ID, x.Name, x.Start, v.Str())] = true
	}
	for _, r := range got.ResourceSpans {
		for _, c := range r.ScopeSpans {
			for _, x := range c.Spans {
				delete(want, fmt.Sprintln(x.TraceID, x.SpanID, x.Name, x.StartTimeUnixNano, x.Attributes[0].Value.StringValue))
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("lost in the export: %v", want)
	}
}

// TestConcurrentQuestions is for the race detector.
func TestConcurrentQuestions(t *testing.T) {
	e, _ := busy(t, 10, 20)
	done := make(chan error)
	for i := range 8 {
		go func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			var err error
			for range 30 {
				q := aggregate.Query{Filter: parse(t, []string{"error", "front", ">10ms"}[r.IntN(3)])}
				_, err1 := e.Map(context.Background(), q)
				_, err2 := e.Traces(context.Background(), aggregate.TracesQuery{Query: q})
				_, err3 := e.Coverage(context.Background())
				err = errors.Join(err, err1, err2, err3)
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
