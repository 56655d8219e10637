package dependencies

import (
	"cmp"
	"math"
	"slices"

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
	calls  uint64
	traces uint64
	last   uint64 // number of the last trace
}

// conditionCount is what is counted of a condition.
type conditionCount struct {
	counts // calls of the callee, per call of the operation that made any
	harmed uint64
	worst  []worstTrace

	lastCall  uint64 // number of the last call of the operation
	current   uint64
	lastTrace uint64
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
	number     uint64 // of calls
	made       []uint64
	hit        []*conditionCount
	lasts      []int32
}

// NewConditions returns Conditions of no traces. called names the peer of an exit span.
func NewConditions(called func(s *store.Settled) string) *Conditions {
	return &Conditions{calls: calls{names: newNames(called)}, sides: map[side]*sideCount{}, conditions: map[condition]*conditionCount{}}
}

// Fold counts a trace.
func (c *Conditions) Fold(t *request.Trace) {
	c.calls.of(t)
	c.traces++
	list := c.calls.list
	for i := range list {
		x := &list[i]
		if x.end == int32(i)+1 && t.Tree.Nodes[x.node].End == x.node+1 && !x.serves && x.parent >= 0 && exits(t.Span(x.node).Kind) {
			continue // the call of a peer, which calls nothing that is seen
		}
		c.foldCall(t, int32(i))
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
		n.last = c.traces
		n.traces++
	}
	c.number++
	c.hit = c.hit[:0]
	for k := i + 1; k < x.end; k = list[k].end { // those made directly
		c.count(condition{s, list[k].name})
	}
	for _, y := range c.hit {
		y.add(y.current, 1)
		if y.lastTrace != c.traces {
			y.lastTrace = c.traces
			y.harmed++
		}
		y.remember(worstTrace{t.ID, t.Span(x.node).ID, y.current})
	}
}

func (c *Conditions) count(k condition) {
	y, ok := c.conditions[k]
	if !ok {
		if len(c.conditions) >= maxConditions {
			c.dropped++
			return
		}
		y = &conditionCount{}
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
	const most = 5 // findings.MaxTraces
	if len(y.worst) < most {
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
	P             float64
	Q             float64
	Traces        uint64 // in which this caller's call made any
	Worst         []model.TraceID
	Span          model.SpanID // in Worst[0], the call of the operation
}

// Amplified are the conditions that differ, by the calls that they cost. comparisons is how many were made.
func (c *Conditions) Amplified(names store.Names) (rows []Amplified, comparisons int) {
	all, others := c.totals()
	var p []float64
	var tested []Amplified
	for k, y := range c.conditions {
		mine := c.sides[k.side]
		o := operationKey{k.name, k.op}
		rest := sideCount{calls: all[o].calls - mine.calls, traces: all[o].traces - mine.traces}
		if mine.traces < minTraces || rest.traces < minTraces {
			continue
		}
		a, b := y.counts.padded(mine.calls), others[calleeKey{o, k.callee}].without(&y.counts).padded(rest.calls)
		x := stats.MannWhitneyCounts(b.bins, a.bins)
		// Calls of one trace are likely to be alike: the test counts as many as there are traces.
		z := x.Z * math.Sqrt(float64(mine.traces+rest.traces)/float64(mine.calls+rest.calls))
		p = append(p, stats.TwoSided(z))
		op := names.Operation(k.op)
		row := Amplified{
			Caller: c.calls.names.texts[k.caller.name], Service: c.calls.names.texts[k.name], Operation: op.Name, Kind: op.Kind,
			Callee: c.calls.names.texts[k.callee], Calls: mine.calls, Others: rest.calls, Share: ratio(mine.calls, mine.calls+rest.calls),
			Mean: a.mean(), Rest: b.mean(), Max: a.max, P: stats.TwoSided(z), Traces: y.harmed,
		}
		slices.SortFunc(y.worst, func(a, b worstTrace) int {
			return cmp.Or(cmp.Compare(b.calls, a.calls), cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo))
		})
		row.Span = y.worst[0].span
		for _, w := range y.worst {
			row.Worst = append(row.Worst, w.id)
		}
		tested = append(tested, row)
	}
	for i, q := range stats.BenjaminiHochberg(p) {
		r := tested[i]
		if r.Q = q; q < significance && r.Mean >= minMean && r.Mean >= minRatio*r.Rest {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b Amplified) int {
		return cmp.Or(cmp.Compare(float64(b.Calls)*(b.Mean-b.Rest), float64(a.Calls)*(a.Mean-a.Rest)), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Callee, b.Callee), cmp.Compare(a.Caller, b.Caller))
	})
	return rows, len(tested)
}

type operationKey struct{ name, op uint32 }

type calleeKey struct {
	operationKey
	callee uint32
}

// totals are the calls of operations by anybody, and the calls that these made.
func (c *Conditions) totals() (map[operationKey]sideCount, map[calleeKey]*counts) {
	all := map[operationKey]sideCount{}
	for k, n := range c.sides {
		x := all[operationKey{k.name, k.op}]
		x.calls += n.calls
		x.traces += n.traces
		all[operationKey{k.name, k.op}] = x
	}
	made := map[calleeKey]*counts{}
	for k, y := range c.conditions {
		key := calleeKey{operationKey{k.name, k.op}, k.callee}
		if made[key] == nil {
			made[key] = &counts{}
		}
		made[key].merge(&y.counts)
	}
	return all, made
}

// padded is a copy with zeros for the calls that made none.
func (c *counts) padded(calls uint64) *counts {
	out := &counts{}
	out.merge(c)
	out.add(0, calls-c.n)
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
