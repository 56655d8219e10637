// Package explain says what is special about a cohort of traces: which attributes, callees and shares of
// the critical path it has more or less of than a disjoint baseline (ANALYSES A23, section 3.3).
//
//	cohorts ─▶ spans by trace ─▶ tallies per (scope, key): values, presence, numbers ─┐
//	        ─▶ call paths and critical-path shares of a sample ──────────────────────┴▶ candidates
//	candidates ─▶ tests, q over all of them ─▶ rank by the least the difference can be ─▶ fold redundant
//
// The unit is the trace: the spans of a trace depend on each other, so a value counts once for a trace
// however many spans have it. Memory is bounded: 256 values per key and cohort, with the error of their
// counts carried into the intervals.
package explain

import (
	"context"
	"fmt"

	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// Tuning.
const (
	// cohortTraces is how many traces of a cohort are looked at. A share of 20,000 is known to ±0.7 % at
	// worst, and all attributes of so many can be read while a person waits.
	cohortTraces = 20_000
	// structureTraces is how many of them are linked for call paths and critical paths (section 3.4).
	structureTraces = 2_000
	// maxTallies bounds the (scope, key) pairs; further ones are counted and named in the result.
	maxTallies = 8_192
	// significance is the false discovery rate (section 3.6).
	significance = 0.05
	// defaultRows is how many rows an answer has when the options leave it open.
	defaultRows = 50
)

// folded is how many of the best candidates of a class are compared with each other for redundancy.
func (c class) folded() int {
	switch c {
	case telling:
		return 300
	case shares:
		return 60
	}
	return 30
}

// Scope says where an attribute stands.
type Scope string

// The scopes.
const (
	ScopeSpan     Scope = "span"     // on a span of an operation that the selection matches
	ScopeResource Scope = "resource" // on the resource of such a span
	ScopeTrace    Scope = "trace"    // anywhere in the trace: at one service and operation
)

// The keys of candidates that are no attributes.
const (
	KeyPath     = "path"          // value: the operations from the root down to a callee
	KeyCritical = "critical path" // the share of the critical path that an operation accounts for
)

// Cohorts are two disjoint sets of traces, as indices of a snapshot.
type Cohorts struct{ Selected, Baseline []uint32 }

// Options narrow what is looked for.
type Options struct {
	// Subject holds the operations whose spans count for ScopeSpan and ScopeResource; nil: all.
	Subject map[uint32]struct{}
	// Except holds keys that are not compared: the cohorts were chosen by them.
	Except []string
	Limit  int // rows; default 50
}

// Result is what is special about the selected traces: attributes and callees, then shares of the critical
// path, then identifiers, each by Lower. Immutable.
type Result struct {
	Rows          []Row
	Selected      int    // traces that were looked at, of
	SelectedOf    int    // how many there are
	Baseline      int    // likewise
	BaselineOf    int    //
	Comparisons   int    // how many were made: q speaks for all of them
	Passed        int    // how many of them passed, before folding
	DroppedKeys   uint64 // keys that were not looked at because of the bound
	Structure     [2]int // traces per cohort whose call paths were looked at
	SpansExamined uint64
}

// Row is an attribute, callee or share that the cohorts differ in.
type Row struct {
	Scope     Scope
	Service   string // of ScopeTrace
	Operation string // of ScopeTrace; empty for an attribute of a service's resource
	Kind      model.Kind
	Key       string
	Value     string
	Absent    bool   // the key is not there: Value is empty
	IsCut     bool   // the value is too long to be kept: Beginning is; of a path, Steps are its end
	Beginning string // of a value that IsCut; empty where it stands for all that were too many to be told apart
	Steps     []Step // of KeyPath: from the root down

	Selected, SelectedTotal uint64 // traces with it, of those compared
	Baseline, BaselineTotal uint64
	Error                   uint64 // counts may be too large by as much as this

	// Lower is the least that the size of the difference of the shares is, with 95 % confidence
	// (Newcombe's method 10). Of a number it is that of the difference of the probabilities that it is
	// larger in one cohort than in the other, which for a yes-or-no attribute is the same figure.
	Lower float64
	Q     float64 // false discovery rate at which the row would just be shown

	Numeric        bool
	AUC            float64 // of a number: probability that a selected trace's is larger; else 0
	SelectedMedian float64 // of a number
	BaselineMedian float64
	SelectedTime   float64       // of KeyCritical: mean ns on the critical path, of all selected traces
	BaselineTime   float64       // likewise
	IDLike         bool          // most traces have a value of their own
	AlsoCount      int           // how many are redundant with this one; Also names some
	Also           []string      // what says the same of the same traces
	Exemplar       model.TraceID // a selected trace that shows it
}

// Step is an operation on a path.
type Step struct{ Service, Operation string }

// Difference is the share of the selected traces less that of the baseline.
func (r *Row) Difference() float64 { return r.SelectedShare() - r.BaselineShare() }

// SelectedShare is the share of the selected traces, 0–1.
func (r *Row) SelectedShare() float64 { return stats.Ratio(r.Selected, r.SelectedTotal) }

// BaselineShare is the share of the baseline's traces, 0–1.
func (r *Row) BaselineShare() float64 { return stats.Ratio(r.Baseline, r.BaselineTotal) }

// Explain compares two cohorts of a snapshot. It returns ctx's error when that ends. With an empty cohort
// there are no rows.
func Explain(ctx context.Context, snap store.Snapshot, names store.Names, c Cohorts, o Options) (*Result, error) {
	r := &Result{SelectedOf: len(c.Selected), BaselineOf: len(c.Baseline)}
	c = Cohorts{thin(c.Selected, cohortTraces), thin(c.Baseline, cohortTraces)}
	r.Selected, r.Baseline = len(c.Selected), len(c.Baseline)
	if r.Selected == 0 || r.Baseline == 0 {
		return r, nil
	}
	spans, err := gather(ctx, snap, c)
	if err != nil {
		return nil, err
	}
	r.SpansExamined = uint64(len(spans.places))
	a := newTallying(snap, names, spans, o)
	if err := a.count(ctx); err != nil {
		return nil, err
	}
	s, err := lookAtStructure(ctx, snap, names, c)
	if err != nil {
		return nil, err
	}
	r.Structure, r.DroppedKeys = s.sizes, a.dropped+s.dropped
	candidates := append(a.candidates(), s.candidates()...)
	r.Comparisons = len(candidates)
	passed := significant(candidates)
	r.Passed = len(passed)
	best := bestOf(passed)
	if err := a.mark(ctx, best); err != nil {
		return nil, err
	}
	s.mark(best)
	limit := o.Limit
	if limit <= 0 {
		limit = defaultRows
	}
	for _, k := range fold(best, r.Selected, r.Selected+r.Baseline, limit) {
		if at := k.exemplar(r.Selected); at >= 0 {
			t, _ := snap.Trace(c.Selected[at])
			k.Exemplar = t.ID
		}
		r.Rows = append(r.Rows, k.Row)
	}
	return r, nil
}

// thin takes every so many-th trace, so that at most n are left. Indices follow arrival, so what is left
// covers the whole time.
func thin(traces []uint32, n int) []uint32 {
	if len(traces) <= n {
		return traces
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = traces[i*len(traces)/n]
	}
	return out
}

// Note says in words what the rows speak for.
func (r *Result) Note() string {
	note := fmt.Sprintf("%d selected against %d baseline traces, %d comparisons, %d passed at q < %.2f",
		r.Selected, r.Baseline, r.Comparisons, r.Passed, significance)
	if r.Selected < r.SelectedOf || r.Baseline < r.BaselineOf {
		note += fmt.Sprintf("; a sample of %d selected and %d baseline traces", r.SelectedOf, r.BaselineOf)
	}
	if r.Structure[0] < r.Selected || r.Structure[1] < r.Baseline {
		note += fmt.Sprintf("; call paths of %d and %d", r.Structure[0], r.Structure[1])
	}
	if r.DroppedKeys > 0 {
		note += fmt.Sprintf("; %d more keys and paths were not looked at", r.DroppedKeys)
	}
	return note
}
