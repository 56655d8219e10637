package model

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// ValueKind tells which member of OTLP's AnyValue is set.
type ValueKind uint8

// The kinds of values of OTLP's AnyValue.
const (
	ValueEmpty ValueKind = iota
	ValueString
	ValueBool
	ValueInt
	ValueDouble
	ValueArray
	ValueMap
	ValueBytes
)

// Value is an attribute's value, immutable. The zero value is OTLP's empty AnyValue.
type Value struct {
	kind ValueKind
	num  uint64
	str  string
	list []Value
	kvs  []Attribute
}

// StringValue makes a string value; the other makers likewise.
func StringValue(s string) Value { return Value{kind: ValueString, str: s} }

// BoolValue makes a boolean value.
func BoolValue(b bool) Value {
	v := Value{kind: ValueBool}
	if b {
		v.num = 1
	}
	return v
}

// IntValue makes an integer value.
func IntValue(i int64) Value { return Value{kind: ValueInt, num: uint64(i)} }

// DoubleValue makes a floating-point value.
func DoubleValue(f float64) Value { return Value{kind: ValueDouble, num: math.Float64bits(f)} }

// BytesValue makes a bytes value.
func BytesValue(b []byte) Value { return Value{kind: ValueBytes, str: string(b)} }

// ArrayValue makes an array; it keeps vs.
func ArrayValue(vs []Value) Value { return Value{kind: ValueArray, list: vs} }

// MapValue makes a key-value list; it keeps kvs.
func MapValue(kvs []Attribute) Value { return Value{kind: ValueMap, kvs: kvs} }

// Kind tells which accessor applies.
func (v Value) Kind() ValueKind { return v.kind }

// Str is the string or the bytes of a string or bytes value.
func (v Value) Str() string { return v.str }

// Bool is the value of a boolean.
func (v Value) Bool() bool { return v.num != 0 }

// Int is the value of an integer.
func (v Value) Int() int64 { return int64(v.num) }

// Double is the value of a floating-point number.
func (v Value) Double() float64 { return math.Float64frombits(v.num) }

// List is the elements of an array.
func (v Value) List() []Value { return v.list }

// Map is the entries of a key-value list.
func (v Value) Map() []Attribute { return v.kvs }

// Number is the value as a float64, for integers and doubles only.
func (v Value) Number() (float64, bool) {
	switch v.kind {
	case ValueInt:
		return float64(v.Int()), true
	case ValueDouble:
		return v.Double(), true
	}
	return 0, false
}

// String renders any value as text: strings bare, bytes in base64, arrays and maps in a JSON-like form.
// It is what filters compare with and what a copy holds; it is not fit for a terminal until sanitised.
func (v Value) String() string {
	switch v.kind {
	case ValueString:
		return v.str
	case ValueBool:
		return strconv.FormatBool(v.Bool())
	case ValueInt:
		return strconv.FormatInt(v.Int(), 10)
	case ValueDouble:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64)
	case ValueBytes:
		return base64.StdEncoding.EncodeToString([]byte(v.str))
	case ValueArray, ValueMap:
		var b strings.Builder
		v.write(&b)
		return b.String()
	}
	return ""
}

// write recurses; decoders bound the depth of the values they make (wire.MaxValueDepth).
func (v Value) write(b *strings.Builder) {
	switch v.kind {
	case ValueString:
		b.WriteString(strconv.Quote(v.str))
	case ValueArray:
		b.WriteByte('[')
		for i := range v.list {
			if i > 0 {
				b.WriteByte(',')
			}
			v.list[i].write(b)
		}
		b.WriteByte(']')
	case ValueMap:
		b.WriteByte('{')
		for i := range v.kvs {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.Quote(v.kvs[i].Key))
			b.WriteByte(':')
			v.kvs[i].Value.write(b)
		}
		b.WriteByte('}')
	case ValueEmpty:
		b.WriteString("null")
	case ValueBytes:
		b.WriteString(strconv.Quote(v.String()))
	default:
		b.WriteString(v.String())
	}
}
