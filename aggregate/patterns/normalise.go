package patterns

import (
	"strings"

	"oteltop/aggregate/ident"
)

// traits are what a text of a call says besides what is asked for.
type traits uint8

const (
	parametrised traits = 1 << iota // takes values: literals, placeholders, identifiers in a path
	sanitised                       // of which some are hidden, so that equal texts may be different calls
	paged                           // asks for the next page, which takes the previous one's answer
	pagedByKey                      // likewise, unless it asks for one row
	reads                           // changes nothing
)

// statement writes a database statement over out, with its values replaced by ?, lists of them by one ?, without
// comments and with single blanks. It takes SQL, commands (GET cart:17) and JSON.
func statement(out []byte, text string) ([]byte, traits) {
	n := normaliser{text: cut(text), out: out[:0]}
	n.json = strings.HasPrefix(n.text, "{") || strings.HasPrefix(n.text, "[")
	for n.at < len(n.text) {
		n.step()
	}
	for len(n.out) > 0 && (n.last() == ' ' || n.last() == ';') {
		n.out = n.out[:len(n.out)-1]
	}
	return n.out, n.traits
}

func cut(text string) string {
	if len(text) > maxSources {
		text = text[:maxSources]
	}
	return strings.TrimSpace(text)
}

type normaliser struct {
	text string
	at   int
	out  []byte
	json bool
	traits
}

func (n *normaliser) last() byte {
	if len(n.out) == 0 {
		return 0
	}
	return n.out[len(n.out)-1]
}

func (n *normaliser) peek(i int) byte {
	if n.at+i < len(n.text) {
		return n.text[n.at+i]
	}
	return 0
}

func (n *normaliser) step() {
	c := n.text[n.at]
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		n.at++
		if l := n.last(); l != ' ' && l != 0 && l != '(' {
			n.out = append(n.out, ' ')
		}
	case c == '/' && n.peek(1) == '*':
		n.skipPast("*/")
	case c == '-' && n.peek(1) == '-' && !n.json:
		n.skipPast("\n")
	case c == '\'' || c == '"':
		n.quoted(c)
	case isWord(c):
		n.word()
	case c == '?', c == '$' && ident.IsDigit(n.peek(1)), (c == ':' || c == '@') && isLetter(n.peek(1)) && n.afterBlank(), c == '%' && n.peek(1) == 's',
		c == '*' && n.peek(1) == '*' && n.peek(2) == '*':
		n.placeholder(c)
	case c == ')':
		n.at++
		n.closing()
	default:
		if c == ',' && n.last() == ' ' {
			n.out = n.out[:len(n.out)-1]
		}
		n.at++
		n.out = append(n.out, c)
	}
}

// afterBlank tells :name from a::cast and key:value.
func (n *normaliser) afterBlank() bool {
	return n.at == 0 || strings.IndexByte(" \t\n\r(,=<>", n.text[n.at-1]) >= 0
}

// skipPast leaves out a comment.
func (n *normaliser) skipPast(end string) {
	i := strings.Index(n.text[n.at:], end)
	if i < 0 {
		n.at = len(n.text)
		return
	}
	n.at += i + len(end)
	if l := n.last(); l != ' ' && l != 0 {
		n.out = append(n.out, ' ')
	}
}

// value writes ?, once for a list of values.
func (n *normaliser) value() {
	n.traits |= parametrised
	trimmed := n.out
	for len(trimmed) > 0 && trimmed[len(trimmed)-1] == ' ' {
		trimmed = trimmed[:len(trimmed)-1]
	}
	if l := len(trimmed); l >= 2 && trimmed[l-1] == ',' && trimmed[l-2] == '?' {
		n.out = trimmed[:l-1]
		return
	}
	if n.last() == '-' && len(n.out) >= 2 && strings.IndexByte("=<>(, ", n.out[len(n.out)-2]) >= 0 { // a sign
		n.out = n.out[:len(n.out)-1]
	}
	n.out = append(n.out, '?')
}

func (n *normaliser) placeholder(c byte) {
	n.traits |= sanitised
	switch n.at++; c {
	case '%':
		n.at++
	case '*':
		for n.peek(0) == '*' {
			n.at++
		}
	default:
		for isWord(n.peek(0)) {
			n.at++
		}
	}
	n.value()
}

// closing writes ), and rows of values (?), (?) as one.
func (n *normaliser) closing() {
	out := string(n.out[max(0, len(n.out)-8):])
	for _, list := range [...]string{"(?), (?", "(?),(?"} {
		if strings.HasSuffix(out, list) {
			n.out = n.out[:len(n.out)-len(list)+len("(?")]
		}
	}
	n.out = append(n.out, ')')
}

// quoted takes a string in quotes. In SQL, double quotes are for identifiers, save where what stands before them
// is an operator and behind them no dot; in JSON they are for keys where a colon follows.
func (n *normaliser) quoted(quote byte) {
	end := n.at + 1
	for end < len(n.text) && n.text[end] != quote {
		if n.text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(n.text))
	inside := n.text[min(n.at+1, end):end]
	next := strings.TrimLeft(n.text[min(end+1, len(n.text)):], " \t")
	literal := true
	if quote == '"' {
		literal = !n.json && n.afterOperator() && !strings.HasPrefix(next, ".") || n.json && !strings.HasPrefix(next, ":")
	}
	n.at = min(end+1, len(n.text))
	if !literal {
		n.out = append(append(append(n.out, quote), inside...), quote)
		return
	}
	if inside == "?" || strings.Contains(inside, "***") || strings.Contains(inside, "REDACTED") {
		n.traits |= sanitised
	}
	n.value()
}

func (n *normaliser) afterOperator() bool {
	for i := len(n.out) - 1; i >= 0; i-- {
		if n.out[i] != ' ' {
			return strings.IndexByte("=<>", n.out[i]) >= 0
		}
	}
	return false
}

// word takes a name, a number, a UUID or a digest.
func (n *normaliser) word() {
	rest := n.text[n.at:]
	if l := identifier(rest); l > 0 {
		n.at += l
		n.value()
		return
	}
	l := 1
	for l < len(rest) && isWord(rest[l]) {
		l++
	}
	n.at += l
	n.out = append(n.out, rest[:l]...)
}

// identifier is the length of the number, UUID or digest at the start of a text, 0 for none: a word that starts
// with a digit, or of eight or more hexadecimal digits with a decimal one among them.
func identifier(s string) int {
	if n := ident.UUIDLen; len(s) >= n && ident.IsUUID(s[:n]) && (len(s) == n || !isWord(s[n])) {
		return n
	}
	l, hex, digit := 0, true, false
	for l < len(s) && isWord(s[l]) {
		hex = hex && ident.IsHexDigit(s[l])
		digit = digit || ident.IsDigit(s[l])
		l++
	}
	switch {
	case l == 0:
		return 0
	case ident.IsDigit(s[0]):
		for l+1 < len(s) && s[l] == '.' && ident.IsDigit(s[l+1]) { // 1.5, 10.0.0.1
			for l++; l < len(s) && isWord(s[l]); l++ {
			}
		}
		return l
	case hex && digit && l >= 8:
		return l
	}
	return 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isWord tells the bytes of names and numbers; those beyond ASCII are of names.
func isWord(c byte) bool { return ident.IsDigit(c) || isLetter(c) || c == '_' || c >= 0x80 }
