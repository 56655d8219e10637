// Package order learns from many requests which calls of one parent wait for each other (ANALYSES A14).
//
//	spans of many requests ─▶ Model.Fold ─▶ for each call path: "A has ended before B begins", how often it
//	                                         held and how often it did not
//	Model + the critical path of one trace ─▶ Doubts: hops of the path that other requests contradict
//	Model ─▶ whatif, which moves a call only with calls that it was never seen not to wait for
//
// Spans say when calls ran, not what they waited for. That B begins after A has ended is a guess at a
// dependency, which one counter-example refutes for good: a request in which they run side by side, or the
// other way round. That a request lacks one of them says nothing. Calls in turn, as loops make them (A B A B), wait
// for each other in both directions. Overlaps of up to 1 % of the parent are put down to clocks, as in critical
// paths.
//
// Sources: Chow et al., "The Mystery Machine", OSDI 2014, for hypotheses that counter-examples refute; CRISP's
// dependency graph for keys by call path and for children that outlive their parent. Both drop the order within
// loops, which is kept here. Memory is bounded, and what was not learned for that is counted.
package order
