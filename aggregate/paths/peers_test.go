package paths

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/model"
)

// two is a request of which one call takes a, and then another b, in ns.
func two(trace uint64, a, b int64) *Request {
	return linked(trace, []model.Head{
		{ID: 1, Start: 0, End: a + b, Op: 1, Service: 1, Kind: model.KindServer},
		{ID: 2, Parent: 1, Start: 0, End: a, Op: 2, Service: 1, Kind: model.KindClient},
		{ID: 3, Parent: 1, Start: a, End: a + b, Op: 3, Service: 1, Kind: model.KindClient},
	})
}

// slowest writes down the exemplars of a path by its name in view.
func slowest(t *Tree, path string) string {
	var list []string
	for _, x := range view(t)[path].Slowest {
		list = append(list, fmt.Sprintf("%d:%d", x.Trace.Lo, x.Exclusive))
	}
	return strings.Join(list, " ")
}

// CRISP's tests of its aggregators (github.com/uber-research/CRISP, tests/metrics/test_aggregators.py): sums of two and
// of three requests, and the three slowest of each path, whichever others there are, in whatever order they come or are
// merged.
func TestAggregatorsOfCRISP(t *testing.T) {
	for name, c := range map[string]struct {
		requests         [][2]int64
		first, second    string // exemplars
		exclusive, calls int64  // of the first path
	}{
		"none":                {nil, "", "", 0, 0},
		"one":                 {[][2]int64{{42, 1}}, "1:42", "1:1", 42, 1},
		"fewer than are kept": {[][2]int64{{100, 7}, {200, 9}}, "2:200 1:100", "2:9 1:7", 300, 2},
		"the three slowest": {
			[][2]int64{{100, 1}, {200, 1}, {50, 1}, {300, 1}, {150, 1}}, "4:300 2:200 5:150", "1:1 2:1 3:1", 800, 5,
		},
		"each path its own": {[][2]int64{{300, 50}, {100, 200}, {200, 150}, {90, 10}}, "1:300 3:200 2:100", "2:200 3:150 1:50", 690, 4},
	} {
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 11))
			parts := []*Tree{New(1), New(1)}
			for _, i := range rng.Perm(len(c.requests)) {
				parts[rng.IntN(2)].Fold(0, two(uint64(i)+1, c.requests[i][0], c.requests[i][1]))
			}
			tree := parts[0]
			tree.Merge(parts[1])
			x := view(tree)["12"]
			if got := slowest(tree, "12"); got != c.first || slowest(tree, "13") != c.second {
				t.Errorf("%s: %q and %q, want %q and %q", name, got, slowest(tree, "13"), c.first, c.second)
			}
			if x.Exclusive != c.exclusive || int64(x.Calls) != c.calls || tree.Count[0] != uint64(len(c.requests)) {
				t.Errorf("%s: %+v of %d requests", name, x, tree.Count[0])
			}
		}
	}
}

// What a request has on a path is summed within the request, and requests are counted, so that a mean is one of
// requests, of however many calls (CRISP's regression of averages that were sums).
func TestMeansAreOfRequests(t *testing.T) {
	tree := New(1)
	tree.Fold(0, linked(1, []model.Head{
		{ID: 1, Start: 0, End: 100, Op: 1, Service: 1, Kind: model.KindServer},
		{ID: 2, Parent: 1, Start: 0, End: 30, Op: 2, Service: 1, Kind: model.KindClient},
		{ID: 3, Parent: 1, Start: 50, End: 80, Op: 2, Service: 1, Kind: model.KindClient},
	}))
	tree.Fold(0, linked(2, []model.Head{
		{ID: 1, Start: 0, End: 100, Op: 1, Service: 1, Kind: model.KindServer},
		{ID: 2, Parent: 1, Start: 0, End: 20, Op: 2, Service: 1, Kind: model.KindClient},
	}))
	x := view(tree)["12"]
	if x.Exclusive != 80 || x.Calls != 3 || x.Requests != 2 || x.Squares != 60*60+20*20 || slowest(tree, "12") != "1:60 2:20" {
		t.Errorf("%+v", x)
	}
}
