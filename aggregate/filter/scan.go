package filter

import (
	"context"
	"math/bits"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Matches is what a filter matches in a snapshot. Immutable.
type Matches struct {
	Spans  uint64 // spans that match, as Match counts them
	Traces uint64 // traces with such a span

	traces traceBits // 1 for traces that match
	hits   []bitset  // per segment, the spans that match
}

// Trace reports whether the trace with this index in the snapshot matches.
func (m *Matches) Trace(index uint32) bool { return m.traces.get(index) != 0 }

// Span reports whether the span at place i of segment s of the snapshot matches.
func (m *Matches) Span(s, i int) bool { return m.hits[s].has(i) }

// Scan evaluates the filter over a snapshot. It returns ctx's error when that ends, checked per segment.
//
// Conditions are folded once per class of a segment, attribute values are judged once per dictionary
// code, and what concerns the trace once per trace, so that most spans cost a comparison of numbers.
func (e *Expr) Scan(ctx context.Context, snap store.Snapshot, names store.Names) (*Matches, error) {
	s := newScan(e, snap, names)
	m := &Matches{}
	if len(e.sets) == 1 {
		for i, seg := range s.segments {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			hits := newBitset(seg.Len())
			s.segment(seg, s.plans[0], func(i int, r *store.Record) {
				hits.add(i)
				m.Spans++
				if m.traces.get(r.Trace) == 0 {
					m.traces.set(r.Trace, 1)
					m.Traces++
				}
			})
			s.sets[0][i] = hits
		}
		m.hits = s.sets[0]
		return m, nil
	}
	return m, s.joined(ctx, m)
}

// scan is the state of one evaluation.
type scan struct {
	expr     *Expr
	snap     store.Snapshot
	names    store.Names
	segments []store.Segment
	plans    []*plan
	leaves   []*leaf
	sets     [][]bitset // per set of the expression and segment: the spans of the set

	decoded   model.Span // the last span that a test had to decode
	decodedAt int        // its place in the current segment, -1 for none

	linked request.Trace // scratch of shapeOf
}

func newScan(e *Expr, snap store.Snapshot, names store.Names) *scan {
	s := &scan{expr: e, snap: snap, names: names, segments: snap.Segments()}
	for _, n := range e.sets {
		s.plans = append(s.plans, newPlan(n.cond, &s.leaves))
		s.sets = append(s.sets, make([]bitset, len(s.segments)))
	}
	return s
}

// foldClasses decides a plan for the classes of a segment as far as that goes, and says which are left.
// uniform: all that is left is the same range of durations everywhere.
func foldClasses(seg store.Segment, p *plan) (tests []test, wanted []bool, some, uniform bool) {
	tests, wanted = make([]test, seg.Classes()), make([]bool, seg.Classes())
	uniform = true
	for c := range tests {
		t := p.fold(seg.Class(uint32(c)))
		tests[c], wanted[c] = t, t.kind != testNever
		some = some || wanted[c]
		first := &tests[0]
		uniform = uniform && t.kind == testDuration && t.lo == first.lo && t.hi == first.hi && t.not == first.not
	}
	return tests, wanted, some, uniform
}

// segment calls yield for the spans of a segment that match a plan.
func (s *scan) segment(seg store.Segment, p *plan, yield func(i int, r *store.Record)) {
	tests, wanted, some, uniform := foldClasses(seg, p)
	if !some {
		return
	}
	if uniform { // no need to look at classes
		lo, hi, not := tests[0].lo, tests[0].hi, tests[0].not
		seg.Records(nil, func(i int, r *store.Record) bool {
			if (r.Duration >= lo && r.Duration <= hi) != not {
				yield(i, r)
			}
			return true
		})
		return
	}
	for _, l := range s.leaves {
		l.codes = l.codes[:0]
	}
	s.decodedAt = -1
	seg.Records(wanted, func(i int, r *store.Record) bool {
		switch t := &tests[r.Class]; t.kind { // the usual tests without a call
		case testAlways:
			yield(i, r)
		case testDuration:
			if (r.Duration >= t.lo && r.Duration <= t.hi) != t.not {
				yield(i, r)
			}
		default:
			if s.test(seg, t, i, r) {
				yield(i, r)
			}
		}
		return true
	})
}

// test decides about one span.
func (s *scan) test(seg store.Segment, t *test, i int, r *store.Record) bool {
	switch t.kind {
	case testDuration:
		return (r.Duration >= t.lo && r.Duration <= t.hi) != t.not
	case testAttribute:
		return t.leaf.attributeAt(seg, i, t.pos)
	case testAnd:
		for k := range t.kids {
			if !s.test(seg, &t.kids[k], i, r) {
				return false
			}
		}
		return true
	case testOr:
		for k := range t.kids {
			if s.test(seg, &t.kids[k], i, r) {
				return true
			}
		}
		return false
	case testTrace:
		return s.traceTest(t.leaf, r.Trace)
	case testSpanID:
		return t.leaf.spanID(r, func() model.TraceID {
			info, _ := s.snap.Trace(r.Trace)
			return info.ID
		})
	case testSpan:
		if s.decodedAt != i {
			s.decoded, s.decodedAt = seg.Span(i), i
		}
		return t.leaf.ofSpan(&s.decoded)
	}
	return t.kind == testAlways
}

// attributeAt judges an attribute by its dictionary code, each code once per segment.
func (l *leaf) attributeAt(seg store.Segment, i, pos int) bool {
	code, ok := seg.Code(i, pos)
	if !ok {
		return l.holds(seg.Value(i, pos))
	}
	if len(l.codes) == 0 {
		if n := seg.Codes(); n <= cap(l.codes) {
			l.codes = l.codes[:n]
			clear(l.codes)
		} else {
			l.codes = make([]uint8, n)
		}
	}
	if int(code) >= len(l.codes) { // the segment is still being written
		return l.holds(seg.Decode(code))
	}
	if l.codes[code] == 0 {
		l.codes[code] = verdict(l.holds(seg.Decode(code)))
	}
	return l.codes[code] == verdictYes
}

// traceTest judges what a comparison says about the trace, once per trace.
func (s *scan) traceTest(l *leaf, trace uint32) bool {
	v := l.traces.get(trace)
	if v == 0 {
		info, ok := s.snap.Trace(trace)
		if l.field == fieldShape {
			v = verdict(ok && l.textHolds(request.ShapeName(s.shapeOf(&info))))
		} else {
			v = verdict(ok && l.ofTrace(&info, s.names))
		}
		l.traces.set(trace, v)
	}
	return v == verdictYes
}

// shapeOf links a trace to find its shape: microseconds, where other tests take nanoseconds. A condition on
// the root that stands before it saves most of that.
func (s *scan) shapeOf(info *store.TraceInfo) uint64 {
	s.linked.Load(s.snap, s.names, info)
	return s.linked.Shape()
}

// masks says which sets of the expression have spans, and which of them an outcome is made of.
// members is 0 when a trace with the sets has does not match. Structural operators count as &&, which
// every trace that they match satisfies.
func (n *setNode) members(has uint32) uint32 {
	switch n.op {
	case setSpans:
		return has & (1 << n.index)
	case setNone:
		if k := n.kids[0]; !k.hasBond() && k.members(has) != 0 {
			return 0
		}
		return has & (1 << n.index)
	case setOr:
		all := uint32(0)
		for _, k := range n.kids {
			all |= k.members(has)
		}
		return all
	}
	all := uint32(0)
	for i, k := range n.kids {
		m := k.members(has)
		if m == 0 && (n.op != setOrphan || i > 0) { // the left side of that one may be empty
			return 0
		}
		all |= m
	}
	return all
}

// hasBond reports whether there is a structural operator in an expression: whether a trace has what it asks
// for then takes more than the sets that the trace has.
func (n *setNode) hasBond() bool {
	return n.op == setChild || n.op == setBelow || n.op == setOrphan || slices.ContainsFunc(n.kids, (*setNode).hasBond)
}

// joined evaluates an expression of several sets: the sets by segment, then the traces that have what
// the expression asks for.
func (s *scan) joined(ctx context.Context, m *Matches) error {
	var has [(maxSets + 7) / 8]traceBits
	for i, seg := range s.segments {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.hits = append(m.hits, newBitset(seg.Len()))
		for k, p := range s.plans {
			hits := newBitset(seg.Len())
			s.segment(seg, p, func(i int, r *store.Record) {
				hits.add(i)
				has[k/8].set(r.Trace, has[k/8].get(r.Trace)|1<<(k%8))
			})
			s.sets[k][i] = hits
		}
	}
	members := func(trace uint32) uint32 {
		mask := uint32(0)
		for i := range has {
			mask |= uint32(has[i].get(trace)) << (8 * i)
		}
		return s.expr.root.members(mask)
	}
	if s.expr.bonds {
		return s.structural(ctx, m, members)
	}
	return s.eachHit(ctx, func(seg, i int, r *store.Record, sets uint32) {
		if members(r.Trace)&sets != 0 {
			m.add(seg, i, r.Trace)
		}
	})
}

func (m *Matches) add(seg, i int, trace uint32) {
	m.hits[seg].add(i)
	m.Spans++
	if m.traces.get(trace) == 0 {
		m.traces.set(trace, 1)
		m.Traces++
	}
}

// eachHit calls yield for every span that is in some set, with the sets that it is in.
func (s *scan) eachHit(ctx context.Context, yield func(seg, i int, r *store.Record, sets uint32)) error {
	for at, seg := range s.segments {
		if err := ctx.Err(); err != nil {
			return err
		}
		for w := range newBitset(seg.Len()) {
			word := uint64(0)
			for k := range s.sets {
				word |= s.sets[k][at][w]
			}
			for ; word != 0; word &= word - 1 {
				i := w<<6 + bits.TrailingZeros64(word)
				sets := uint32(0)
				for k := range s.sets {
					if s.sets[k][at].has(i) {
						sets |= 1 << k
					}
				}
				r := seg.Record(i)
				yield(at, i, &r, sets)
			}
		}
	}
	return nil
}
