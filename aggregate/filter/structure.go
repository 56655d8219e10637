package filter

import (
	"context"

	"oteltop/model"
	"oteltop/model/store"
)

// maxGathered bounds the spans that are held while structural operators are decided: with more
// candidates the traces are done in several rounds (48 bytes a span, so some 50 MB).
const maxGathered = 1 << 20

// spanKey identifies a span within its trace by what a record and a settled span both have. Spans that
// agree in all of it are taken as one.
type spanKey struct {
	id, parent      model.SpanID
	start, duration int64
	op              uint32
}

// gathered is a span of some set.
type gathered struct {
	spanKey
	seg, place int
	sets       uint32
}

// structural decides parents and ancestors: candidate traces, which have spans in all the sets that they
// need, are linked, and nothing else is.
func (s *scan) structural(ctx context.Context, m *Matches, members func(trace uint32) uint32) error {
	candidates := 0
	err := s.eachHit(ctx, func(_, _ int, r *store.Record, _ uint32) {
		if members(r.Trace) != 0 {
			candidates++
		}
	})
	rounds := uint32(candidates/maxGathered + 1)
	linker := linker{scan: s}
	for round := uint32(0); err == nil && round < rounds; round++ {
		byTrace := map[uint32][]gathered{}
		err = s.eachHit(ctx, func(seg, i int, r *store.Record, sets uint32) {
			if r.Trace%rounds != round || members(r.Trace) == 0 {
				return
			}
			op := s.segments[seg].Class(r.Class).Op
			key := spanKey{r.ID, r.Parent, r.Start, r.Duration, op}
			byTrace[r.Trace] = append(byTrace[r.Trace], gathered{key, seg, i, sets})
		})
		n := 0
		for trace, spans := range byTrace {
			if n++; n%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			linker.decide(trace, spans, m)
		}
	}
	return err
}

// linker links candidate traces; its memory is kept from one to the next.
type linker struct {
	scan    *scan
	settled []store.Settled
	heads   []model.Head
	tree    model.Tree
	parent  []int
}

// decide adds the spans of one trace that match.
func (l *linker) decide(trace uint32, spans []gathered, m *Matches) {
	l.settled = l.scan.snap.Spans(trace, l.settled[:0])
	l.heads, l.parent = l.heads[:0], l.parent[:0]
	where := make(map[spanKey]int, len(l.settled))
	for i := range l.settled {
		h := l.settled[i].Head
		l.heads = append(l.heads, h)
		l.parent = append(l.parent, -1)
		where[spanKey{h.ID, h.Parent, h.Start, h.Duration(), h.Op}] = i
	}
	l.tree.Link(l.heads)
	for _, n := range l.tree.Nodes {
		if n.Span >= 0 && n.Parent >= 0 && l.tree.Nodes[n.Parent].Span >= 0 {
			l.parent[n.Span] = int(l.tree.Nodes[n.Parent].Span)
		}
	}
	sets := make([]uint32, len(l.heads))
	for _, g := range spans {
		if i, ok := where[g.spanKey]; ok {
			sets[i] |= g.sets
		}
	}
	hits := l.set(l.scan.expr.root, sets)
	for _, g := range spans {
		if i, ok := where[g.spanKey]; ok && hits[i] {
			m.add(g.seg, g.place, trace)
		}
	}
}

// set is matcher.set over spans whose simple sets are known.
func (l *linker) set(n *setNode, sets []uint32) []bool {
	if n.op == setSpans {
		hits := make([]bool, len(sets))
		for i, mask := range sets {
			hits[i] = mask&(1<<n.index) != 0
		}
		return hits
	}
	sides := make([][]bool, len(n.kids))
	for i, k := range n.kids {
		sides[i] = l.set(k, sets)
	}
	return combine(n.op, sides, l.parent)
}
