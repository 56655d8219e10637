package otlp

import "sync/atomic"

// budget bounds the bytes of all requests that are being handled, as they came and decompressed.
type budget struct {
	limit int64
	used  *atomic.Int64 // Intake.InFlight
	// makeRoom makes one who stalls give way, and says whether there was one. Nil where nobody has to.
	makeRoom func() bool
}

// lease is one request's share of the budget. It belongs to the goroutine that handles the request, but for release:
// whoever makes the request give way may call it at any time.
type lease struct {
	budget *budget
	held   atomic.Int64 // less than 0 for an instant when it is released meanwhile
}

func (b *budget) lease() lease { return lease{budget: b} }

// fits reports whether n bytes are there now, or can be; it takes none.
func (b *budget) fits(n int64) bool {
	for b.used.Load()+n > b.limit {
		if !b.canMakeRoom(n) {
			return false
		}
	}
	return true
}

// canMakeRoom makes room for n bytes, or some of it, unless there is none to be made.
func (b *budget) canMakeRoom(n int64) bool { return n <= b.limit && b.makeRoom != nil && b.makeRoom() }

// add takes n more bytes and reports whether they were there, or could be; if not, nothing changes.
func (l *lease) add(n int64) bool {
	for l.budget.used.Add(n) > l.budget.limit {
		l.budget.used.Add(-n)
		if !l.budget.canMakeRoom(l.held.Load() + n) {
			return false
		}
	}
	l.held.Add(n)
	return true
}

// cover makes the share at least n bytes.
func (l *lease) cover(n int64) bool {
	held := l.held.Load()
	return n <= held || l.add(n-held)
}

// give gives n bytes back.
func (l *lease) give(n int64) {
	l.budget.used.Add(-n)
	l.held.Add(-n)
}

// release gives everything back.
func (l *lease) release() { l.budget.used.Add(-l.held.Swap(0)) }
