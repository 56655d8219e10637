package files

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	byteOrderMark = "\xef\xbb\xbf"
	// maxNesting is deeper than anything reads; brackets beyond it over many lines are no document.
	maxNesting = 100_000
)

var (
	errUnended = errors.New("a value that does not end")
	errNested  = errors.New("a value nested too deeply")
)

// splitter cuts JSON text into values: a line each, a document over many lines, or several on a line.
// A value that is cut off is told from a document by what comes next (see nesting.brokenBy), and lines
// that were taken for its continuation until then are looked at again.
type splitter struct {
	take   func(line int, value []byte) error // valid until it returns; an error ends reading
	broken func(line int, err error)          // a value that cannot be given to take
	fail   func(line int, reason string)      // the text ends here too soon, between values

	nest  nesting // of the value that is open
	start int     // its first line
	text  []byte  // what has come of it, whole lines but for the first
	skip  bool    // it is too long: text is not kept
	lines bool    // a value has ended where its line did, so that the next will too
}

// read gives each value to take with the number of its first line. What cannot be read goes to broken
// and reading goes on; the error is that of take.
func (s *splitter) read(b *bufio.Reader) error {
	l := lines{b: b}
	for {
		raw, err := l.next()
		if errors.As(err, &tooLong{}) {
			if e := s.abandon(errUnended); e != nil {
				return e
			}
			s.broken(l.n, err)
			continue
		}
		if err != nil && err != io.EOF {
			return s.cut(l.n, raw, cutOff(err))
		}
		if e := s.line(l.n, raw); e != nil {
			return e
		}
		if err != nil {
			return s.abandon(errUnended)
		}
	}
}

// cut takes the last line of a text that could not be read on, which may be whole.
func (s *splitter) cut(n int, raw []byte, err error) error {
	s.lines = false
	if e := s.line(n, raw); e != nil {
		return e
	}
	if s.nest.begun() {
		return s.abandon(err)
	}
	s.fail(n, err.Error())
	return nil
}

// line takes the next line of the text, with its newline.
func (s *splitter) line(n int, raw []byte) error {
	if s.nest.begun() && s.nest.brokenBy(raw) {
		if err := s.abandon(errUnended); err != nil {
			return err
		}
	}
	if n == 1 {
		raw = bytes.TrimPrefix(raw, []byte(byteOrderMark))
	}
	for rest := raw; ; {
		if !s.nest.begun() {
			// Commas separate the elements of a list whose beginning could not be read.
			if rest = bytes.TrimSpace(bytes.TrimLeft(rest, spaces+",")); len(rest) == 0 {
				return nil
			}
			s.start = n
			if rest[0] != '{' && rest[0] != '[' || s.lines && endsWhereLineDoes(rest) {
				return s.take(n, rest)
			}
		}
		size, ended := s.nest.add(rest)
		if !ended {
			return s.keep(n, rest)
		}
		s.lines = len(s.text) == 0 && size == len(rest)
		if err := s.end(rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
}

// endsWhereLineDoes saves looking at every byte of a file that has an object a line.
func endsWhereLineDoes(line []byte) bool {
	if line[0] != '{' || line[len(line)-1] != '}' {
		return false
	}
	for rest := line; ; {
		i := bytes.IndexByte(rest, '}')
		if i < 0 {
			return true
		}
		if rest = bytes.TrimLeft(rest[i+1:], spaces); len(rest) > 0 && (rest[0] == '{' || rest[0] == '[') {
			return false // one after the other on the line, or text within a string
		}
	}
}

// keep adds text of line n to the value that is open.
func (s *splitter) keep(n int, text []byte) error {
	switch {
	case len(s.nest.open) > maxNesting:
		return s.abandon(errNested)
	case s.skip:
		return nil
	case len(s.text)+len(text) > maxValue:
		s.broken(s.start, tooLong{})
		s.skip = true
		kept := s.text
		s.text = nil
		some, err := s.salvage(kept)
		if err != nil || !some {
			return err
		}
		// These are lines with a value each, and the next ones will be too.
		s.skip = false
		s.nest.reset()
		return s.line(n, text)
	}
	if len(s.text) == 0 { // trimmed of its newline, which tells the lines apart in salvage
		text = append(bytes.Clone(text), '\n')
	}
	s.text = append(s.text, text...)
	return nil
}

// end gives the value that ends with tail.
func (s *splitter) end(tail []byte) error {
	value, skip := tail, s.skip
	if len(s.text) > 0 {
		if len(s.text)+len(tail) > maxValue {
			s.broken(s.start, tooLong{})
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
func (s *splitter) abandon(why error) error {
	if !s.nest.begun() {
		return nil
	}
	if !s.skip {
		s.broken(s.start, why)
	}
	text := s.text
	s.text, s.skip = nil, false
	s.nest.reset()
	_, err := s.salvage(text)
	return err
}

// salvage takes from text, which begins on line start, the lines after the first that are values of
// their own, and tells whether there are any.
func (s *splitter) salvage(text []byte) (some bool, err error) {
	n := s.start
	for line := range bytes.Lines(text) {
		if n > s.start && salvageable(line) {
			some = true
			if err := s.take(n, bytes.TrimRight(line, spaces+",")); err != nil {
				return some, err
			}
		}
		n++
	}
	return some, nil
}

// salvageable tells whether a line is a whole value that says what it is: a request of JSON Lines that
// came after one that was cut off, or an element of a list that has one a line.
func salvageable(line []byte) bool {
	if line[0] != '{' && line[0] != '[' {
		return false
	}
	line = bytes.TrimRight(line, spaces+",")
	var n nesting
	size, ended := n.add(line)
	return ended && size == len(line) && detect(line) > formatNothing
}
