package aggregate

import (
	"context"
	"time"

	"oteltop/aggregate/compare"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/order"
	"oteltop/aggregate/whatif"
	"oteltop/model"
)

// Engine is what a screen may ask. Every answer is immutable and carries its provenance. Calls may take
// up to some hundred ms on large scans and return early with ctx's error when it ends. Safe for
// concurrent use. The in-memory engine is Memory; others can push the same questions to a database.
type Engine interface {
	// Status is the status line: cheap, always available.
	Status(ctx context.Context) (*Status, error)
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

// RED is rate, errors, duration of a set of spans.
type RED struct {
	Calls  uint64
	Errors uint64
	Rate   float64 // calls per second over the window in which there was data
	P50    int64   // ns; 0 when Calls is 0
	P95    int64
	P99    int64
	Max    int64
}

// ErrorShare is Errors/Calls, 0 for no calls.
func (r RED) ErrorShare() float64 {
	if r.Calls == 0 {
		return 0
	}
	return float64(r.Errors) / float64(r.Calls)
}

// Trend is a figure over equal steps of time, oldest first; all slices have the same length.
type Trend struct {
	Start, Step int64 // Unix ns, ns
	Calls       []uint64
	Errors      []uint64
	P95         []int64 // 0 where there were no calls
}

// NodeKind is what a node of the service map is.
type NodeKind string

// The kinds of nodes.
const (
	NodeService   NodeKind = "service"
	NodeDatabase  NodeKind = "database"
	NodeMessaging NodeKind = "messaging"
	NodeInferred  NodeKind = "inferred" // a peer that spans name but that sends none
	NodeUser      NodeKind = "user"     // whoever calls the root servers
)

// EdgeKind is what an edge of the service map is.
type EdgeKind string

// The kinds of edges.
const (
	EdgeCall      EdgeKind = "call"
	EdgeMessaging EdgeKind = "messaging"
	EdgeDatabase  EdgeKind = "database"
	EdgeInferred  EdgeKind = "inferred"
)

// Map is the service map of a scope. Nodes by name, edges by (client, server, kind).
type Map struct {
	Provenance Provenance
	Nodes      []Node
	Edges      []Edge
	Broken     uint64 // non-root server spans without their parent: broken traces, not users
	Pending    uint64 // exit spans still waiting for their peer
	Dropped    uint64 // calls not counted on an edge because a bound was reached
}

// Node is a service or peer. For services RED is over entry spans; for others over the calls to it.
type Node struct {
	Name       string
	Kind       NodeKind
	RED        RED
	Trend      Trend
	Operations int
}

// Edge is the calls from one node to another. A client+server pair is one call (D5).
type Edge struct {
	Client, Server string
	Kind           EdgeKind
	Calls, Failed  uint64
	Rate           float64
	ClientP50      int64 // ns as the client sees it; 0 where no client span was seen
	ClientP95      int64
	ClientP99      int64
	ServerP50      int64 // ns as the server sees it; 0 where no server span was seen
	ServerP95      int64
	ServerP99      int64
	// The gap is what the client waited beyond the server's own time, which does not depend on their clocks;
	// of messaging the time in the queue, consumer start − producer end, which does. One that is negative
	// counts as none in the quantiles (A04).
	GapP50      int64
	GapP95      int64
	GapP99      int64
	Answered    uint64 // calls with a span on the server's side
	Gaps        uint64 // calls with a span on both sides
	GapNegative uint64 // of these, with a negative gap: the clocks differ, or the server went on afterwards
	Trend       Trend  // P95 of the client side where there is one
}

// Operations is the table of operations and of services.
type Operations struct {
	Provenance Provenance
	Rows       []OperationRow // by time share, then name
	Services   []OperationRow // Operation "", Kind 0; RED over entry spans
}

// OperationRow is one (service, operation, kind), or one service.
type OperationRow struct {
	Service   string
	Operation string
	Kind      model.Kind
	RED       RED
	Self      int64   // total self time, ns
	TimeShare float64 // Self / Σ Self of the answer
	Trend     Trend
	Delta     *Delta // nil without a baseline or where it had fewer than 10 calls
}

// Delta compares with the baseline window. Ratios are now/baseline, 0 where the baseline was 0.
type Delta struct {
	Calls      uint64 // in the baseline
	RateRatio  float64
	P50Ratio   float64
	P95Ratio   float64
	ErrorShare float64 // now − baseline
}

// HeatmapQuery asks for a heatmap of at most Columns columns; the step is chosen from the store's time
// buckets (2 s or more) and the rows from the data.
type HeatmapQuery struct {
	Query
	Columns int
	MaxRows int // rows are √2 apart; doubled to factor 2 when there would be more
}

// Heatmap is counts by time column and duration row: cell (c, r) is at index c*len(RowLow)+r.
type Heatmap struct {
	Provenance Provenance
	Start      int64   // Unix ns of the first column
	Step       int64   // ns per column
	Columns    int     // columns
	RowLow     []int64 // lower bound of each row, ns, ascending; row r ends where r+1 starts
	RowHigh    int64   // end of the last row, ns
	Counts     []uint64
	Errors     []uint64
	Exemplars  []model.TraceID // one per cell that can be opened now; zero id where none is retained
	P50        []int64         // per column, ns; 0 where the column is empty
	P95        []int64
	P99        []int64
	Whole      Quantiles // of all columns together
	Total      uint64
	ErrorTotal uint64
}

// Selection is a part of a heatmap: subject spans that start in the window and last [MinDur, MaxDur) ns.
// A zero bound is open.
type Selection struct {
	Window         Window
	MinDur, MaxDur int64
	ErrorsOnly     bool
	Column         ColumnRange // and whose traces have certain values in a column
}

// ColumnRange is the traces that have some of the values of a column, see package features. Comparable; the zero
// value is all traces.
type ColumnRange struct {
	Expr string // an expression; empty: all traces
	features.Range
}

// TraceSort is a column of the trace list.
type TraceSort string

// The sort orders; ties are broken by trace id.
const (
	SortStart    TraceSort = "start"
	SortDuration TraceSort = "duration"
	SortSpans    TraceSort = "spans"
	SortErrors   TraceSort = "errors"
	SortServices TraceSort = "services"
	SortRoot     TraceSort = "root"
	SortColumn   TraceSort = "column" // of TracesQuery.Column; traces that have no value come last
)

// TracesQuery asks for retained traces in scope: those with a span that matches the filter and, where a
// focus or selection is set, with a subject span inside it.
type TracesQuery struct {
	Query
	Selection *Selection
	Sort      TraceSort // default start, newest first
	Ascending bool
	Limit     int            // default 1000
	Column    *features.Expr // works out TraceRow.Column; nil: none
}

// TraceList is the traces of a scope.
type TraceList struct {
	Provenance Provenance
	Rows       []TraceRow
	Matched    uint64 // traces in scope, of which Rows are the first
}

// TraceRow is one trace in a list.
type TraceRow struct {
	ID            model.TraceID
	RootService   string
	RootOperation string
	RootKind      model.Kind
	Start         int64   // Unix ns
	Duration      int64   // ns, see model.Trace.Duration
	Percentile    float64 // rank of Duration within its root operation, 0–100; -1 with n < 10
	Spans         int
	Services      int
	Errors        int
	Complete      bool
	Orphans       int
	Settled       bool
	Shape         string // short stable hash of the call structure (A20 k2)
	Kept          model.KeptBecause
	Column        features.Cell // of TracesQuery.Column; nothing without
}

// TraceView is one trace in the context of its population.
type TraceView struct {
	Provenance Provenance
	Trace      *model.Trace
	Row        TraceRow
	// Spans of the same (service, operation, kind) in the rollups, per node of Trace.Tree.
	Context    []SpanContext
	Single     whatif.Single // slack and drag, per node
	Doubts     []order.Doubt // hops of the critical path that other traces contradict, by node
	RootCount  uint64        // root spans of the same operation that the rank is among
	ShapeShare float64       // share of the retained traces of this root operation with this shape; 0 unknown
	ShapeCount uint64
	Verdict    string      // where its errors begin and how far they go (A15); empty without errors
	Logs       []model.Log // in time order
	MoreLogs   int         // older ones that are kept, but not in Logs: there are too many
}

// SpanContext says how unusual a span is within its operation (A37). The zero value: unknown.
type SpanContext struct {
	N          uint64  // spans of the operation
	Percentile float64 // 0–100
	Median     int64   // ns
	P95        int64   // ns
	Strip      Strip   // where in the operation's durations it lies

	// Presence is the share of traces of the same root operation that have a span like it (of its call path),
	// among PresenceOf that have one like its parent. 0 of PresenceOf: unknown, or a root.
	Presence   float64
	PresenceOf uint64
}

// StripCells is how many cells a Strip has.
const StripCells = 7

// Strip is a distribution of durations in a few cells of equal width on the logarithmic scale, from Low to
// High, ns. The outer cells also hold what lies beyond.
type Strip struct {
	Low, High int64
	Cells     [StripCells]uint64
	At        int // the cell of the span
}

// Count is how much a filter matches among what is retained.
type Count struct {
	Provenance Provenance
	Spans      uint64
	Traces     uint64
	OfTraces   uint64
}

// ReasonCount is a counter with a stable snake_case name.
type ReasonCount struct {
	Reason string
	N      uint64
}

// Status is the status line.
type Status struct {
	Now          time.Time
	SpansPerSec  float64 // over the last few seconds
	TracesPerSec float64
	Received     uint64 // spans
	Services     int
	Operations   int
	Retained     uint64  // spans
	Traces       uint64  // retained traces
	RingSeconds  float64 // how far back the ring goes
	Bytes        int64
	Budget       int64
	Refused      uint64 // spans and requests, all reasons
	Evicted      uint64 // spans
	Duplicate    uint64
	Complete     float64 // share of settled retained traces that are complete; -1 unknown
	Logs         uint64  // log records received
	Metrics      uint64  // data points received, not shown
	Oldest       int64   // event time of the data, Unix ns; 0 when there is none
	Newest       int64
	Live         bool          // a receiver or generator is attached: "now" moves
	Requests     []ReasonCount // by transport
	RefusedBy    []ReasonCount
}

// Coverage says how far the figures can be trusted.
type Coverage struct {
	Provenance Provenance
	Status     Status
	Received, Stored, Duplicate, Evicted,
	Retained, Late, IDCollisions, Overflowed uint64 // spans
	EvictedTraces, Traces, OpenTraces,
	CompleteTraces, ShelfTraces uint64
	Shelved       []ReasonCount // by kept-because
	Orphans       uint64        // spans whose parent was not seen, in retained traces
	MissingBy     []MissingSide // which services' parents are missing
	RootCount     []ReasonCount // traces with no_root, one_root, several_roots
	Quality       []ReasonCount // negative_duration, cycle, duplicate_id, shared_id, async_tail, outside_parent, missing_service_name, unspecified_kind
	DroppedFields []ReasonCount // attributes, events, links dropped by SDKs
	Bounds        []Bound       // every bound of the program with its fill and its counter of losses
	Services      []ServiceQuality
	Bytes, Budget int64
	RollupBytes   int64
	Connections   int64
	Log           []string // the last messages of the program, newest last
}

// MissingSide counts orphans by the service and kind of the child: whose parent is missing.
type MissingSide struct {
	Service string
	Kind    model.Kind
	Orphans uint64
	Spans   uint64 // spans of that service and kind, for the rate
}

// ServiceQuality is completeness by service.
type ServiceQuality struct {
	Service         string
	Spans           uint64
	Orphans         uint64
	UnspecifiedKind uint64
	Negative        uint64
	DroppedFields   uint64
	NoVersion       bool // no service.version on its resource
	NoInstance      bool // no service.instance.id, host or pod
}

// Bound is a limit of the program: nothing grows for ever and nothing is lost silently.
type Bound struct {
	Name      string
	Used, Max int64
	Lost      uint64 // what was dropped or folded because of it
}
