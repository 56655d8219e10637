package model_test

import (
	"strings"
	"testing"

	"oteltop/model/modeltest"
)

// The traces of jaeger-ui's statistics of a trace (tableValuesTestTrace), drawn by their times: something is sent, and
// what it calls ends in time, too late, or begins when it is over. The children's own times are whole.
func TestSelfTimesOfWhatIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		length   string
		children string
		want     int64 // µs, of the first span
	}{
		"one that outlasts it, around another":     {"36us", "3us..43us 5us..13us", 3},
		"one in time, two when it is over":         {"40us", "15us..25us 100us..400us 200us..300us", 30},
		"three that overlap in a row":              {"36us", "3us..15us 9us..17us 13us..19us", 20},
		"one in time, one when it is over":         {"36us", "3us..13us 1517us..80458us", 26},
		"one when it is over":                      {"40us", "100us..400us", 40},
		"one when it is over, a thousand times it": {"36us", "1340us..80522us", 36},
		"two that overlap, and a longer one":       {"36us", "3us..13us 9us..17us 16us..34us", 5},
		"two that begin with it":                   {"36us", "0us..79182us 0us..12us", 0},
	} {
		drawing := "one send producer 0.." + c.length
		children := strings.Fields(c.children)
		for _, times := range children {
			drawing += "\n  two task client " + times
		}
		tr := modeltest.Trace(t, drawing)
		if len(tr.Spans) != len(children)+1 || tr.Self[tr.Root] != c.want*1e3 {
			t.Errorf("%s: %d ns of %d spans, want %d µs", name, tr.Self[tr.Root], len(tr.Spans), c.want)
		}
		for i, node := range tr.Tree.Nodes {
			if h := tr.Heads[node.Span]; int32(i) != tr.Root && tr.Self[i] != h.Duration() {
				t.Errorf("%s: a child has %d of %d ns", name, tr.Self[i], h.Duration())
			}
		}
	}
}
