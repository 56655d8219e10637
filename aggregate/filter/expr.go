// Package filter is the filter language of DESIGN section 5: a TraceQL subset with shorthand.
//
//	text ─▶ lex ─▶ parse ─▶ Expr ─┬─▶ Match (reference): one decoded trace, simple and obviously right
//	                              └─▶ Scan (fast): a whole store.Snapshot, folded per class and dictionary
//
// A filter speaks about spans; a trace is in scope when any of its spans matches. With braces it speaks
// about sets of spans of one trace, each pair of braces being matched by spans of its own:
//
//	service = "cart" && duration > 100ms        one span is both
//	{ service = "cart" } && { duration > 1s }   the trace has one of each
//	{ service = "cart" } >> { status = error }  the second has the first among its ancestors
//	!{ service = "cart" }                       the trace has no such span
//	{} !> { parentId != nil }                   spans whose parent is none of the trace's: it did not arrive
//
// What is easily got wrong, and how it is here:
//   - A comparison is false for spans that lack the key, a negated one too: span.x != "a" asks for spans
//     that have x with another value, and !(span.x = "a") means the same. span.x = nil asks for its lack.
//   - =~ and !~ match the whole value, as in TraceQL: write =~ ".*part.*" for a part.
//   - .x is the span's attribute, or the resource's where the span has none.
//   - An array, and the events of a span, match when any element does; != and !~ when none is equal.
//   - Values compare by their text, numbers and durations as numbers, also where a string holds them.
//   - A bare word is a part of the service or operation, in either case; with six hexadecimal digits or
//     more it may also be a part of the trace or span id (fewer would hit ids by chance).
package filter

import "strings"

// Expr is a parsed filter, immutable and safe for concurrent use.
type Expr struct {
	text  string
	root  *setNode
	sets  []*setNode // the setSpans and setNone nodes, by setNode.index
	bonds bool       // it has a structural operator
}

// String returns the text that was parsed.
func (e *Expr) String() string { return e.text }

// Canonical returns the filter in one form, with braces, operators and quotes written out. Equal
// canonical forms mean equal filters.
func (e *Expr) Canonical() string {
	var b strings.Builder
	e.root.write(&b)
	return b.String()
}

// setOp is what a setNode does.
type setOp uint8

const (
	setSpans  setOp = iota // the spans that match a condition
	setAnd                 // the union, where both sides have spans
	setOr                  // the union
	setChild               // spans of the right side with a parent on the left side
	setBelow               // spans of the right side with an ancestor on the left side
	setOrphan              // spans of the right side without a parent on the left side
	setNone                // every span of a trace that has none of the operand's
)

// setNode is an expression about sets of spans of one trace.
type setNode struct {
	op    setOp
	kids  []*setNode // two or more; exactly two of a structural operator, one of setNone
	cond  *condition // of setSpans; nil: every span
	index int        // of setSpans and setNone: its place in Expr.sets
}

// condOp is what a condition does.
type condOp uint8

const (
	condLeaf condOp = iota
	condAnd
	condOr
)

// condition is an expression about one span. Negation has been pushed into the comparisons.
type condition struct {
	op   condOp
	kids []*condition
	leaf *comparison
}

var setSigns = [...]string{setAnd: " && ", setOr: " || ", setChild: " > ", setBelow: " >> ", setOrphan: " !> "}

func (n *setNode) write(b *strings.Builder) {
	if n.op == setSpans {
		b.WriteByte('{')
		if n.cond != nil {
			b.WriteByte(' ')
			n.cond.write(b)
			b.WriteByte(' ')
		}
		b.WriteByte('}')
		return
	}
	if n.op == setNone {
		b.WriteByte('!')
	}
	for i, k := range n.kids {
		if i > 0 {
			b.WriteString(setSigns[n.op])
		}
		if k.op == setSpans || k.op == setNone {
			k.write(b)
			continue
		}
		b.WriteByte('(')
		k.write(b)
		b.WriteByte(')')
	}
}

func (c *condition) write(b *strings.Builder) {
	if c.op == condLeaf {
		b.WriteString(c.leaf.String())
		return
	}
	sign := " && "
	if c.op == condOr {
		sign = " || "
	}
	for i, k := range c.kids {
		if i > 0 {
			b.WriteString(sign)
		}
		if k.op == condLeaf {
			k.write(b)
			continue
		}
		b.WriteByte('(')
		k.write(b)
		b.WriteByte(')')
	}
}
