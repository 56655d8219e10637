package otlp

import "testing"

func TestFrames(t *testing.T) {
	f := newFrames()
	for _, length := range []int{0, 1, smallFrame, smallFrame + 1, mediumFrame, largeFrame, largeFrame + 1, 1 << 20} {
		var all []*[]byte
		for range 2 * keptFrames {
			b := f.Get(length)
			if len(*b) != length {
				t.Fatalf("%d bytes, want %d", len(*b), length)
			}
			all = append(all, b)
		}
		seen := map[*[]byte]bool{}
		for _, b := range all {
			if seen[b] {
				t.Fatalf("a buffer of %d bytes is in use twice", length)
			}
			seen[b] = true
			*b = (*b)[:length/2] // gRPC gives back a prefix
			f.Put(b)
		}
		if again := f.Get(length); seen[again] != (length <= largeFrame) || len(*again) != length {
			t.Errorf("a buffer of %d bytes is kept: %v", length, seen[again])
		}
	}
	for _, of := range []*framesOf{&f.small, &f.medium, &f.large} {
		if len(of.free) > keptFrames {
			t.Errorf("%d buffers of %d bytes are kept", len(of.free), of.size)
		}
	}
}
