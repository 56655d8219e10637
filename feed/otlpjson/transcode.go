package otlpjson

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message transcodes the object at pos; what it holds is appended without tag and length. It repeats
// the loop of object, which would cost a closure and an indirect call a key here, in the hot path.
func (s *scanner) message(m message, depth int) *Error {
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
	fields, next := schema[m], 0
	for {
		i := s.expectedMember(fields, next)
		if i < 0 {
			key, err := s.key()
			if err != nil {
				return err
			}
			if i = find(fields, key, next); i < 0 {
				name := string(key[:min(len(key), longestName)])
				if err := s.skip(depth + 1); err != nil {
					return err.inKey(name)
				}
			}
		}
		if i >= 0 {
			next = i + 1
			if err := s.field(&fields[i], depth); err != nil {
				return err.inKey(fields[i].name)
			}
		}
		if more, err := s.more('}', "',' or '}' after a member"); !more {
			return err
		}
	}
}

// expectedMember moves over the key and colon of one of the fields from next on, when they stand there
// just so; most keys do, and comparing is cheaper than scanning. Else it returns -1 and does not move.
func (s *scanner) expectedMember(fields []field, next int) int {
	rest := s.src[s.pos:]
	for i := next; i < len(fields); i++ {
		member := fields[i].member
		// The third byte differs in most pairs of names, which spares calls to compare.
		if len(rest) > len(member) && rest[2] == member[2] && string(rest[:len(member)]) == member {
			s.pos += len(member)
			s.space()
			return i
		}
	}
	return -1
}

// field transcodes the value of a field, which may be null: not there.
func (s *scanner) field(f *field, depth int) *Error {
	if s.peek() == 'n' && s.take("null") {
		return nil
	}
	if !f.repeated {
		return s.value(f, depth)
	}
	return s.array(depth, func() *Error { return s.element(f, depth+1) })
}

// element transcodes one value of a repeated field. A null among them is an empty one: dropping it
// would change an array attribute, and a span that is null is to be refused and counted by the sink.
func (s *scanner) element(f *field, depth int) *Error {
	if s.peek() == 'n' && s.take("null") {
		s.varintTo(f.tag)
		s.dst = append(s.dst, 0)
		return nil
	}
	return s.value(f, depth)
}

// value transcodes one value with its tag.
func (s *scanner) value(f *field, depth int) *Error {
	switch f.form {
	case formMessage:
		s.varintTo(f.tag)
		mark := s.reserve(f.room)
		if err := s.message(f.message, depth+1); err != nil {
			return err
		}
		s.closeLength(mark, f.room)
		return nil
	case formString:
		return s.string(f)
	case formTraceID:
		return s.id(f, 16)
	case formSpanID:
		return s.id(f, 8)
	case formBytes:
		return s.bytes(f)
	case formBool:
		return s.bool(f)
	case formDouble:
		d, err := s.double()
		s.fixed64(f, math.Float64bits(d))
		return err
	case formFixed64:
		n, err := s.integer(0, math.MaxUint64)
		s.fixed64(f, n)
		return err
	case formFixed32:
		n, err := s.integer(0, math.MaxUint32)
		if n != 0 || f.oneof {
			s.varintTo(f.tag)
			s.dst = protowire.AppendFixed32(s.dst, uint32(n))
		}
		return err
	default:
		n, err := s.varint(f.form)
		if n != 0 || f.oneof {
			s.varintTo(f.tag)
			s.varintTo(n)
		}
		return err
	}
}

// varint reads the value of an integer or enum field.
func (s *scanner) varint(f form) (uint64, *Error) {
	switch f {
	case formUint32:
		return s.integer(0, math.MaxUint32)
	case formKind:
		return s.enum(f, "span kind")
	case formStatus:
		return s.enum(f, "status code")
	case formSeverity:
		return s.enum(f, "severity number")
	}
	return s.integer(math.MinInt64, math.MaxInt64)
}

func (s *scanner) fixed64(f *field, n uint64) {
	if n != 0 || f.oneof {
		s.varintTo(f.tag)
		s.dst = protowire.AppendFixed64(s.dst, n)
	}
}

func (s *scanner) bool(f *field) *Error {
	switch {
	case s.take("true"):
		s.varintTo(f.tag)
		s.dst = append(s.dst, 1)
	case s.take("false"):
		if f.oneof {
			s.varintTo(f.tag)
			s.dst = append(s.dst, 0)
		}
	default:
		return s.expected("a boolean")
	}
	return nil
}

func (s *scanner) string(f *field) *Error {
	at := s.pos
	raw, clean, err := s.text()
	if err != nil || len(raw) == 0 && !f.oneof && !f.repeated {
		return err
	}
	s.varintTo(f.tag)
	if clean {
		s.varintTo(uint64(len(raw)))
		s.dst = append(s.dst, raw...)
		return nil
	}
	room := protowire.SizeVarint(uint64(len(raw)))
	mark := s.reserve(room)
	if s.dst, err = unescape(s.dst, raw, at+1); err != nil {
		return err
	}
	s.closeLength(mark, room)
	return nil
}

func (s *scanner) id(f *field, want int) *Error {
	at := s.pos
	digits, err := s.plainText()
	if err != nil || len(digits) == 0 {
		return err
	}
	s.varintTo(f.tag)
	room := protowire.SizeVarint(uint64(len(digits) / 2))
	mark := s.reserve(room)
	var bad int
	if s.dst, bad = appendHex(s.dst, digits, want); bad >= 0 {
		return s.failAt(at, "an id is %d hex digits, found %s", 2*want, quoted(digits))
	}
	s.closeLength(mark, room)
	return nil
}

func (s *scanner) bytes(f *field) *Error {
	at := s.pos
	text, err := s.plainText()
	if err != nil {
		return err
	}
	s.varintTo(f.tag)
	room := protowire.SizeVarint(uint64(len(text) / 4 * 3))
	mark := s.reserve(room)
	var bad error
	if s.dst, bad = appendBase64(s.dst, text); bad != nil {
		return s.failAt(at, "not base64: %s", quoted(text))
	}
	s.closeLength(mark, room)
	return nil
}

// enum reads an enum by number, also one in a string, or by name.
func (s *scanner) enum(f form, what string) (uint64, *Error) {
	if s.peek() != '"' {
		return s.integer(math.MinInt32, math.MaxInt32)
	}
	at := s.pos
	text, err := s.plainText()
	if err != nil {
		return 0, err
	}
	for n, name := range enumNames(f) {
		if string(text) == name {
			return uint64(n), nil
		}
	}
	if numberLen(text) != len(text) || len(text) == 0 {
		return 0, s.failAt(at, "not a %s: %s", what, quoted(text))
	}
	return s.whole(text, at, math.MinInt32, math.MaxInt32)
}

// The names of the enums by number. They are never written to.
var (
	kindNames   = []string{"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"}
	statusNames = []string{"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"}

	severityNames = []string{
		"SEVERITY_NUMBER_UNSPECIFIED",
		"SEVERITY_NUMBER_TRACE", "SEVERITY_NUMBER_TRACE2", "SEVERITY_NUMBER_TRACE3", "SEVERITY_NUMBER_TRACE4",
		"SEVERITY_NUMBER_DEBUG", "SEVERITY_NUMBER_DEBUG2", "SEVERITY_NUMBER_DEBUG3", "SEVERITY_NUMBER_DEBUG4",
		"SEVERITY_NUMBER_INFO", "SEVERITY_NUMBER_INFO2", "SEVERITY_NUMBER_INFO3", "SEVERITY_NUMBER_INFO4",
		"SEVERITY_NUMBER_WARN", "SEVERITY_NUMBER_WARN2", "SEVERITY_NUMBER_WARN3", "SEVERITY_NUMBER_WARN4",
		"SEVERITY_NUMBER_ERROR", "SEVERITY_NUMBER_ERROR2", "SEVERITY_NUMBER_ERROR3", "SEVERITY_NUMBER_ERROR4",
		"SEVERITY_NUMBER_FATAL", "SEVERITY_NUMBER_FATAL2", "SEVERITY_NUMBER_FATAL3", "SEVERITY_NUMBER_FATAL4",
	}
)

func enumNames(f form) []string {
	switch f {
	case formKind:
		return kindNames
	case formSeverity:
		return severityNames
	}
	return statusNames
}

// reserve sets room aside for a length that is not known yet and returns where.
func (s *scanner) reserve(room int) (mark int) {
	mark = len(s.dst)
	s.dst = append(s.dst, "\x00\x00\x00\x00\x00"[:room]...)
	return mark
}

// varintTo appends a varint; tags and lengths are mostly one byte.
func (s *scanner) varintTo(v uint64) {
	if v < 0x80 {
		s.dst = append(s.dst, byte(v))
		return
	}
	s.dst = protowire.AppendVarint(s.dst, v)
}

// closeLength writes the length of what follows the reserved room at mark, moving it when the length
// needs more or less room: lengths are as short as they can be, so equal spans have equal bytes.
func (s *scanner) closeLength(mark, room int) {
	start := mark + room
	n := len(s.dst) - start
	if room == 1 && n < 0x80 {
		s.dst[mark] = byte(n)
		return
	}
	need := protowire.SizeVarint(uint64(n))
	if need != room {
		for len(s.dst) < mark+need+n {
			s.dst = append(s.dst, 0)
		}
		copy(s.dst[mark+need:], s.dst[start:start+n])
		s.dst = s.dst[:mark+need+n]
	}
	protowire.AppendVarint(s.dst[:mark], uint64(n))
}
