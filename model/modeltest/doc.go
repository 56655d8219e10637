// Package modeltest makes traces for tests: drawn as text, built to a pattern, or at random from a seed. It also
// reads recordings (Lines), and says what long tests leave out under the race detector (Run, Statistic).
//
// A drawn trace has one span a line; a line that is indented deeper than the one above it is its child:
//
//	web  GET /checkout  server   0..100
//	  cart  load        client  10..40
//	    db  SELECT cart client  12..30   error
//	  pay   charge      client  40..95   error="card declined" http.response.status_code=402
//
// The fields are: service, operation (may hold spaces), kind, start..end, and then any number of
//
//	error, error="text"   status error, with its text
//	ok                    status ok
//	id=1f                 span id in hex, instead of the number of the line's span counted from 1
//	parent=2a             parent id in hex, instead of the indentation; 0 for a root
//	key=value             an attribute: an integer, true, false, or else a string, quoted where it has spaces
//	@key=value            an attribute of the resource
//
// Times are in ms after Base, or with a unit (500us..2s); they may be negative, and end may lie before
// start. The service "-" stands for a resource without a name. Empty lines and lines that start with # are
// skipped. A line "trace 2" starts the trace with that id in hex; without one all spans are of trace 1.
//
// Draw is the inverse for a linked trace, for comparing with text in a test.
package modeltest
