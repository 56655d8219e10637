package attributes

import (
	"oteltop/model"
	"oteltop/model/store"
)

// Memo reads values of spans and makes numbers of them: of values in the dictionary of a segment once per entry.
type Memo[N ~uint32] struct {
	segments []store.Segment
	number   func(x model.Value) N
	known    [][]N // by segment and code, one more than the number; 0: not decoded yet
}

// NewMemo returns one that has read nothing yet.
func NewMemo[N ~uint32](segments []store.Segment, number func(x model.Value) N) *Memo[N] {
	return &Memo[N]{segments: segments, number: number, known: make([][]N, len(segments))}
}

// At is the number of the value at a place among the attributes of span i of a segment.
func (m *Memo[N]) At(segment, i, place int) N {
	s := m.segments[segment]
	code, ok := s.Code(i, place)
	if !ok {
		return m.number(s.Value(i, place))
	}
	if m.known[segment] == nil {
		m.known[segment] = make([]N, s.Codes())
	}
	if int(code) >= len(m.known[segment]) { // the segment is still being written
		return m.number(s.Decode(code))
	}
	n := &m.known[segment][code]
	if *n == 0 {
		*n = m.number(s.Decode(code)) + 1
	}
	return *n - 1
}
