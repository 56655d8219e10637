package wire

import "encoding/binary"

// AppendBytes appends a field of type Bytes.
func AppendBytes[T []byte | string](b []byte, tag uint32, v T) []byte {
	b = binary.AppendUvarint(b, uint64(tag))
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

// AppendVarint appends a field of type Varint, nothing where v is 0.
func AppendVarint(b []byte, tag uint32, v uint64) []byte {
	if v == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(tag))
	return binary.AppendUvarint(b, v)
}

// AppendFixed64 appends a field of type Fixed64, nothing where v is 0.
func AppendFixed64(b []byte, tag uint32, v uint64) []byte {
	if v == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(tag))
	return binary.LittleEndian.AppendUint64(b, v)
}

// AppendFixed32 appends a field of type Fixed32, nothing where v is 0.
func AppendFixed32(b []byte, tag, v uint32) []byte {
	if v == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(tag))
	return binary.LittleEndian.AppendUint32(b, v)
}

// AppendKeyValue appends an attribute as a field with the given tag.
func AppendKeyValue(b []byte, tag uint32, key string, value []byte) []byte {
	n := 1 + uvarintLen(len(key)) + len(key) + 1 + uvarintLen(len(value)) + len(value)
	b = binary.AppendUvarint(b, uint64(tag))
	b = binary.AppendUvarint(b, uint64(n))
	b = AppendBytes(b, AttributeKey, key)
	return AppendBytes(b, AttributeValue, value)
}

func uvarintLen(n int) int {
	l := 1
	for ; n >= 0x80; n >>= 7 {
		l++
	}
	return l
}
