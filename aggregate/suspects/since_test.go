package suspects_test

import (
	"context"
	"testing"
	"time"

	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// at is a time of the histories of tests: so many seconds after their beginning.
func at(seconds int) int64 { return 1e18 + int64(seconds)*int64(time.Second) }

// cartOnsets are the faults of cart in a history.
func cartOnsets(t *testing.T, h *suspects.History) (found []suspects.Onset) {
	t.Helper()
	all, err := h.Onsets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if !x.Recovery && x.Suspects[0].Service == "cart" {
			found = append(found, x)
		}
	}
	return found
}

// TestSince asks about what matters from 600 s on.
func TestSince(t *testing.T) {
	const since, minutes = 600, 15
	begins := func(s *shop) { s.cartWork += 60 }
	ends := func(s *shop) { s.cartWork -= 60 }
	for name, x := range map[string]struct {
		changes map[int]func(s *shop)
		found   bool
	}{
		"goes on":                     {map[int]func(s *shop){400: begins}, true},
		"was over before":             {map[int]func(s *shop){400: begins, 500: ends}, false},
		"was over after":              {map[int]func(s *shop){400: begins, 660: ends}, true},
		"is hardly seen since":        {map[int]func(s *shop){400: begins, 597: ends}, false},
		"nobody has called since":     {map[int]func(s *shop){400: begins, 599: func(s *shop) { s.skipCart = 1 }}, false},
		"begins later":                {map[int]func(s *shop){700: begins}, true},
		"began earlier than in reach": {map[int]func(s *shop){240: begins}, false},
	} {
		for seed := range uint64(4) {
			h := history(seed, minutes, x.changes)
			h.Since(at(since))
			if found := cartOnsets(t, h); len(found) > 0 != x.found {
				t.Errorf("%s, seed %d: %d found", name, seed, len(found))
			}
		}
	}
}

// TestOnsetsStay asks again and again about the last five minutes: what began is found at the same moment each time, and
// not at another one when that is out of reach.
func TestOnsetsStay(t *testing.T) {
	const began, minutes, window = 600, 23, 5 * time.Minute
	h := history(3, minutes, map[int]func(s *shop){began: func(s *shop) { s.cartWork += 60 }})
	for now := began + 30; now < minutes*60; now += 30 {
		from := at(now) - int64(window)
		part := h.Between(from-int64(suspects.Lookback), at(now))
		part.Since(from)
		found := cartOnsets(t, part)
		if inReach := from-int64(suspects.Reach) < at(began); inReach != (len(found) == 1) || len(found) > 1 {
			t.Errorf("%d s after it began %d onsets are found", now-began, len(found))
		}
		for _, x := range found {
			if off := time.Duration(x.At - at(began)); off.Abs() > 3*time.Second {
				t.Errorf("%d s after it began it is found off by %v", now-began, off)
			}
		}
	}
}

// TestFewSlowRequests: cart is called each sixteen seconds, and some calls in a row are very slow. Three in a minute may be
// what it is like now and then; what goes on is not.
func TestFewSlowRequests(t *testing.T) {
	const minutes, every, first = 12, 32, 25 // requests from one call of cart to the next; the first slow call
	const seeds = 6
	for slow, wanted := range map[int]bool{3: false, 99: true} {
		found := 0
		for seed := range uint64(seeds) {
			s := newShop(seed)
			h := suspects.NewHistory(s.names)
			for i := range minutes * 120 {
				s.skipCart, s.cartWork = 1, 3
				if i%every == 0 {
					s.skipCart = 0
				}
				if call := i / every; call >= first && call < first+slow {
					s.cartWork = 600
				}
				s.make()
				h.Add(model.TraceID{Lo: uint64(i + 1)}, 1e18+int64(i)*5e8, s.names.Settle(s.spans))
			}
			found += len(cartOnsets(t, h))
		}
		if wanted && found < seeds*3/4 || !wanted && found > 0 {
			t.Errorf("%d slow calls: %d of %d found", slow, found, seeds)
		}
	}
}
