package suspects_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// TestRecoveryIsNoFault ends faults: what is again as it used to be is no onset, but a recovery.
func TestRecoveryIsNoFault(t *testing.T) {
	for name, x := range map[string]struct {
		begin, end func(s *shop)
		recovery   string
	}{
		"calls are made again":    {func(s *shop) { s.skipCart = .6 }, func(s *shop) { s.skipCart = 0 }, "web recovered: / calls GET cart in all calls, before in "},
		"many calls become one":   {func(s *shop) { s.queries = 9 }, func(s *shop) { s.queries = 1 }, "catalog recovered: /catalog calls SELECT once per call, before "},
		"slow work is fast":       {func(s *shop) { s.cartWork = 90 }, func(s *shop) { s.cartWork = 3 }, "cart recovered: /cart works "},
		"network is as it was":    {func(s *shop) { s.cartNetwork = 60 }, func(s *shop) { s.cartNetwork = 1 }, ""},
		"errors do not occur":     {func(s *shop) { s.failCart = .6 }, func(s *shop) { s.failCart = 0 }, ""},
		"answers are right again": {func(s *shop) { s.wrongCart = .6 }, func(s *shop) { s.wrongCart = 0 }, ""},
	} {
		found, err := history(3, 14, map[int]func(s *shop){300: x.begin, 600: x.end}).Onsets(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		faults := 0
		recovered := x.recovery == ""
		for _, o := range found {
			at := time.Duration(o.At-1e18) / time.Second
			if !o.Recovery {
				faults++
				if at < 290 || at > 310 {
					t.Errorf("%s: a fault at %d s: %s", name, at, o.Suspects[0].Why())
				}
				continue
			}
			if at < 590 || at > 610 {
				t.Errorf("%s: a recovery at %d s: %s", name, at, o.Suspects[0].Why())
			}
			recovered = recovered || strings.Contains(o.Suspects[0].Recovered(), x.recovery)
		}
		if faults != 1 || !recovered {
			t.Errorf("%s: %d faults, %+v", name, faults, found)
		}
	}
}

// TestFasterIsNoFault: an operation that gets faster, with nothing before to return to, is nobody's concern.
func TestFasterIsNoFault(t *testing.T) {
	s := func(ms float64) func(s *shop) { return func(s *shop) { s.cartWork = ms } }
	found, err := history(4, 10, map[int]func(s *shop){0: s(90), 300: s(3)}).Onsets(context.Background())
	if err != nil || len(found) > 0 {
		t.Errorf("%v, %+v", err, found)
	}
}

// TestOnsetEndsWithTheTraces: what is compared does not reach into the future.
func TestOnsetEndsWithTheTraces(t *testing.T) {
	found, err := history(6, 6, map[int]func(s *shop){330: func(s *shop) { s.cartWork += 50 }}).Onsets(context.Background())
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %+v", err, found)
	}
	x := found[0]
	if last := int64(1e18) + 719*5e8; x.To > last || x.At >= x.To {
		t.Errorf("from %d to %d, the last trace starts at %d", x.At, x.To, last)
	}
	if s := x.Suspects[0]; s.Passing > uint64(x.Focus) || s.Harmed > s.Passing || s.Harmed < 3 {
		t.Errorf("%d of %d harmed, of %d", s.Harmed, s.Passing, x.Focus)
	}
}

// TestBackoffIsOfTheCallee: whoever waits before it tries again is not behind it.
func TestBackoffIsOfTheCallee(t *testing.T) {
	ranked := compare(2, 300, func(s *shop) { s.failCart, s.backoff = .4, 60 })
	if len(ranked) == 0 || ranked[0].Service != "cart" {
		t.Fatalf("%+v", ranked)
	}
	for _, s := range ranked[1:] {
		if s.Score > 0 {
			t.Errorf("%s: %s", s.Service, s.Why())
		}
	}
}

// TestOffTheCriticalPath: work that nobody waits for any more, because something beside it got slow, is still done.
func TestOffTheCriticalPath(t *testing.T) {
	s := newShop(8)
	c := suspects.New(s.names)
	for i := range 400 {
		side, slow := suspects.Side(i/200), float64(i/200)*40
		s.spans = s.spans[:0]
		root := s.span(0, "web", "/", model.KindServer, 1e18, 0)
		id := s.spans[root].ID
		a, _, _ := s.call(id, "cart", 1e18+s.ms(1), 1, 12, 0, false)
		b, _, _ := s.call(id, "catalog", 1e18+s.ms(1), 1, 3+slow, 0, false)
		s.spans[root].End = max(a, b) + s.ms(1)
		c.Add(side, model.TraceID{Hi: uint64(side), Lo: s.next}, s.names.Settle(s.spans))
	}
	ranked := c.Rank(0)
	if len(ranked) == 0 || ranked[0].Service != "catalog" {
		t.Fatalf("%+v", ranked)
	}
	for _, s := range ranked {
		if s.Service == "cart" && s.Score > 0 {
			t.Errorf("%s", s.Why())
		}
	}
}
