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
		{"one service is full", store.Counters{Operations: 4200, Limits: 65536, Busiest: 4096, BusiestLimit: 4096, Overflowed: [store.NameBounds]uint64{store.OperationsFull: 78, store.NameTooLong: 5}}, 4096, 4096},
		{"all are full", store.Counters{Operations: 65536, Limits: 65536, Busiest: 150, BusiestLimit: 4096, Overflowed: [store.NameBounds]uint64{store.OperationsFull: 78, store.NameTooLong: 5}}, 65536, 65536},
	} {
		found := false
		for _, b := range bounds(&c.k, new(rollup.Counters), logbook.Counters{}) {
			if b.Name != "operations" {
				continue
			}
			found = true
			if b.Used != c.used || b.Max != c.max || b.Lost != c.k.Overflowed[store.OperationsFull] {
				t.Errorf("%s: %+v, want %d of %d", c.name, b, c.used, c.max)
			}
		}
		if !found {
			t.Errorf("%s: no bound", c.name)
		}
	}
}

// TestBoundsOfNames: each bound that names have is shown with what was lost to it alone.
func TestBoundsOfNames(t *testing.T) {
	k := store.Counters{
		Operations: 1, Limits: 2, Services: 3, ServiceLimit: 4, Peers: 5, PeerLimit: 6, LongestName: 7, NameLimit: 8, NameBytes: 9, NameBytesLimit: 10,
		Overflowed: [store.NameBounds]uint64{store.OperationsFull: 11, store.ServicesFull: 12, store.PeersFull: 13, store.NameTooLong: 14, store.NamesFull: 15},
	}
	shown := map[string]Bound{}
	for _, b := range bounds(&k, new(rollup.Counters), logbook.Counters{}) {
		shown[b.Name] = b
	}
	for _, want := range []Bound{
		{"operations", 1, 2, 11}, {"services", 3, 4, 12}, {"peers", 5, 6, 13}, {"name_length_bytes", 7, 8, 14}, {"names_bytes", 9, 10, 15},
	} {
		if shown[want.Name] != want {
			t.Errorf("%+v, want %+v", shown[want.Name], want)
		}
	}
	if k.Overflows() != 11+12+13+14+15 {
		t.Errorf("%d in all", k.Overflows())
	}
}
