package aggregate

import (
	"testing"

	"oteltop/aggregate/rollup"
	"oteltop/model/logbook"
	"oteltop/model/store"
)

// TestBoundOfOperations: what was lost is shown beside the bound that was hit, be it that of one service among few.
func TestBoundOfOperations(t *testing.T) {
	for _, c := range []struct {
		name      string
		k         store.Counters
		used, max int64
	}{
		{"nothing lost", store.Counters{Operations: 200, Limits: 65536, Busiest: 150, BusiestLimit: 4096}, 200, 65536},
		{"one service is full", store.Counters{Operations: 4200, Limits: 65536, Busiest: 4096, BusiestLimit: 4096, Overflowed: 78}, 4096, 4096},
		{"all are full", store.Counters{Operations: 65536, Limits: 65536, Busiest: 150, BusiestLimit: 4096, Overflowed: 78}, 65536, 65536},
	} {
		found := false
		for _, b := range bounds(&c.k, new(rollup.Counters), logbook.Counters{}) {
			if b.Name != "operations" {
				continue
			}
			found = true
			if b.Used != c.used || b.Max != c.max || b.Lost != c.k.Overflowed {
				t.Errorf("%s: %+v, want %d of %d", c.name, b, c.used, c.max)
			}
		}
		if !found {
			t.Errorf("%s: no bound", c.name)
		}
	}
}
