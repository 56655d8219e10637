package model_test

import (
	"testing"

	"oteltop/model/modeltest"
)

// The cases of jaeger-ui's computation of self time (jaegertracing/jaeger-ui, compute-span-self-time.test.ts), and of
// work that nobody waits for, which is not taken off.
func TestSelfTimesOfJaeger(t *testing.T) {
	for name, c := range map[string]struct {
		children string
		want     int64 // ms, of a span from 0 to 100
	}{
		"a leaf":                      {"", 100},
		"a child":                     {"s a internal 10..50", 60},
		"two in turn":                 {"s a internal 10..30\n  s b internal 50..70", 60},
		"two at once":                 {"s a internal 10..60\n  s b internal 30..80", 30},
		"one that goes on":            {"s a internal 50..150", 50},
		"one that begins after":       {"s a internal 120..150", 100},
		"one within another":          {"s a internal 10..70\n  s b internal 20..50", 40},
		"one as long":                 {"s a internal 0..100", 0},
		"two from the start":          {"s a internal 0..60\n  s b internal 0..120", 0},
		"three, of which two overlap": {"s a internal 10..40\n  s b internal 30..60\n  s c internal 70..90", 30},
		"one around it":               {"s a internal -10..200", 0},
		"what takes its message":      {"s a internal 10..30\n  t b consumer 20..90", 80},
	} {
		tr := modeltest.Trace(t, "s root producer 0..100\n  "+c.children)
		for i, n := range tr.Tree.Nodes {
			if tr.Spans[n.Span].Name == "root" && tr.Self[i] != c.want*1e6 {
				t.Errorf("%s: %d ns, want %d ms", name, tr.Self[i], c.want)
			}
		}
	}
}
