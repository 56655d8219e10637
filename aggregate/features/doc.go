// Package features makes columns of traces: an expression is a number or a text for each trace, whose
// distribution, groups and differences can then be looked at (ANALYSES A40, after Canopy).
//
//	text ─▶ Parse ─▶ Expr ─▶ Prepare ─▶ Evaluator ─▶ a Cell for each trace ─▶ Summarise, Divide, Compare
//
//	sum(self where db.system.name != "")     time spent in databases, ns
//	count(service = "cart")                  spans of cart
//	max(duration where kind = client)        the slowest call
//	first(.user.id)                          a text
//	sum(self where service = "cart") / max(duration)
//
// Functions are count, sum, min, max, mean, first, last and distinct, over the spans of the trace that the
// filter after where matches; of count the filter may stand alone. Values are self, duration and critical
// (own time on the critical path), all in ns, depth, the texts service, name, kind and status, and .key for an
// attribute of the span or, where it has none, of its resource. Spans that lack the attribute are passed over.
//
// Over no spans count, distinct and sums of times are 0; everything else is missing, and so is what is worked
// out from something missing, or divided by 0. first and last go by the tree: parents before their children,
// those by start.
package features
