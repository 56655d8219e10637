// Package aggregate answers questions about what traces say together: who calls whom, how fast, what is
// unusual. Screens and reports ask an Engine and get immutable results that say what they were
// computed from.
//
//	store ─▶ rollup: every span, at ingest ───────────────────────────┐
//	store ─▶ Snapshot ─▶ filter ─▶ sweep ─▶ request.Trace, one by one ┴─▶ an analysis ─▶ Memory, the Engine ─▶ ui, report
//
// Memory has a file for each question (critical.go, gaps.go, …), with the types of its answer; engine.go says what a
// question and its scope are, answers.go how answers are kept. They come from the rollups (folded, red, latencies), from
// the retained traces that a filter matches (scope), of which a sweep loads one by one, linked (sweep), from the spans
// that a focus is about (subjects), or from a walk over these with everything below them (requests). The analyses
// themselves are packages below this one, which know nothing of engines and queries:
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
//
// Comments cite analyses by the numbers that their definitions have (and the rules D1 to D9, see package model):
//
//	A01 rates, errors, durations     A15 where errors begin          A29 contention
//	A02 latency heatmap              A16 kinds of errors             A30 completeness of traces
//	A03 service map                  A17 retries                     A31 sampling
//	A04 the two sides of a call      A18 N+1, serial calls, fan-out  A32 clocks
//	A05 who calls, what is called    A19 the same work done twice    A33 sessions
//	A06 how often it is called       A20 shapes of traces            A34 payload and cost
//	A07 calls multiplied on a path   A21 odd structure               A35 cycles, depth
//	A08 self time                    A22 odd duration                A36 typical traces
//	A09 where the time goes          A23 attributes of a cohort      A37 a trace among its like
//	A10 critical path of a trace     A24 structure of a cohort       A38 questions in the palette
//	A11 critical path of many        A25 now against before          A39 what is kept
//	A12 what the tail consists of    A26 growth                      A40 features of traces
//	A13 what if                      A27 services that go together   A41 lost context
//	A14 which calls wait for which   A28 chokepoints
package aggregate
