// Package dependencies says who causes load on a service or an operation, and what load it causes (ANALYSES
// A05 to A07).
//
//	request.Trace ─▶ calls: who called whom in the trace ─┬─▶ Explorer: callers, callees, paths of a focal service
//	                                                      └─▶ Detector: callees that one caller calls far more often
//
// A call is an entry span (a server or consumer, a root, a span below one of another service), or an exit
// span that names a peer and has no entry span below it: databases, caches and queues send no spans, but
// they are called all the same. Spans in between, of kind internal and the client's side of a call, are
// folded into the call that they belong to.
//
// Callers and callees are counted as multisets of calls, as recursive SQL with UNION ALL does, but each call
// once, however many focal calls it is above or below of.
package dependencies
