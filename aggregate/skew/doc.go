// Package skew estimates how far the clocks of hosts disagree (ANALYSES A32).
//
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Result ─▶ Pairs, one per pair of hosts that call each other
//	                                          └─▶ Offsets(root): what to add to each host's times
//
// Never per span: each call from host a to host b says that b's clock is off by something between two bounds,
// since the server worked while the client waited. All calls together leave a narrow interval. If that holds 0,
// there is nothing to correct; else its middle is the correction, known to ± half its width, as long as the
// fastest request and the fastest response took about the same time.
//
// Servers that end their span only after they have answered look ahead by that: in the recorded traces of Train Ticket
// 0.3 to 0.9 ms at each hop. Such offsets are corrected like any other, but no clock is called wrong for them.
package skew
