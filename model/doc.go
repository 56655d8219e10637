// Package model holds what a trace is: identifiers, spans as a person or an analysis sees them, the
// sanitised text type, and the linking of spans into trees with self time and critical path.
//
// Spans at rest live in the compact form of subpackage store (the ring), log records in subpackage logbook;
// subpackage wire walks OTLP bytes without copying them. model imports the standard library only.
//
//	OTLP bytes ─▶ wire.Fields ─▶ store.Ring ─▶ Trace (decoded, linked, immutable) ─▶ aggregate, ui
//
// What is counted, timed and compared everywhere follows these rules. Comments cite them by number:
//
//	D1  A span is known by its trace id and span id. A copy of it (a request sent twice) is dropped and counted. A
//	    client and a server that share one id, as Zipkin's do, are two spans, the server below the client. Other
//	    spans that share one are all kept, and marked.
//	D2  A span without a parent id is a root; there may be several. Orphans whose parent was never seen are children
//	    of one node that stands for it. A cycle is cut above its earliest span. The earliest root stands for the
//	    whole trace; where there is none, the earliest span above which a cycle was cut, else the earliest orphan. A
//	    trace is open while spans may come, then settled; a late span opens it again, and it is counted anew, not
//	    twice.
//	D3  Times are ns in an int64. A span that ends before it starts has a duration of 0, and is marked.
//	D4  An operation is a service, a span name and a kind. A service without a name is unknown_service. An entry
//	    span is of kind server or consumer, or a root, or a child of a span of another service; an exit span is of
//	    kind client or producer.
//	D5  A call goes from one service to another: its client span and its server span are one call. It has failed
//	    when either side has.
//	D6  A span has failed when its status is error, whatever its attributes and its children say.
//	D7  A span of a sampled trace stands for 1/p spans, p being the probability in its trace state.
//	D8  A parent waits for its children, but a producer does not wait for a consumer. Links make nobody wait.
//	D9  A child is looked at only as far as it runs while its parent does, that one cut off in the same way.
//
// Package aggregate lists the analyses, which are cited as A01 and so on.
package model
