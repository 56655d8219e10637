package gaps

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMatchIsTheLargest compares with augmenting paths, which find the largest matching there is.
func TestMatchIsTheLargest(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for range 400 {
		some := func(n int, longest int64) []span {
			out := make([]span, n)
			for i := range out {
				out[i].start = rng.Int64N(60)
				out[i].end = out[i].start + rng.Int64N(longest)
			}
			slices.SortFunc(out, func(a, b span) int { return cmp.Compare(a.start, b.start) })
			return out
		}
		calls, servers := some(rng.IntN(30), 30), some(rng.IntN(30), 15)
		shift := rng.Int64N(9) - 4
		inside := func(c, s *span) bool { return c.start+shift <= s.start && s.end <= c.end+shift }
		usedCall, usedServer := map[*span]bool{}, map[*span]bool{}
		match(calls, servers, shift, func(c, s *span) {
			if !inside(c, s) || usedCall[c] || usedServer[s] {
				t.Fatalf("%+v and %+v", c, s)
			}
			usedCall[c], usedServer[s] = true, true
		})
		by := make([]int, len(calls)) // the server that has a call, −1 for none
		for i := range by {
			by[i] = -1
		}
		var augment func(s int, seen []bool) bool
		augment = func(s int, seen []bool) bool {
			for c := range calls {
				if !seen[c] && inside(&calls[c], &servers[s]) {
					seen[c] = true
					if by[c] < 0 || augment(by[c], seen) {
						by[c] = s
						return true
					}
				}
			}
			return false
		}
		want := 0
		for s := range servers {
			if augment(s, make([]bool, len(calls))) {
				want++
			}
		}
		if len(usedCall) != want {
			t.Fatalf("%d matched, want %d of %v in %v", len(usedCall), want, servers, calls)
		}
	}
}
