package otlp

import "sync"

// buffers recycles memory, up to a bound: a sync.Pool kept hundreds of megabytes after 200 large requests at once,
// until it was collected twice. Safe for concurrent use.
type buffers struct {
	fresh int   // capacity of a new one
	limit int64 // bytes kept

	mu   sync.Mutex
	free []*[]byte // the last one was used last
	kept int64
}

// take returns an empty buffer; hand the same pointer to put, with the slice grown as it may be.
func (p *buffers) take() *[]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		b := p.free[n-1]
		p.free[n-1], p.free = nil, p.free[:n-1]
		p.kept -= int64(cap(*b))
		return b
	}
	b := make([]byte, 0, p.fresh)
	return &b
}

func (p *buffers) put(b *[]byte) {
	*b = (*b)[:0]
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := int64(cap(*b)); p.kept+n <= p.limit {
		p.free, p.kept = append(p.free, b), p.kept+n
	}
}

// Requests are decompressed and transcoded into buffers that are kept for the next one: a batch of 512 spans takes
// 240 KB, one of 8,192 4 MB.
const (
	newBuffer   = 64 << 10
	keptBuffers = 8 // 1/8 of the budget
)

// How much memory for frames is kept for later ones: a batch of 8,192 spans comes in 240 frames of 16 KB, the
// largest that gRPC senders make.
const (
	smallFrame, mediumFrame, largeFrame = 512, 4 << 10, 16 << 10
	keptFrames                          = 512 // of each size
)

// frames is the memory that gRPC reads frames into. grpc-go's own pool keeps what a sync.Pool keeps, and clears what
// it hands out. Implements mem.BufferPool.
type frames struct{ small, medium, large buffers }

func newFrames() *frames {
	of := func(size int) buffers { return buffers{fresh: size, limit: int64(keptFrames * size)} }
	return &frames{small: of(smallFrame), medium: of(mediumFrame), large: of(largeFrame)}
}

// Get implements mem.BufferPool. What the buffer holds is undefined.
func (f *frames) Get(length int) *[]byte {
	of := f.of(length)
	if of == nil {
		b := make([]byte, length)
		return &b
	}
	b := of.take()
	*b = (*b)[:length]
	return b
}

// Put implements mem.BufferPool.
func (f *frames) Put(b *[]byte) {
	if of := f.of(cap(*b)); of != nil && of.fresh == cap(*b) {
		of.put(b)
	}
}

// of is what keeps buffers for a length, nil where nothing does.
func (f *frames) of(length int) *buffers {
	switch {
	case length <= smallFrame:
		return &f.small
	case length <= mediumFrame:
		return &f.medium
	case length <= largeFrame:
		return &f.large
	}
	return nil
}
