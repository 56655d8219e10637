package store

import (
	"math/rand/v2"
	"slices"
	"unsafe"

	"oteltop/model"
)

// entry is what is known of a retained trace; pointer-free. Owned by Ring.mu.
type entry struct {
	id           model.TraceID
	start, end   int64 // Unix ns
	rootStart    int64
	rootDuration int64
	arrival      int64     // of the latest span, Unix ns
	filter       [8]uint64 // see mayHave
	head         uint32    // ref of the span that arrived last
	spans        uint32    // 0: the entry is free
	errors       uint32
	rootOp       uint32
	told         uint32 // spans that the observer knows of
	next, prev   uint32 // in the list of its stage, or of free entries; index+1, 0 for none
	stage        waiting
	kept         model.KeptBecause
	flags        entryFlags
}

type entryFlags uint8

const (
	hasRoot   entryFlags = 1 << iota
	isSettled            // the observer knows all spans
	wasFinal             // and was told that no more is awaited when it was last told
	isPinned
	hasTable // its span ids have a table of their own in index.large
)

// info is the summary for readers.
func (e *entry) info(i uint32) TraceInfo {
	t := TraceInfo{
		ID: e.id, Index: i, Start: e.start, End: e.end, Spans: int(e.spans), Errors: int(e.errors),
		RootOp: e.rootOp, RootStart: e.rootStart, RootDur: e.rootDuration,
		HasRoot: e.flags&hasRoot != 0, Settled: e.flags&isSettled != 0, Kept: e.kept,
	}
	if !t.HasRoot {
		t.RootDur = e.end - e.start
	}
	if e.flags&isPinned != 0 {
		t.Kept = model.KeptPinned
	}
	return t
}

const (
	chunkEntries = 256
	chunkBytes   = int64(unsafe.Sizeof(chunk{}))
	minSlots     = 1024

	largeTrace = 128 // spans from which on a trace's ids are in a table
	largeBytes = 40  // of an entry of the map of tables
)

// chunk is a stretch of entries. It is copied before it changes under a snapshot.
type chunk struct {
	epoch   uint64 // of the last snapshot that does not see it
	used    uint32
	free    uint32 // list of its free entries, index+1
	entries [chunkEntries]entry
}

// index finds traces by id: open addressing over entries, so that 10 M traces cost the collector nothing.
type index struct {
	chunks []*chunk
	slots  []uint32 // entry index + 1
	used   int
	roomy  []uint32 // chunks with free entries
	vacant []uint32 // numbers of chunks that were let go of: a burst of small traces must not keep its memory
	epoch  uint64   // snapshots taken
	large  map[uint32]*spanTable
	tables int64 // bytes of large
	mix    [2]uint64
}

func newIndex() *index {
	return &index{
		slots: make([]uint32, minSlots), large: map[uint32]*spanTable{},
		mix: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1},
	}
}

func (x *index) bytes() int64 {
	return int64(len(x.chunks)-len(x.vacant))*chunkBytes + 16*int64(len(x.chunks)) + 4*int64(len(x.slots)) + x.tables + largeBytes*int64(len(x.large))
}

// look reads an entry.
func (x *index) look(i uint32) *entry { return &x.chunks[i/chunkEntries].entries[i%chunkEntries] }

// at gives an entry to be changed.
func (x *index) at(i uint32) *entry {
	c := x.chunks[i/chunkEntries]
	if c.epoch < x.epoch {
		copied := *c
		copied.epoch = x.epoch
		c = &copied
		x.chunks[i/chunkEntries] = c
	}
	return &c.entries[i%chunkEntries]
}

// hash mixes both halves: ids are random as a rule, but some SDKs put times or counters into a half. The
// multipliers are drawn per index, so that a sender cannot make its ids collide.
func (x *index) hash(id model.TraceID) uint64 {
	h := id.Hi*x.mix[0] + id.Lo*x.mix[1]
	return h ^ h>>32
}

// find looks a trace up.
func (x *index) find(id model.TraceID) (i uint32, ok bool) {
	mask := uint64(len(x.slots) - 1)
	for s := x.hash(id) & mask; x.slots[s] != 0; s = (s + 1) & mask {
		if i := x.slots[s] - 1; x.look(i).id == id {
			return i, true
		}
	}
	return 0, false
}

// insert makes an entry for a trace that has none.
func (x *index) insert(id model.TraceID) uint32 {
	c := x.withRoom()
	i := c.free - 1
	e := &c.entries[i%chunkEntries]
	if c.free = e.next; c.free == 0 {
		x.roomy = x.roomy[:len(x.roomy)-1]
	}
	c.used++
	*e = entry{id: id, head: none}
	if x.used++; 2*x.used > len(x.slots) {
		x.grow()
	}
	x.put(i)
	return i
}

// withRoom gives a chunk with a free entry, to be changed: the last of roomy.
func (x *index) withRoom() *chunk {
	n := len(x.roomy)
	if n == 0 {
		return x.addChunk()
	}
	at := x.roomy[n-1]
	x.at(at * chunkEntries) // a copy, where a snapshot sees it
	return x.chunks[at]
}

func (x *index) addChunk() *chunk {
	at := uint32(len(x.chunks))
	if n := len(x.vacant); n > 0 {
		at, x.vacant = x.vacant[n-1], x.vacant[:n-1]
	} else {
		x.chunks = append(x.chunks, nil)
	}
	c := &chunk{epoch: x.epoch, free: at*chunkEntries + 1}
	for i := range c.entries[:chunkEntries-1] {
		c.entries[i].next = at*chunkEntries + uint32(i) + 2
	}
	x.chunks[at] = c
	x.roomy = append(x.roomy, at)
	return c
}

func (x *index) put(i uint32) {
	mask := uint64(len(x.slots) - 1)
	s := x.hash(x.look(i).id) & mask
	for x.slots[s] != 0 {
		s = (s + 1) & mask
	}
	x.slots[s] = i + 1
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint32, 2*len(old))
	for _, s := range old {
		if s != 0 {
			x.put(s - 1)
		}
	}
}

// remove frees the entry of a trace. Later slots of the same run move up, so that no tombstones remain.
func (x *index) remove(i uint32) {
	mask := uint64(len(x.slots) - 1)
	s := x.hash(x.look(i).id) & mask
	for x.slots[s] != i+1 {
		s = (s + 1) & mask
	}
	for t := (s + 1) & mask; x.slots[t] != 0; t = (t + 1) & mask {
		home := x.hash(x.look(x.slots[t]-1).id) & mask
		if (t-home)&mask >= (t-s)&mask {
			x.slots[s] = x.slots[t]
			s = t
		}
	}
	x.slots[s] = 0
	x.used--
	if t := x.large[i]; t != nil {
		x.tables -= t.bytes()
		delete(x.large, i)
	}
	e := x.at(i)
	at := i / chunkEntries
	c := x.chunks[at]
	if c.free == 0 {
		x.roomy = append(x.roomy, at)
	}
	*e = entry{next: c.free}
	c.free = i + 1
	if c.used--; c.used == 0 {
		k := slices.Index(x.roomy, at)
		x.roomy = slices.Delete(x.roomy, k, k+1)
		x.chunks[at] = nil
		x.vacant = append(x.vacant, at)
	}
}
