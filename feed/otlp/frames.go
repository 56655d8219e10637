package otlp

import "sync"

// How much memory for frames is kept for later ones: a batch of 8,192 spans comes in 240 frames of 16 KB, the
// largest that gRPC senders make.
const (
	smallFrame, mediumFrame, largeFrame = 512, 4 << 10, 16 << 10
	keptFrames                          = 512 // of each size
)

// frames is the memory that gRPC reads frames into. grpc-go's own pool keeps whatever was in use at once until
// it was collected twice, more than 100 MB after 200 large requests, and clears what it hands out.
// Implements mem.BufferPool.
type frames struct{ small, medium, large framesOf }

func newFrames() *frames {
	return &frames{small: framesOf{size: smallFrame}, medium: framesOf{size: mediumFrame}, large: framesOf{size: largeFrame}}
}

// framesOf keeps buffers of one size.
type framesOf struct {
	size int
	mu   sync.Mutex
	free []*[]byte // the last one was used last
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
	if of := f.of(cap(*b)); of != nil && of.size == cap(*b) {
		of.put(b)
	}
}

// of is what keeps buffers for a length, nil where nothing does.
func (f *frames) of(length int) *framesOf {
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

func (f *framesOf) take() *[]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.free); n > 0 {
		b := f.free[n-1]
		f.free = f.free[:n-1]
		return b
	}
	b := make([]byte, f.size)
	return &b
}

func (f *framesOf) put(b *[]byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.free) < keptFrames {
		f.free = append(f.free, b)
	}
}
