package shapes

import (
	"cmp"
	"math"
	"slices"

	"oteltop/model"
)

// Representatives are traces that stand for all of the shape, with the reason why, each once: the most
// typical, those in the middle and at the slow end, the newest that failed (A36).
func (x *Typical) Representatives() []Exemplar {
	if x.Traces == 0 {
		return nil
	}
	var out []Exemplar
	add := func(id model.TraceID, why string) {
		for i := range out {
			if out[i].Trace == id {
				out[i].Why += ", " + why
				return
			}
		}
		out = append(out, Exemplar{id, why})
	}
	add(x.Medoid(), "typical")
	slices.SortFunc(x.lengths, func(a, b length) int {
		return cmp.Or(cmp.Compare(a.ns, b.ns), a.trace.Compare(b.trace))
	})
	n := len(x.lengths)
	for _, q := range [...]struct {
		q   float64
		why string
	}{{.5, "p50"}, {.9, "p90"}, {.99, "p99"}, {1, "slowest"}} {
		rank := max(1, int(math.Ceil(q.q*float64(n)-1e-9))) // nearest rank; floats must not push .9·10 over 9
		add(x.lengths[rank-1].trace, q.why)
	}
	if x.Failed > 0 {
		add(x.failure.trace, "newest that failed")
	}
	return out
}

// Medoid is the trace whose critical path is nearest to the medians of all: with the least sum over paths of
// |ln own time − ln median own time|, times below a microsecond counting as one. Of equal ones that with the
// lowest id. The zero id for no traces.
func (x *Typical) Medoid() model.TraceID {
	medians := make([]float64, len(x.stats))
	none := 0.0 // the distance of a trace without any critical time
	for i := range x.stats {
		all := x.stats[i].critical.Clone()
		all.AddBin(0, int64(x.Traces-x.stats[i].traces)) // traces without the path spend nothing on it
		medians[i] = logOf(all.Quantile(.5))
		none += medians[i]
	}
	var best model.TraceID
	least := math.Inf(1)
	for i := range x.compared {
		p := &x.compared[i]
		d := none
		for _, s := range p.of {
			d += math.Abs(logOf(s.ns)-medians[s.path]) - medians[s.path]
		}
		d = math.Round(d*1e9) / 1e9 // sums in another order differ in the last digits
		if d < least || d == least && !isLater(0, p.trace, 0, best) {
			best, least = p.trace, d
		}
	}
	return best
}

// logOf is the logarithm of a time in microseconds, at least 0.
func logOf(ns int64) float64 { return math.Log(max(float64(ns), floor) / floor) }
