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
	for _, of := range []*buffers{&f.small, &f.medium, &f.large} {
		if len(of.free) > keptFrames {
			t.Errorf("%d buffers of %d bytes are kept", len(of.free), of.fresh)
		}
	}
}

// What is kept for later requests is bounded, however many came at once.
func TestKeptBuffersAreBounded(t *testing.T) {
	p := buffers{fresh: newBuffer, limit: 10 * newBuffer}
	var taken []*[]byte
	for range 50 {
		taken = append(taken, p.take())
	}
	large := make([]byte, 0, 11*newBuffer)
	p.put(&large)
	for _, b := range taken {
		*b = append(*b, 1)
		p.put(b)
	}
	if len(p.free) != 10 || p.kept != p.limit {
		t.Errorf("%d buffers of %d bytes are kept", len(p.free), p.kept)
	}
	for range 20 {
		if b := p.take(); len(*b) != 0 || cap(*b) != newBuffer {
			t.Errorf("a buffer of %d bytes, %d in use", cap(*b), len(*b))
		}
	}
	if p.kept != 0 {
		t.Errorf("%d bytes kept of none", p.kept)
	}
}
