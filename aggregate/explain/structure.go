package explain

import (
	"context"
	"math"
	"slices"
	"strings"

	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxPaths bounds the call paths that are told apart, maxCritical the operations on critical paths.
	maxPaths    = 4_096
	maxCritical = 256
	// pathShown is how many operations at the end of a path its text has.
	pathShown = 6
	// perMille is the unit in which shares of the critical path are binned.
	perMille = 1000
	// slightTime is the part of a selected trace's duration below which more time on the critical path is of no account,
	// however sure.
	slightTime = .01
)

// structure is the call paths and critical paths of a sample of the cohorts.
type structure struct {
	names    store.Names
	sizes    [2]int   // traces per cohort
	took     [2]int64 // ns, all of them together
	selected int      // ordinals, as everywhere, of all traces of the cohorts
	all      int
	known    traceSet
	paths    map[uint64]*pathOf
	critical map[uint32]*criticalOf
	dropped  uint64

	spans    []store.Settled
	heads    []model.Head
	tree     model.Tree
	sections []model.Section
	times    []int64
	hashes   []uint64
}

// pathOf is a call path with the traces that have it.
type pathOf struct {
	ops   []uint32 // the last of them, from the root down
	isCut bool     // there are more above
	has   traceSet
	count [2]uint64
}

// criticalOf is what an operation accounts for on the critical paths of traces.
type criticalOf struct {
	share map[int32]int // ordinal → per mille, where it is more than nothing
	count [2]uint64
	ns    [2]int64
}

// lookAtStructure links a sample of both cohorts.
func lookAtStructure(ctx context.Context, snap store.Snapshot, names store.Names, c Cohorts) (*structure, error) {
	n := len(c.Selected) + len(c.Baseline)
	s := &structure{
		names: names, selected: len(c.Selected), all: n, known: newTraceSet(n),
		paths: map[uint64]*pathOf{}, critical: map[uint32]*criticalOf{},
	}
	for side, cohort := range [2][]uint32{c.Selected, c.Baseline} {
		step := max(len(cohort), structureTraces)
		s.sizes[side] = min(len(cohort), structureTraces)
		for i := range s.sizes[side] {
			if i%64 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			at := i
			if step > structureTraces {
				at = i * len(cohort) / structureTraces
			}
			s.look(snap, cohort[at], at+side*len(c.Selected), side)
		}
	}
	return s, nil
}

// look links one trace.
func (s *structure) look(snap store.Snapshot, trace uint32, ordinal, side int) {
	s.known.add(ordinal)
	s.spans = snap.Spans(trace, s.spans[:0])
	s.heads = s.heads[:0]
	for i := range s.spans {
		s.heads = append(s.heads, s.spans[i].Head)
	}
	s.tree.Link(s.heads)
	s.lookAtPaths(ordinal, side)
	root := s.tree.MainRoot()
	if root < 0 {
		return
	}
	duration := s.heads[s.tree.Nodes[root].Span].Duration()
	if duration <= 0 {
		return
	}
	s.sections = model.CriticalPath(s.heads, &s.tree, root, s.sections)
	s.times = model.CriticalTimes(s.sections, len(s.tree.Nodes), s.times)
	s.took[side] += duration
	sums := map[uint32]int64{}
	for i, ns := range s.times {
		if ns > 0 {
			sums[s.heads[s.tree.Nodes[i].Span].Op] += ns
		}
	}
	for op, ns := range sums {
		s.addCritical(op, ordinal, side, ns, int(float64(ns)/float64(duration)*perMille))
	}
}

func (s *structure) addCritical(op uint32, ordinal, side int, ns int64, share int) {
	c := s.critical[op]
	if c == nil {
		if len(s.critical) >= maxCritical {
			s.dropped++
			return
		}
		c = &criticalOf{share: map[int32]int{}}
		s.critical[op] = c
	}
	c.count[side]++
	c.ns[side] += ns
	c.share[int32(ordinal)] = share
}

// lookAtPaths notes the call paths of the linked trace. A span below a missing parent has no path from
// the root, so nothing below one is counted.
func (s *structure) lookAtPaths(ordinal, side int) {
	s.hashes = slices.Grow(s.hashes[:0], len(s.tree.Nodes))[:len(s.tree.Nodes)]
	for i := range s.tree.Nodes {
		n := &s.tree.Nodes[i]
		above := uint64(pathSeed)
		if n.Parent >= 0 {
			above = s.hashes[n.Parent]
		}
		if s.hashes[i] = 0; n.Span < 0 || above == 0 {
			continue
		}
		hash := model.Mix(above, uint64(s.heads[n.Span].Op))
		s.hashes[i] = hash
		p := s.paths[hash]
		if p == nil {
			if len(s.paths) >= maxPaths {
				s.dropped++
				continue
			}
			p = &pathOf{has: newTraceSet(s.all)}
			p.ops, p.isCut = s.opsAbove(i)
			s.paths[hash] = p
		}
		if !p.has.has(ordinal) {
			p.has.add(ordinal)
			p.count[side]++
		}
	}
}

const pathSeed = 0x70617468

// opsAbove are the last operations from the root down to a node: as many as are shown.
func (s *structure) opsAbove(node int) (ops []uint32, isCut bool) {
	for i := int32(node); i >= 0; i = s.tree.Nodes[i].Parent {
		if len(ops) == pathShown {
			isCut = true
			break
		}
		ops = append(ops, s.heads[s.tree.Nodes[i].Span].Op)
	}
	slices.Reverse(ops)
	return ops, isCut
}

// candidates are all comparisons of paths and shares.
func (s *structure) candidates() []*candidate {
	totals := [2]uint64{uint64(s.sizes[0]), uint64(s.sizes[1])}
	var out []*candidate
	for _, p := range s.paths {
		k := s.newCandidate(KeyPath, p.ops[len(p.ops)-1], totals)
		k.Steps, k.IsCut, k.has = s.steps(p), p.isCut, p.has
		k.Value = pathText(k.Steps, p.isCut)
		k.compare(p.count[0], 0, p.count[1], 0)
		out = append(out, k)
	}
	for op, c := range s.critical {
		k := s.newCandidate(KeyCritical, op, totals)
		k.Value = k.Service + " " + k.Operation
		var sides [2]numbers
		for ordinal, share := range c.share {
			side := 0
			if int(ordinal) >= s.selected {
				side = 1
			}
			sides[side].hist.AddBin(numberBin(float64(share)), 1)
		}
		for side := range sides { // on the path of the others for nothing
			sides[side].count = totals[side]
			sides[side].hist.AddBin(zeroBin, int64(totals[side]-c.count[side]))
		}
		k.ranked(&sides[0], &sides[1])
		k.Selected, k.Baseline = c.count[0], c.count[1]
		k.SelectedMedian /= perMille
		k.BaselineMedian /= perMille
		k.SelectedTime, k.BaselineTime = float64(c.ns[0])/float64(totals[0]), float64(c.ns[1])/float64(totals[1])
		k.isSlight = math.Abs(k.SelectedTime-k.BaselineTime) < slightTime*float64(s.took[0])/float64(totals[0])
		k.share = c.share
		out = append(out, k)
	}
	return out
}

// mark notes which traces have each of the candidates that are shares; paths have been noted.
func (s *structure) mark(ks []*candidate) {
	for _, k := range ks {
		if k.share == nil {
			continue
		}
		k.has = newTraceSet(s.all)
		for i := range s.all {
			if s.known.has(i) && k.beyond(numberBin(float64(k.share[int32(i)]))) {
				k.has.add(i)
			}
		}
	}
}

func (s *structure) newCandidate(key string, op uint32, totals [2]uint64) *candidate {
	k := &candidate{origin: fromStructure, known: s.known}
	o := s.names.Operation(op)
	k.Scope, k.Key, k.Service, k.Operation, k.Kind = ScopeTrace, key, o.ServiceName, o.Name, o.Kind
	k.SelectedTotal, k.BaselineTotal = totals[0], totals[1]
	return k
}

// steps names the operations of a path.
func (s *structure) steps(p *pathOf) []Step {
	var out []Step
	for _, op := range p.ops {
		o := s.names.Operation(op)
		out = append(out, Step{o.ServiceName, o.Name})
	}
	return out
}

// pathText writes a path.
func pathText(steps []Step, isCut bool) string {
	var parts []string
	if isCut {
		parts = append(parts, "…")
	}
	for _, s := range steps {
		parts = append(parts, s.Service+" "+s.Operation)
	}
	return strings.Join(parts, " → ")
}
