package store

import (
	"cmp"
	"slices"

	"oteltop/model"
	"oteltop/model/wire"
)

// snapshot implements Snapshot: views of all segments and the chunks of the index at one moment.
type snapshot struct {
	names  *names
	chunks []*chunk
	views  []*view   // by slot
	placed []Segment // likewise
	sorted []Segment
}

// segmentView is a view that knows the ids of its traces. Implements Segment.
type segmentView struct {
	*view
	snap *snapshot
}

// Span implements Segment.
func (s segmentView) Span(i int) model.Span {
	span := s.view.Span(i)
	if e := s.snap.entry(s.view.records[i].Trace); e != nil {
		span.TraceID = e.id
	}
	return span
}

// Snapshot implements Store.
func (r *Ring) Snapshot() Snapshot {
	r.mu.Lock()
	r.index.epoch++
	s := &snapshot{names: r.names, chunks: slices.Clone(r.index.chunks), views: make([]*view, len(r.slots))}
	serials := make([]uint64, len(r.slots))
	for i, g := range r.slots {
		if g != nil {
			s.views[i], serials[i] = g.view, g.serial
		}
	}
	r.mu.Unlock()
	order := make([]int, 0, len(s.views))
	for i, v := range s.views {
		if v != nil {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(serials[a], serials[b]) })
	s.placed = make([]Segment, len(s.views))
	for _, i := range order {
		s.placed[i] = segmentView{s.views[i], s}
		s.sorted = append(s.sorted, s.placed[i])
	}
	return s
}

// Segments implements Snapshot; oldest first.
func (s *snapshot) Segments() []Segment { return s.sorted }

// Traces implements Snapshot.
func (s *snapshot) Traces(yield func(t *TraceInfo) bool) {
	var t TraceInfo
	for c, chunk := range s.chunks {
		if chunk == nil {
			continue
		}
		for i := range chunk.entries {
			if e := &chunk.entries[i]; e.spans != 0 {
				t = e.info(uint32(c*chunkEntries + i))
				if !yield(&t) {
					return
				}
			}
		}
	}
}

// entry is nil for an index that no retained trace has.
func (s *snapshot) entry(i uint32) *entry {
	if int(i) >= len(s.chunks)*chunkEntries || s.chunks[i/chunkEntries] == nil {
		return nil
	}
	if e := &s.chunks[i/chunkEntries].entries[i%chunkEntries]; e.spans != 0 {
		return e
	}
	return nil
}

// Trace implements Snapshot.
func (s *snapshot) Trace(i uint32) (TraceInfo, bool) {
	e := s.entry(i)
	if e == nil {
		return TraceInfo{}, false
	}
	return e.info(i), true
}

// Dropped implements Snapshot. Only classes with rare fields can say so, and of these only the rest is walked.
func (s *snapshot) Dropped(i uint32) bool {
	e := s.entry(i)
	if e == nil {
		return false
	}
	for ref := e.head; ref != none; {
		v, at := s.views[slotOf(ref)], indexOf(ref)
		rec := &v.records[at]
		if v.classes[rec.Class].Extra && dropped(v.rest(at)) {
			return true
		}
		ref = rec.prev
	}
	return false
}

func dropped(rest []byte) bool {
	for f := wire.Of(rest, 0, ""); f.Next(); {
		switch f.Tag {
		case wire.SpanDroppedAttributes, wire.SpanDroppedEvents, wire.SpanDroppedLinks:
			if uint32(f.Num) != 0 {
				return true
			}
		}
	}
	return false
}

// Spans implements Snapshot.
func (s *snapshot) Spans(i uint32, buf []Settled) []Settled {
	e := s.entry(i)
	if e == nil {
		return buf
	}
	from := len(buf)
	buf = slices.Grow(buf, int(e.spans))
	var scratch []byte
	for ref := e.head; ref != none; {
		v := s.views[slotOf(ref)]
		buf = append(buf, v.settled(indexOf(ref), s.names, &scratch))
		ref = v.records[indexOf(ref)].prev
	}
	slices.Reverse(buf[from:])
	return buf
}

// Places implements Snapshot.
func (s *snapshot) Places(i uint32, buf []Place) []Place {
	e := s.entry(i)
	if e == nil {
		return buf
	}
	from := len(buf)
	for ref := e.head; ref != none; {
		slot, at := slotOf(ref), indexOf(ref)
		buf = append(buf, Place{s.placed[slot], int(at)})
		ref = s.views[slot].records[at].prev
	}
	slices.Reverse(buf[from:])
	return buf
}
