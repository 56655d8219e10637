// Package gaps finds where trace context is lost between two services (ANALYSES A41): calls that nobody answers in
// their own trace, while the callee starts a trace of its own during each of them.
//
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Result ─▶ Pairs: of so many calls a→b, so many lost their context
//
// Calls and traces are matched by time alone, each with one other at most. That is evidence about a pair of services,
// not about single calls, so only rates are given: no trace is joined to another.
package gaps
