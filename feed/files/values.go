package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	byteOrderMark = "\xef\xbb\xbf"
	unended       = "a value that does not end"
)

// splitter cuts JSON text into values: a line each, a document over many lines, or several on a line.
// A value that is cut off is told from a document by what comes next (see nesting.brokenBy), and lines
// that were taken for its continuation until then are looked at again.
type splitter struct {
	take func(line int, value []byte) error
	fail func(line int, reason string)

	nest  nesting // of the value that is open
	start int     // its first line
	text  []byte  // what has come of it, whole lines but for the first
	skip  bool    // it is too long: text is not kept
	lines bool    // a value has ended where its line did, so that the next will too
}

// values splits JSON into values and gives each to take with the number of its first line. The slice is
// valid until take returns. What cannot be read goes to fail and reading goes on; an error of take ends
// it and is returned.
func values(b *bufio.Reader, take func(line int, value []byte) error, fail func(line int, reason string)) error {
	s := splitter{take: take, fail: fail}
	l := lines{b: b}
	for {
		raw, err := l.next()
		var long tooLong
		switch {
		case errors.As(err, &long):
			if e := s.abandon(unended); e != nil {
				return e
			}
			fail(l.n, long.Error())
			continue
		case err != nil && !errors.Is(err, io.EOF):
			reason := fmt.Sprintf("cut off: %v", err)
			if s.nest.begun() {
				return s.abandon(reason)
			}
			fail(l.n, reason)
			return nil
		}
		if e := s.line(l.n, raw); e != nil {
			return e
		}
		if err != nil {
			return s.abandon(unended)
		}
	}
}

// line takes the next line of the text, with its newline.
func (s *splitter) line(n int, raw []byte) error {
	if s.nest.begun() && s.nest.brokenBy(raw) {
		if err := s.abandon(unended); err != nil {
			return err
		}
	}
	for rest := bytes.TrimPrefix(raw, []byte(byteOrderMark)); ; {
		if !s.nest.begun() {
			if rest = bytes.TrimSpace(rest); len(rest) == 0 {
				return nil
			}
			s.start = n
			if rest[0] != '{' && rest[0] != '[' || s.lines && endsWhereLineDoes(rest) {
				return s.take(n, rest)
			}
		}
		size, ended := s.nest.add(rest)
		if !ended {
			s.keep(rest)
			return nil
		}
		s.lines = len(s.text) == 0 && size == len(rest)
		if err := s.end(rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
}

// endsWhereLineDoes saves looking at every byte of a file that has a value a line.
func endsWhereLineDoes(line []byte) bool {
	end := line[len(line)-1]
	return (end == '}' || end == ']') && !bytes.Contains(line, []byte("}{"))
}

// keep adds to the value that is open.
func (s *splitter) keep(text []byte) {
	switch {
	case s.skip:
		return
	case len(s.text)+len(text) > maxValue:
		s.fail(s.start, tooLong{}.Error())
		s.text, s.skip = nil, true
		return
	}
	if len(s.text) == 0 { // trimmed of its newline, which tells the lines apart in salvage
		text = append(bytes.Clone(text), '\n')
	}
	s.text = append(s.text, text...)
}

// end gives the value that ends with tail.
func (s *splitter) end(tail []byte) error {
	value, skip := tail, s.skip
	if len(s.text) > 0 {
		if len(s.text)+len(tail) > maxValue {
			s.fail(s.start, tooLong{}.Error())
			skip = true
		}
		s.text = append(s.text, tail...)
		value = s.text
	}
	s.text, s.skip = s.text[:0], false
	s.nest.reset()
	if skip {
		return nil
	}
	return s.take(s.start, value)
}

// abandon gives up the value that is open, if one is, and takes from its lines after the first those
// that are values of their own.
func (s *splitter) abandon(reason string) error {
	if !s.nest.begun() {
		return nil
	}
	if !s.skip {
		s.fail(s.start, reason)
	}
	text, n := s.text, s.start
	s.text, s.skip = nil, false
	s.nest.reset()
	for line := range bytes.Lines(text) {
		if n > s.start && salvageable(line) {
			if err := s.take(n, bytes.TrimRight(line, " \t\r\n,")); err != nil {
				return err
			}
		}
		n++
	}
	return nil
}

// salvageable tells whether a line is a whole value that says what it is: a request of JSON Lines that
// came after one that was cut off, or an element of a list that has one a line.
func salvageable(line []byte) bool {
	if line[0] != '{' && line[0] != '[' {
		return false
	}
	line = bytes.TrimRight(line, " \t\r\n,")
	var n nesting
	size, ended := n.add(line)
	return ended && size == len(line) && detect(line) > formatNothing
}
