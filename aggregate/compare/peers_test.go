package compare_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// drawnProfile is the profile of drawn traces.
func drawnProfile(t *testing.T, drawing string) *compare.Profile {
	t.Helper()
	return fold(t, storetest.Of(modeltest.Spans(t, drawing)...))
}

// spansOf writes down a merged tree: "service:operation spans", of the first side, indented by depth; siblings by name.
func spansOf(c *compare.Comparison) []string {
	var out []string
	for _, n := range c.Tree {
		out = append(out, fmt.Sprintf("%s%s:%s %.0f", strings.Repeat("  ", n.Depth), n.Service, n.Name, n.CallsBefore*float64(n.OfBefore)))
	}
	return out
}

// Drilldown's merge of 158 traces (merge.test.ts): one tree of what they have in common, each call path with its spans,
// whatever else the traces have. Of what is called once by one in eleven, that is what the tree says.
func TestMergedTree(t *testing.T) {
	var all []model.Span
	trace := uint64(0)
	add := func(n int, drawing string) {
		for range n {
			trace++
			spans := modeltest.Spans(t, drawing)
			for i := range spans {
				spans[i].TraceID = model.TraceID{Lo: trace}
			}
			all = append(all, spans...)
		}
	}
	add(10, "a POST server 0..10")
	add(1, `
		a POST server 0..10
		  b estimate internal 1..4
		    b shard internal 2..3
		  b align internal 5..9
		    b split internal 6..8`)
	add(37, "c GET server 0..9")
	add(106, "d job internal 0..100")
	add(3, "e tick internal 0..5")
	add(1, "f send client 0..4")
	p := fold(t, storetest.Of(all...))
	got := spansOf(compare.Compare(p, p))
	want := []string{"a:POST 11", "  b:estimate 1", "    b:shard 1", "  b:align 1", "    b:split 1", "c:GET 37", "d:job 106", "e:tick 3", "f:send 1"}
	depthFirst := slices.Index(got, "  b:estimate 1")
	if depthFirst < 0 || got[depthFirst+1] != "    b:shard 1" {
		t.Errorf("%q: what is called does not follow its caller", got)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The graph of jaeger-ui's calculateTraceDagEV.test.js as one side of a comparison: nine call paths, with the calls and
// the self times of each, as its graph of one trace has them; of the difference with itself nothing is left.
func TestGraphOfATrace(t *testing.T) {
	p := drawnProfile(t, `
		one op1 server 0..390
		  one op2 client 125..158 error
		  one op2 client 250..287
		  one op3 client 180..246
		    two op1 server 200..220
		      two op2 internal 201..219
		  one op4 producer 300..320
		    two op3 consumer 800..1000
		  one op6 internal 330..340
		    one op7 internal 331..340
		    one op7 internal 332..340
	`)
	c := compare.Compare(p, p)
	want := map[string]string{
		"one op1": "1 224", "one op2": "2 70", "one op3": "1 46", "two op1": "1 2", "two op2": "1 18", "one op4": "1 20", "two op3": "1 200", "one op6": "1 1", "one op7": "2 17",
	}
	for _, n := range c.Tree {
		name := n.Service + " " + n.Name
		if got := fmt.Sprintf("%.0f %.0f", n.CallsAfter, n.SelfAfter/1e6); got != want[name] || n.Class != compare.Same {
			t.Errorf("%s: %s, want %s; %s", name, got, want[name], n.Class)
		}
	}
	if len(c.Tree) != len(want) || len(c.Changes) != 0 {
		t.Errorf("%d paths, want %d; %+v", len(c.Tree), len(want), c.Changes)
	}
}

// The five classes of jaeger-ui's difference of two traces: as often, more often, less often, on one side only. There
// a path that ends is another than one that goes on; here it is the same path, with something below it or not. The two
// traces swapped give the opposite classes.
func TestClassesOfTwoTraces(t *testing.T) {
	one, other := drawnProfile(t, `
		web GET server 0..100
		  web load internal 1..10
		  web load internal 11..20
		  web draw internal 21..30
		  web draw internal 31..40
		  cart get server 41..50
		  web stale internal 51..60
		    web gone internal 52..53
	`), drawnProfile(t, `
		web GET server 0..100
		  web load internal 1..5
		  web draw internal 21..25
		  web draw internal 26..30
		  web draw internal 31..35
		  cart get server 41..50
		    cart fresh internal 42..43
	`)
	want := map[string][2]compare.Class{
		"web GET server": {compare.Same, compare.Same}, "web load internal": {compare.Less, compare.More}, "web draw internal": {compare.More, compare.Less},
		"cart get server": {compare.Same, compare.Same}, "cart fresh internal": {compare.Added, compare.Removed},
		"web stale internal": {compare.Removed, compare.Added}, "web gone internal": {compare.Removed, compare.Added},
	}
	for i, c := range []*compare.Comparison{compare.Compare(one, other), compare.Compare(other, one)} {
		got := classes(c)
		for path, class := range want {
			if got[path] != class[i] {
				t.Errorf("way %d: %s is %s, want %s", i, path, got[path], class[i])
			}
		}
		if len(got) != len(want) {
			t.Errorf("way %d: %v", i, got)
		}
	}
}
