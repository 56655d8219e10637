package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
)

// Tuning of Compare. Significance alone flags every shift of 5 % at 10,000 calls, so each kind of change
// also has to have an effect that a person would call one.
const (
	significance  = 0.05 // false discovery rate (section 3.6)
	minRatio      = 1.1  // of medians, or of calls
	minShift      = 0.06 // of an AUC from a half
	minTailRatio  = 2.0  // of the shares beyond the 99th percentile before
	minErrorShare = 0.005
	minPresence   = 0.05 // of traces
	minTraces     = 5    // per side, to compare a latency
	tailQuantile  = 0.99
	// ownShare is how much of an operation's change its own time has to account for to be the cause.
	ownShare = 0.25
	// A change of its own time alone has to be by this factor, and by ownShare of what it took before: what varies by
	// itself is small.
	minOwnRatio = 2.0
)

// Kind is what kind of thing changed.
type Kind string

// The kinds of changes.
const (
	Calls             Kind = "calls"     // calls per trace that makes any
	Structure         Kind = "structure" // the share of traces with a call path
	NewOperation      Kind = "new_operation"
	VanishedOperation Kind = "vanished_operation"
	NewEdge           Kind = "new_edge"
	VanishedEdge      Kind = "vanished_edge"
	NewError          Kind = "new_error"
	VanishedError     Kind = "vanished_error"
	Errors            Kind = "errors"        // the share of traces in which an operation fails
	LatencyShift      Kind = "latency_shift" // it takes longer, or less
	LatencyTail       Kind = "latency_tail"  // more, or fewer, are slow
	LatencyShape      Kind = "latency_shape" // it varies more, or less
	OwnTime           Kind = "own_time"      // without what it calls it takes longer, or less; that hid it by changing too
)

// order ranks kinds that are equally clear: what requests do comes before how long it takes them.
func (k Kind) order() int {
	return slices.Index([]Kind{
		Calls, NewOperation, VanishedOperation, Structure, NewError, VanishedError, Errors,
		LatencyShift, LatencyTail, OwnTime, LatencyShape, NewEdge, VanishedEdge,
	}, k)
}

// isOneSided reports whether it is about something that only one side has.
func (k Kind) isOneSided() bool {
	switch k {
	case NewOperation, VanishedOperation, NewEdge, VanishedEdge, NewError, VanishedError:
		return true
	}
	return false
}

// Change is one difference. Shares are of traces, 0–1; durations are ns.
type Change struct {
	Kind      Kind
	Operation          // of an edge only its service: that of the server
	Client    string   // of an edge, or the service that calls
	Callee    string   // of the latency of an exit span: the service that answers, for which it waits
	Path      []string // of Calls and Structure: "service operation" from the root down
	At        uint64   // likewise: the Node of the tree
	Error     string   // of an error type

	// Before and After are calls per trace (Calls), shares (Structure, Errors, tails, new and vanished), or
	// medians (LatencyShift, OwnTime) and ninety-fifth percentiles (LatencyShape) in ns.
	Before, After float64
	Ratio         float64 // After/Before; 0 where Before is 0
	TracesBefore  uint64  // what the figures are of
	TracesAfter   uint64
	// Lower is the least that the change is with 95 % confidence: of a share in shares (Newcombe's method
	// 10), of a number the difference of the probabilities that it is larger on one side than on the other.
	Lower float64
	Q     float64 // false discovery rate at which the change would just be shown

	// Twins is how many other call paths of the same call, below other callers, change alike.
	Twins int

	// Origin: the change begins here. Without it, callers or callees that changed account for it.
	Origin bool
	// Critical is how much more of the critical path this is for, with all that it calls (of latencies:
	// itself), mean ns per trace; CriticalShare is that of the whole change of the duration of the traces,
	// where there is one.
	Critical      float64
	CriticalShare *float64

	Exemplar       model.TraceID // a trace after the change that shows it; zero where what is gone
	ExemplarBefore model.TraceID
}

// Comparison is what changed between two profiles. Immutable.
type Comparison struct {
	Changes []Change // causes first, then what matters to the duration of traces, then by how large the change is at least
	// Unsure is what only one side has, but in too few traces to tell whether that is chance, though the other side
	// would be expected to have it: facts that are no changes. In the order of Changes; what these call for the first time is not named again.
	Unsure      []Change
	Comparisons int    // how many were made: q speaks for all of them
	Tree        []Node // call paths of both sides, depth first, of
	TreeOf      int    // so many
	Before      *Profile
	After       *Profile
}

// comparison is a change that is being tested.
type comparison struct {
	Change
	p        float64
	effect   bool // large enough for a person
	certain  bool // shown whatever its q
	exclude  int  // of latencies: 1 + the number of the operation, of which one change is shown
	hideThis bool // a consequence of another change
}

// Compare tests everything that two profiles have in common, and finds what only one of them has.
func Compare(before, after *Profile) *Comparison {
	out := &Comparison{Before: before, After: after}
	if before.Traces == 0 || after.Traces == 0 {
		return out
	}
	t := &tester{a: before, b: after, answers: after.answers()}
	t.operations()
	t.nodes()
	t.edges()
	t.errorTypes()
	out.Comparisons = len(t.tests)
	p := make([]float64, len(t.tests))
	for i, c := range t.tests {
		p[i] = c.p
	}
	changed := map[uint64]bool{}
	shown := map[int]int{} // operation → its change, by the order in which they are tried
	for i, q := range stats.BenjaminiHochberg(p) {
		c := t.tests[i]
		c.Q = q
		if c.At != 0 && c.effect && (q < significance || c.certain) {
			changed[c.At] = true
		}
		if !c.effect || c.hideThis {
			continue
		}
		if q >= significance && !c.certain {
			if c.Kind.isOneSided() && (c.Origin || c.Name == "") && c.isMissed() {
				out.Unsure = append(out.Unsure, c.Change)
			}
			continue
		}
		if c.exclude > 0 {
			if _, already := shown[c.exclude]; already {
				continue
			}
			shown[c.exclude] = i
		}
		out.Changes = append(out.Changes, c.Change)
	}
	out.Changes = t.withoutEchoes(out.Changes)
	slices.SortFunc(out.Changes, compareRank)
	slices.SortFunc(out.Unsure, compareRank)
	out.Changes = withoutTwins(out.Changes)
	out.Tree, out.TreeOf = t.tree(changed, out.oneSided())
	return out
}

// isMissed reports whether the side without it would have had it once at least, had it been as usual there.
func (c *Change) isMissed() bool {
	return c.Before*float64(c.TracesAfter)+c.After*float64(c.TracesBefore) >= 1
}

// oneSided are the operations that are certainly new, or gone.
func (c *Comparison) oneSided() map[Operation]bool {
	out := map[Operation]bool{}
	for i := range c.Changes {
		if k := c.Changes[i].Kind; k == NewOperation || k == VanishedOperation {
			out[c.Changes[i].Operation] = true
		}
	}
	return out
}

// tester gathers comparisons.
type tester struct {
	a, b    *Profile
	tests   []*comparison
	answers map[Operation]string
}

func (t *tester) add(c *comparison) {
	if c.Before > 0 {
		c.Ratio = c.After / c.Before
	}
	t.tests = append(t.tests, c)
}

// sameLower is how near two bounds are to be told apart by the kind of change instead.
const sameLower = 0.05

// leastPart is the share of the whole change of the duration of traces below which a latency is of no account to it.
const leastPart = .01

// isAside reports whether requests take more or less time, but hardly because of this latency.
func (c *Change) isAside() bool {
	switch c.Kind {
	case LatencyShift, LatencyTail, LatencyShape, OwnTime:
		return c.CriticalShare != nil && math.Abs(*c.CriticalShare) < leastPart
	}
	return false
}

// compareRank orders changes: where they begin before what follows from them, then what matters before what is of no
// account, then by size.
func compareRank(a, b Change) int {
	if a.Origin != b.Origin {
		if a.Origin {
			return -1
		}
		return 1
	}
	if aside := b.isAside(); aside != a.isAside() {
		if aside {
			return -1
		}
		return 1
	}
	size := func(c *Change) float64 {
		if c.Before > 0 && c.After > 0 {
			return math.Abs(math.Log(c.Ratio))
		}
		return math.Inf(1)
	}
	return cmp.Or(
		cmp.Compare(math.Round(b.Lower/sameLower), math.Round(a.Lower/sameLower)),
		cmp.Compare(a.Kind.order(), b.Kind.order()),
		cmp.Compare(math.Abs(b.Critical), math.Abs(a.Critical)),
		cmp.Compare(size(&b), size(&a)),
		cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Operation.Kind, b.Operation.Kind),
		cmp.Compare(a.Client, b.Client), cmp.Compare(a.Error, b.Error), slices.Compare(a.Path, b.Path),
	)
}

// withoutTwins keeps of the changes of one call that differ only by who asked for it, and go the same way, the
// first. It counts the others.
func withoutTwins(ranked []Change) []Change {
	type twin struct {
		kind Kind
		Operation
		client string
		more   bool
	}
	first := map[twin]int{}
	kept := ranked[:0]
	for _, c := range ranked {
		if c.Kind == Calls || c.Kind == Structure {
			k := twin{c.Kind, c.Operation, c.Client, c.After > c.Before}
			if at, ok := first[k]; ok {
				kept[at].Twins++
				continue
			}
			first[k] = len(kept)
		}
		kept = append(kept, c)
	}
	return kept
}

// Note says in words what the changes speak for.
func (c *Comparison) Note() string {
	note := fmt.Sprintf("%d traces before, %d after, %d comparisons at q < %.2f", c.Before.Of, c.After.Of, c.Comparisons, significance)
	if c.Before.Traces < c.Before.Of || c.After.Traces < c.After.Of {
		note += fmt.Sprintf("; a sample of %d and %d was linked", c.Before.Traces, c.After.Traces)
	}
	if n := len(c.Unsure); n > 0 {
		note += fmt.Sprintf("; %d more are new or gone, in too few traces to be sure", n)
	}
	if n := c.Before.Dropped + c.After.Dropped; n > 0 {
		note += fmt.Sprintf("; %d operations, paths and error types beyond the bounds were not compared", n)
	}
	return note
}

// differs reports whether a ratio is far enough from 1 either way.
func differs(ratio, least float64) bool { return ratio >= least || ratio <= 1/least }
