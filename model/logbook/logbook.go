// Package logbook keeps the newest log records that name a trace, to be shown below its spans.
//
//	OTLP logs request ─▶ Book.Append ─▶ segments of verbatim records, oldest let go of first
//	                                        └─▶ Book.Of(trace) ─▶ []model.Log, in time order
//
// A record is kept as it came; it is decoded when somebody looks at its trace. Records of no trace are
// counted and left out: nothing on a screen of traces could show them.
package logbook

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"oteltop/model"
	"oteltop/model/wire"
)

const (
	// segmentBytes is what a segment holds of records, and the largest record: log libraries cut lines long
	// before. Segments are let go of whole.
	segmentBytes = 64 << 10
	// entryBytes is what a record costs beside its bytes, with the room that its slice grows by, traceBytes a
	// trace in the index, sourceBytes a source beside its texts (TestBytesCoverTheHeap).
	entryBytes  = 72
	traceBytes  = 64
	sourceBytes = 256
	// maxOfTrace is how many records of a trace are decoded for a screen.
	maxOfTrace = 10_000
	// firstSerial is not 0, so that no ref is.
	firstSerial = 1
	// maxEarlier is with how many earlier records of its trace a record is compared: a sender that got no answer sends
	// a request again, and has that many of a trace in one, if not more.
	maxEarlier = 256
)

// Counters say what became of the records: Received = Retained + Evicted + Untraced + Refused + Duplicate.
type Counters struct {
	Received, Retained, Evicted, Untraced, Refused, Duplicate uint64
	Bytes, Budget                                             int64
}

// Book is a bounded store of log records. Safe for concurrent use.
type Book struct {
	mu       sync.Mutex
	segments []*segment               // oldest first; the last is being filled
	latest   map[model.TraceID]uint64 // ref of the newest record of a trace
	counters Counters                 // without Bytes
	weight   int64                    // of segments
	sources  map[string]uint32        // of the last segment
	serial   uint64                   // of the first segment
	seed     maphash.Seed
}

// segment holds records of one stretch of arrival.
type segment struct {
	data    []byte
	entries []entry
	sources []source
	bytes   int64 // what it costs in all
}

// entry is one record.
type entry struct {
	trace  model.TraceID
	prev   uint64 // ref of the record of the same trace that came before, 0 none
	sum    uint64 // hash of the record and its source
	off    uint32 // where it ends in data
	source uint32
}

// source is where records come from, as it stood in the request.
type source struct {
	resource, scope             []byte
	resourceSchema, scopeSchema string

	key string // all of it, once somebody asked for it
	sum uint64 // hash of key, likewise
}

// New returns an empty book that takes at most about budget bytes.
func New(budget int64) *Book {
	return &Book{latest: map[model.TraceID]uint64{}, counters: Counters{Budget: max(budget, 2*segmentBytes)}, serial: firstSerial, seed: maphash.MakeSeed()}
}

// Counters are the counts at this moment.
func (b *Book) Counters() Counters {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.counters
	c.Bytes = b.bytes()
	return c
}

func (b *Book) bytes() int64 { return b.weight + traceBytes*int64(len(b.latest)) }

// Append takes an OTLP ExportLogsServiceRequest in protobuf; req is not retained. On an error, which says
// what is malformed and where, nothing of it was kept.
func (b *Book) Append(req []byte) (model.LogReceipt, error) {
	var rc model.LogReceipt
	// It is walked twice: what was found of a request of smallest records would take three times its size.
	if err := eachRecord(req, func(*source, model.TraceID, []byte) {}); err != nil {
		return rc, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.next()
	_ = eachRecord(req, func(s *source, t model.TraceID, raw []byte) { // checked above
		rc.Received++
		if t.IsZero() {
			rc.Untraced++
			return
		}
		if len(raw)+s.size() > segmentBytes {
			rc.Refused++
			return
		}
		sum := b.hash(s, raw)
		if b.has(t, sum, next) {
			rc.Duplicate++
			return
		}
		b.add(s, t, raw, sum)
		rc.Stored++
	})
	b.counters.Received += uint64(rc.Received)
	b.counters.Untraced += uint64(rc.Untraced)
	b.counters.Refused += uint64(rc.Refused)
	b.counters.Duplicate += uint64(rc.Duplicate)
	b.evict()
	return rc, nil
}

// next is a ref beyond those of all records so far. Callers hold b.mu.
func (b *Book) next() uint64 {
	k := len(b.segments)
	if k == 0 {
		return firstSerial << 32
	}
	return (b.serial+uint64(k)-1)<<32 | uint64(len(b.segments[k-1].entries))
}

// hash is of a record and where it comes from.
func (b *Book) hash(s *source, raw []byte) uint64 {
	if s.sum == 0 {
		s.sum = maphash.String(b.seed, s.text())
	}
	return maphash.Bytes(b.seed, raw) ^ s.sum
}

// has reports whether a request before the one whose records begin at ref next brought a record. Within a request two
// that are the same were written twice: clocks may be coarse. Callers hold b.mu.
func (b *Book) has(t model.TraceID, sum, next uint64) bool {
	ref := b.latest[t]
	for n := 0; n < maxEarlier && ref != 0 && ref>>32 >= b.serial; n++ {
		e := &b.segments[ref>>32-b.serial].entries[uint32(ref)]
		if e.sum == sum && ref < next {
			return true
		}
		ref = e.prev
	}
	return false
}

// add appends a record to the last segment. Callers hold b.mu.
func (b *Book) add(s *source, t model.TraceID, raw []byte, sum uint64) {
	g := b.last(len(raw) + s.size())
	e := entry{trace: t, prev: b.latest[t], sum: sum, source: b.source(g, s)}
	if e.prev>>32 < b.serial { // let go of, or none
		e.prev = 0
	}
	g.data = append(g.data, raw...)
	e.off = uint32(len(g.data))
	g.entries = append(g.entries, e)
	g.bytes += entryBytes
	b.weight += entryBytes
	b.latest[t] = b.next() - 1
	b.counters.Retained++
}

// last is the segment that has room for n bytes more.
func (b *Book) last(n int) *segment {
	if k := len(b.segments); k > 0 && cap(b.segments[k-1].data)-len(b.segments[k-1].data) >= n {
		return b.segments[k-1]
	}
	g := &segment{data: make([]byte, 0, segmentBytes), bytes: segmentBytes}
	b.segments = append(b.segments, g)
	b.sources = map[string]uint32{}
	b.weight += g.bytes
	return g
}

// source is the number of a source in the segment; most segments hold few.
func (b *Book) source(g *segment, s *source) uint32 {
	if i, ok := b.sources[s.text()]; ok {
		return i
	}
	i := uint32(len(g.sources))
	b.sources[s.key] = i
	kept := *s
	kept.resource, kept.scope, kept.key = slices.Clone(s.resource), slices.Clone(s.scope), ""
	g.sources = append(g.sources, kept)
	cost := sourceBytes + int64(s.size()+len(s.key))
	g.bytes += cost
	b.weight += cost
	return i
}

// text is all of a source as a key.
func (s *source) text() string {
	if s.key == "" {
		s.key = fmt.Sprintf("%d %d %d %s%s%s%s", len(s.resource), len(s.scope), len(s.scopeSchema), s.resource, s.scope, s.scopeSchema, s.resourceSchema)
	}
	return s.key
}

func (s *source) size() int {
	return len(s.resource) + len(s.scope) + len(s.resourceSchema) + len(s.scopeSchema)
}

// evict lets go of the oldest segments until the book is within its budget. Callers hold b.mu.
func (b *Book) evict() {
	for len(b.segments) > 1 && b.bytes() > b.counters.Budget {
		g := b.segments[0]
		b.segments[0] = nil
		b.segments = b.segments[1:]
		for i := range g.entries {
			if t := g.entries[i].trace; b.latest[t]>>32 == b.serial {
				delete(b.latest, t)
			}
		}
		b.serial++
		b.weight -= g.bytes
		b.counters.Evicted += uint64(len(g.entries))
		b.counters.Retained -= uint64(len(g.entries))
	}
}

// Latest changes when there is a new record of a trace; 0: there is none.
func (b *Book) Latest(t model.TraceID) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.latest[t]
}

// Of is what is kept of a trace's log records, in time order, and how many more there are than were decoded:
// the newest maxOfTrace are.
func (b *Book) Of(t model.TraceID) (records []model.Log, more int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	type place struct {
		g *segment
		i uint32
	}
	resources, scopes := map[place]*model.Resource{}, map[place]*model.Scope{}
	for ref := b.latest[t]; ref>>32 >= b.serial && ref != 0; {
		g, i := b.segments[ref>>32-b.serial], int(uint32(ref))
		e := &g.entries[i]
		ref = e.prev
		if len(records) == maxOfTrace {
			more++
			continue
		}
		l := wire.Log(g.record(i))
		at := place{g, e.source}
		if resources[at] == nil {
			resources[at], scopes[at] = g.sources[e.source].decode()
		}
		l.Resource, l.Scope = resources[at], scopes[at]
		records = append(records, l)
	}
	slices.Reverse(records) // arrival is the order of what happened at once
	slices.SortStableFunc(records, func(a, b model.Log) int { return cmp.Compare(a.Time, b.Time) })
	return records, more
}

// record is the bytes of an entry.
func (g *segment) record(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = g.entries[i-1].off
	}
	return g.data[from:g.entries[i].off]
}

func (s *source) decode() (*model.Resource, *model.Scope) {
	r, c := wire.Resource(s.resource), wire.Scope(s.scope)
	r.SchemaURL, c.SchemaURL = s.resourceSchema, s.scopeSchema
	r.Service = model.UnknownService
	if name, ok := model.Lookup(r.Attributes, "service.name"); ok && name.String() != "" {
		r.Service = name.String()
	}
	return r, c
}

// eachRecord calls yield with every log record of a request, after a check of it.
func eachRecord(req []byte, yield func(s *source, t model.TraceID, record []byte)) error {
	f := wire.Of(req, 0, "request")
	for f.Next() {
		if f.Tag != wire.ResourceLogs {
			continue
		}
		if err := eachOfResource(f.Bytes, f.At(), yield); err != nil {
			return err
		}
	}
	return f.Err()
}

func eachOfResource(b []byte, at int, yield func(*source, model.TraceID, []byte)) error {
	var s source
	var err error
	if s.resource, s.resourceSchema, err = about(wire.MessageResource, b, at); err != nil {
		return err
	}
	for f := wire.Of(b, at, "resource logs"); f.Next(); {
		if f.Tag != wire.Children {
			continue
		}
		s.key, s.sum = "", 0
		if s.scope, s.scopeSchema, err = about(wire.MessageScope, f.Bytes, f.At()); err != nil {
			return err
		}
		for g := wire.Of(f.Bytes, f.At(), "scope logs"); g.Next(); {
			if g.Tag != wire.Children {
				continue
			}
			t, err := wire.CheckLog(g.Bytes, g.At())
			if err != nil {
				return err
			}
			yield(&s, t, g.Bytes)
		}
	}
	return nil
}

// about reads what stands beside the records of a ResourceLogs or ScopeLogs: the resource or scope, of which
// the last counts, and the schema URL. It checks the framing of all.
func about(m wire.Message, b []byte, at int) (inner []byte, schema string, err error) {
	f := wire.Of(b, at, "logs")
	for f.Next() {
		switch f.Tag {
		case wire.Inner:
			inner = f.Bytes
			if _, err := wire.Check(m, inner, f.At()); err != nil {
				return nil, "", err
			}
		case wire.SchemaURL:
			schema = string(f.Bytes)
		}
	}
	return inner, schema, f.Err()
}
