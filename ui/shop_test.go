// The shop of the demo behind a real engine, on a clock of the test.

package ui

import (
	"sync"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/feed/demo"
	"oteltop/model"
	"oteltop/model/store"
)

// shop is the real engine over the traces of the demo's web shop, on a clock that only tests move.
type shop struct {
	*aggregate.Memory
	ring    *store.Ring
	rollups *rollup.Rollup
	options demo.Options
	now     time.Time // everything before it has arrived
}

// arrivals completes the ring's observer after the ring was made: they need each other.
type arrivals struct{ *rollup.Rollup }

// newShop has received the traces of a while up to epoch. rate is in traces per second.
func newShop(tb testing.TB, rate float64, while time.Duration) *shop {
	tb.Helper()
	s := newShopOf(demo.Options{Rate: rate, Seed: 7}, epoch.Add(-while))
	s.advance(tb, while)
	return s
}

// stillShop is a shop in which nothing happens any more, for tests that only look: it is the same for all of them, and
// answers what was asked before without a look at its requests.
func stillShop(tb testing.TB) *shop {
	tb.Helper()
	onlyShop.Do(func() { onlyShop.shop = newShop(tb, 40, 2*time.Minute) })
	return onlyShop.shop
}

var onlyShop struct {
	sync.Once
	*shop
}

// newShopOf is a shop that begins at a time.
func newShopOf(o demo.Options, from time.Time) *shop {
	s := &shop{options: o, now: from}
	clock := func() time.Time { return s.now }
	obs := &arrivals{}
	s.ring = store.New(store.Options{Budget: 128 << 20, Encoders: 1, Observer: obs, Now: clock})
	s.rollups = rollup.New(rollup.Options{Names: s.ring.Names(), Find: s.ring.Find, Now: clock})
	obs.Rollup = s.rollups
	s.Memory = aggregate.NewMemory(s.ring, s.rollups, new(model.Intake), aggregate.MemoryOptions{Live: true, Now: clock})
	return s
}

// advance moves the clock; what the shop did meanwhile has arrived and settled.
func (s *shop) advance(tb testing.TB, by time.Duration) {
	tb.Helper()
	for end := s.now.Add(by); s.now.Before(end); {
		to := s.now.Add(min(time.Second, end.Sub(s.now)))
		for _, req := range demo.Generate(s.options, s.now, to) {
			if r, err := s.ring.Append(req); err != nil || r.RefusedTotal() > 0 {
				tb.Fatalf("refused %v: %v", r.Refused, err)
			}
		}
		s.now = to
		s.ring.Flush()
	}
}
