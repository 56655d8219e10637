package aggregate_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// The table of shapes is what the list of traces says, counted by hand.
func TestShapesAreWhatBruteForceFinds(t *testing.T) {
	modeltest.Statistic(t)
	e, _ := recordedEngine(t, "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz")
	ctx := context.Background()
	list, err := e.Traces(ctx, aggregate.TracesQuery{Limit: math.MaxInt})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]aggregate.TraceRow{}
	for _, row := range list.Rows {
		if row.Settled {
			of[row.Shape] = append(of[row.Shape], row)
		}
	}
	x, err := e.Shapes(ctx, aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Rows) != len(of) || len(of) < 40 || x.Provenance.Traces != 19_569 {
		t.Fatalf("%d shapes of %d traces, want %d", len(x.Rows), x.Provenance.Traces, len(of))
	}
	for i := range x.Rows {
		r := &x.Rows[i]
		want := of[request.ShapeName(r.Shape)]
		slices.SortFunc(want, func(a, b aggregate.TraceRow) int { return cmp.Compare(a.Duration, b.Duration) })
		failed := 0
		for _, row := range want {
			if row.Errors > 0 {
				failed++
			}
		}
		n := len(want)
		if int(r.Count) != n || int(r.Failed) != failed || r.CountError != 0 || n > 0 && r.Max != want[n-1].Duration {
			t.Fatalf("%s: %+v, want %d traces, %d failed", request.ShapeName(r.Shape), r, n, failed)
		}
		for q, got := range map[float64]int64{.5: r.P50, .95: r.P95, .99: r.P99} {
			exact := float64(want[max(0, int(math.Ceil(q*float64(n)-1e-9))-1)].Duration)
			if math.Abs(float64(got)-exact) > .011*exact+1 {
				t.Errorf("%s: p%v is %d, want %v", request.ShapeName(r.Shape), 100*q, got, exact)
			}
		}
	}
	if !slices.IsSortedFunc(x.Rows, func(a, b shapes.Row) int { return cmp.Compare(b.Count, a.Count) }) {
		t.Error("not by count")
	}
}

func TestShapesInScope(t *testing.T) {
	e := twoEndpoints(t)
	ctx := context.Background()
	count := func(q aggregate.Query) (counts []uint64) {
		t.Helper()
		x, err := e.Shapes(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		sum := uint64(0)
		for _, r := range x.Rows {
			counts = append(counts, r.Count)
			sum += r.Count
		}
		if sum != x.Provenance.Traces {
			t.Errorf("%d traces in %v", x.Provenance.Traces, counts)
		}
		return counts
	}
	a := aggregate.Focus{Service: "front", Operation: "GET /a", Kind: model.KindServer}
	for name, c := range map[string]struct {
		q    aggregate.Query
		want []uint64
	}{
		"everything": {aggregate.Query{}, []uint64{200, 150, 50}},
		"a focus":    {aggregate.Query{Focus: a}, []uint64{150, 50}},
		"a window":   {aggregate.Query{Window: aggregate.Window{From: 1e18 + 300e9}}, []uint64{50, 50}},
		"both":       {aggregate.Query{Focus: a, Window: aggregate.Window{From: 1e18 + 300e9}}, []uint64{50}},
		"a filter":   {aggregate.Query{Filter: parse(t, `region = "west"`)}, []uint64{15, 5}},
	} {
		if got := count(c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	list, err := e.Traces(ctx, aggregate.TracesQuery{Query: aggregate.Query{Focus: a}, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	x, err := e.Shape(ctx, aggregate.Query{}, list.Rows[0].Shape)
	if err != nil || x.Traces != 50 || x.Row.Count != 50 || len(x.Nodes) != 2 || x.Nodes[1].PerTrace != 2 || x.Nodes[1].Calls != 100 {
		t.Errorf("the newest: %+v, %v", x, err)
	}
	// The filter by a shape selects exactly what the list counts, and no shape means all of them.
	kinds, err := e.Shapes(ctx, aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	sum := uint64(0)
	for _, row := range kinds.Rows {
		of := aggregate.Query{Filter: parse(t, `rootName = "`+row.Root.Name+`" && shape = "`+request.ShapeName(row.Shape)+`"`)}
		if l, err := e.Traces(ctx, aggregate.TracesQuery{Query: of}); err != nil || l.Matched != row.Count {
			t.Errorf("shape of %s: %d traces, listed as %d, %v", row.Root.Name, l.Matched, row.Count, err)
		}
		sum += row.Count
	}
	if x, err := e.Shape(ctx, aggregate.Query{}, ""); err != nil || x.Traces != sum || sum <= 50 {
		t.Errorf("all: %d traces of %d, %v", x.Traces, sum, err)
	}
	if _, err := e.Shape(ctx, aggregate.Query{Filter: parse(t, `name = "GET /b"`)}, list.Rows[0].Shape); !errors.Is(err, aggregate.ErrNoShape) {
		t.Errorf("out of scope: %v", err)
	}
}
