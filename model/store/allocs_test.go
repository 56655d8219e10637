package store

import (
	"testing"

	"oteltop/model/modeltest"
)

// Warm, a request costs a few allocations, whatever the number of its spans.
func TestAppendAllocations(t *testing.T) {
	modeltest.OneGoroutine(t)
	r := New(Options{Encoders: 1})
	l := newLoad(13)
	reqs := make([][]byte, 300)
	for i := range reqs {
		reqs[i] = encode(t, l.request(512))
	}
	next := 0
	step := func() {
		if _, err := r.Append(reqs[next]); err != nil {
			t.Fatal(err)
		}
		next++
	}
	for next < 100 {
		step()
	}
	if n := testing.AllocsPerRun(150, step); n > 80 {
		t.Errorf("%.0f allocations for a request of 512 spans", n)
	}
}
