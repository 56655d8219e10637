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

// Buffers of usual requests are kept for the next one, up to a share of the budget together: a sync.Pool kept
// hundreds of megabytes of buffers after 200 large requests at once, until it was collected twice. A batch of
// 512 spans takes 240 KB, one of 8,192 4 MB.
const (
	newBuffer   = 64 << 10
	keptBuffers = 8 // 1/8 of the budget
)

// buffers recycles the memory that requests are decompressed and transcoded into.
type buffers struct {
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
	b := make([]byte, 0, newBuffer)
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
