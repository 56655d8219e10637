package wire

import "encoding/binary"

// Type is a protobuf wire type.
type Type uint8

// The wire types.
const (
	Varint  Type = 0
	Fixed64 Type = 1
	Bytes   Type = 2
	group   Type = 3
	endOf   Type = 4
	Fixed32 Type = 5
)

// maxGroups bounds nested groups, a form that proto3 writers never use.
const maxGroups = 32

// Fields iterates over the fields of one message:
//
//	for f := wire.Of(msg, 0, "span"); f.Next(); { switch f.Tag {…} }
//	if f.Err() != nil …
type Fields struct {
	Tag   uint32 // of the current field
	Num   uint64 // its value, for Varint, Fixed64 and Fixed32
	Bytes []byte // its value, for Bytes

	msg        []byte
	start, pos int // extent of the current field in msg
	base       int // offset of msg in what was first walked
	name       string
	err        *Error
}

// Of starts a walk over a message that begins at offset base of what was first walked. name is for errors.
func Of(msg []byte, base int, name string) Fields { return Fields{msg: msg, base: base, name: name} }

// Raw is the current field with its tag, as received.
func (f *Fields) Raw() []byte { return f.msg[f.start:f.pos] }

// At is the offset of the current field's Bytes in what was first walked.
func (f *Fields) At() int { return f.base + f.pos - len(f.Bytes) }

// Err is nil when the walk reached the end of the message.
func (f *Fields) Err() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// Number is the number of the current field.
func (f *Fields) Number() uint32 { return f.Tag >> 3 }

// Next moves to the next field. It returns false at the end and at the first error.
func (f *Fields) Next() bool {
	// Nearly all fields of spans are bytes shorter than 128 with a number below 16, and spans are such fields
	// shorter than 16 kB.
	if i := f.pos; i+2 < len(f.msg) {
		tag, n, from := f.msg[i], int(f.msg[i+1]), i+2
		if n >= 0x80 && f.msg[i+2] < 0x80 {
			n, from = n&0x7f|int(f.msg[i+2])<<7, i+3
		}
		if end := from + n; tag&0x87 == byte(Bytes) && tag > 7 && (n < 0x80 || from > i+2) && end <= len(f.msg) {
			f.Tag, f.start, f.pos, f.Bytes = uint32(tag), i, end, f.msg[from:end:end]
			return true
		}
	}
	return f.next()
}

// next is Next for fields of any form.
func (f *Fields) next() bool {
	i := f.pos
	if i >= len(f.msg) || f.err != nil {
		return false
	}
	f.start = i
	tag := uint64(f.msg[i])
	i++
	if tag >= 0x80 {
		if tag, i = Uvarint(f.msg, i-1); i < 0 {
			return f.fail("bad tag")
		}
	}
	if tag>>3 == 0 || tag>>3 > 1<<29-1 {
		return f.fail("bad field number")
	}
	f.Tag = uint32(tag)
	return f.value(i)
}

// value reads the value at i.
func (f *Fields) value(i int) bool {
	switch Type(f.Tag & 7) {
	case Bytes:
		n, i := Uvarint(f.msg, i)
		if i < 0 || n > uint64(len(f.msg)-i) {
			return f.fail("length beyond the end")
		}
		f.pos = i + int(n)
		f.Bytes = f.msg[i:f.pos:f.pos]
	case Varint:
		n, i := Uvarint(f.msg, i)
		if i < 0 {
			return f.fail("bad varint")
		}
		f.Num, f.pos, f.Bytes = n, i, nil
	case Fixed64:
		if len(f.msg)-i < 8 {
			return f.fail("fixed64 beyond the end")
		}
		f.Num, f.pos, f.Bytes = binary.LittleEndian.Uint64(f.msg[i:]), i+8, nil
	case Fixed32:
		if len(f.msg)-i < 4 {
			return f.fail("fixed32 beyond the end")
		}
		f.Num, f.pos, f.Bytes = uint64(binary.LittleEndian.Uint32(f.msg[i:])), i+4, nil
	case group:
		return f.group(i)
	default:
		return f.fail("bad wire type")
	}
	return true
}

// group skips a group with everything in it.
func (f *Fields) group(i int) bool {
	open := [maxGroups]uint32{f.Number()}
	inner := Fields{msg: f.msg, pos: i, base: f.base, name: f.name}
	for depth := 1; depth > 0; {
		tag, at := Uvarint(inner.msg, inner.pos)
		if at < 0 || tag>>3 == 0 || tag>>3 > 1<<29-1 {
			return f.fail("unfinished group")
		}
		inner.Tag = uint32(tag)
		switch Type(tag & 7) {
		case group:
			if depth == maxGroups {
				return f.fail("groups nested too deep")
			}
			open[depth] = inner.Number()
			depth++
			inner.pos = at
		case endOf:
			if depth--; open[depth] != inner.Number() {
				return f.fail("mismatched group")
			}
			inner.pos = at
		default:
			if !inner.value(at) {
				return f.fail("bad group")
			}
		}
	}
	f.pos, f.Bytes = inner.pos, nil
	return true
}

func (f *Fields) fail(reason string) bool {
	f.err = &Error{Offset: f.base + f.start, Field: f.name, Reason: reason}
	return false
}

// Uvarint reads a varint at b[i:]. next is the index after it, or −1 where there is none.
func Uvarint(b []byte, i int) (v uint64, next int) {
	for shift := uint(0); i >= 0 && i < len(b) && shift < 70; shift += 7 {
		c := b[i]
		i++
		if c < 0x80 {
			if shift == 63 && c > 1 {
				return 0, -1
			}
			return v | uint64(c)<<shift, i
		}
		v |= uint64(c&0x7f) << shift
	}
	return 0, -1
}
