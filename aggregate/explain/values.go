package explain

import (
	"hash/maphash"
	"strconv"

	"oteltop/aggregate/attributes"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxText is how long a value may be to be told apart by its text; of longer ones the beginning and a
	// hash are kept.
	maxText = 200
	// maxTexts bounds the memory of texts, bytes. What comes later is one value, other.
	maxTexts = 32 << 20
	// textOverhead is what a text costs beyond its bytes: map entry, header, number.
	textOverhead = 80
)

// other is the number of all values beyond maxTexts.
const other = 0

// values gives equal texts equal numbers across segments, each dictionary entry being decoded once.
type values struct {
	segments []store.Segment
	seed     maphash.Seed
	ids      map[string]uint32
	texts    []string
	numbers  []float64
	isNumber []bool
	cut      map[uint32]string // the beginnings of texts that were too long, or too many
	memo     *attributes.Memo[uint32]
	bytes    int
}

func newValues(segments []store.Segment) *values {
	v := &values{segments: segments, seed: maphash.MakeSeed(), ids: map[string]uint32{}}
	v.memo = attributes.NewMemo(segments, v.of)
	v.texts, v.numbers, v.isNumber = []string{store.Overflow}, []float64{0}, []bool{false}
	v.cut = map[uint32]string{other: ""}
	return v
}

func (v *values) isCoded(seg uint32, i, pos int) bool {
	_, ok := v.segments[seg].Code(i, pos)
	return ok
}

// at is the value at a place of a span.
func (v *values) at(seg uint32, i, pos int) uint32 { return v.memo.At(int(seg), i, pos) }

// number is a value as a number. What some spans send as a number and others as text is one.
func (v *values) number(id uint32) (float64, bool) { return v.numbers[id], v.isNumber[id] }

func (v *values) of(x model.Value) uint32 {
	text, beginning := x.String(), ""
	if len(text) > maxText {
		beginning = text[:maxText]
		text = beginning + "…#" + strconv.FormatUint(maphash.String(v.seed, text), 36)
	}
	id, ok := v.ids[text]
	if !ok {
		if v.bytes += len(text) + textOverhead; v.bytes > maxTexts {
			return other
		}
		id = uint32(len(v.texts))
		v.ids[text] = id
		if beginning != "" {
			v.cut[id] = beginning
		}
		v.texts, v.numbers, v.isNumber = append(v.texts, text), append(v.numbers, 0), append(v.isNumber, false)
	}
	if n, ok := x.Number(); ok {
		v.numbers[id], v.isNumber[id] = n, true
	}
	return id
}
