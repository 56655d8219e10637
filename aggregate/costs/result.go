package costs

import (
	"cmp"
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/stats"
	"oteltop/model"
)

// Result is what some requests cost.
type Result struct {
	Traces  uint64
	Kinds   []Kind // by Self, then name
	Sizes   []Size // by operation, then measure
	Tests   int    // correlations that were tested
	Dropped uint64
}

// Kind is requests of one root operation, with everything that they caused.
type Kind struct {
	Service   string
	Operation string
	OpKind    model.Kind

	Requests, Errors uint64
	Spans, Calls     uint64 // of all; calls are CLIENT and PRODUCER spans
	Self             int64  // work of all spans, ns
	SelfShare        float64
	Duration         int64 // of the requests, ns
	SelfP50, SelfP95 int64 // of a request, ns
	CallsP50         int64 // to 1.1 % where many
	CallsP95         int64
	Bytes            int64  // bodies and messages whose size is known, each once
	Sized            uint64 // requests in which any is
	BytesP50         int64  // of these, to 1.1 %
	BytesP95         int64
	Costliest        model.TraceID // by self time
}

// Size is the values of one measure of one operation. Quantiles are to 1.1 %.
type Size struct {
	Service   string
	Operation string
	OpKind    model.Kind
	Measure   Measure

	N             uint64
	Sum           int64
	P50, P95, P99 int64
	Least, Most   int64
	Largest       model.TraceID
	Span          model.SpanID

	// Rho is Spearman's correlation of the value and the duration of the span, one span of a trace, of a sample
	// of 256 at most; Q its false discovery rate among all. Not Tested: too few, or all alike.
	Rho, Q float64
	Tested bool
}

// Result is what was counted so far.
func (f *Fold) Result() *Result {
	r := &Result{Traces: f.traces, Dropped: f.dropped}
	total := int64(0)
	for op, k := range f.kinds {
		o := f.names.Operation(op)
		total = bounded.Sum(total, k.self)
		r.Kinds = append(r.Kinds, Kind{
			Service: o.ServiceName, Operation: o.Name, OpKind: o.Kind, Requests: k.requests, Errors: k.errors, Spans: k.spans, Calls: k.calls,
			Self: k.self, Duration: k.duration, SelfP50: k.selves.Quantile(.5), SelfP95: min(k.selves.Quantile(.95), k.most),
			CallsP50: k.perRequest.Quantile(.5) - 1, CallsP95: k.perRequest.Quantile(.95) - 1,
			Bytes: k.bytes, Sized: k.sized, BytesP50: max(k.sent.Quantile(.5)-1, 0), BytesP95: max(k.sent.Quantile(.95)-1, 0), Costliest: k.costliest,
		})
	}
	for i := range r.Kinds {
		k := &r.Kinds[i]
		k.SelfShare = float64(k.Self) / float64(max(total, 1))
	}
	slices.SortFunc(r.Kinds, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.OpKind, b.OpKind))
	})
	f.measured(r)
	return r
}

// measured adds the sizes.
func (f *Fold) measured(r *Result) {
	for k, x := range f.sizes {
		o := f.names.Operation(k.op)
		s := Size{
			Service: o.ServiceName, Operation: o.Name, OpKind: o.Kind, Measure: f.measures[k.measure].Measure, N: x.n, Sum: x.sum,
			P50: quantile(x, .5), P95: quantile(x, .95), P99: quantile(x, .99),
			Least: x.least, Most: x.most, Largest: x.largest, Span: x.span, Q: 1,
		}
		if x.least < x.most {
			rho, p := x.latency.Spearman()
			s.Rho, s.Q, s.Tested = rho, p, p < 1
		}
		r.Sizes = append(r.Sizes, s)
	}
	slices.SortFunc(r.Sizes, func(a, b Size) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.OpKind, b.OpKind), cmp.Compare(a.Measure, b.Measure))
	})
	var ps []float64
	for i := range r.Sizes {
		if r.Sizes[i].Tested {
			ps = append(ps, r.Sizes[i].Q)
		}
	}
	qs := stats.BenjaminiHochberg(ps)
	r.Tests = len(qs)
	for i := range r.Sizes {
		if r.Sizes[i].Tested {
			r.Sizes[i].Q, qs = qs[0], qs[1:]
		}
	}
}

// quantile is one of the values to 1.1 %.
func quantile(x *size, q float64) int64 { return min(max(x.values.Quantile(q)-1, x.least), x.most) }
