package ui

import "testing"

// Figures of the status line never touch the words beside them, and how far back the ring goes is not taken for
// what was kept of the window.
func TestStatusLineKeepsFiguresApart(t *testing.T) {
	e := newFake()
	e.status.RingSeconds = 672
	s := start(e, 200, 40)
	s.mustShow(t, "11m12s in ring")
	e.status.RingSeconds = 0.2
	s.tick()
	s.mustShow(t, " 0s in ring")
	e.status.RingSeconds, e.status.Evicted = 26*3600+60*5, 999_500_000
	s.tick()
	s.mustShow(t, " 1d02h in ring", "1.00G evicted")
}
