package filter

import (
	"strings"
)

// Bounds of a filter, so that evaluating one costs a bounded amount per span.
const (
	maxDepth = 64 // of parentheses: the parser recurses
	maxSets  = 32 // pairs of braces: a bit each while scanning
)

// Parse parses a filter; an error is an *Error.
func Parse(text string) (*Expr, error) {
	runes := []rune(text)
	if len(runes) > MaxLength {
		return nil, fail(MaxLength, "a filter has at most %d characters", MaxLength)
	}
	tokens, err := lex(runes)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: tokens}
	if p.peek().kind == tokenEnd {
		return nil, fail(0, "the filter is empty")
	}
	for _, t := range tokens {
		p.braces = p.braces || t.kind == tokenBrace
	}
	root, err := p.set(0)
	if err == nil && p.peek().kind != tokenEnd {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return &Expr{text: text, root: root, sets: p.sets, bonds: p.bonds}, nil
}

// parser descends recursively; depth is bounded by maxDepth.
type parser struct {
	tokens []token
	at     int
	braces bool // the text has braces: it speaks of sets
	sets   []*setNode
	bonds  bool
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) unexpected() *Error {
	t := p.peek()
	switch t.kind {
	case tokenEnd:
		return fail(t.from, "something is missing at the end")
	case tokenClose, tokenUnbrace:
		return fail(t.from, "this %s was not opened", t.text)
	case tokenBelow, tokenCompare:
		if !p.braces {
			return fail(t.from, "%s needs a field on its left, or {…} on both sides", t.text)
		}
		return fail(t.from, "%s needs a field or {…} on its left", t.text)
	}
	return fail(t.from, "%s is not expected here", t.text)
}

// set = setAnd { "||" setAnd }.
func (p *parser) set(depth int) (*setNode, *Error) {
	if !p.braces {
		return p.bare(depth, (*parser).or)
	}
	return p.setList(setOr, func() (*setNode, *Error) { return p.setAnd(depth) }, func(t token) bool {
		return p.skip(t.kind == tokenOr)
	})
}

// setAnd = bond { [ "&&" ] bond }.
func (p *parser) setAnd(depth int) (*setNode, *Error) {
	return p.setList(setAnd, func() (*setNode, *Error) { return p.bond(depth) }, func(t token) bool {
		return p.skip(t.kind == tokenAnd) || startsOperand(t.kind) || t.kind == tokenBrace
	})
}

// skip takes the token if it is one that separates operands.
func (p *parser) skip(separator bool) bool {
	if separator {
		p.at++
	}
	return separator
}

func startsOperand(k tokenKind) bool {
	return k == tokenWord || k == tokenString || k == tokenNot || k == tokenOpen
}

// setList parses operands as long as more says that another follows.
func (p *parser) setList(op setOp, operand func() (*setNode, *Error), more func(token) bool) (*setNode, *Error) {
	n, err := operand()
	if err != nil {
		return nil, err
	}
	list := []*setNode{n}
	for more(p.peek()) {
		if n, err = operand(); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return &setNode{op: op, kids: list}, nil
}

// bond = setOperand { ( ">" | ">>" | "!>" ) setOperand }, from left to right.
func (p *parser) bond(depth int) (*setNode, *Error) {
	left, err := p.setOperand(depth)
	for err == nil {
		op := setChild
		switch t := p.peek(); {
		case t.kind == tokenBelow:
			op = setBelow
		case p.atOrphan():
			op = setOrphan
			p.at++
		case t.kind != tokenCompare || t.text != ">":
			return left, nil
		}
		p.at++
		p.bonds = true
		var right *setNode
		if right, err = p.setOperand(depth); err == nil {
			left = &setNode{op: op, kids: []*setNode{left, right}}
			depth++ // a long chain is a deep tree, which evaluation descends
		}
	}
	return nil, err
}

// atOrphan reports whether "!>" stands at hand. Before anything but braces it is a condition: !>500ms.
func (p *parser) atOrphan() bool {
	if p.peek().kind != tokenNot || p.tokens[p.at+1].text != ">" {
		return false
	}
	was := p.at
	p.at += 2
	defer func() { p.at = was }()
	return p.negatesSet()
}

// setOperand = "{" [ or ] "}" | "(" set ")" | "!" setOperand with braces | a bare condition, which stands for braces of its own.
func (p *parser) setOperand(depth int) (*setNode, *Error) {
	t := p.peek()
	if depth >= maxDepth {
		return nil, fail(t.from, "nested more than %d deep", maxDepth)
	}
	switch {
	case t.kind == tokenBrace:
		p.at++
		if p.peek().kind == tokenUnbrace {
			p.at++
			return p.spans(t, nil)
		}
		n, err := p.bare(depth+1, (*parser).or)
		if err != nil {
			return nil, err
		}
		return n, p.expect(tokenUnbrace, t)
	case t.kind == tokenOpen && p.holdsBrace():
		p.at++
		n, err := p.set(depth + 1)
		if err != nil {
			return nil, err
		}
		return n, p.expect(tokenClose, t)
	case t.kind == tokenNot && p.negatesSet():
		p.at++
		n, err := p.spans(t, nil) // its own spans are all: those of the trace, where it holds
		if err != nil {
			return nil, err
		}
		kid, err := p.setOperand(depth + 1)
		n.op, n.kids = setNone, []*setNode{kid}
		return n, err
	}
	return p.bare(depth, (*parser).unary)
}

// negatesSet reports whether what is at hand speaks of a set, after any number of !: it has braces.
func (p *parser) negatesSet() bool {
	next := p.at
	for p.tokens[next].kind == tokenNot {
		next++
	}
	was := p.at
	p.at = next
	defer func() { p.at = was }()
	k := p.peek().kind
	return k == tokenBrace || k == tokenOpen && p.holdsBrace()
}

// holdsBrace reports whether the parenthesis at hand has braces inside.
func (p *parser) holdsBrace() bool {
	open := 0
	for _, t := range p.tokens[p.at:] {
		switch t.kind {
		case tokenBrace:
			return true
		case tokenOpen:
			open++
		case tokenClose:
			if open--; open == 0 {
				return false
			}
		}
	}
	return false
}

func (p *parser) expect(k tokenKind, opened token) *Error {
	if t := p.peek(); t.kind == tokenEnd {
		return fail(opened.from, "this %s is not closed", opened.text)
	} else if t.kind != k {
		return p.unexpected()
	}
	p.at++
	return nil
}

// bare parses a condition into a set of its own.
func (p *parser) bare(depth int, parse func(p *parser, depth int, not bool) (*condition, *Error)) (*setNode, *Error) {
	t := p.peek()
	c, err := parse(p, depth, false)
	if err != nil {
		return nil, err
	}
	return p.spans(t, c)
}

func (p *parser) spans(t token, c *condition) (*setNode, *Error) {
	if len(p.sets) == maxSets {
		return nil, fail(t.from, "a filter has at most %d pairs of braces", maxSets)
	}
	n := &setNode{op: setSpans, cond: c, index: len(p.sets)}
	p.sets = append(p.sets, n)
	return n, nil
}

// or = and { "||" and }. not says that the whole stands under a negation, which turns it into an and.
func (p *parser) or(depth int, not bool) (*condition, *Error) {
	op := condOr
	if not {
		op = condAnd
	}
	return p.condList(op, depth, not, (*parser).and, func(t token) bool { return p.skip(t.kind == tokenOr) })
}

// and = unary { [ "&&" ] unary }.
func (p *parser) and(depth int, not bool) (*condition, *Error) {
	op := condAnd
	if not {
		op = condOr
	}
	return p.condList(op, depth, not, (*parser).unary, func(t token) bool {
		return p.skip(t.kind == tokenAnd) || startsOperand(t.kind) || t.kind == tokenCompare
	})
}

func (p *parser) condList(op condOp, depth int, not bool, operand func(*parser, int, bool) (*condition, *Error), more func(token) bool) (*condition, *Error) {
	c, err := operand(p, depth, not)
	if err != nil {
		return nil, err
	}
	list := []*condition{c}
	for more(p.peek()) {
		if c, err = operand(p, depth, not); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return &condition{op: op, kids: list}, nil
}

// unary = { "!" } ( "(" or ")" | comparison ).
func (p *parser) unary(depth int, not bool) (*condition, *Error) {
	for p.peek().kind == tokenNot {
		p.at++
		not = !not
	}
	t := p.peek()
	if t.kind != tokenOpen {
		c, err := p.comparison()
		if err != nil {
			return nil, err
		}
		if not {
			c.op = c.op.negated()
		}
		return &condition{op: condLeaf, leaf: c}, nil
	}
	if depth >= maxDepth {
		return nil, fail(t.from, "nested more than %d deep", maxDepth)
	}
	p.at++
	c, err := p.or(depth+1, not)
	if err != nil {
		return nil, err
	}
	return c, p.expect(tokenClose, t)
}

// comparison = field op value | op duration | word | string | "error".
func (p *parser) comparison() (*comparison, *Error) {
	t := p.take()
	switch {
	case t.kind == tokenCompare:
		return p.shortDuration(t)
	case t.kind != tokenWord && t.kind != tokenString:
		if t.kind != tokenEnd {
			p.at--
		}
		return nil, p.unexpected()
	case p.peek().kind == tokenCompare && !p.standsAlone(t):
		return p.fieldComparison(t)
	case t.kind == tokenString:
		return p.bareWord(t)
	}
	switch t.text {
	case "error":
		return &comparison{field: fieldStatus, op: opEQ, lit: literal{text: "error"}}, nil
	case "and", "AND", "or", "OR", "not", "NOT":
		sign := map[string]string{"and": "&&", "or": "||", "not": "!"}[strings.ToLower(t.text)]
		return nil, fail(t.from, "write %s for %s, or %q to look for the word", sign, t.text, t.text)
	}
	for _, s := range scopeSpecs {
		if s.prefix != "." && strings.HasPrefix(t.text, s.prefix) {
			return nil, fail(t.to, "compare %s with something, such as != nil", t.text)
		}
	}
	return p.bareWord(t)
}

// standsAlone reports whether the comparison sign that follows t does not belong to it: it joins sets, or
// it begins a shorthand, as in "cart >500ms". A named field or a key with a dot never stands alone.
func (p *parser) standsAlone(t token) bool {
	op := p.peek()
	v := p.tokens[p.at+1]
	if op.text == ">" && v.kind == tokenBrace {
		return true
	}
	f, _, err := parseField(t)
	return err == nil && f == fieldAnyKey && !strings.Contains(t.text, ".") &&
		t.to < op.from && op.to == v.from && v.kind == tokenWord && strings.ContainsAny(op.text[:1], "<>") &&
		parseLiteral(v).kind == literalDuration
}

func (p *parser) bareWord(t token) (*comparison, *Error) {
	if t.text == "" {
		return nil, fail(t.from, "an empty word matches everything")
	}
	return &comparison{field: fieldWord, op: opEQ, lit: literal{text: t.text}, lower: strings.ToLower(t.text)}, nil
}

// shortDuration is ">500ms".
func (p *parser) shortDuration(op token) (*comparison, *Error) {
	v := p.take()
	l := parseLiteral(v)
	if v.kind != tokenWord || l.kind != literalDuration {
		return nil, fail(op.from, "%s needs a field on its left, or a duration such as 500ms on its right", op.text)
	}
	return newComparison(fieldDuration, "", op, v)
}

func (p *parser) fieldComparison(t token) (*comparison, *Error) {
	op := p.take()
	v := p.take()
	if v.kind != tokenWord && v.kind != tokenString {
		return nil, fail(v.from, "a value is missing after %s", op.text)
	}
	if t.kind == tokenString {
		if t.text == "" {
			return nil, fail(t.from, "the name of an attribute is missing")
		}
		return newComparison(fieldAnyKey, t.text, op, v)
	}
	f, key, err := parseField(t)
	if err != nil {
		return nil, err
	}
	return newComparison(f, key, op, v)
}

func newComparison(f field, key string, op, v token) (*comparison, *Error) {
	c := &comparison{field: f, key: key, lit: parseLiteral(v)}
	for i, s := range opSigns {
		if s == op.text {
			c.op = compareOp(i)
		}
	}
	spec, _ := specOf(f)
	if spec.values != sortAny && spec.values != sortDuration && c.lit.kind != literalNil {
		c.lit.kind = literalText // service = 500 is a name
	}
	if spec.values == sortID || (spec.values == sortKind || spec.values == sortStatus) && (c.op == opEQ || c.op == opNE) {
		c.lit.text = strings.ToLower(c.lit.text)
	}
	if err := spec.allows(c.op, c.lit); err != nil {
		return nil, fail(v.from, "%s", err)
	}
	switch {
	case c.op == opMatch || c.op == opNotMatch:
		re, err := compilePattern(c.lit.text)
		if err != nil {
			return nil, fail(v.from, "%s", err)
		}
		c.lit.kind, c.lit.regexp = literalText, re
	case c.lit.kind == literalNil && c.op != opEQ && c.op != opNE:
		return nil, fail(v.from, "nil goes with = and != only")
	}
	return c, nil
}
