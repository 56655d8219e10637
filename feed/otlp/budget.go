package otlp

import "sync/atomic"

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

// fits reports whether n bytes are there now; it takes none.
func (b *budget) fits(n int64) bool { return b.used.Load()+n <= b.limit }

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
