package otlp

import (
	"sync"
	"sync/atomic"
)

// budget bounds the bytes of all requests that are being handled, as they came and decompressed.
type budget struct {
	limit int64
	used  *atomic.Int64 // Intake.InFlight
}

// lease is one request's share of the budget. It belongs to the goroutine that handles the request.
type lease struct {
	budget *budget
	held   int64
}

func (b *budget) lease() lease { return lease{budget: b} }

// add takes n more bytes and reports whether they were there; if not, nothing changes.
func (l *lease) add(n int64) bool {
	if l.budget.used.Add(n) > l.budget.limit {
		l.budget.used.Add(-n)
		return false
	}
	l.held += n
	return true
}

// cover makes the share at least n bytes.
func (l *lease) cover(n int64) bool { return n <= l.held || l.add(n-l.held) }

// give gives n bytes back.
func (l *lease) give(n int64) {
	l.budget.used.Add(-n)
	l.held -= n
}

// release gives everything back.
func (l *lease) release() {
	l.budget.used.Add(-l.held)
	l.held = 0
}

// Buffers of usual requests are kept for the next one. A batch of 512 spans takes 240 KB; a buffer as
// large as the size limit allows would pin memory for one request that was unusual.
const (
	newBuffer     = 64 << 10
	largestPooled = 8 << 20
)

// buffers recycles the memory that requests are decompressed and transcoded into.
type buffers struct{ pool sync.Pool }

// take returns an empty buffer; hand the same pointer to put, with the slice grown as it may be.
func (p *buffers) take() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, newBuffer)
	return &b
}

func (p *buffers) put(b *[]byte) {
	if cap(*b) > largestPooled {
		return
	}
	*b = (*b)[:0]
	p.pool.Put(b)
}
