package aggregate

import (
	"testing"
	"time"
)

// An answer that lacks what came last is given again while more arrives, and not once nothing does: on a file that was
// read to its end it would stand there with nothing that tells.
func TestAnswersThatLackTheEndAreMadeAnew(t *testing.T) {
	start := time.Unix(1000, 0)
	m := &Memory{}
	a := &answer{at: generation{stored: 10}, made: start, cost: 4 * time.Second, factor: steadyFactor}
	for _, c := range []struct {
		after  time.Duration
		stored uint64
		want   bool
	}{
		{time.Second, 20, true},
		{8 * time.Second, 20, true},
		{9 * time.Second, 20, false}, // nothing came for twice as long as the answer took
		{10 * time.Second, 30, true}, // more comes
		{17 * time.Second, 30, true},
		{18 * time.Second, 30, false},
		{19 * time.Second, 10, true}, // it lacks nothing
	} {
		now := start.Add(c.after)
		g := generation{stored: c.stored, tick: now.Unix()}
		if got := a.serves(g, now, m.still(g, now)); got != c.want {
			t.Errorf("after %s with %d spans: given again %v", c.after, c.stored, got)
		}
	}
}
