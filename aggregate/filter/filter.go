// Package filter is the filter language of DESIGN section 5: a TraceQL subset with shorthand.
package filter

// Expr is a parsed filter, immutable and safe for concurrent use.
type Expr struct{ text string }

// String returns the text that was parsed.
func (e *Expr) String() string { return e.text }
