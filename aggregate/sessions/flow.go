package sessions

import (
	"context"

	"oteltop/model"
	"oteltop/model/store"
)

// flows joins traces that links connect, directly or through others: union-find with path halving.
type flows struct {
	parent []int32 // by trace
	size   []int32
}

func newFlows(n int) *flows {
	f := &flows{make([]int32, n), make([]int32, n)}
	for i := range f.parent {
		f.parent[i], f.size[i] = int32(i), 1
	}
	return f
}

func (f *flows) of(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f *flows) join(a, b int32) {
	a, b = f.of(a), f.of(b)
	if a == b {
		return
	}
	if f.size[a] < f.size[b] {
		a, b = b, a
	}
	f.parent[b] = a
	f.size[a] += f.size[b]
}

// read joins the traces of a snapshot by their links. Only spans of classes with rare fields can have any.
func (f *flows) read(ctx context.Context, snap store.Snapshot, traces []store.TraceInfo, index ordinals) error {
	may := make([]bool, len(traces))
	for _, s := range snap.Segments() {
		if err := ctx.Err(); err != nil {
			return err
		}
		classes, some := make([]bool, s.Classes()), false
		for c := range classes {
			classes[c] = s.Class(uint32(c)).Extra
			some = some || classes[c]
		}
		if !some {
			continue
		}
		s.Records(classes, func(_ int, r *store.Record) bool {
			if t, ok := index.of(r.Trace); ok {
				may[t] = true
			}
			return true
		})
	}
	byID := map[model.TraceID]int32{}
	for i := range traces {
		byID[traces[i].ID] = int32(i)
	}
	var spans []store.Settled
	for i := range traces {
		if !may[i] {
			continue
		}
		spans = snap.Spans(traces[i].Index, spans[:0])
		for k := range spans {
			for _, l := range spans[k].Links {
				if to, ok := byID[l.Trace]; ok {
					f.join(int32(i), to)
				}
			}
		}
	}
	return ctx.Err()
}
