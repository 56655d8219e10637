// What a screen may ask, of which scope, and what every answer says of itself. Answers are where they are made.

package aggregate

import (
	"context"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/filter"
	"oteltop/model"
)

// Engine is what a screen may ask. Every answer is immutable and carries its provenance. Calls may take
// up to some hundred ms on large scans and return early with ctx's error when it ends. Safe for
// concurrent use. The in-memory engine is Memory; others can push the same questions to a database.
type Engine interface {
	// Status is the status line: cheap, always available.
	Status(ctx context.Context) (*Status, error)
	// Arrival returns as soon as another number of spans was received than Status said, or ctx has ended.
	Arrival(ctx context.Context, received uint64)
	// Map is the service map of the scope, with figures per node and per edge.
	Map(ctx context.Context, q Query) (*Map, error)
	// Operations is one row per (service, operation, kind), and one per service.
	Operations(ctx context.Context, q Query) (*Operations, error)
	// Heatmap counts the scope's subject spans (see Query.Focus) by start time and duration.
	Heatmap(ctx context.Context, q HeatmapQuery) (*Heatmap, error)
	// Traces lists retained traces in scope.
	Traces(ctx context.Context, q TracesQuery) (*TraceList, error)
	// Trace opens one retained trace in the context of its population. ErrNoTrace when it is not retained.
	Trace(ctx context.Context, id model.TraceID) (*TraceView, error)
	// Count is how many retained spans and traces the query's filter matches: the live count under "/".
	Count(ctx context.Context, q Query) (*Count, error)
	// Explain is what is special about some traces of the scope, against the others (A23).
	Explain(ctx context.Context, q ExplainQuery) (*Explanation, error)
	// Compare is what changed from a baseline to the traces of the scope (A24, A25).
	Compare(ctx context.Context, q CompareQuery) (*Comparison, error)
	// Profile is what the traces of a scope look like: a baseline to keep for Compare.
	Profile(ctx context.Context, q Query) (*compare.Profile, error)
	// Suspects ranks services by how much of the change from the baseline to the window they account for.
	Suspects(ctx context.Context, q SuspectsQuery) (*Suspects, error)
	// Findings is what is worth a look, of all kinds, without being told what to look for.
	Findings(ctx context.Context, q FindingsQuery) (*Findings, error)
	// Critical is where the time of requests goes, by call path and by operation (A09, A11).
	Critical(ctx context.Context, q CriticalQuery) (*Critical, error)
	// Tail is what makes slow requests slower than ordinary ones (A12).
	Tail(ctx context.Context, q Query) (*Tail, error)
	// WhatIf is what requests would take if an operation were faster (A13). ErrWhatIf without one.
	WhatIf(ctx context.Context, q WhatIfQuery) (*WhatIf, error)
	// Trends is which latencies grow steadily, and which changed at once (A26).
	Trends(ctx context.Context, q Query) (*Trends, error)
	// Shapes is what requests do, apart from how long it takes them (A20).
	Shapes(ctx context.Context, q Query) (*Shapes, error)
	// Shape is the typical trace of a shape, named as TraceRow does (A36), and of all traces of the scope for
	// no shape: "". ErrNoShape when no trace has it.
	Shape(ctx context.Context, q Query, shape string) (*Shape, error)
	// Hotspots is what traffic, and what requests that fail, pass through (A28).
	Hotspots(ctx context.Context, q Query) (*Hotspots, error)
	// Dependencies is who calls the focused service or operation, and what it calls (A05, A06). ErrFocus
	// without a service.
	Dependencies(ctx context.Context, q Query) (*Dependencies, error)
	// Contention is which operations take longer the busier their resource is (A29).
	Contention(ctx context.Context, q Query) (*Contention, error)
	// Outliers is requests that are unlike their own kind, in duration or in what they do (A21, A22).
	Outliers(ctx context.Context, q Query) (*Outliers, error)
	// Correlated is which services' latencies move together, and whose time goes with the request's (A27).
	Correlated(ctx context.Context, q Query) (*Correlated, error)
	// Sessions is traces put together by user or by flow of messages (A33).
	Sessions(ctx context.Context, q SessionsQuery) (*Sessions, error)
	// Features is the distribution of an expression over traces (A40). ErrExpression without one.
	Features(ctx context.Context, q FeaturesQuery) (*Features, error)
	// Breakdown is the subject spans by the value of an attribute. ErrKey without one.
	Breakdown(ctx context.Context, q Query, key string) (*Breakdown, error)
	// Patterns is calls that requests need not make, or not one after the other (A18, A19, A35).
	Patterns(ctx context.Context, q Query) (*Patterns, error)
	// Skew is how far the clocks of hosts disagree (A32).
	Skew(ctx context.Context, q Query) (*Skew, error)
	// Anatomy is where the time between the two sides of calls goes, and how old messages are (A04).
	Anatomy(ctx context.Context, q Query) (*Anatomy, error)
	// Costs is what requests cost, by kind, and what operations carry (A34).
	Costs(ctx context.Context, q Query) (*Costs, error)
	// Gaps is between which services trace context is lost (A41).
	Gaps(ctx context.Context, q Query) (*Gaps, error)
	// Origins is where errors begin, how far they go, and who absorbs them (A15).
	Origins(ctx context.Context, q Query) (*Origins, error)
	// ErrorGroups is errors by operation and type, and which are new (A16).
	ErrorGroups(ctx context.Context, q Query) (*ErrorGroups, error)
	// Retries is what is sent again, and where attempts multiply (A17).
	Retries(ctx context.Context, q Query) (*Retries, error)
	// Sampling is what the spans that arrived stand for (A31).
	Sampling(ctx context.Context, q Query) (*Sampling, error)
	// Trust is how complete traces are, and how good the spans of each service (A30).
	Trust(ctx context.Context, q Query) (*Trust, error)
	// Coverage is what was received, refused, evicted, incomplete.
	Coverage(ctx context.Context) (*Coverage, error)
	// Pin keeps a trace, or lets it go; false when the bound on pins is reached or the trace is gone.
	Pin(ctx context.Context, id model.TraceID, pinned bool) bool
}

// Window is a stretch of event time [From, To) in Unix ns; a zero end is open.
type Window struct{ From, To int64 }

// Query is the scope of a question. The zero Query is everything there is.
type Query struct {
	Window Window
	Filter *filter.Expr // nil: no filter. With a filter the answer comes from a scan of the ring
	Focus  Focus
	// Baseline, when not zero, is the window that Δ figures compare with.
	Baseline Window
	// Exact is for figures from rollups of a window that begins between two of their steps: whatever is retained is
	// then folded again, with a step that begins there. It changes nothing of a live engine, nor once spans were
	// evicted, of which only the rollups know.
	Exact bool
}

// Focus narrows a scope to a service, an operation or an edge. Its subject spans are what heatmaps and
// latency figures count:
//
//	no focus            the main root span of each trace (request latency as the outside sees it)
//	service             its entry spans (D4)
//	service, operation  the spans of that operation
//	edge                the calls of that edge (client side where there is one, else server side)
type Focus struct {
	Service   string
	Operation string     // with Service
	Kind      model.Kind // with Operation
	Client    string     // with Server: an edge
	Server    string
}

// IsZero reports whether there is no focus.
func (f Focus) IsZero() bool { return f == Focus{} }

// Basis says what kind of data an answer was computed from.
type Basis string

// The bases.
const (
	BasisRollups Basis = "rollups" // all spans received, exact within the histogram's 1.1 %
	BasisRing    Basis = "ring"    // a scan of the retained traces: a census of what is recent
)

// Provenance says what an answer was computed from. It is shown on every screen and in every report.
type Provenance struct {
	Basis  Basis  `json:"basis"`
	Spans  uint64 `json:"spans"`  // spans looked at
	Traces uint64 `json:"traces"` // traces looked at (ring only)
	Of     uint64 `json:"of"`     // spans received so far: Spans/Of is the share this answer speaks for
	From   int64  `json:"from_unix_nano"`
	To     int64  `json:"to_unix_nano"`
	Note   string `json:"note,omitempty"` // what a reader must know: sampling, eviction, coarse buckets
}
