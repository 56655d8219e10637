package store

import (
	"testing"
	"time"
)

// panicking is an observer with a fault.
type panicking struct{ recorder }

func (*panicking) Arrived([]Arrival) { panic("observer") }

// A panic costs the request in which it happens, wherever that is: whoever catches it can go on with the ring.
func TestPanicCostsOneRequest(t *testing.T) {
	faulty := true
	for name, c := range map[string]struct {
		now      func() time.Time
		observer Observer
		spoil    func(e *encoder)
	}{
		"while it is encoded": {time.Now, nil, func(e *encoder) { e.templates = nil }},
		"while it is published": {func() time.Time {
			if faulty {
				panic("clock")
			}
			return time.Now()
		}, nil, nil},
		"while others are told": {time.Now, new(panicking), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(Options{Encoders: 2, Now: c.now, Observer: c.observer})
			l := newLoad(14)
			faulty = true
			for range 5 {
				request := encode(t, l.request(10))
				if c.spoil != nil {
					c.spoil(r.encoders[len(r.encoders)-1])
				}
				func() {
					defer func() {
						if recover() == nil {
							t.Error("no panic")
						}
					}()
					_, _ = r.Append(request)
				}()
			}
			faulty = false
			var none Observer = new(recorder)
			r.observer.Store(&none)
			if rc := append1(t, r, l.request(10)); rc.Stored != 10 {
				t.Errorf("after it: %+v", rc)
			}
			r.Flush()
			if c := r.Counters(); c.Stored != c.Spans || c.Spans < 10 {
				t.Errorf("%+v", c)
			}
			checkSnapshot(t, r.Snapshot())
		})
	}
}
