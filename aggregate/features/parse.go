package features

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"oteltop/aggregate/filter"
)

const (
	// maxTerms bounds the functions of an expression, each of which may scan the store for its filter, and
	// maxDepth its parentheses.
	maxTerms = 16
	maxDepth = 64
)

// Parse parses an expression; an error is a *filter.Error, with the column in this text.
func Parse(text string) (*Expr, error) {
	p := &parser{text: []rune(text)}
	if len(p.text) > filter.MaxLength {
		return nil, p.fail(filter.MaxLength, "an expression has at most %d characters", filter.MaxLength)
	}
	root, err := p.sum(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.fail(p.at, "%q is not expected here", string(p.text[p.at]))
	}
	if len(p.terms) == 0 {
		return nil, p.fail(0, "no function of spans, such as count(error): every trace would have the same number")
	}
	return &Expr{text: strings.TrimSpace(text), root: root, terms: p.terms}, nil
}

// parser descends recursively; depth is bounded by maxDepth.
type parser struct {
	text  []rune
	at    int
	terms []term
}

// fail makes an error at a 0-based place.
func (p *parser) fail(at int, format string, args ...any) *filter.Error {
	return &filter.Error{Column: at + 1, Message: fmt.Sprintf(format, args...)}
}

func (p *parser) space() {
	for p.at < len(p.text) && unicode.IsSpace(p.text[p.at]) {
		p.at++
	}
}

// sign takes one of some signs.
func (p *parser) sign(signs string) (rune, bool) {
	if p.space(); p.at < len(p.text) && strings.ContainsRune(signs, p.text[p.at]) {
		p.at++
		return p.text[p.at-1], true
	}
	return 0, false
}

// sum = product { ( "+" | "-" ) product }.
func (p *parser) sum(depth int) (*node, error) {
	return p.chain(depth, "+-", (*parser).product)
}

// product = factor { ( "*" | "/" ) factor }.
func (p *parser) product(depth int) (*node, error) {
	return p.chain(depth, "*/", (*parser).factor)
}

var signs = map[rune]op{'+': opAdd, '-': opSubtract, '*': opMultiply, '/': opDivide}

func (p *parser) chain(depth int, of string, operand func(*parser, int) (*node, error)) (*node, error) {
	left, err := operand(p, depth)
	for err == nil {
		sign, ok := p.sign(of)
		if !ok {
			return left, nil
		}
		var right *node
		right, err = operand(p, depth)
		left = &node{op: signs[sign], left: left, right: right}
	}
	return nil, err
}

// factor = number | "(" sum ")" | word "(" … ")".
func (p *parser) factor(depth int) (*node, error) {
	open := p.at
	if _, ok := p.sign("("); ok {
		if depth == maxDepth {
			return nil, p.fail(open, "nested more than %d deep", maxDepth)
		}
		n, err := p.sum(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, ok := p.sign(")"); !ok {
			return nil, p.fail(p.at, "a ) is missing")
		}
		return n, nil
	}
	p.space()
	from := p.at
	for p.at < len(p.text) && (unicode.IsLetter(p.text[p.at]) || unicode.IsDigit(p.text[p.at]) || p.text[p.at] == '.' || p.text[p.at] == '_') {
		p.at++
	}
	word := string(p.text[from:p.at])
	if word == "" {
		if from == len(p.text) {
			return nil, p.fail(from, "something is missing at the end")
		}
		return nil, p.fail(from, "%q is not expected here", string(p.text[from]))
	}
	if n, err := strconv.ParseFloat(word, 64); err == nil && word[0] <= '9' {
		return &node{op: opNumber, number: n}, nil
	}
	f := slices.Index(functionNames[:], strings.ToLower(word))
	if f < 0 {
		return nil, p.fail(from, "there is no function %s: %s", word, strings.Join(functionNames[:], ", "))
	}
	if len(p.terms) == maxTerms {
		return nil, p.fail(from, "an expression has at most %d functions", maxTerms)
	}
	t, err := p.arguments(function(f))
	if err != nil {
		return nil, err
	}
	p.terms = append(p.terms, t)
	return &node{op: opTerm, term: len(p.terms) - 1}, nil
}

// arguments = "(" [ value ] [ "where" filter ] ")"; of count also "(" filter ")".
func (p *parser) arguments(f function) (term, error) {
	t := term{function: f}
	if _, ok := p.sign("("); !ok {
		return t, p.fail(p.at, "a ( is missing after %s", functionNames[f])
	}
	from := p.at
	end, where, err := p.extent()
	if err != nil {
		return t, err
	}
	p.at = end + 1
	head := end
	if where >= 0 {
		head = where
		if t.where, err = p.filter(where+len("where"), end); err != nil {
			return t, err
		}
	}
	text := strings.TrimSpace(string(p.text[from:head]))
	switch {
	case f == countSpans && where < 0 && text != "":
		t.where, err = p.filter(from, end)
		return t, err
	case f == countSpans && text != "":
		return t, p.fail(from, "count takes a filter only, with or without where")
	case f == countSpans:
		return t, nil
	case text == "":
		return t, p.fail(from, "%s of what? self, duration, critical, depth, service, name, kind, status or .attribute", functionNames[f])
	}
	for p.text[from] == ' ' {
		from++
	}
	return t, p.value(&t, text, from)
}

// extent finds the end of a function's arguments and the word where in them (−1: none), passing over
// parentheses and strings as filters have them.
func (p *parser) extent() (end, where int, err error) {
	where = -1
	open := 0
	for i := p.at; i < len(p.text); i++ {
		switch r := p.text[i]; {
		case r == '"' || r == '\'' || r == '`':
			if i = p.closing(i); i < 0 {
				return 0, 0, p.fail(len(p.text), "a quote is not closed")
			}
		case r == '(':
			open++
		case r == ')':
			if open == 0 {
				return i, where, nil
			}
			open--
		case open == 0 && where < 0 && p.isWord(i, "where"):
			where = i
		}
	}
	return 0, 0, p.fail(p.at-1, "this ( is not closed")
}

// closing is the place of the quote that ends a string, −1 for none.
func (p *parser) closing(i int) int {
	quote := p.text[i]
	for i++; i < len(p.text); i++ {
		switch {
		case p.text[i] == quote:
			return i
		case p.text[i] == '\\' && quote != '`' && i+1 < len(p.text) && (p.text[i+1] == quote || p.text[i+1] == '\\'):
			i++
		}
	}
	return -1
}

// isWord reports whether a word stands at a place, with space or the edge of the arguments around it.
func (p *parser) isWord(i int, word string) bool {
	end := i + len(word)
	if end > len(p.text) || !strings.EqualFold(string(p.text[i:end]), word) {
		return false
	}
	before := i == p.at || unicode.IsSpace(p.text[i-1]) || p.text[i-1] == '"'
	return before && (end == len(p.text) || unicode.IsSpace(p.text[end]) || strings.ContainsRune("()", p.text[end]))
}

// filter parses a filter that is a part of the text; the column of an error is that in the whole.
func (p *parser) filter(from, to int) (*filter.Expr, error) {
	x, err := filter.Parse(string(p.text[from:to]))
	var fe *filter.Error
	if errors.As(err, &fe) {
		return nil, p.fail(from+fe.Column-1, "%s", fe.Message)
	}
	return x, err
}

// value reads what is looked at of a span.
func (p *parser) value(t *term, text string, from int) error {
	if v := slices.Index(valueNames[:], strings.ToLower(text)); v > 0 {
		t.value = value(v)
		if t.value.isText() && t.function.numeric() {
			return p.fail(from, "%s is a text: %s takes numbers", text, functionNames[t.function])
		}
		return nil
	}
	key := strings.TrimPrefix(text, ".")
	quoted := len(key) > 1 && strings.ContainsRune("\"'`", rune(key[0])) && key[len(key)-1] == key[0]
	switch {
	case quoted:
		key = key[1 : len(key)-1]
	case strings.ContainsAny(key, " \t\n=!<>&|(){}\"'`"):
		return p.fail(from, "%s takes one value, and then a filter after where", functionNames[t.function])
	case key == text && !strings.Contains(key, "."):
		return p.fail(from, "there is no value %s: self, duration, critical, depth, service, name, kind, status; attributes begin with a point, as in .%s", text, text)
	}
	if key == "" {
		return p.fail(from, "the name of an attribute is missing")
	}
	t.value, t.key = attribute, key
	return nil
}
