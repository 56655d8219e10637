package files

import "bytes"

// nesting follows the brackets and strings of one JSON value, to find where it ends and to notice early
// that it never will. It does not check the value; whoever decodes it does.
type nesting struct {
	open            []byte // the brackets that are open, outermost first
	quoted, escaped bool
	last            byte // the last byte outside strings that is not a space; '"' after a string
}

// add goes on with text and returns how much of it belongs to the value, and whether the value ends
// there. The first text given must begin with a bracket.
func (n *nesting) add(text []byte) (size int, ended bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case n.escaped:
			n.escaped = false
		case n.quoted:
			n.escaped = c == '\\'
			n.quoted = c != '"'
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		default:
			n.last = c
			if n.outside(c) {
				return i + 1, true
			}
		}
	}
	return len(text), false
}

// outside takes a byte that is not within a string and tells whether the value ends with it.
func (n *nesting) outside(c byte) bool {
	switch c {
	case '"':
		n.quoted = true
	case '{', '[':
		n.open = append(n.open, c)
	case '}', ']':
		n.open = n.open[:len(n.open)-1]
		return len(n.open) == 0
	}
	return false
}

// begun tells whether a value is open.
func (n *nesting) begun() bool { return len(n.open) > 0 }

// reset forgets the value.
func (n *nesting) reset() { *n = nesting{open: n.open[:0]} }

// brokenBy tells whether the value that is open cannot go on with line, because line begins another.
func (n *nesting) brokenBy(line []byte) bool {
	if n.quoted { // JSON has no newlines in strings
		return true
	}
	t := bytes.TrimLeft(line, " \t\r\n")
	if len(t) == 0 || t[0] != '{' && t[0] != '[' {
		return false
	}
	return !n.takesValue() || startsRecord(line)
}

// takesValue tells whether JSON's grammar allows a value next.
func (n *nesting) takesValue() bool {
	switch n.last {
	case '[', ':':
		return true
	case ',':
		return n.open[len(n.open)-1] == '['
	}
	return false
}

// startsRecord tells whether a line begins a record as exporters write them: at its first column, with
// a key that only the top of a record has. A document's own lines are indented or begin otherwise.
func startsRecord(line []byte) bool {
	for _, p := range []string{`{"resourceSpans"`, `{"resourceLogs"`, `{"resourceMetrics"`, `{"data"`} {
		if bytes.HasPrefix(line, []byte(p)) {
			return true
		}
	}
	return false
}
