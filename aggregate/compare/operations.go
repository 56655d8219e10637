package compare

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/stats"
)

// operations compares latency and errors of what both sides have, and finds what only one of them has.
func (t *tester) operations() {
	fresh := t.onlyIn(t.b, t.a)
	gone := t.onlyIn(t.a, t.b)
	number := 0
	for _, op := range sortedOperations(t.a.operations, t.b.operations) {
		a, b := t.a.operations[op], t.b.operations[op]
		switch {
		case a != nil && b != nil:
			number++
			t.latency(op, a, b, number)
			t.errors(op, a, b)
		case a == nil && fresh[op] != nil:
			c := t.presence(NewOperation, op, 0, b.traces)
			c.Origin, c.Exemplar = fresh[op].isFirst, b.slowest
			t.critical(c, op)
			t.add(c)
		case b == nil && gone[op] != nil:
			c := t.presence(VanishedOperation, op, a.traces, 0)
			c.Origin, c.ExemplarBefore = gone[op].isFirst, a.slowest
			t.critical(c, op)
			t.add(c)
		}
	}
}

func sortedOperations(a, b map[Operation]*operation) []Operation {
	out := make([]Operation, 0, len(a)+len(b))
	for op := range a {
		out = append(out, op)
	}
	for op := range b {
		if a[op] == nil {
			out = append(out, op)
		}
	}
	slices.SortFunc(out, compareOperations)
	return out
}

func compareOperations(a, b Operation) int {
	return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
}

// only is an operation that one side lacks altogether.
type only struct {
	isFirst bool // it is called by something that both sides have, or by nobody
}

// onlyIn finds the operations that no trace of the other side has.
func (t *tester) onlyIn(side, other *Profile) map[Operation]*only {
	out := map[Operation]*only{}
	for op := range side.operations {
		if other.seen[op] == 0 {
			out[op] = &only{}
		}
	}
	for _, n := range side.nodes {
		o := out[n.op]
		if o == nil {
			continue
		}
		above := side.nodes[n.above]
		if above == nil || out[above.op] == nil {
			o.isFirst = true
		}
	}
	return out
}

// presence compares in how many traces something is. It is shown without regard to q where every trace has it
// and none had it.
func (t *tester) presence(kind Kind, op Operation, before, after uint64) *comparison {
	n, m := t.a.Traces, t.b.Traces
	c := &comparison{p: stats.Association(before, n, after, m), effect: true}
	c.Kind, c.Operation = kind, op
	c.Before, c.After, c.TracesBefore, c.TracesAfter = stats.Ratio(before, n), stats.Ratio(after, m), n, m
	c.Lower = stats.Newcombe(after, m, before, n, stats.Z95).Distance()
	c.certain = math.Abs(c.After-c.Before) == 1
	return c
}

// errors compares the shares of traces in which an operation fails, of those that call it.
func (t *tester) errors(op Operation, a, b *operation) {
	if a.failed+b.failed == 0 {
		return
	}
	c := &comparison{p: stats.Association(a.failed, a.traces, b.failed, b.traces)}
	c.Kind, c.Operation = Errors, op
	c.Before, c.After, c.TracesBefore, c.TracesAfter = stats.Ratio(a.failed, a.traces), stats.Ratio(b.failed, b.traces), a.traces, b.traces
	c.Lower = stats.Newcombe(b.failed, b.traces, a.failed, a.traces, stats.Z95).Distance()
	c.effect = math.Abs(c.After-c.Before) >= minErrorShare
	c.certain = math.Abs(c.After-c.Before) == 1
	c.Exemplar, c.ExemplarBefore = b.failedIn, a.failedIn
	own := stats.Ratio(b.first, b.traces) - stats.Ratio(a.first, a.traces)
	c.Origin = own*(c.After-c.Before) > 0 && math.Abs(own) >= ownShare*math.Abs(c.After-c.Before)
	t.add(c)
}

// latency runs the three tests of section 3.4, and that of the shift on the operation's own time. number makes sure
// that one change is shown for an operation: the shift if that is significant and large enough, else the tail
// likewise, else its own time, else the shape.
func (t *tester) latency(op Operation, a, b *operation, number int) {
	if a.traces < minTraces || b.traces < minTraces {
		return
	}
	shift := stats.MannWhitney(&a.one, &b.one)
	tail := stats.Tail(&a.one, &b.one, tailQuantile)
	distance, shape := stats.KolmogorovSmirnov(&a.one, &b.one)
	ratio := stats.ShiftRatio(&a.one, &b.one)
	shifts := differs(ratio, minRatio) || math.Abs(shift.AUC-0.5) >= minShift
	add := func(kind Kind, effect bool, p, lower, q, before, after float64) {
		c := &comparison{p: p, effect: effect, exclude: number}
		c.Kind, c.Operation = kind, op
		c.Before, c.After, c.TracesBefore, c.TracesAfter = before, after, a.traces, b.traces
		c.Lower, c.Exemplar, c.ExemplarBefore = lower, b.slowest, a.slowest
		c.Origin, c.Callee = kind == OwnTime || isOwn(a, b, q), t.answers[op]
		t.critical(c, op)
		t.add(c)
	}
	add(LatencyShift, shifts, shift.P, shift.Distance(a.traces, b.traces, stats.Z95), 0.5, float64(a.all.Quantile(0.5)), float64(b.all.Quantile(0.5)))
	add(LatencyTail, tailDiffers(tail), tail.P, tail.Difference.Distance(), tailQuantile, tail.ShareA, tail.ShareB)
	own := stats.MannWhitney(&a.self, &b.self)
	before, after := float64(a.self.Quantile(0.5)), float64(b.self.Quantile(0.5))
	counts := differs(stats.ShiftRatio(&a.self, &b.self), minOwnRatio) && math.Abs(after-before) >= ownShare*float64(a.one.Quantile(0.5))
	add(OwnTime, counts, own.P, own.Distance(a.traces, b.traces, stats.Z95), 0.5, before, after)
	// Massart's form of the Dvoretzky–Kiefer–Wolfowitz inequality bounds each distribution function.
	n, m := float64(a.traces), float64(b.traces)
	sure := max(distance-math.Sqrt(math.Log(2/0.05)/2)*(1/math.Sqrt(n)+1/math.Sqrt(m)), 0)
	add(LatencyShape, shifts || tailDiffers(tail), shape, sure, 0.95, float64(a.all.Quantile(0.95)), float64(b.all.Quantile(0.95)))
}

func tailDiffers(t stats.TailShare) bool { return differs(t.Ratio(), minTailRatio) }

// isOwn reports whether an operation's own time accounts for its change at a quantile, not its callees.
func isOwn(a, b *operation, q float64) bool {
	change := func(x, y *hist.Histogram) float64 { return float64(y.Quantile(q) - x.Quantile(q)) }
	whole, own := change(&a.one, &b.one), change(&a.self, &b.self)
	return whole != 0 && own/whole >= ownShare
}

// critical notes how much more of the critical path an operation is for, per trace.
func (t *tester) critical(c *comparison, op Operation) {
	mean := func(p *Profile) (own, length float64) {
		if o := p.operations[op]; o != nil {
			own = o.critical / float64(p.Traces)
		}
		for _, r := range p.roots {
			length += r.length
		}
		return own, length / float64(p.Traces)
	}
	before, lengthBefore := mean(t.a)
	after, lengthAfter := mean(t.b)
	c.attribute(after-before, lengthBefore, lengthAfter)
}

// minLengthChange is the least part by which traces have to be longer or shorter to be accounted for.
const minLengthChange = 0.01

// attribute notes a change of critical time and its share of the change of the traces' duration.
func (c *comparison) attribute(change, before, after float64) {
	c.Critical = change
	if whole := after - before; math.Abs(whole) >= minLengthChange*before && whole != 0 {
		part := change / whole
		c.CriticalShare = &part
	}
}
