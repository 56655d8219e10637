package explain

import (
	"context"

	"oteltop/model/store"
)

// place is where a span stands: the segment in the snapshot and the index there.
type place struct{ segment, index uint32 }

// gathered is the spans of the cohorts, trace by trace. Traces have ordinals: the selected ones first,
// then the baseline's.
type gathered struct {
	selected int // ordinals below are of the selected cohort
	first    []uint32
	places   []place // those of trace t are places[first[t]:first[t+1]]
	classes  []uint32
}

// traces is how many there are.
func (g *gathered) traces() int { return len(g.first) - 1 }

// side is 0 for the selected cohort, 1 for the baseline.
func (g *gathered) side(ordinal int) int {
	if ordinal < g.selected {
		return 0
	}
	return 1
}

// gather finds the spans of the cohorts in two passes over the records: the first counts, the second
// places. Traces are spread over segments, and everything that follows counts by trace.
func gather(ctx context.Context, snap store.Snapshot, c Cohorts) (*gathered, error) {
	g := &gathered{selected: len(c.Selected)}
	largest := uint32(0)
	for _, cohort := range [2][]uint32{c.Selected, c.Baseline} {
		for _, t := range cohort {
			largest = max(largest, t)
		}
	}
	ordinal := make([]int32, largest+1) // 1 + the ordinal of a trace, 0 for traces of neither cohort
	for i, t := range c.Selected {
		ordinal[t] = int32(i) + 1
	}
	for i, t := range c.Baseline {
		ordinal[t] = int32(len(c.Selected)+i) + 1
	}
	g.first = make([]uint32, len(c.Selected)+len(c.Baseline)+1)
	err := eachMember(ctx, snap, ordinal, func(o int32, _ place, _ uint32) { g.first[o]++ })
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(g.first); i++ {
		g.first[i] += g.first[i-1]
	}
	at := make([]uint32, len(g.first)-1)
	copy(at, g.first)
	g.places = make([]place, g.first[len(g.first)-1])
	g.classes = make([]uint32, len(g.places))
	err = eachMember(ctx, snap, ordinal, func(o int32, p place, class uint32) {
		g.places[at[o-1]], g.classes[at[o-1]] = p, class
		at[o-1]++
	})
	return g, err
}

// eachMember calls yield with every span of a cohort. A snapshot does not change, so two passes agree.
func eachMember(ctx context.Context, snap store.Snapshot, ordinal []int32, yield func(ordinal int32, p place, class uint32)) error {
	for s, seg := range snap.Segments() {
		if err := ctx.Err(); err != nil {
			return err
		}
		seg.Records(nil, func(i int, r *store.Record) bool {
			if int(r.Trace) < len(ordinal) {
				if o := ordinal[r.Trace]; o != 0 {
					yield(o, place{uint32(s), uint32(i)}, r.Class)
				}
			}
			return true
		})
	}
	return nil
}
