package filter

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"

	"oteltop/model"
)

// Bounds of a regular expression: the filter bar compiles one with every key, and a few characters can
// ask for a thousand repetitions.
const (
	maxPattern = 512    // bytes
	maxProgram = 10_000 // instructions, about
)

// compareOp is how a field is compared.
type compareOp uint8

const (
	opEQ compareOp = iota
	opNE
	opGT
	opGE
	opLT
	opLE
	opMatch
	opNotMatch
)

var opSigns = [...]string{"=", "!=", ">", ">=", "<", "<=", "=~", "!~"}

// negated is the operator that holds where op does not, as long as there is something to compare.
func (o compareOp) negated() compareOp {
	return [...]compareOp{opNE, opEQ, opLE, opLT, opGE, opGT, opNotMatch, opMatch}[o]
}

// negative operators hold when no value of a list does what its counterpart asks.
func (o compareOp) negative() bool { return o == opNE || o == opNotMatch }

// literalKind is what the right side of a comparison is.
type literalKind uint8

const (
	literalText literalKind = iota
	literalNumber
	literalDuration
	literalBool
	literalNil
)

// literal is the right side of a comparison.
type literal struct {
	kind   literalKind
	text   string // as written, without quotes
	quoted bool
	number float64        // of literalNumber, and ns of literalDuration
	ns     int64          // of literalDuration
	regexp *regexp.Regexp // of opMatch and opNotMatch, anchored
}

func parseLiteral(t token) literal {
	l := literal{text: t.text, quoted: t.kind == tokenString}
	if l.quoted {
		return l
	}
	switch t.text {
	case "nil":
		l.kind = literalNil
	case "true", "false":
		l.kind = literalBool
	default:
		if n, ok := parseNumber(t.text); ok {
			l.kind, l.number = literalNumber, n
		} else if ns, ok := parseDuration(t.text); ok {
			l.kind, l.ns, l.number = literalDuration, ns, float64(ns)
		}
	}
	return l
}

// parseNumber takes decimal numbers only: "inf" and "0x10" are words.
func parseNumber(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" || !strings.ContainsAny(s[:1], "0123456789+-.") {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// parseDuration takes what time.ParseDuration does, if it has a unit and is not negative.
func parseDuration(s string) (int64, bool) {
	if s == "" || !strings.ContainsAny(s[:1], "0123456789.") {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return int64(d), err == nil
}

// compilePattern anchors a pattern as TraceQL does and bounds its size.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("a regular expression has at most %d bytes", maxPattern)
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		var s *syntax.Error
		if errors.As(err, &s) {
			return nil, fmt.Errorf("in the regular expression: %s", s.Code)
		}
		return nil, err
	}
	if programSize(tree) > maxProgram {
		return nil, errors.New("this regular expression is too large")
	}
	return regexp.Compile(`^(?:` + pattern + `)$`)
}

// programSize estimates how many instructions an expression compiles to, without compiling it. It
// recurses; syntax.Parse bounds the depth.
func programSize(r *syntax.Regexp) int {
	size := 1 + len(r.Rune)/2 // classes are pairs of runes
	for _, sub := range r.Sub {
		size += programSize(sub)
	}
	if r.Op == syntax.OpRepeat {
		size *= max(r.Min, r.Max, 1)
	}
	return min(size, 1<<30)
}

// comparison is a field, an operator and a literal. fieldWord has opEQ or opNE.
type comparison struct {
	field field
	key   string // of attribute fields
	op    compareOp
	lit   literal
	lower string // of fieldWord: the word in lower case
}

// String writes the comparison so that Parse reads it back.
func (c *comparison) String() string {
	value := c.lit.text
	if c.lit.quoted || c.lit.kind == literalText {
		value = quote(value)
	}
	if c.field == fieldWord {
		if c.op == opNE {
			return "!" + quote(c.lit.text)
		}
		return quote(c.lit.text)
	}
	return c.label() + " " + opSigns[c.op] + " " + value
}

// holds applies the comparison to a value that is there. Lists hold when any element does.
func (c *comparison) holds(v model.Value) bool {
	if c.lit.kind == literalNil {
		return c.op == opNE
	}
	if c.op.negative() {
		return !c.any(v, c.op.negated())
	}
	return c.any(v, c.op)
}

// any applies a positive operator to a value or to the elements of a list.
func (c *comparison) any(v model.Value, op compareOp) bool {
	if v.Kind() != model.ValueArray {
		return c.one(v, op)
	}
	for _, e := range v.List() {
		if c.any(e, op) {
			return true
		}
	}
	return false
}

// one applies a positive operator to a single value.
func (c *comparison) one(v model.Value, op compareOp) bool {
	switch {
	case op == opMatch:
		return c.lit.regexp.MatchString(v.String())
	case c.lit.kind == literalNumber || c.lit.kind == literalDuration:
		order, ok := c.compareNumber(v)
		return ok && op.accepts(order)
	case op == opEQ:
		return v.String() == c.lit.text
	case v.Kind() == model.ValueString:
		return op.accepts(strings.Compare(v.Str(), c.lit.text))
	}
	return false
}

// compareNumber compares a number, or a string that holds one, with the literal.
func (c *comparison) compareNumber(v model.Value) (order int, ok bool) {
	if v.Kind() == model.ValueInt && c.lit.kind == literalDuration {
		return cmp.Compare(v.Int(), c.lit.ns), true
	}
	n, ok := v.Number()
	if !ok && v.Kind() == model.ValueString {
		n, ok = parseNumber(v.Str())
		if !ok && c.lit.kind == literalDuration {
			var ns int64
			ns, ok = parseDuration(v.Str())
			n = float64(ns)
		}
	}
	return cmp.Compare(n, c.lit.number), ok
}

// accepts reports whether an order, negative, 0 or positive, is what the operator asks for.
func (o compareOp) accepts(order int) bool {
	switch o {
	case opEQ:
		return order == 0
	case opGT:
		return order > 0
	case opGE:
		return order >= 0
	case opLT:
		return order < 0
	case opLE:
		return order <= 0
	}
	return false
}
