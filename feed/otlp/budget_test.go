package otlp

import "testing"

// What is kept for later requests is bounded, however many came at once.
func TestKeptBuffersAreBounded(t *testing.T) {
	p := buffers{limit: 10 * newBuffer}
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
