package features

import (
	"slices"

	"oteltop/aggregate/filter"
)

// Expr is a parsed expression, immutable and safe for concurrent use.
type Expr struct {
	text  string
	root  *node
	terms []term
}

// String returns the text that was parsed.
func (e *Expr) String() string { return e.text }

// Unit is "ns" for times, else empty.
func (e *Expr) Unit() string {
	if e.root.op == opTerm {
		if t := &e.terms[e.root.term]; t.value.isTime() && t.function != countSpans && t.function != distinct {
			return "ns"
		}
	}
	return ""
}

// Keys are the attributes that the expression takes its values from, and those that its filters compare: traces
// that are told apart by its value differ in them by construction.
func (e *Expr) Keys() []string {
	var keys []string
	for i := range e.terms {
		t := &e.terms[i]
		if t.value == attribute {
			keys = append(keys, t.key)
		}
		if t.where != nil {
			keys = append(keys, t.where.Keys()...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// op is what a node of an expression does.
type op uint8

const (
	opNumber op = iota
	opTerm
	opAdd
	opSubtract
	opMultiply
	opDivide
)

// node is a part of an expression.
type node struct {
	op          op
	left, right *node
	number      float64
	term        int // index into Expr.terms
}

// term is a function over spans.
type term struct {
	function function
	value    value
	key      string       // of an attribute
	where    *filter.Expr // nil: all spans
}

// function says what becomes of the values of spans.
type function uint8

const (
	countSpans function = iota
	sum
	least
	most
	mean
	first
	last
	distinct
)

var functionNames = [...]string{countSpans: "count", sum: "sum", least: "min", most: "max", mean: "mean", first: "first", last: "last", distinct: "distinct"}

// numeric reports whether a function needs numbers.
func (f function) numeric() bool { return slices.Contains([]function{sum, least, most, mean}, f) }

// value is what is looked at of a span.
type value uint8

const (
	spanItself value = iota // of count
	self
	duration
	critical
	depth
	service
	name
	kind
	status
	attribute
)

var valueNames = [...]string{self: "self", duration: "duration", critical: "critical", depth: "depth", service: "service", name: "name", kind: "kind", status: "status"}

func (v value) isTime() bool { return v == self || v == duration || v == critical }

func (v value) isText() bool { return v >= service && v <= status }
