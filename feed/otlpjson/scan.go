package otlpjson

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// scanner walks JSON text from left to right and writes protobuf as it goes. Its methods leave pos
// behind what they read; on an error everything else is void.
type scanner struct {
	src     []byte
	pos     int
	dst     []byte
	scratch []byte // keys and numbers that hold escapes, unescaped
}

// document reads one JSON value and nothing behind it.
func (s *scanner) document(value func() *Error) error {
	s.space()
	if err := value(); err != nil {
		return err
	}
	s.space()
	if s.pos < len(s.src) {
		return s.expected("the end of the text")
	}
	return nil
}

// space moves over white space, of which machines write none.
func (s *scanner) space() {
	if s.pos < len(s.src) && s.src[s.pos] > ' ' {
		return
	}
	s.spaces()
}

func (s *scanner) spaces() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return
		}
	}
}

// peek is the next byte, 0 at the end (which is no part of any JSON token).
func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) failAt(offset int, format string, args ...any) *Error {
	return &Error{Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

// expected says what should stand at pos and what does.
func (s *scanner) expected(what string) *Error {
	return s.failAt(s.pos, "expected %s, found %s", what, s.found())
}

// found names what stands at pos.
func (s *scanner) found() string {
	if s.pos >= len(s.src) {
		return "the end of the text"
	}
	switch c := s.src[s.pos]; {
	case c == '"':
		return "a string"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	case s.literal("true") || s.literal("false"):
		return "a boolean"
	case s.literal("null"):
		return "null"
	case c < ' ' || c >= 0x7f:
		return fmt.Sprintf("byte 0x%02x", c)
	default:
		return fmt.Sprintf("%q", c)
	}
}

// literal reports whether word stands at pos; it does not move.
func (s *scanner) literal(word string) bool {
	return len(s.src)-s.pos >= len(word) && string(s.src[s.pos:s.pos+len(word)]) == word
}

// take moves over word when it stands at pos.
func (s *scanner) take(word string) bool {
	if !s.literal(word) {
		return false
	}
	s.pos += len(word)
	return true
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special marks, in the high bit of each byte of w, the bytes that text must stop at: quotes,
// backslashes, control characters and everything outside ASCII. Only the lowest mark is exact, because
// the subtraction may borrow into the bytes above a mark.
func special(w uint64) uint64 {
	quote := w ^ eachByte*'"'
	slash := w ^ eachByte*'\\'
	return ((quote-eachByte)&^quote | (slash-eachByte)&^slash | (w-eachByte*' ')&^w | w) & highBits
}

// text reads a string and returns what stands between its quotes, still escaped, aliasing the source.
// clean means that it is ASCII without escapes, fit to be copied as it is. What follows a backslash is
// not checked here but by unescape.
func (s *scanner) text() (raw []byte, clean bool, err *Error) {
	if s.peek() != '"' {
		return nil, false, s.expected("a string")
	}
	src, start := s.src, s.pos+1
	clean = true
	for i := start; i < len(src); {
		if len(src)-i >= 8 {
			marks := special(binary.LittleEndian.Uint64(src[i:]))
			if marks == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(marks) / 8
		}
		switch c := src[i]; {
		case c == '"':
			s.pos = i + 1
			return src[start:i], clean, nil
		case c == '\\':
			clean = false
			i += 2
		case c < ' ':
			return nil, false, s.failAt(i, "control character 0x%02x in a string", c)
		default:
			clean = clean && c < 0x80
			i++
		}
	}
	return nil, false, s.failAt(s.pos, "string without an end")
}

// plainText is text with its escapes resolved. The result is valid until the next call, or as long as
// the source.
func (s *scanner) plainText() ([]byte, *Error) {
	at := s.pos
	raw, clean, err := s.text()
	if err != nil || clean {
		return raw, err
	}
	if s.scratch, err = unescape(s.scratch[:0], raw, at+1); err != nil {
		return nil, err
	}
	return s.scratch, nil
}

// object reads an object; member is called at each value and must read it. The key is valid until
// member scans another string.
func (s *scanner) object(depth int, member func(key []byte) *Error) *Error {
	if s.peek() != '{' {
		return s.expected("an object")
	}
	if depth > maxDepth {
		return s.failAt(s.pos, "nested deeper than %d levels", maxDepth)
	}
	s.pos++
	s.space()
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for {
		key, err := s.key()
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
		if more, err := s.more('}', "',' or '}' after a member"); !more {
			return err
		}
	}
}

// key reads a member's key and the colon behind it.
func (s *scanner) key() ([]byte, *Error) {
	if s.peek() != '"' {
		return nil, s.expected("a key")
	}
	key, err := s.plainText()
	if err != nil {
		return nil, err
	}
	s.space()
	if s.peek() != ':' {
		return nil, s.expected("':' after a key")
	}
	s.pos++
	s.space()
	return key, nil
}

// array reads an array; element is called at each value and must read it.
func (s *scanner) array(depth int, element func() *Error) *Error {
	if s.peek() != '[' {
		return s.expected("an array")
	}
	if depth > maxDepth {
		return s.failAt(s.pos, "nested deeper than %d levels", maxDepth)
	}
	s.pos++
	s.space()
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for i := 0; ; i++ {
		if err := element(); err != nil {
			return err.inElement(i)
		}
		if more, err := s.more(']', "',' or ']' after an element"); !more {
			return err
		}
	}
}

// more reads what separates members and elements: a comma, or the end of the object or array.
func (s *scanner) more(end byte, what string) (bool, *Error) {
	s.space()
	switch s.peek() {
	case ',':
		s.pos++
		s.space()
		return true, nil
	case end:
		s.pos++
		return false, nil
	}
	return false, s.expected(what)
}

// skip reads any value and drops it.
func (s *scanner) skip(depth int) *Error {
	switch c := s.peek(); {
	case c == '"':
		at := s.pos
		raw, clean, err := s.text()
		if err != nil || clean {
			return err
		}
		s.scratch, err = unescape(s.scratch[:0], raw, at+1)
		return err
	case c == '{':
		return s.object(depth, func([]byte) *Error { return s.skip(depth + 1) })
	case c == '[':
		return s.array(depth, func() *Error { return s.skip(depth + 1) })
	case c == '-' || c >= '0' && c <= '9':
		_, err := s.number()
		return err
	case s.take("true"), s.take("false"), s.take("null"):
		return nil
	}
	return s.expected("a value")
}
