// Package attributes reads one attribute of many spans, cheaply: which spans have it is known from their
// classes, and each dictionary entry is decoded once.
//
//	segments, keys ─▶ Reader ─┬─▶ Wanted: the classes to scan at all
//	                          └─▶ At: the number of a span's value ─▶ Text, Number
package attributes

import (
	"slices"
	"strconv"

	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxTexts bounds the memory of values, bytes, and maxText that of one: of longer ones the beginning is
	// told apart.
	maxTexts = 32 << 20
	maxText  = 256
	// textOverhead is what a value costs beyond its bytes: map entry, header, number.
	textOverhead = 80
)

// Value is a number that stands for a value: equal texts have equal numbers. Other stands for all values
// beyond the bound, which Lost counts.
type Value uint32

// Other is the value of those beyond the bound.
const Other Value = 0

// Reader reads the first of some attributes that a span has, or else its resource. Not safe for concurrent
// use.
type Reader struct {
	Lost uint64 // values read as Other

	ordinals map[store.Segment]int
	sources  [][]source // by segment and class
	wanted   [][]bool   // likewise; nil: no class of the segment
	memo     *Memo[Value]

	ids      map[string]Value
	texts    []string
	numbers  []float64
	isNumber []bool
	bytes    int
	maxBytes int
}

// source is where the spans of a class have the attribute.
type source struct {
	key   int32 // index of the key, −1 for none
	at    int32 // position among the keys of the class, −1 for the resource
	value Value // of the resource
}

// New prepares a Reader for the segments of a snapshot. A span's own attribute goes before its resource's of
// the same key, and an earlier key before a later one.
func New(segments []store.Segment, keys ...string) *Reader {
	r := &Reader{
		ordinals: make(map[store.Segment]int, len(segments)),
		sources:  make([][]source, len(segments)), wanted: make([][]bool, len(segments)),
		ids: map[string]Value{}, texts: []string{store.Overflow}, numbers: []float64{0}, isNumber: []bool{false}, maxBytes: maxTexts,
	}
	r.memo = NewMemo(segments, r.of)
	for i, s := range segments {
		r.ordinals[s] = i
		r.sources[i] = make([]source, s.Classes())
		for c := range r.sources[i] {
			x := r.source(s.Class(uint32(c)), keys)
			r.sources[i][c] = x
			if x.key >= 0 {
				if r.wanted[i] == nil {
					r.wanted[i] = make([]bool, s.Classes())
				}
				r.wanted[i][c] = true
			}
		}
	}
	return r
}

func (r *Reader) source(c *store.Class, keys []string) source {
	for k, key := range keys {
		if at := slices.Index(c.Keys, key); at >= 0 {
			return source{key: int32(k), at: int32(at)}
		}
		if v, ok := model.Lookup(model.AttributesOf(c.Resource), key); ok {
			return source{int32(k), -1, r.of(v)}
		}
	}
	return source{key: -1}
}

// Wanted are the classes of a segment whose spans have one of the attributes; some is false for none.
func (r *Reader) Wanted(segment int) (classes []bool, some bool) {
	return r.wanted[segment], r.wanted[segment] != nil
}

// At is the value of span i of a segment, of the given class, and which of the keys it has.
func (r *Reader) At(segment, i int, class uint32) (v Value, key int, ok bool) {
	x := &r.sources[segment][class]
	switch {
	case x.key < 0:
		return 0, 0, false
	case x.at < 0:
		return x.value, int(x.key), true
	}
	return r.memo.At(segment, i, int(x.at)), int(x.key), true
}

// Of is At of a span that is found by its place.
func (r *Reader) Of(p store.Place) (v Value, key int, ok bool) {
	return r.At(r.ordinals[p.Segment], p.Index, p.Segment.Record(p.Index).Class)
}

func (r *Reader) of(x model.Value) Value {
	text := x.String()
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	v, ok := r.ids[text]
	if ok {
		return v
	}
	if r.bytes += len(text) + textOverhead; r.bytes > r.maxBytes {
		r.Lost++
		return Other
	}
	v = Value(len(r.texts))
	r.ids[text] = v
	n, isNumber := x.Number()
	if !isNumber { // what some send as a number and others as text is one
		var err error
		n, err = strconv.ParseFloat(text, 64)
		isNumber = err == nil
	}
	r.texts, r.numbers, r.isNumber = append(r.texts, text), append(r.numbers, n), append(r.isNumber, isNumber)
	return v
}

// Text is a value as filters compare it, raw.
func (r *Reader) Text(v Value) string { return r.texts[v] }

// Number is a value as a number, ok where it is one.
func (r *Reader) Number(v Value) (n float64, ok bool) { return r.numbers[v], r.isNumber[v] }
