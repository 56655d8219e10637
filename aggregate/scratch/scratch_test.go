package scratch

import (
	"slices"
	"testing"
)

func TestResized(t *testing.T) {
	kept := []int{1, 2, 3, 4}
	for _, n := range []int{0, 3, 4} {
		if got := Resized(kept[:2], n); len(got) != n || n > 0 && &got[0] != &kept[0] {
			t.Errorf("%d of %d: not in the same memory: %v", n, cap(kept), got)
		}
		if got := Cleared(slices.Clone(kept)[:1], n); len(got) != n || !slices.Equal(got, make([]int, n)) {
			t.Errorf("%d cleared: %v", n, got)
		}
	}
	larger := Resized(kept, 10)
	if len(larger) != 10 || cap(larger) < 15 || &larger[0] == &kept[0] {
		t.Errorf("%d elements with room for %d, want 10 in memory with room to spare", len(larger), cap(larger))
	}
	if got := Cleared([]int(nil), 3); !slices.Equal(got, []int{0, 0, 0}) {
		t.Errorf("from nothing: %v", got)
	}
}
