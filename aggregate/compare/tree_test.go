package compare_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"oteltop/aggregate/compare"
)

// classes are the classes of the paths that end at an operation, by service and name.
func classes(c *compare.Comparison) map[string]compare.Class {
	out := map[string]compare.Class{}
	for _, n := range c.Tree {
		out[n.Service+" "+n.Name+" "+n.Operation.Kind.String()] = n.Class
	}
	return out
}

func TestTreeSaysWhatBecameOfACallPath(t *testing.T) {
	loop := func(*rand.Rand) int { return 4 }
	for _, c := range []struct {
		name          string
		before, after deployment
		path          string
		want          compare.Class
	}{
		{"a loop", deployment{}, deployment{prices: loop}, "price price.Of server", compare.More},
		{"no loop", deployment{prices: loop}, deployment{}, "price price.Of server", compare.Less},
		{"a new callee", deployment{}, deployment{fraud: true}, "fraud fraud.Check server", compare.Added},
		{"a callee that is gone", deployment{}, deployment{skip: true}, "cart SELECT client", compare.Removed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := classes(compare.Compare(c.before.profile(t, 1, 400), c.after.profile(t, 2, 400)))
			if got[c.path] != c.want {
				t.Errorf("%s is %q, want %q: %v", c.path, got[c.path], c.want, got)
			}
			if got["front GET / server"] != compare.Same {
				t.Errorf("the root is %q", got["front GET / server"])
			}
		})
	}
}

// The tree of a side compared with itself has no difference; swapped sides give the mirrored tree.
func TestTreeIsAMirror(t *testing.T) {
	a, b := deployment{}.profile(t, 1, 300), deployment{fraud: true, database: 8e6}.profile(t, 2, 300)
	for _, n := range compare.Compare(a, a).Tree {
		if n.Class != compare.Same || n.CallsBefore != n.CallsAfter || n.SelfBefore != n.SelfAfter || n.CriticalBefore != n.CriticalAfter || n.BelowBefore != n.BelowAfter {
			t.Errorf("compared with itself: %+v", n)
		}
	}
	there, back := compare.Compare(a, b), compare.Compare(b, a)
	if len(there.Tree) != len(back.Tree) || len(there.Tree) != there.TreeOf || there.TreeOf == 0 {
		t.Fatalf("%d nodes of %d, swapped %d", len(there.Tree), there.TreeOf, len(back.Tree))
	}
	mirror := map[compare.Class]compare.Class{compare.Same: compare.Same, compare.Added: compare.Removed, compare.Removed: compare.Added, compare.More: compare.Less, compare.Less: compare.More}
	for i, n := range there.Tree {
		m := back.Tree[i]
		if n.At != m.At || n.Depth != m.Depth || mirror[n.Class] != m.Class || n.CallsBefore != m.CallsAfter || n.SelfAfter != m.SelfBefore || n.BelowBefore != m.BelowAfter {
			t.Errorf("node %d: %+v, swapped %+v", i, n, m)
		}
	}
}

// What a path is for on the critical path is its own time and that of what it calls: the roots account for all.
func TestTreeAddsUp(t *testing.T) {
	c := compare.Compare(deployment{}.profile(t, 1, 200), deployment{prices: func(*rand.Rand) int { return 3 }}.profile(t, 2, 200))
	for i, n := range c.Tree {
		before, after := n.CriticalBefore, n.CriticalAfter
		for _, k := range c.Tree[i+1:] {
			if k.Depth <= n.Depth {
				break
			}
			if k.Depth == n.Depth+1 {
				before, after = before+k.BelowBefore, after+k.BelowAfter
			}
		}
		if math.Abs(before-n.BelowBefore) > 1 || math.Abs(after-n.BelowAfter) > 1 {
			t.Errorf("%s %s: %v and %v below it, its parts are %v and %v", n.Service, n.Name, n.BelowBefore, n.BelowAfter, before, after)
		}
	}
	for _, x := range c.Changes {
		if x.Kind != compare.Calls {
			continue
		}
		found := false
		for _, n := range c.Tree {
			found = found || n.At == x.At && n.Class == compare.More
		}
		if !found {
			t.Errorf("%v is not in the tree", x.Path)
		}
	}
}
