package trust

import (
	"cmp"
	"slices"

	"oteltop/model"
	"oteltop/model/store"
)

// Result is how far the traces can be believed. Immutable.
type Result struct {
	Services []Service // by name
	Requests Requests
	Dropped  uint64 // spans and traces that there was no room for
}

// Requests is how much of requests their spans explain.
type Requests struct {
	Traces   uint64
	Complete uint64 // one root, no missing parent, nothing dropped, settled
	Rootless uint64
	Single   uint64 // of one span, or none but roots: not measured
	Measured uint64 // the others, whose root takes some time
	Coverage Percentiles
	Ratio    Percentiles
	Gap      Percentiles // ns
	Least    []Traced    // the least covered
	Gaps     []Traced    // those with the longest gap
}

// Percentiles of a figure over traces: nearest rank. All 0 of none.
type Percentiles struct{ P5, P50, P95, Max float64 }

// Traced is the measure of one trace.
type Traced struct {
	Measure
	Trace        model.TraceID
	Operation    store.Operation // of the root
	Duration     int64           // of the root, ns
	GapSpan      model.SpanID    // during which the gap is; 0: there is none
	GapOperation store.Operation
}

// Result is what was found so far. The Fold can go on.
func (f *Fold) Result() *Result {
	r := &Result{Dropped: f.dropped, Requests: Requests{
		Traces: f.traces, Complete: f.complete, Rootless: f.rootless, Single: f.single, Measured: uint64(len(f.measured)),
		Least: slices.Clone(f.worst), Gaps: slices.Clone(f.gaps),
	}}
	for _, x := range f.services {
		r.Services = append(r.Services, *x)
	}
	slices.SortFunc(r.Services, func(a, b Service) int { return cmp.Compare(a.Name, b.Name) })
	values := make([]float64, len(f.measured))
	of := func(figure func(*figures) float64) Percentiles {
		for i := range f.measured {
			values[i] = figure(&f.measured[i])
		}
		return percentiles(values)
	}
	r.Requests.Coverage = of(func(x *figures) float64 { return x.coverage })
	r.Requests.Ratio = of(func(x *figures) float64 { return x.ratio })
	r.Requests.Gap = of(func(x *figures) float64 { return float64(x.gap) })
	return r
}

// percentiles sorts values.
func percentiles(values []float64) Percentiles {
	n := len(values)
	if n == 0 {
		return Percentiles{}
	}
	slices.Sort(values)
	rank := func(percent int) float64 { return values[max(0, (n*percent+99)/100-1)] }
	return Percentiles{rank(5), rank(50), rank(95), values[n-1]}
}
