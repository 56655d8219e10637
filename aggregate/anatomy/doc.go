// Package anatomy takes the time between the two sides of calls apart (ANALYSES A04): how much of what a client waits
// beyond its server's own time is on the way there and how much on the way back, and how old messages are when they
// are taken.
//
//	skew.Result ─▶ Clocks: how far two hosts' clocks differ at least and at most
//	request.Trace + Clocks ─▶ Fold: by edge, the gap in two parts, ages and waits ─▶ Result
//
// The gap itself is a difference of durations, whatever the clocks. Its two parts are not: the way there begins by one
// clock and ends by the other. They are told apart where both sides are on one host, or where calls enough say how far
// the clocks of their hosts can differ (package skew); else the call counts in the gap only. The offset is known to an
// interval only, and moving it along makes one part longer by what it makes the other shorter. So a call says which part
// is the longer one only where that holds over the whole interval, and counts as undecided otherwise.
//
// The way there is everything from the client's start to the server's: serialising, resolving, connecting, the wire, a
// proxy, the queue of the server. No trace tells these apart. A server that ends its span only after it has answered makes
// the way back look shorter than it is.
package anatomy

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	maxEdges  = 1 << 12 // up to 10 kB each
	maxCached = 1 << 14 // resources
	maxLinks  = 1 << 10 // of one consumer: a larger batch says nothing that so many messages do not
	maxTime   = 1 << 61 // Unix ns, the year 2043: what claims to be later has a wrong clock, and differences overflow
)
