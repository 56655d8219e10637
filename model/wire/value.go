package wire

import (
	"math"

	"oteltop/model"
)

// Tags of AnyValue, KeyValue, ArrayValue and KeyValueList.
const (
	tagString = 1<<3 | uint32(Bytes)
	tagBool   = 2<<3 | uint32(Varint)
	tagInt    = 3<<3 | uint32(Varint)
	tagDouble = 4<<3 | uint32(Fixed64)
	tagArray  = 5<<3 | uint32(Bytes)
	tagMap    = 6<<3 | uint32(Bytes)
	tagBytes  = 7<<3 | uint32(Bytes)

	AttributeKey   = 1<<3 | uint32(Bytes)
	AttributeValue = 2<<3 | uint32(Bytes)
	tagValues      = 1<<3 | uint32(Bytes)
)

// kindOfTag is the kind that a field of AnyValue sets, ValueEmpty for fields that set none.
func kindOfTag(tag uint32) model.ValueKind {
	switch tag {
	case tagString:
		return model.ValueString
	case tagBool:
		return model.ValueBool
	case tagInt:
		return model.ValueInt
	case tagDouble:
		return model.ValueDouble
	case tagArray:
		return model.ValueArray
	case tagMap:
		return model.ValueMap
	case tagBytes:
		return model.ValueBytes
	}
	return model.ValueEmpty
}

// KeyValue splits an attribute. plain is false where it is not exactly a key followed by a value; then
// key is still the attribute's key, and value is that of all its value fields together.
func KeyValue(kv []byte, base int) (key, value []byte, plain bool, err error) {
	if n := len(kv); n >= 4 && kv[0] == byte(AttributeKey) && kv[1] < 0x80 {
		k := 2 + int(kv[1])
		if k+1 < n && kv[k] == byte(AttributeValue) && kv[k+1] < 0x80 && k+2+int(kv[k+1]) == n {
			return kv[2:k], kv[k+2:], true, nil
		}
	}
	f := Of(kv, base, "attribute")
	keys, values, others := 0, 0, 0
	for f.Next() {
		switch f.Tag {
		case AttributeKey:
			key = f.Bytes
			keys++
			if values > 0 {
				others++ // not in order
			}
		case AttributeValue:
			// Two encodings of a message in a row are its merge. Bytes has no spare capacity, so the
			// first append copies it out of the input and later ones are amortised.
			if values++; values == 1 {
				value = f.Bytes
			} else {
				value = append(value, f.Bytes...)
			}
		default:
			others++
		}
	}
	return key, value, keys == 1 && values == 1 && others == 0, f.Err()
}

// ValueKind checks an AnyValue and tells its kind.
func ValueKind(v []byte, base int) (model.ValueKind, error) {
	if len(v) == 0 {
		return model.ValueEmpty, nil
	}
	if len(v) >= 2 && v[0] == byte(tagString) && v[1] < 0x80 && int(v[1])+2 == len(v) {
		return model.ValueString, nil
	}
	if len(v) >= 3 && v[0] == byte(tagString) && v[1] >= 0x80 && v[2] < 0x80 && int(v[1]&0x7f)|int(v[2])<<7 == len(v)-3 {
		return model.ValueString, nil
	}
	if v[0] == byte(tagDouble) && len(v) == 9 {
		return model.ValueDouble, nil
	}
	if v[0] == byte(tagInt) || v[0] == byte(tagBool) {
		if _, end := Uvarint(v, 1); end == len(v) {
			return kindOfTag(uint32(v[0])), nil
		}
	}
	return checkValue(v, base)
}

// frame is a message on the stack of checkValue.
type frame struct {
	fields Fields
	kind   frameKind
}

type frameKind uint8

const (
	frameValue frameKind = iota
	frameArray
	frameMap
	frameKeyValue
)

// checkValue walks a value with everything in it, iteratively, down to MaxValueDepth.
func checkValue(v []byte, base int) (model.ValueKind, error) {
	kind := model.ValueEmpty
	stack := make([]frame, 1, 4)
	stack[0] = frame{Of(v, base, "value"), frameValue}
	depth := 1 // AnyValues on the stack
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if !top.fields.Next() {
			if err := top.fields.Err(); err != nil {
				return 0, err
			}
			if top.kind == frameValue {
				depth--
			}
			stack = stack[:len(stack)-1]
			continue
		}
		f := &top.fields
		below := frame{Of(f.Bytes, f.At(), "value"), frameValue}
		switch {
		case top.kind == frameValue:
			k := kindOfTag(f.Tag)
			if len(stack) == 1 && k != model.ValueEmpty {
				kind = k
			}
			if k == model.ValueArray {
				below.kind = frameArray
			} else if k == model.ValueMap {
				below.kind = frameMap
			} else {
				continue
			}
		case top.kind == frameArray && f.Tag == tagValues, top.kind == frameKeyValue && f.Tag == AttributeValue:
			if depth == MaxValueDepth {
				continue
			}
			depth++
		case top.kind == frameMap && f.Tag == tagValues:
			below.kind = frameKeyValue
		default:
			continue
		}
		stack = append(stack, below)
	}
	return kind, nil
}

// Value decodes an AnyValue. The result owns its memory. What cannot be read is left out: bytes that
// came through the store have been checked before.
func Value(v []byte) model.Value { return valueAt(v, 1) }

// valueAt recurses at most MaxValueDepth deep.
func valueAt(v []byte, depth int) model.Value {
	var out model.Value
	for f := Of(v, 0, ""); f.Next(); {
		switch f.Tag {
		case tagString:
			out = model.StringValue(string(f.Bytes))
		case tagBool:
			out = model.BoolValue(f.Num != 0)
		case tagInt:
			out = model.IntValue(int64(f.Num))
		case tagDouble:
			out = model.DoubleValue(math.Float64frombits(f.Num))
		case tagBytes:
			out = model.BytesValue(f.Bytes)
		case tagArray:
			out = model.ArrayValue(append(out.List(), list(f.Bytes, depth)...))
		case tagMap:
			out = model.MapValue(append(out.Map(), pairs(f.Bytes, depth)...))
		}
	}
	return out
}

func list(b []byte, depth int) (vs []model.Value) {
	for f := Of(b, 0, ""); f.Next(); {
		if f.Tag != tagValues {
			continue
		}
		var v model.Value
		if depth < MaxValueDepth {
			v = valueAt(f.Bytes, depth+1)
		}
		vs = append(vs, v)
	}
	return vs
}

func pairs(b []byte, depth int) (kvs []model.Attribute) {
	for f := Of(b, 0, ""); f.Next(); {
		if f.Tag == tagValues {
			kvs = append(kvs, attributeAt(f.Bytes, depth))
		}
	}
	return kvs
}

// Attribute decodes a KeyValue.
func Attribute(kv []byte) model.Attribute { return attributeAt(kv, 0) }

func attributeAt(kv []byte, depth int) model.Attribute {
	key, value, _, _ := KeyValue(kv, 0)
	a := model.Attribute{Key: string(key)}
	if depth < MaxValueDepth {
		a.Value = valueAt(value, depth+1)
	}
	return a
}
