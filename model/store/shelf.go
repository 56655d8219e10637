package store

import (
	"math"
	"math/bits"

	"oteltop/model"
)

// Rules of the shelf. Each part has a share of its bytes but may use what others leave; when the whole is
// too large, the oldest segment of the part that is furthest over its share goes.
const (
	maxPins = 1_000
	// ns of start time per exemplar cell. The first is the finest column of a heatmap. Where not even
	// cellKeep of such cells fits (a minute more than the five that screens show at first), they widen.
	cellWidth, cellWidest = int64(2e9), int64(32e9)
	cellKeep              = int64(360e9)
	rareSpan              = int64(60e9) // ns of start time: a rare root operation keeps a trace per minute (ANALYSES A39)
	rareMost              = 4           // traces a minute that an operation may have and still be rare
	slowAfter             = 100         // traces of a root operation before one can be slow for it
	slowShare             = 0.99        // of the traces are not slow
	slowStep              = 0.4         // doublings of duration by which the threshold moves; slowFirst/n in the beginning
	slowFirst             = 40
	slowBy                = 0.25           // doublings over the threshold, which moves a little even where all take the same time
	cellBytes             = int64(16 + 48) // of a map entry, measured
)

// share is the percentage of the shelf for each reason.
func share(k model.KeptBecause) int64 {
	switch k {
	case model.KeptError:
		return 25
	case model.KeptSlow:
		return 15
	case model.KeptRecent:
		return 0
	}
	return 20
}

// cell is a place in the heatmap of a root operation: shelf.width by a duration bin of ratio √2.
type cell struct {
	op   uint32
	bin  int32
	time int64 // where it begins, Unix ns
}

// usual is what is known of the traces of a root operation that have left the ring.
type usual struct {
	seen      uint32
	threshold float32 // log2 of the duration in ns that slowShare of the traces stay below, running
	minute    int32   // of the start of the latest trace
	count     uint16  // of traces in that minute
	before    uint16  // and in the one before
}

// shelf decides which traces outlive the ring. Their spans are in segments like those of the ring, one
// queue per reason. Ring.mu guards it.
type shelf struct {
	encoders [kinds]*encoder
	usual    []usual // by operation
	cells    map[cell]int
	cellOf   map[uint32]cell // of the traces on the shelf
	width    int64           // of new cells, ns
	widened  int64           // when, Unix ns: what is narrow leaves first, before it is judged anew
	pins     int
}

func newShelf(r *Ring) *shelf {
	s := &shelf{width: cellWidth, cells: map[cell]int{}, cellOf: map[uint32]cell{}}
	for k := model.KeptPinned; int(k) < kinds; k++ {
		s.encoders[k] = newEncoder(r, k)
	}
	return s
}

func (s *shelf) bytes() int64 {
	return int64(cap(s.usual))*16 + cellBytes*int64(len(s.cells)+len(s.cellOf))
}

// indexed is the memory that the traces of the shelf take outside its segments.
func (s *shelf) indexed() int64 {
	return cellBytes*int64(len(s.cells)) + (cellBytes+chunkBytes/chunkEntries)*int64(len(s.cellOf))
}

// overfull is the part with the largest overage.
func (s *shelf) overfull(r *Ring) (most model.KeptBecause) {
	over := int64(math.MinInt64)
	for k := model.KeptPinned; int(k) < kinds; k++ {
		if o := r.bytesOf[k] - s.quota(r, k); o > over && len(r.queues[k]) > 0 {
			most, over = k, o
		}
	}
	return most
}

func (s *shelf) quota(r *Ring, k model.KeptBecause) int64 {
	return r.options.Budget / shelfShare * share(k) / 100
}

// keeps says why a trace is to be kept when a segment of part from leaves; KeptRecent: it is not.
func (s *shelf) keeps(r *Ring, i uint32, from model.KeptBecause) model.KeptBecause {
	e := r.index.look(i)
	if from != model.KeptRecent {
		return model.KeptRecent // it has had its time on the shelf
	}
	if int64(e.spans)*recordBytes > r.options.Budget/shelfShare/16 && e.flags&isPinned == 0 {
		return model.KeptRecent // one trace must not push out a shelf of others
	}
	u := s.usualOf(e.rootOp)
	d := e.info(i).RootDur
	slow := u.slow(d)
	rare := u.rare(e.rootStart)
	switch _, again := s.cellOf[i]; {
	case e.flags&isPinned != 0:
		return model.KeptPinned
	case e.errors > 0:
		return model.KeptError
	case slow:
		return model.KeptSlow
	case rare:
		return model.KeptRare
	case again || s.cells[s.cellFor(e, d)] == 0:
		return model.KeptExemplar
	}
	return model.KeptRecent
}

func (s *shelf) usualOf(op uint32) *usual {
	for int(op) >= len(s.usual) {
		s.usual = append(s.usual, usual{})
	}
	return &s.usual[op]
}

// rare says whether a trace is the first of its minute and the operation has few a minute, and counts it.
func (u *usual) rare(start int64) bool {
	if m := int32(start / rareSpan); m != u.minute {
		if u.before = u.count; m != u.minute+1 {
			u.before = 0
		}
		u.minute, u.count = m, 0
	}
	u.count = min(u.count+1, math.MaxUint16-1)
	return u.count == 1 && u.before <= rareMost
}

// slow says whether a duration is slow, and learns from it: the threshold moves up by 99 steps for each
// longer duration and down by one for each shorter, so that it rests at the 99th percentile.
func (u *usual) slow(d int64) bool {
	l := float32(math.Log2(float64(max(d, 1))))
	if u.seen == 0 {
		u.threshold = l
	}
	u.seen = min(u.seen+1, math.MaxUint32-1)
	slow := u.seen > slowAfter && l > u.threshold+slowBy
	step := max(slowStep, slowFirst/float32(u.seen))
	if l > u.threshold {
		u.threshold = min(l, u.threshold+slowShare*step)
	} else {
		u.threshold -= (1 - slowShare) * step
	}
	return slow
}

func (s *shelf) cellFor(e *entry, d int64) cell {
	// Bin by √2: twice the exponent, plus one for mantissas from √2 on.
	x := uint64(max(d, 1))
	b := bits.Len64(x)
	half := int32(0)
	if float64(x) >= math.Sqrt2*math.Ldexp(1, b-1) {
		half = 1
	}
	return cell{op: e.rootOp, bin: int32(2*b) + half, time: e.rootStart - e.rootStart%s.width}
}

// leaves widens the cells when a segment of exemplars leaves too soon.
func (s *shelf) leaves(g *segment, now int64) {
	if g.reason == model.KeptExemplar && now-g.first < cellKeep && now-s.widened >= cellKeep/4 {
		s.width, s.widened = min(2*s.width, cellWidest), now
	}
}

// enter notes that a trace is on the shelf.
func (s *shelf) enter(r *Ring, i uint32, e *entry, why model.KeptBecause) {
	s.forget(r, i, e)
	c := s.cellFor(e, e.info(i).RootDur)
	s.cellOf[i] = c
	s.cells[c]++
	e.kept = why
	r.counters.Shelved[why]++
}

// forget takes back enter.
func (s *shelf) forget(r *Ring, i uint32, e *entry) {
	if e.kept == model.KeptRecent {
		return
	}
	c := s.cellOf[i]
	delete(s.cellOf, i)
	if s.cells[c]--; s.cells[c] == 0 {
		delete(s.cells, c)
	}
	r.counters.Shelved[e.kept]--
	e.kept = model.KeptRecent
}

// shelve copies a trace to a part of the shelf, wherever its spans are now.
func (r *Ring) shelve(i uint32, why model.KeptBecause) {
	enc := r.shelf.encoders[why]
	e := r.index.at(i)
	refs := r.chain(e.head, int(e.spans))
	enc.begin()
	if len(enc.templates) > maxTemplates/4 || enc.cache > r.cacheBytes/4 {
		enc.forget()
	}
	var raw []byte
	for _, ref := range refs {
		v := r.slots[slotOf(ref)].view
		k := indexOf(ref)
		c := v.classes[v.records[k].Class]
		var s incoming // what was read once can be read again, so that there are no errors
		enc.raw = append(enc.raw[:0], c.resource.raw...)
		s.resource, _ = enc.resource([]byte(c.Resource.SchemaURL), checked)
		enc.raw = append(enc.raw[:0], c.scope.raw...)
		s.scope, _ = enc.scope([]byte(c.Scope.SchemaURL), checked)
		raw = v.appendSpan(raw[:0], k, e.id)
		if enc.follow(&s, raw, 0) {
			continue
		}
		if _, err := enc.read(&s, raw, 0); err == nil {
			enc.add(&s)
		}
	}
	r.kill(e.head)
	e.head = none
	r.relink(enc, i, e)
	r.shelf.enter(r, i, e, why)
	enc.release()
}

// relink publishes the copied spans of one trace.
func (r *Ring) relink(enc *encoder, i uint32, e *entry) {
	if e.flags&hasTable != 0 {
		r.index.large[i].clear()
	}
	now := r.options.Now().UnixNano()
	for _, s := range enc.staged {
		g := s.segment
		r.admit(g, now)
		for n := s.from; n < len(g.records); n++ {
			rec := &g.records[n]
			rec.Trace, rec.prev = i, e.head
			e.head = refOf(g.slot, n)
			if e.flags&hasTable != 0 {
				r.index.large[i].put(rec.ID, e.head)
			}
			g.live++
		}
		r.show(g)
	}
	enc.staged = enc.staged[:0]
	r.sealLeft(enc)
	enc.counted = enc.cache
}

// chain lists the spans of a trace, oldest first.
func (r *Ring) chain(head uint32, n int) []uint32 {
	refs := make([]uint32, n)
	for ref := head; ref != none && n > 0; ref = r.recordAt(ref).prev {
		n--
		refs[n] = ref
	}
	return refs
}

// Pin implements Store. A pinned trace leaves only when pinned traces alone outgrow the shelf.
func (r *Ring) Pin(id model.TraceID, pinned bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, ok := r.index.find(id)
	if !ok {
		return false
	}
	e := r.index.at(i)
	switch is := e.flags&isPinned != 0; {
	case is == pinned:
		return true
	case !pinned:
		e.flags &^= isPinned
		r.shelf.pins--
		return true
	case r.shelf.pins >= maxPins || r.bytesOf[model.KeptPinned] > 2*r.shelf.quota(r, model.KeptPinned):
		return false
	}
	e.flags |= isPinned
	r.shelf.pins++
	if e.kept != model.KeptRecent {
		r.shelve(i, model.KeptPinned)
	}
	return true
}
