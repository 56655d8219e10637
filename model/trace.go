package model

// Trace is one whole trace as the waterfall shows it: decoded spans linked into a tree. Immutable.
type Trace struct {
	ID    TraceID
	Spans []Span // as stored, oldest arrival first; Tree.Nodes index into it
	Heads []Head // parallel to Spans
	Tree  Tree

	Self     []int64   // per node: self time, ns (A08); 0 for Missing nodes
	Critical []int64   // per node: own time on the critical path, ns (A10)
	Sections []Section // the critical path of PathRoot, in time order
	Skew     []int64   // per node: ns that the clock-skew view adds to its times (A32 fallback); 0: untouched

	// SkewHalf is, per node, to how many ns ± Skew is known from calls between its host and others; SkewUnknown
	// where it comes from this trace alone. nil: all of them do.
	SkewHalf []int64

	Start, End int64 // earliest start of a span that has one, latest end; Unix ns
	Root       int32 // Tree.MainRoot, or the Missing node above that; -1 for no spans
	Services   int   // distinct services
	Errors     int   // spans with status error
	Orphans    int   // spans below a Missing node directly
	Kept       KeptBecause
}

// SkewUnknown in Trace.SkewHalf: the correction is no measurement.
const SkewUnknown = -1

// Duration is that of the main root where there is one, else the extent of all spans. ns.
func (t *Trace) Duration() int64 {
	if t.Root >= 0 && t.Tree.Nodes[t.Root].Span >= 0 {
		return t.Heads[t.Tree.Nodes[t.Root].Span].Duration()
	}
	return t.End - t.Start
}

// PathRoot is the node of the span whose end the trace is taken to wait for, which is also its root in lists and in
// what is computed over many traces: Tree.MainRoot.
func (t *Trace) PathRoot() int32 { return t.Tree.MainRoot() }

// Complete: one root, no missing parent, nothing dropped (A30).
func (t *Trace) Complete() bool {
	if !t.Tree.Whole() {
		return false
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		if s.DroppedAttributes|s.DroppedEvents|s.DroppedLinks != 0 {
			return false
		}
	}
	return true
}

// KeptBecause says why a trace can still be opened.
type KeptBecause uint8

// Why a trace is retained.
const (
	KeptRecent   KeptBecause = iota // in the ring: a census of what is recent
	KeptPinned                      // pinned by a person
	KeptError                       // has an error
	KeptSlow                        // slow for its root operation
	KeptExemplar                    // stands for a heatmap cell
	KeptRare                        // its root operation is rare
	KeptReasons                     // how many reasons there are
)

// String is what a screen shows after "kept because".
func (k KeptBecause) String() string {
	return [KeptReasons]string{"recent", "pinned", "error", "slow", "exemplar", "rare"}[k]
}
