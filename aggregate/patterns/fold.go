package patterns

import (
	"cmp"
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// cellKey is a caller's operation and what it calls.
type cellKey struct{ caller, print uint32 }

// cell counts how often callers of one operation make calls with one fingerprint.
type cell struct {
	calls counts      // per caller that makes any
	grow  stats.Pairs // calls, and how long the caller takes
}

// placeKey is where a pattern occurs: what is used of it depends on the kind. path is the fingerprints of a chain,
// the services of a cycle, or two regions and the operation that is called, by number.
type placeKey struct {
	kind   Kind
	caller uint32
	print  uint32
	path   string
}

// Fold counts the patterns of traces. Not safe for concurrent use.
type Fold struct {
	names    store.Names
	peerName func(*store.Settled) string
	reader   *reader
	cells    map[cellKey]*cell
	places   map[placeKey]*tally
	callers  map[uint32]*tally // requests with the operation, by caller; only requests and seen are used
	depth    Depth
	regions  regions
	traces   uint64
	dropped  uint64

	// Of the trace that is being looked at.
	calls   []call
	prefix  []int64 // prefix[i]: time of nodes before i on the critical path
	hasPath bool
	least   int64 // what a pattern has to cost
	states  []state
	touched []uint32
	next    []int // by call of one caller: the next one with its fingerprint
	scratch []call
	ends    []int64
	walk    walk
	pending map[placeKey]*occurrence
}

// New returns an empty fold. peerName is how the map names the peer of an exit span.
func New(names store.Names, peerName func(*store.Settled) string) *Fold {
	return &Fold{
		names: names, peerName: peerName, reader: newReader(names), cells: map[cellKey]*cell{}, places: map[placeKey]*tally{}, callers: map[uint32]*tally{},
		pending: map[placeKey]*occurrence{}, regions: newRegions(),
	}
}

// Fold looks at a trace.
func (f *Fold) Fold(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	f.traces++
	f.hasPath = false
	f.least = max(matters, t.Duration()/matterShare)
	f.gather(t)
	for from := 0; from < len(f.calls); {
		to := from + 1
		for to < len(f.calls) && f.calls[to].caller == f.calls[from].caller {
			to++
		}
		f.caller(t, f.calls[from:to])
		from = to
	}
	f.repeats(t)
	f.descend(t)
	f.hops(t)
	for k, o := range f.pending {
		o.matters = o.critical >= f.least
		bounded.Entry(f.places, k, maxPlaces, &f.dropped).add(f.traces, o)
	}
	clear(f.pending)
}

// gather finds the calls of a trace and who makes them, in order of caller, then time.
func (f *Fold) gather(t *request.Trace) {
	f.calls = f.calls[:0]
	nodes := t.Tree.Nodes
	sorted := true
	for i := range nodes {
		s := t.Span(int32(i))
		if s == nil || s.Kind != model.KindClient {
			continue
		}
		caller := t.Parent(int32(i))
		for caller >= 0 && isInner(t.Span(caller).Kind) {
			up := t.Parent(caller)
			if up < 0 {
				break
			}
			caller = up
		}
		if caller < 0 {
			continue // who made it is not known
		}
		c := f.reader.call(t, int32(i))
		c.caller = caller
		if c.print == 0 {
			continue
		}
		if n := len(f.calls); n > 0 && compareCalls(f.calls[n-1], c) > 0 {
			sorted = false
		}
		f.calls = append(f.calls, c)
	}
	if !sorted {
		slices.SortFunc(f.calls, compareCalls)
	}
}

func isInner(k model.Kind) bool { return k == model.KindInternal || k == model.KindUnspecified }

func compareCalls(a, b call) int {
	return cmp.Or(cmp.Compare(a.caller, b.caller), cmp.Compare(a.start, b.start), cmp.Compare(a.node, b.node))
}

// caller looks at the calls of one caller, in order of time.
func (f *Fold) caller(t *request.Trace, calls []call) {
	op := t.Span(calls[0].caller).Op
	if c := bounded.Entry(f.callers, op, maxPlaces, &f.dropped); c.seen != f.traces {
		c.seen = f.traces
		c.requests++
	}
	f.runs(t, calls)
	f.chains(t, calls)
	lasts := float64(t.Span(calls[0].caller).Duration())
	for _, p := range f.touched {
		s := &f.states[p]
		c := bounded.Entry(f.cells, cellKey{op, p}, maxCells, &f.dropped)
		c.calls.add(s.calls)
		c.grow.Add(t.ID.Hi^t.ID.Lo+uint64(calls[0].caller), float64(s.calls), lasts)
		if s.calls >= burstLeast {
			f.burst(t, calls, p)
		}
	}
}

// critical is the time that a node and what is below it are on the critical path, ns.
func (f *Fold) critical(t *request.Trace, node int32) int64 {
	if !f.hasPath {
		f.hasPath = true
		f.prefix = append(f.prefix[:0], 0)
		for _, own := range t.Critical() {
			f.prefix = append(f.prefix, f.prefix[len(f.prefix)-1]+own)
		}
	}
	return f.prefix[t.Tree.Nodes[node].End] - f.prefix[node]
}

// report counts an occurrence of a pattern among calls of one caller.
func (f *Fold) report(t *request.Trace, k placeKey, first, last int32, o *occurrence) {
	o.root, o.example = t.Duration(), example{trace: t.ID, span: t.Span(first).ID, within: within(t, first, last)}
	bounded.Entry(f.places, k, maxPlaces, &f.dropped).add(f.traces, o)
}

// collect counts an occurrence of a pattern of which a trace may have many, in different parts of it: they count
// as one.
func (f *Fold) collect(t *request.Trace, k placeKey, node int32, o occurrence) {
	o.root, o.example = t.Duration(), example{trace: t.ID, span: t.Span(node).ID, cost: max(o.critical, 0)}
	all := f.pending[k]
	if all == nil {
		f.pending[k] = &o
		return
	}
	all.calls += o.calls
	all.width = max(all.width, o.width)
	all.time, all.critical, all.save = bounded.Sum(all.time, o.time), bounded.Sum(all.critical, o.critical), bounded.Sum(all.save, o.save)
	if compareExamples(o.example, all.example) < 0 {
		all.example = o.example
	}
}

// within is the operation of the innermost span that holds two nodes.
func within(t *request.Trace, first, last int32) uint32 {
	first, last = min(first, last), max(first, last)
	up := t.Parent(first)
	for up >= 0 && last >= t.Tree.Nodes[up].End {
		up = t.Parent(up)
	}
	if up < 0 {
		return 0
	}
	return t.Span(up).Op
}
