package anatomy

import (
	"cmp"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/model"
)

// Result is the anatomy of edges. Immutable.
type Result struct {
	Traces  uint64
	Rows    []Row  // by gap or age, all together, largest first
	Dropped uint64 // calls and links that there was no room for
}

// Row is the calls, or the messages, from one service to another.
type Row struct {
	Client, Server string
	Messaging      bool

	// Of calls that a span of both sides tells of.
	Calls    uint64
	Negative uint64         // whose server took longer than the client waited, or whose times cannot be: they are not looked at
	Works    hist.Quantiles // what the server's span takes
	Gap      hist.Quantiles // what the client waits besides
	GapShare float64        // of all that clients wait, 0–1; 0 without calls
	Split    uint64         // of which the gap could be split
	Outside  uint64         // of these, whose parts would have been negative: clocks have moved since they were compared
	There    hist.Quantiles // from the client's start to the server's
	Back     hist.Quantiles // from the server's end to the client's
	// Of Split: which part is the longer one for sure; of the others either may be.
	LongerThere, LongerBack uint64

	// Of messages: from the start of the span that sent or created one, and from its end, to the start of the consumer.
	Messages  uint64
	Corrected uint64 // with a known difference of clocks; the others are as right as the clocks of both sides
	Early     uint64 // taken before they were sent, which counts as no age
	Age, Wait hist.Quantiles

	Uncertainty int64 // the most that a difference of clocks which was used may be wrong by, ns
	Example     model.TraceID
}

// Undecided are the split calls of which either part may be the longer one.
func (r *Row) Undecided() uint64 { return r.Split - r.LongerThere - r.LongerBack }

// gapShare is the part of all that clients waited in which servers did not work; 0 when they did not wait.
func (e *edge) gapShare() float64 {
	gap, works := total(&e.gap), total(&e.works)
	return gap / max(1, gap+works)
}

// total is about all durations together, ns.
func total(h *hist.Histogram) (ns float64) {
	h.Each(func(bin int, n int64) { ns += float64(n) * float64(hist.Mid(bin)) })
	return ns
}

// compareKinds puts calls before messages.
func compareKinds(a, b edgeKey) int {
	switch {
	case a.messaging == b.messaging:
		return 0
	case a.messaging:
		return 1
	}
	return -1
}

// Result is what was counted so far.
func (f *Fold) Result() *Result {
	r := &Result{Traces: f.traces, Dropped: f.dropped}
	weight := map[*edge]float64{}
	var edges []edgeKey
	for k, e := range f.edges {
		edges = append(edges, k)
		weight[e] = float64(e.gap.Count())*float64(e.gap.Quantile(.5)) + float64(e.messages)*float64(e.age.Quantile(.5))
	}
	name := f.names.Service
	slices.SortFunc(edges, func(a, b edgeKey) int {
		return cmp.Or(cmp.Compare(weight[f.edges[b]], weight[f.edges[a]]), cmp.Compare(name(a.client), name(b.client)),
			cmp.Compare(name(a.server), name(b.server)), compareKinds(a, b))
	})
	for _, k := range edges {
		e := f.edges[k]
		r.Rows = append(r.Rows, Row{
			Client: name(k.client), Server: name(k.server), Messaging: k.messaging, Calls: e.calls, Negative: e.negative,
			Works: e.works.Quantiles(), Gap: e.gap.Quantiles(), GapShare: e.gapShare(),
			Split: e.split, Outside: e.outside, There: e.there.Quantiles(), Back: e.back.Quantiles(), LongerThere: e.longerThere, LongerBack: e.longerBack,
			Messages: e.messages, Corrected: e.corrected, Early: e.early, Age: e.age.Quantiles(), Wait: e.wait.Quantiles(),
			Uncertainty: e.uncertainty, Example: e.example,
		})
	}
	return r
}
