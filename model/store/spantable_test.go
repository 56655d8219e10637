package store

import (
	"math/rand/v2"
	"testing"

	"oteltop/model"
)

// A table says what a map says.
func TestSpanTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		table, want := newSpanTable(largeTrace), map[model.SpanID]uint32{}
		for range r.IntN(3000) {
			id := model.SpanID(1 + r.Uint64N(2000)) // in sequence, as some SDKs make them
			if r.IntN(3) == 0 {
				id = model.SpanID(r.Uint64() | 1)
			}
			ref := r.Uint32()
			table.put(id, ref)
			want[id] = ref
		}
		for id, ref := range want {
			if got, ok := table.get(id); !ok || got != ref {
				t.Fatalf("%v is at %d, %v; want %d", id, got, ok, ref)
			}
			if _, ok := want[id+1<<40]; !ok {
				if _, ok := table.get(id + 1<<40); ok {
					t.Fatalf("%v is there", id+1<<40)
				}
			}
		}
		if table.used != len(want) || 3*table.used > 2*len(table.ids) {
			t.Fatalf("%d ids in %d slots, want %d", table.used, len(table.ids), len(want))
		}
		table.clear()
		for id := range want {
			if _, ok := table.get(id); ok {
				t.Fatalf("%v is still there", id)
			}
		}
	}
}
