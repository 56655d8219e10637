package model

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// TraceID is the 128-bit identifier of a trace, big-endian halves. The zero value is invalid.
type TraceID struct{ Hi, Lo uint64 }

// IsZero reports whether the id is the invalid all-zero id.
func (t TraceID) IsZero() bool { return t.Hi|t.Lo == 0 }

// String returns 32 lower-case hex digits.
func (t TraceID) String() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], t.Hi)
	binary.BigEndian.PutUint64(b[8:], t.Lo)
	return hex.EncodeToString(b[:])
}

// Compare orders ids as numbers: the order in which ties are broken.
func (t TraceID) Compare(u TraceID) int {
	return cmp.Or(cmp.Compare(t.Hi, u.Hi), cmp.Compare(t.Lo, u.Lo))
}

// ErrID is returned for text that is not an identifier of the right length in hex.
var ErrID = errors.New("not a hexadecimal identifier of the right length")

// ParseTraceID reads 32 hex digits of either case (16 are taken as the low half, as Zipkin writes).
func ParseTraceID(s string) (TraceID, error) {
	var b [16]byte
	switch len(s) {
	case 32:
		if _, err := hex.Decode(b[:], []byte(s)); err != nil {
			return TraceID{}, ErrID
		}
	case 16:
		if _, err := hex.Decode(b[8:], []byte(s)); err != nil {
			return TraceID{}, ErrID
		}
	default:
		return TraceID{}, ErrID
	}
	return TraceID{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}, nil
}

// SpanID is the 64-bit identifier of a span, big-endian. Zero is invalid (as a parent: no parent).
type SpanID uint64

// String returns 16 lower-case hex digits.
func (s SpanID) String() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(s))
	return hex.EncodeToString(b[:])
}

// ParseSpanID reads 16 hex digits of either case.
func ParseSpanID(s string) (SpanID, error) {
	var b [8]byte
	if len(s) != 16 {
		return 0, ErrID
	}
	if _, err := hex.Decode(b[:], []byte(s)); err != nil {
		return 0, ErrID
	}
	return SpanID(binary.BigEndian.Uint64(b[:])), nil
}
