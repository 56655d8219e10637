package dependencies

import (
	"cmp"
	"slices"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/request"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxConditions bounds the (caller, operation, callee) that are told apart, a few hundred bytes each.
	maxConditions = 16_384
	// minTraces is how many traces each side of a comparison needs: calls of one trace are not independent.
	minTraces = 10
	// significance is the false discovery rate, and minRatio and minMean the effect from which a person should
	// hear of it: a caller for which an operation makes thrice as many calls is worth a look only where
	// these are some calls (ANALYSES A07).
	significance = .05
	minRatio     = 2
	minMean      = 3
)

// side is an operation as called by one caller.
type side struct {
	caller caller
	name   uint32 // service of the operation
	op     uint32
}

// condition is the calls that an operation makes to a callee when one caller calls it.
type condition struct {
	side
	callee uint32
}

// sideCount is what is counted of a side.
type sideCount struct {
	calls   uint64
	traces  uint64
	last    uint64 // number of the last trace
	inTrace uint64 // calls in it
}

// conditionCount is what is counted of a condition.
//
// Calls of one trace are likely to be alike, and one trace may have most of them, so the test looks at
// traces: at the mean over the calls of the operation in each, to the nearest whole number.
type conditionCount struct {
	counts        // by trace, those with any
	made   uint64 // calls of the callee
	most   uint64 // by one call of the operation
	worst  []worstTrace
	of     *sideCount

	lastCall  uint64 // number of the last call of the operation
	current   uint64 // calls by it
	lastTrace uint64
	inTrace   uint64 // calls in the last trace
}

// worstTrace is a trace with the most calls of a condition.
type worstTrace struct {
	id    model.TraceID
	span  model.SpanID // the call of the operation
	calls uint64
}

// Conditions counts the calls that operations make, by who called them (ANALYSES A07).
type Conditions struct {
	calls      calls
	sides      map[side]*sideCount
	conditions map[condition]*conditionCount
	dropped    uint64 // calls beyond maxConditions
	traces     uint64
	number     uint64            // of calls
	hit        []*conditionCount // by the call at hand
	touched    []*conditionCount // by the trace at hand
}

// NewConditions returns Conditions of no traces. called names the peer of an exit span.
func NewConditions(called func(s *store.Settled) string) *Conditions {
	return &Conditions{calls: calls{names: newNames(called)}, sides: map[side]*sideCount{}, conditions: map[condition]*conditionCount{}}
}

// Fold counts a trace.
func (c *Conditions) Fold(t *request.Trace) {
	c.calls.of(t)
	c.traces++
	c.touched = c.touched[:0]
	list := c.calls.list
	for i := range list {
		if !list[i].peer {
			c.foldCall(t, int32(i))
		}
	}
	for _, y := range c.touched {
		y.made += y.inTrace
		y.add((y.inTrace+y.of.inTrace/2)/y.of.inTrace, 1)
	}
}

// foldCall counts one call and the calls that it makes directly.
func (c *Conditions) foldCall(t *request.Trace, i int32) {
	list := c.calls.list
	x := &list[i]
	s := side{name: x.name, op: x.op, caller: caller{orphan: x.orphan}}
	if x.parent >= 0 {
		s.caller.name = list[x.parent].name
	}
	n, ok := c.sides[s]
	if !ok {
		if len(c.sides) >= maxConditions {
			c.dropped++
			return
		}
		n = &sideCount{}
		c.sides[s] = n
	}
	n.calls++
	if n.last != c.traces {
		n.last, n.inTrace = c.traces, 0
		n.traces++
	}
	n.inTrace++
	c.number++
	c.hit = c.hit[:0]
	for k := i + 1; k < x.end; k = list[k].end { // those made directly
		c.count(condition{s, list[k].name}, n)
	}
	for _, y := range c.hit {
		if y.lastTrace != c.traces {
			y.lastTrace, y.inTrace = c.traces, 0
			c.touched = append(c.touched, y)
		}
		y.inTrace += y.current
		y.most = max(y.most, y.current)
		y.remember(worstTrace{t.ID, t.Span(x.node).ID, y.current})
	}
}

func (c *Conditions) count(k condition, of *sideCount) {
	y, ok := c.conditions[k]
	if !ok {
		if len(c.conditions) >= maxConditions {
			c.dropped++
			return
		}
		y = &conditionCount{of: of}
		c.conditions[k] = y
	}
	if y.lastCall != c.number {
		y.lastCall, y.current = c.number, 0
		c.hit = append(c.hit, y)
	}
	y.current++
}

// remember keeps the traces with most calls, at most one entry for each.
func (y *conditionCount) remember(w worstTrace) {
	for i := range y.worst {
		if y.worst[i].id == w.id {
			if w.calls > y.worst[i].calls {
				y.worst[i] = w
			}
			return
		}
	}
	if len(y.worst) < findings.MaxTraces {
		y.worst = append(y.worst, w)
		return
	}
	least := 0
	for i := range y.worst {
		if y.worst[i].calls < y.worst[least].calls {
			least = i
		}
	}
	if w.calls > y.worst[least].calls {
		y.worst[least] = w
	}
}

// Amplified is a callee that an operation calls more often when one caller calls it than otherwise.
type Amplified struct {
	Caller    string // empty: no caller was seen
	Service   string
	Operation string
	Kind      model.Kind
	Callee    string

	Calls, Others uint64  // of the operation: by this caller, by all others
	Share         float64 // Calls of both
	Mean, Rest    float64 // calls of the callee for each call of the operation: by this caller, by others
	Max           uint64  // by this caller
	Q             float64
	Traces        uint64 // in which this caller's calls made any
	Worst         []model.TraceID
	Span          model.SpanID // in Worst[0], the call of the operation
}

// Amplified are the conditions that differ, by the calls that they cost. comparisons is how many were made.
func (c *Conditions) Amplified(names store.Names) (rows []Amplified, comparisons int) {
	operations, callees := c.totals()
	var p []float64
	var keys []condition
	for k, y := range c.conditions {
		all := operations[k.operation()]
		others := all.traces - y.of.traces
		if y.of.traces < minTraces || others < minTraces {
			continue
		}
		with := y.padded(y.of.traces)
		without := callees[calleeKey{k.operation(), k.callee}].without(&y.counts).padded(others)
		x := stats.MannWhitneyCounts(without.bins, with.bins)
		p, keys = append(p, x.P), append(keys, k)
		if with.mean() < minRatio*without.mean() || with.mean() < minMean {
			keys[len(keys)-1] = condition{} // tested, but too small to tell anybody
		}
	}
	for i, q := range stats.BenjaminiHochberg(p) {
		if q >= significance || keys[i] == (condition{}) {
			continue
		}
		r := c.row(keys[i], names, operations, callees)
		if r.Q = q; r.Mean >= minMean && r.Mean >= minRatio*r.Rest {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b Amplified) int {
		return cmp.Or(cmp.Compare(float64(b.Calls)*(b.Mean-b.Rest), float64(a.Calls)*(a.Mean-a.Rest)), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Callee, b.Callee), cmp.Compare(a.Caller, b.Caller))
	})
	return rows, len(p)
}

func (c *Conditions) row(k condition, names store.Names, operations map[operationKey]sideCount, callees map[calleeKey]*calleeCount) Amplified {
	y, op := c.conditions[k], names.Operation(k.op)
	all, made := operations[k.operation()], callees[calleeKey{k.operation(), k.callee}].made
	r := Amplified{
		Caller: c.calls.names.texts[k.caller.name], Service: c.calls.names.texts[k.name], Operation: op.Name, Kind: op.Kind,
		Callee: c.calls.names.texts[k.callee], Calls: y.of.calls, Others: all.calls - y.of.calls, Share: stats.Ratio(y.of.calls, all.calls),
		Mean: stats.Ratio(y.made, y.of.calls), Rest: stats.Ratio(made-y.made, all.calls-y.of.calls), Max: y.most, Traces: y.n,
	}
	worst := slices.SortedFunc(slices.Values(y.worst), func(a, b worstTrace) int {
		return cmp.Or(cmp.Compare(b.calls, a.calls), a.id.Compare(b.id))
	})
	r.Span = worst[0].span
	for _, w := range worst {
		r.Worst = append(r.Worst, w.id)
	}
	return r
}

type operationKey struct{ name, op uint32 }

type calleeKey struct {
	operationKey
	callee uint32
}

// calleeCount is the calls of a callee by an operation, whoever called that.
type calleeCount struct {
	counts
	made uint64
}

func (s side) operation() operationKey { return operationKey{s.name, s.op} }

// totals are the calls of operations by anybody, and the calls that these made.
func (c *Conditions) totals() (map[operationKey]sideCount, map[calleeKey]*calleeCount) {
	all := map[operationKey]sideCount{}
	for k, n := range c.sides {
		x := all[k.operation()]
		x.calls += n.calls
		x.traces += n.traces
		all[k.operation()] = x
	}
	made := map[calleeKey]*calleeCount{}
	for k, y := range c.conditions {
		key := calleeKey{k.operation(), k.callee}
		if made[key] == nil {
			made[key] = &calleeCount{}
		}
		made[key].merge(&y.counts)
		made[key].made += y.made
	}
	return all, made
}

// padded is a copy with zeros for the traces without any.
func (c *counts) padded(traces uint64) *counts {
	out := &counts{}
	out.merge(c)
	out.add(0, traces-c.n)
	return out
}

// without is what is left when o is taken away. The largest stays: it is of either.
func (c *counts) without(o *counts) *counts {
	out := &counts{}
	out.merge(c)
	for b, k := range o.bins {
		out.bins[b] -= k
	}
	out.n -= o.n
	out.sum -= o.sum
	return out
}
