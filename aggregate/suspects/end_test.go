package suspects_test

import (
	"testing"
	"time"

	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// slower makes cart slower from one second on, and as it was from another on.
func slower(from, to int) map[int]func(s *shop) {
	return map[int]func(s *shop){from: func(s *shop) { s.cartWork += 60 }, to: func(s *shop) { s.cartWork -= 60 }}
}

// TestShortDisturbances: what is over after some seconds is said to be, and when: two requests come each second. Of the
// 25 recorded faults that are found, which go on to the end of their recordings, none is said to be over; nor is any
// of those planted into recorded traffic.
func TestShortDisturbances(t *testing.T) {
	const from, seeds = 300, 10
	for _, seconds := range []int{10, 15, 20, 100} {
		found, ended := 0, 0
		for seed := range uint64(seeds) {
			for _, x := range onsetsOf(t, seed, 8, func(*shop) {}, slower(from, from+seconds), never) {
				if x.Recovery || x.Suspects[0].Service != "cart" {
					continue
				}
				found++
				if x.Ended != 0 && x.Ended <= x.At {
					t.Errorf("seed %d: over before it began", seed)
				}
				if off := time.Duration(x.Ended - 1e18 - int64(from+seconds)*1e9); off.Abs() <= 3*time.Second {
					ended++
				} else {
					t.Logf("seed %d, %d s: off by %v", seed, seconds, off)
				}
			}
		}
		t.Logf("%d s: %d found, the end of %d", seconds, found, ended)
		if found < seeds*9/10 || ended < found*9/10 {
			t.Errorf("%d s: %d of %d found, the end of %d", seconds, found, seeds, ended)
		}
	}
}

// TestEndsOfEach: two services get slower at once and are as they were at different times; each is said to be over when
// it was. One that goes on is not.
func TestEndsOfEach(t *testing.T) {
	const from, seeds = 300, 8
	for _, back := range []int{60, 0} {
		changes := slower(from, from+30)
		both := changes[from]
		changes[from] = func(s *shop) { both(s); s.catalogWork += 50 }
		if back != 0 {
			changes[from+back] = func(s *shop) { s.catalogWork -= 50 }
		}
		told := 0
		for seed := range uint64(seeds) {
			for _, x := range onsetsOf(t, seed, 8, func(*shop) {}, changes, never) {
				if x.Recovery {
					continue
				}
				for _, s := range x.Suspects {
					want := map[string]int{"cart": 30, "catalog": back}[s.Service]
					switch off := time.Duration(s.Ended - 1e18 - int64(from+want)*1e9); {
					case s.Score == 0 || s.Ended == 0 && want != 0:
					case want == 0 && s.Ended != 0:
						t.Errorf("seed %d: %s is over after %v", seed, s.Service, time.Duration(s.Ended-x.At))
					case want != 0 && off.Abs() <= 4*time.Second:
						told++
					case want != 0:
						t.Errorf("seed %d: the end of %s is off by %v", seed, s.Service, off)
					}
				}
			}
		}
		want := seeds
		if back != 0 {
			want = 2 * seeds
		}
		if t.Logf("%d ends", told); told < want*3/4 {
			t.Errorf("%d of %d ends are told", told, want)
		}
	}
}

// TestBound: with room for a few things only, what there is no room for is counted, and the rest is compared.
func TestBound(t *testing.T) {
	s := newShop(1)
	h := suspects.NewHistory(s.names)
	h.Bound(6)
	for i := range 600 {
		s.make()
		h.Add(model.TraceID{Lo: uint64(i + 1)}, 1e18+int64(i)*5e8, s.names.Settle(s.spans))
	}
	if found, err := h.Onsets(t.Context()); err != nil || len(found) > 0 || h.Dropped() < 600 {
		t.Errorf("%d dropped, %v, %v", h.Dropped(), found, err)
	}
}

// TestWhatGoesOnHasNoEnd: neither has what gets better by half, what comes and goes, nor what was over for a moment.
func TestWhatGoesOnHasNoEnd(t *testing.T) {
	comesAndGoes := map[int]func(s *shop){}
	for at := 300; at < 480; at += 20 {
		comesAndGoes[at] = func(s *shop) { s.cartWork += 60 }
		comesAndGoes[at+10] = func(s *shop) { s.cartWork -= 60 }
	}
	for name, changes := range map[string]map[int]func(s *shop){
		"goes on":        {300: func(s *shop) { s.cartWork += 60 }},
		"half":           {300: func(s *shop) { s.cartWork += 60 }, 360: func(s *shop) { s.cartWork -= 30 }},
		"comes and goes": comesAndGoes,
		"just over":      slower(470, 479),
	} {
		for seed := range uint64(8) {
			for _, x := range onsetsOf(t, seed, 8, func(*shop) {}, changes, never) {
				for _, s := range x.Suspects {
					if s.Ended != 0 {
						t.Errorf("%s, seed %d: %s is over after %v", name, seed, s.Service, time.Duration(s.Ended-x.At))
					}
				}
			}
		}
	}
}
