// Package aggregate answers questions about what traces say together: who calls whom, how fast, what is
// unusual. Screens and reports ask an Engine and get immutable results that say what they were
// computed from.
//
//	store ─▶ rollup: every span, at ingest ───────────────────────────┐
//	store ─▶ Snapshot ─▶ filter ─▶ sweep ─▶ request.Trace, one by one ┴─▶ an analysis ─▶ Memory, the Engine ─▶ ui, report
//
// Memory has a file for each question (critical.go, gaps.go, …), with the types of its answer; engine.go says what a
// question and its scope are. Answers come from the rollups (servicemap, operations, heatmap, red, latencies), from a
// sweep over linked traces (sweep), or from a walk over the requests of a focus (scan, scan_focus, requests). The
// analyses themselves are packages below this one, which know nothing of engines and queries:
//
//	which traces, which spans            filter, attributes, features, breakdown
//	where time goes                      paths, anatomy; order, whatif: what waits for what, and what if it did not
//	what requests do                     shapes, patterns, costs, sessions
//	who causes load                      dependencies, hotspots, contention
//	what fails                           failures
//	what is unusual, or has changed      outliers, explain, compare, suspects, growth, correlated
//	how far all this can be believed     trust, sampling, skew, gaps
//
// They share request (a linked trace), hist (the one histogram), stats (tests and intervals), bounded, prose and findings,
// the one form in which what is worth a look is listed. Package report writes answers as JSON or text. For tests there
// are enginetest, request/requesttest, filter/storetest and rollup/rolluptest.
package aggregate
