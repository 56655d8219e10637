package dependencies

import (
	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxRelated bounds the services, peers and operations that are told apart as callers or callees, and
	// maxByCaller the pairs of a callee and the caller that caused its calls: some 10 MB at most.
	maxRelated  = 4096
	maxByCaller = 8192
	// maxVisits bounds the work on one trace: a chain of focal calls within focal calls would take time that
	// grows with its square. Focal calls beyond are counted as Uncounted.
	maxVisits = 1 << 20
)

// Focal is what callers and callees are asked of.
type Focal struct {
	// Name is a service, or a peer that sends no spans. Its calls are focal.
	Name string
	// Operations, where not nil, are of that service; only their spans are focal, of whatever kind.
	Operations map[uint32]struct{}
}

// related is a caller or callee: a service or peer (op 0), or one of its operations.
type related struct {
	name, op uint32
}

// relative is what is counted of a caller or a callee of the focal calls.
type relative struct {
	calls    uint64 // each once
	errors   uint64
	direct   uint64 // of calls, those with no other call between
	traces   uint64
	distance int32 // least
	farthest int32
	beneath  counts // of a callee: calls per focal call. Of a caller: focal calls that have it above, as 0 or 1
	example  model.TraceID

	key       related
	lastTrace uint64
	lastFocal uint64 // number of the last focal call that was folded into beneath
	current   uint64 // calls for that one so far
}

// byCaller is the calls of a callee that are due to focal calls of one caller.
type byCaller struct {
	callee related
	caller caller
}

// caller is whoever made a focal call.
type caller struct {
	name   uint32 // 0: nobody that was seen
	orphan bool   // there was a caller, but its span did not arrive
}

type callerCount struct {
	calls uint64 // of the callee beneath them
	hits  uint64 // focal calls with at least one
}

// Explorer folds traces into the callers and callees of focal calls.
type Explorer struct {
	focal Focal
	calls calls
	name  uint32 // of focal

	traces, focalCalls, focalErrors uint64
	nested                          uint64 // focal calls below other focal calls
	caused                          uint64
	uncounted                       uint64 // focal calls beyond maxVisits
	dropped                         uint64 // calls of callers and callees beyond maxRelated
	above, below                    map[related]*relative
	callers                         map[caller]uint64
	byCaller                        map[byCaller]*callerCount
	routes                          *paths // service-level, from the root to the focal call
	dictionary                      *paths // operations, through the focal calls

	// Scratch, by call of the current trace.
	isFocal   []bool
	inside    []int32 // the nearest focal call at or above, −1 for none
	isAbove   []bool  // a focal call lies below
	path      []int32 // in dictionary
	route     []int32 // in routes
	farBelow  []int32 // distance from the nearest focal call above
	nearAbove []int32 // distance to the nearest focal call below
	hit       []*relative
	// What a call is counted as, of its service and of its operation; nil where there are too many.
	aboveOf, belowOf [][2]*relative
	number           uint64 // of focal calls folded so far
}

// NewExplorer returns an Explorer of no traces. called names the peer of an exit span.
func NewExplorer(f Focal, called func(s *store.Settled) string) *Explorer {
	e := &Explorer{
		focal: f, calls: calls{names: newNames(called), focal: f.Operations},
		above: map[related]*relative{}, below: map[related]*relative{},
		callers: map[caller]uint64{}, byCaller: map[byCaller]*callerCount{},
		routes: newPaths(maxPaths), dictionary: newPaths(maxPaths),
	}
	e.name = e.calls.names.id(f.Name)
	return e
}

// Fold counts a trace.
func (e *Explorer) Fold(t *request.Trace) {
	e.calls.of(t)
	if !e.mark() {
		return
	}
	e.traces++
	e.foldAbove(t)
	e.foldBelow(t)
	e.foldPaths(t)
	e.foldFrequencies()
}

func (e *Explorer) matches(x *call) bool {
	if x.name != e.name {
		return false
	}
	_, ok := e.focal.Operations[x.op]
	return ok || e.focal.Operations == nil
}

// mark finds the focal calls and what lies above and below them; false without any.
func (e *Explorer) mark() bool {
	n := len(e.calls.list)
	e.isFocal, e.isAbove = scratch.Resized(e.isFocal, n), scratch.Resized(e.isAbove, n)
	e.inside = scratch.Resized(e.inside, n)
	e.aboveOf, e.belowOf = scratch.Resized(e.aboveOf, n), scratch.Resized(e.belowOf, n)
	e.farBelow, e.nearAbove = scratch.Resized(e.farBelow, n), scratch.Resized(e.nearAbove, n)
	some := false
	for i := range e.calls.list {
		x := &e.calls.list[i]
		e.isFocal[i], e.isAbove[i], e.inside[i], e.farBelow[i], e.nearAbove[i] = e.matches(x), false, -1, 0, 0
		if x.parent >= 0 {
			e.inside[i] = e.inside[x.parent]
			e.farBelow[i] = e.farBelow[x.parent] + 1
			if e.isFocal[x.parent] {
				e.inside[i], e.farBelow[i] = x.parent, 1
			}
		}
		some = some || e.isFocal[i]
	}
	for i := n - 1; i >= 0; i-- { // children before parents
		x := &e.calls.list[i]
		if x.parent < 0 || !e.isFocal[i] && !e.isAbove[i] {
			continue
		}
		distance := int32(1)
		if !e.isFocal[i] {
			distance = e.nearAbove[i] + 1
		}
		if !e.isAbove[x.parent] || distance < e.nearAbove[x.parent] {
			e.nearAbove[x.parent] = distance
		}
		e.isAbove[x.parent] = true
	}
	return some
}

// foldAbove counts the callers: each call that has a focal call below it, once.
func (e *Explorer) foldAbove(t *request.Trace) {
	for i := range e.calls.list {
		x := &e.calls.list[i]
		if e.isFocal[i] {
			e.focalCalls++
			if failed(t, x) {
				e.focalErrors++
			}
			if e.inside[i] >= 0 {
				e.nested++
			}
			e.countCaller(e.callerOf(x))
		}
		if !e.isAbove[i] {
			continue
		}
		for k, r := range [...]related{{name: x.name}, {x.name, x.op}} {
			e.aboveOf[i][k] = e.count(e.above, r, t, x, e.nearAbove[i])
		}
	}
}

func (e *Explorer) callerOf(x *call) caller {
	if x.parent < 0 {
		return caller{orphan: x.orphan}
	}
	return caller{name: e.calls.list[x.parent].name}
}

func (e *Explorer) countCaller(c caller) {
	if _, ok := e.callers[c]; !ok && len(e.callers) >= maxRelated {
		e.dropped++
		return
	}
	e.callers[c]++
}

// foldBelow counts the callees: each call below a focal call, once, however many focal calls are above it.
func (e *Explorer) foldBelow(t *request.Trace) {
	for i := range e.calls.list {
		if e.inside[i] < 0 {
			continue
		}
		x := &e.calls.list[i]
		e.caused++
		for k, r := range [...]related{{name: x.name}, {x.name, x.op}} {
			e.belowOf[i][k] = e.count(e.below, r, t, x, e.farBelow[i])
		}
	}
}

// count counts a call of a caller or callee, nil where there are too many of them.
func (e *Explorer) count(in map[related]*relative, r related, t *request.Trace, x *call, distance int32) *relative {
	y, ok := in[r]
	if !ok {
		if len(in) >= maxRelated {
			e.dropped++
			return nil
		}
		y = &relative{key: r, distance: distance, example: t.ID}
		in[r] = y
	}
	y.calls++
	if failed(t, x) {
		y.errors++
	}
	if distance == 1 {
		y.direct++
	}
	y.distance, y.farthest = min(y.distance, distance), max(y.farthest, distance)
	if y.lastTrace != e.traces {
		y.lastTrace = e.traces
		y.traces++
	}
	return y
}

func failed(t *request.Trace, x *call) bool { return t.Span(x.node).Status == model.StatusError }
