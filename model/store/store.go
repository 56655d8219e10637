// Package store holds recent spans in dictionary-coded, pointer-free segments: the ring.
//
//	request bytes ─▶ Ring.Append ─▶ encoder (one per core): wire walk, class, dictionary ─▶ segment
//	                     │                └─▶ Observer.Arrived(heads)       rollups, in the critical path
//	                     └─▶ trace index (sharded by trace id), duplicates dropped and counted
//	quiet traces ─▶ Observer.Settled(trace)                                 service map, self time
//	oldest segment over budget ─▶ whole traces leave; what must outlive the ring moves to the shelf
//	readers ─▶ Ring.Snapshot (immutable) ─▶ scans; Ring.Trace(id) ─▶ one decoded trace
package store

import (
	"context"
	"time"

	"oteltop/model"
)

// Options configure a Ring. Zero fields take the defaults stated.
type Options struct {
	Budget   int64 // bytes for segments, indexes and shelf together; default 256 MiB
	Encoders int   // default GOMAXPROCS
	Observer Observer
	Now      func() time.Time // default time.Now; arrival times and settling use it

	// A trace settles when it has a root and no missing parent and was quiet for Quiet (default 250 ms),
	// when it has a root and was quiet for Idle (2 s), or when it was quiet for Hard (10 s, ANALYSES D2).
	// After Hard it is settled a last time with Final set.
	Quiet, Idle, Hard time.Duration

	// What one request may hold; spans beyond are refused (model.RefusedBudget). Defaults 500,000,
	// 4,000,000 and 1,000,000, less for budgets below 256 MiB. Events count links in.
	MaxSpans, MaxAttributes, MaxEvents int
}

// Observer is told about spans as they arrive and about traces as they settle. Both are called
// concurrently from several goroutines and must not retain their arguments.
type Observer interface {
	// Arrived is told each stored batch inside the encoder's critical path: a few ns per span, please.
	// Duplicates and refused spans are not in it.
	Arrived(batch []Arrival)
	// Settled is told a trace when it has become quiet, again when late spans changed it, once more
	// with Final, and at eviction if it had not settled yet.
	Settled(t *Settlement)
}

// Arrival is the head of a span that has just been stored.
type Arrival struct {
	model.Head
	Trace model.TraceID
}

// Settlement is a trace that became quiet. Aggregates use replace, not add: what the first Previous
// spans contributed under PreviousFinal is to be taken back before all Spans are counted.
type Settlement struct {
	Trace         model.TraceID
	Spans         []Settled // oldest arrival first
	Parents       []int32   // index of each span's parent, −1 for roots; nil where one is missing or two share an id
	Previous      int       // 0 the first time
	Final         bool      // no more waiting for peers: unpaired calls become inferred peers (A03.5)
	PreviousFinal bool
}

// Settled is a span of a settled trace, with what the service map needs of its attributes.
type Settled struct {
	model.Head
	Peer  uint32 // Names.Peer: what the span itself says is at the other end (A03 precedence); 0: nothing
	Role  PeerRole
	Links []LinkRef
}

// PeerRole says what kind of thing Peer is.
type PeerRole uint8

// The roles. A span with both db.* and messaging.* attributes is a database call.
const (
	PeerNone      PeerRole = iota // the span names no peer
	PeerService                   // another service, host or address
	PeerDatabase                  // db.system.name | db.system | db.namespace | db.name is present
	PeerMessaging                 // messaging.system is present; Peer is "system:destination"
)

// LinkRef is the target of a span link.
type LinkRef struct {
	Trace model.TraceID
	Span  model.SpanID
}

// Operation is what an operation id stands for. Operations that exceed the bound share an overflow
// operation per service, named Overflow, and are counted.
type Operation struct {
	Service     uint32
	ServiceName string
	Name        string
	Kind        model.Kind
}

// Overflow is the name under which operations, services and peers beyond their bounds are counted.
const Overflow = "(other)"

// NameBound is what kept a name from being interned.
type NameBound uint8

// The bounds on names.
const (
	NameFits       NameBound = iota
	OperationsFull           // those of all, or of its service
	ServicesFull
	PeersFull
	NameTooLong
	NamesFull  // all names together take too many bytes
	NameBounds = iota
)

// Names resolves interned ids. Safe for concurrent use; lookups take no lock. Ids start at 1.
type Names interface {
	Operation(op uint32) Operation
	Operations() int // ids 1..Operations() are valid
	Service(service uint32) string
	Services() int
	Peer(peer uint32) string
}

// Counters are what the ring has done since it was made, and what it holds now. At any quiet moment
// Received = Stored + Duplicate + Refused and Stored = Retained + Evicted, to the span.
type Counters struct {
	Received, Stored, Duplicate uint64 // spans
	Refused                     [model.Refusals]uint64
	Evicted                     uint64             // spans that have left ring and shelf
	Late                        uint64             // spans that arrived after their trace had settled
	IDCollision                 uint64             // different spans under one id, both kept
	Overflowed                  [NameBounds]uint64 // spans counted under an overflow name, by the bound that was met

	Spans, Traces                uint64 // retained now, ring and shelf together
	ShelfSpans, ShelfTraces      uint64
	EvictedTraces                uint64
	Shelved                      [model.KeptReasons]uint64 // traces on the shelf now, by why
	Open, Settled                uint64                    // traces by state
	Bytes, Budget                int64                     // retained memory, everything included; its bound
	Oldest, Newest               int64                     // arrival of the oldest span in the ring and the newest, Unix ns
	Services, Operations, Limits int                       // interned names and the bound on operations
	Busiest, BusiestLimit        int                       // operations of the service that has most, and the bound on those
	ServiceLimit                 int                       // bound on services
	Peers, PeerLimit             int                       // interned peers and their bound
	LongestName, NameLimit       int                       // bytes of the longest name that was interned, and their bound
	NameBytes, NameBytesLimit    int64                     // of all names, with what surrounds them
}

// Overflows is how many spans are counted under an overflow name.
func (c *Counters) Overflows() (n uint64) {
	for _, k := range c.Overflowed {
		n += k
	}
	return n
}

// TraceInfo is the summary of a retained trace, kept up to date as spans arrive.
type TraceInfo struct {
	ID         model.TraceID
	Index      uint32 // what Record.Trace holds, within one Snapshot
	Start, End int64  // earliest start and latest end, Unix ns
	Spans      int
	Errors     int
	RootOp     uint32 // operation of the earliest root; while none has come, of model.Tree.MainRoot once it was quiet
	RootStart  int64
	RootDur    int64 // duration of that root; End−Start while no root has come
	HasRoot    bool
	Settled    bool
	Kept       model.KeptBecause
}

// Record is the fixed-size head of a span at rest.
type Record struct {
	ID, Parent model.SpanID
	Start      int64 // Unix ns
	Duration   int64 // ns, ≥ 0
	Trace      uint32
	Class      uint32
}

// Class is everything of low cardinality that many spans of a segment share.
type Class struct {
	Op, Service uint32
	Name        string
	Kind        model.Kind
	Status      model.StatusCode
	Resource    *model.Resource
	Scope       *model.Scope
	Keys        []string          // attribute keys in the span's order; a key may stand twice
	Types       []model.ValueKind // parallel to Keys
	Extra       bool              // spans of this class also carry events, links or other rare fields
	Flags       uint32            // of OTLP: W3C trace flags, and whether the parent is remote
}

// Rare is what few spans say of themselves and analyses ask of all of them, so that it can be had without
// decoding the span.
type Rare struct {
	TraceState []byte // aliases the segment: neither to be changed nor kept

	DroppedAttributes, DroppedEvents, DroppedLinks uint32
}

// Segment is a run of spans with a dictionary of its own, as a reader sees it: immutable.
// Methods are safe for concurrent use.
type Segment interface {
	Len() int
	Record(i int) Record
	// Records calls yield for each span of a live trace whose class is wanted (nil: all classes), in
	// order of arrival. This is the fast path of every scan: ≤ 4 ns per span without attribute access.
	Records(wanted []bool, yield func(i int, r *Record) bool)
	Classes() int
	Class(c uint32) *Class
	// Code returns a number that stands for the value of the attribute at position pos of span i within
	// this segment: equal codes are equal values, so a predicate is evaluated once per code. ok is false
	// for values that are stored inline (high cardinality); then use Value.
	Code(i, pos int) (code uint32, ok bool)
	// Codes is one more than the largest code, for memo tables.
	Codes() int
	// Decode returns the value that a code stands for.
	Decode(code uint32) model.Value
	// Value returns the attribute's value whichever way it is stored.
	Value(i, pos int) model.Value
	// Rare is the zero Rare for spans of a class without Extra.
	Rare(i int) Rare
	// Span decodes the whole span.
	Span(i int) model.Span
}

// Snapshot is an immutable view of everything retained at one moment. It costs O(segments), blocks no
// encoder, and keeps evicted segments alive until it is dropped: do not hold it longer than a query.
type Snapshot interface {
	Segments() []Segment
	// Traces calls yield for every retained trace in no particular order.
	Traces(yield func(t *TraceInfo) bool)
	// Trace finds the summary for a Record.Trace; ok is false when it is gone.
	Trace(index uint32) (TraceInfo, bool)
	// Dropped reports whether any span of a trace says that its SDK dropped attributes, events or links.
	Dropped(index uint32) bool
	// Spans appends the settled form of a trace's spans to buf, oldest arrival first.
	Spans(index uint32, buf []Settled) []Settled
	// Places appends where these spans stand, in the same order: for what Settled does not hold.
	Places(index uint32, buf []Place) []Place
}

// Place is where a span stands in a snapshot.
type Place struct {
	Segment Segment
	Index   int
}

// Store is what the rest of the program uses of a Ring.
type Store interface {
	// Append stores one OTLP ExportTraceServiceRequest in protobuf. It neither keeps nor changes req.
	// A malformed request gives an error that says where, and stores none of its spans.
	Append(req []byte) (model.Receipt, error)
	// Run settles quiet traces until ctx ends.
	Run(ctx context.Context) error
	// Flush settles every trace that is not settled, with Final: for files at their end, and tests.
	Flush()
	// Trace decodes and links one retained trace.
	Trace(id model.TraceID) (*model.Trace, bool)
	// Find returns the settled form of one span of any retained trace (for links across traces).
	Find(trace model.TraceID, span model.SpanID) (Settled, bool)
	// Pin keeps a trace whatever else is evicted (up to a bound: false when it is reached), or lets go.
	Pin(id model.TraceID, pinned bool) bool
	Snapshot() Snapshot
	Names() Names
	Counters() Counters
}
