package demo

import (
	"math/rand/v2"
	"time"

	"oteltop/model"
)

// Large gives the requests of one trace of n spans, for trying out screens: broad and deep, some failed.
func Large(n int, at time.Time) [][]byte {
	o := Options{}.withDefaults()
	t := tracer{o: &o, r: rand.New(rand.NewPCG(1, uint64(n))), begun: at.UnixNano()}
	t.id = model.TraceID{Hi: 1, Lo: uint64(n)}
	root := t.begin(scheduler, 0, model.KindInternal, "large job", at.UnixNano())
	for len(t.spans) < n {
		root.inner("batch", func(f *frame) {
			for range 20 {
				f.http(serviceID(t.r.IntN(int(scheduler))), "POST", "/items/{id}", func(s *frame) int {
					s.query(pgOrders, "SELECT", "items", "SELECT * FROM items WHERE id = ?", ms)
					deeper(s, t.r.IntN(12))
					if t.r.IntN(200) == 0 {
						s.fail("ItemLocked", "item is locked")
						return 500
					}
					return 200
				})
			}
		})
	}
	root.end()
	var out [][]byte
	e := encoder{}
	e.each(t.spans[:n], func(req []byte, _ int) { out = append(out, append([]byte(nil), req...)) })
	return out
}

// deeper nests internal spans.
func deeper(f *frame, levels int) {
	f.inner("step", func(f *frame) {
		f.wait(200 * time.Microsecond)
		if levels > 0 {
			deeper(f, levels-1)
		}
	})
}
