package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// values splits JSON into lines or, where a value spreads over lines, into documents, and gives each to
// take with the number of its first line. The slice is valid until take returns. Lines that cannot be
// read go to fail and reading goes on; an error of take ends it and is returned.
//
// A file is JSON Lines when its first line is a whole value. A first line that is cut off is told from
// the head of a document by the next line, which starts a value of its own then.
func values(b *bufio.Reader, take func(line int, value []byte) error, fail func(line int, reason string)) error {
	l := lines{b: b}
	var doc []byte // what has come of a document
	var depth nesting
	start, asLines := 0, false
	for {
		raw, err := l.next()
		trimmed := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
		var long tooLong
		switch {
		case errors.As(err, &long):
			fail(l.n, long.Error())
			doc, depth = doc[:0], nesting{}
			continue
		case err != nil && !errors.Is(err, io.EOF):
			fail(l.n, fmt.Sprintf("cut off: %v", err))
			return nil
		}
		if len(doc) > 0 && startsRecord(raw) {
			fail(start, "a value that does not end")
			doc, depth, asLines = doc[:0], nesting{}, true
		}
		if len(trimmed) > 0 {
			whole := trimmed
			if !asLines {
				if len(doc) == 0 {
					start = l.n
				}
				depth.add(raw)
				whole = nil
				switch {
				case len(doc) == 0 && depth.closed():
					whole, asLines = trimmed, true
				case len(doc)+len(raw) > maxValue:
					fail(start, tooLong{}.Error())
					return nil
				default:
					doc = append(doc, raw...)
					if depth.closed() {
						whole = bytes.TrimSpace(doc)
					}
				}
			} else {
				start = l.n
			}
			if whole != nil {
				if e := take(start, whole); e != nil {
					return e
				}
				doc, depth = doc[:0], nesting{}
			}
		}
		if err != nil {
			if len(doc) > 0 {
				fail(start, "a value that does not end")
			}
			return nil
		}
	}
}

// startsRecord tells whether a line begins a record as exporters write them: at its first column, with
// a key that only the top of a record has. A document's own lines are indented or begin otherwise.
func startsRecord(line []byte) bool {
	for _, p := range []string{`{"resourceSpans"`, `{"resourceLogs"`, `{"resourceMetrics"`} {
		if bytes.HasPrefix(line, []byte(p)) {
			return true
		}
	}
	return false
}

// nesting follows brackets and strings from line to line.
type nesting struct {
	depth           int
	quoted, escaped bool
	seen            bool
}

func (n *nesting) closed() bool { return n.seen && n.depth <= 0 && !n.quoted }

func (n *nesting) add(line []byte) {
	for _, c := range line {
		switch {
		case n.escaped:
			n.escaped = false
		case n.quoted:
			n.escaped = c == '\\'
			n.quoted = c != '"'
		case c == '"':
			n.quoted = true
		case c == '{' || c == '[':
			n.depth++
			n.seen = true
		case c == '}' || c == ']':
			n.depth--
		}
	}
}

// tooLong is a line over maxValue; the rest of it has been skipped.
type tooLong struct{}

// Error says the limit.
func (tooLong) Error() string { return fmt.Sprintf("longer than %d bytes", maxValue) }

// lines reads lines of up to maxValue bytes into one buffer that is used again.
type lines struct {
	b   *bufio.Reader
	buf []byte
	n   int // number of the line returned last, from 1
}

// next returns the next line with its newline. The error is io.EOF with the last line, tooLong, or what
// the reader says.
func (l *lines) next() ([]byte, error) {
	l.n++
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.b.ReadSlice('\n')
		if !long && len(l.buf)+len(part) > maxValue {
			long = true
		}
		if !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, tooLong{}
		}
		return l.buf, err
	}
}
