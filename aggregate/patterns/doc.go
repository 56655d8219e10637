// Package patterns finds calls that a request need not make, or not one after the other: one call per item
// (N+1), calls that could run side by side, bursts that wait for their slowest call (ANALYSES A18), the same
// call made again (A19), services that call themselves through others, and calls that leave their region (A35).
//
//	request.Trace ─▶ calls by the request that makes them ─▶ fingerprints ─▶ runs, chains, bursts ─┐
//	              ─▶ calls by their exact arguments ─▶ duplicates ──────────────────────────────────┼─▶ Fold.Result
//	              ─▶ services on each way down ─▶ cycles, depth ────────────────────────────────────┤
//	              ─▶ both sides of calls ─▶ where they run ─▶ calls into other regions ─────────────┘
//
// A call is a CLIENT span. Its caller is the nearest span above that is not internal: an ORM wraps each
// statement in spans of its own, and they would make siblings cousins.
package patterns

// Thresholds of A18. Where Sentry's performance detectors, whose descriptions are public, have a figure, it is
// theirs: they were tuned on the traces of many.
const (
	// runLeast is how many calls make a run: fewer are read, and run, faster than they are rewritten.
	runLeast = 5
	// matters and matterShare: what a pattern costs a request has to be at least this many ns, and 1/matterShare
	// of the request, to be worth changing code for.
	matters     = 50e6
	matterShare = 20
	// overlapTolerance: by 1/100 of its duration a call may run into the next and still be before it.
	overlapTolerance = 100
	// burstLeast is how many calls at the same time make a fan-out.
	burstLeast = 10
	// stragglerLeast is how many times the median the slowest call of a fan-out takes to be called a straggler.
	stragglerLeast = 3
	// serialShare: calls one after the other could save at least 1/10 of their time.
	serialShare = 10
	// Calls one after the other that are not known to be independent are listed when there are so many, of at
	// least so long each, no further apart than that, and so much could be saved at most, ns.
	slowChainLeast = 3
	slowCallLeast  = 500e6
	slowChainGap   = 1e9
	slowChainSave  = 2e9
)

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	maxTexts   = 1 << 16 // distinct normalised statements, routes and names
	maxBytes   = 1 << 25 // of these together
	maxPrints  = 1 << 16
	maxCells   = 1 << 13 // callers × fingerprints, up to 8 kB each
	maxPlaces  = 1 << 12 // patterns, some kB each
	maxSources = 1 << 12 // bytes of a statement that are looked at; longer ones differ early or not at all
	maxCount   = 1 << 8  // counts from here on are known to 1.1 %
)
