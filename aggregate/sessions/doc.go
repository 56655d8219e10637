// Package sessions puts the traces of one user, or of one flow of messages, together (ANALYSES A33): n traces
// that a person would look at one after the other become one row that says what went wrong first.
//
//	attributes ─▶ a value for each trace ─┐
//	links ─▶ flows of traces ─────────────┴─▶ groups by value and pause ─▶ Session: verdict, gap, retries
//
// The value of a trace is that of its root, or else the most frequent one among its spans; a trace without
// one takes that of the traces that it is linked to, where these agree.
package sessions
