package store

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"oteltop/model"
)

// Defaults and shares of the budget.
const (
	defaultBudget = 256 << 20
	defaultQuiet  = 250 * time.Millisecond
	defaultIdle   = 2 * time.Second
	defaultHard   = 10 * time.Second

	// Limits of one request: several times what a 64 MiB request of ordinary spans (465 bytes and 10
	// attributes each) holds, far below what 64 MiB of the smallest possible ones would.
	defaultMaxSpans      = 500_000
	defaultMaxAttributes = 4_000_000
	defaultMaxEvents     = 1_000_000

	// Small budgets allow less, so that one request neither pushes out all others nor, decoded for a reader,
	// outgrows the budget: bytes of budget per span, attribute and event. But never less than the floor, which
	// is twice the largest batch that SDKs and collectors make by default, with 16 attributes each.
	spanShare, attributeShare, eventShare = 256, 128, 256
	floorSpans, floorAttributes           = maxBatch, 16 * maxBatch

	// requestShare is the part of the budget that one request may take: it is not counted before it is
	// published, and one of 64 MiB in which every name is new takes ten times its size. What SDKs send
	// takes less than its size.
	requestShare = 12
	minRequest   = 4 << 20

	shelfShare   = 4  // 1/4 of the budget
	namesShare   = 16 // interned names may take 1/16
	segmentShare = 64 // a segment is at most 1/64, so that eviction is gradual
	minSegment   = 16 << 10
	maxSegment   = 8 << 20
)

// Ring is the Store. One mutex guards what traces there are and what is published; encoding, decoding and
// scans run outside it. It is held some 50 ns per span, so that it would bound the whole to 20 M spans/s.
type Ring struct {
	options      Options
	names        *names
	serial       atomic.Uint64 // of segments
	segmentBytes int64
	cacheBytes   int64
	requestBytes int64
	observer     atomic.Pointer[Observer]
	permits      chan struct{} // one per encoder
	arrived      chan struct{} // has room for one sign that something arrived, see wake
	settling     sync.Mutex    // held while settlements are told, so that they are told in order
	gathering    gathering     // guarded by settling

	mu         sync.Mutex
	encoders   []*encoder // not in use
	all        []*encoder
	publishing *encoder // the one in publish
	index      *index
	slots      []*segment // by the slot of a ref
	noSlots    []uint32   // free slots
	queues     [kinds][]*segment
	bytesOf    [kinds]int64 // of segments
	lists      [stages]list
	counters   Counters
	shelf      *shelf
	pending    []Settlement // of evicted traces, to be told once mu is released
}

// kinds is how many values model.KeptBecause has: the ring itself and the parts of the shelf.
const kinds = int(model.KeptReasons)

var _ Store = (*Ring)(nil)

// New makes an empty ring.
func New(o Options) *Ring {
	o.fill()
	r := &Ring{
		options: o, names: newNames(o.Budget / namesShare), index: newIndex(),
		segmentBytes: min(max(o.Budget/segmentShare, minSegment), maxSegment),
		cacheBytes:   min(max(o.Budget/segmentShare, minSegment), maxSegment),
		requestBytes: max(o.Budget/requestShare, minRequest),
		permits:      make(chan struct{}, o.Encoders),
		arrived:      make(chan struct{}, 1),
		gathering:    gathering{known: make([]knownPeer, knownPeers)},
	}
	r.shelf = newShelf(r)
	for range o.Encoders {
		e := newEncoder(r, model.KeptRecent)
		r.encoders, r.all = append(r.encoders, e), append(r.all, e)
	}
	r.all = append(r.all, r.shelf.encoders[1:]...)
	r.Observe(o.Observer)
	return r
}

func (o *Options) fill() {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&o.Quiet, defaultQuiet)
	set(&o.Idle, defaultIdle)
	set(&o.Hard, defaultHard)
	if o.Budget <= 0 {
		o.Budget = defaultBudget
	}
	if o.Encoders <= 0 {
		o.Encoders = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	most := func(limit *int, to, share, floor int) {
		if *limit <= 0 {
			*limit = max(min(to, int(o.Budget)/share), floor)
		}
	}
	most(&o.MaxSpans, defaultMaxSpans, spanShare, floorSpans)
	most(&o.MaxAttributes, defaultMaxAttributes, attributeShare, floorAttributes)
	most(&o.MaxEvents, defaultMaxEvents, eventShare, floorSpans)
}

// Observe sets the observer: it needs the ring's Names, so that it is made after it. Call it before the
// first Append.
func (r *Ring) Observe(o Observer) {
	if o != nil {
		r.observer.Store(&o)
	}
}

// Names implements Store.
func (r *Ring) Names() Names { return r.names }

// Append implements Store.
func (r *Ring) Append(req []byte) (model.Receipt, error) {
	r.permits <- struct{}{}
	defer func() { <-r.permits }()
	e := r.borrow()
	lent := true
	defer func() {
		if lent { // a panic is on its way out, and whoever catches it goes on
			r.recall(e)
		}
	}()
	var rc model.Receipt
	err := e.request(req, &rc)
	if err != nil {
		rc = model.Receipt{}
	}
	r.take(e, &rc)
	if observer := r.observer.Load(); observer != nil && len(e.batch) > 0 {
		// The encoder is still ours: its batch must not change under the observer.
		(*observer).Arrived(e.batch)
	}
	pending := r.giveBack(e)
	lent = false
	r.tell(pending)
	r.wake()
	rc.Message = refusedMessage(&rc)
	return rc, err
}

// borrow gives an encoder to whoever has a permit.
func (r *Ring) borrow() *encoder {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.encoders[len(r.encoders)-1]
	r.encoders = r.encoders[:len(r.encoders)-1]
	return e
}

// take publishes what an encoder has. What has begun to be published stays: traces may refer to it.
func (r *Ring) take(e *encoder, rc *model.Receipt) {
	r.mu.Lock()
	defer func() {
		if r.publishing != nil { // it panicked
			e.staged, r.publishing = e.staged[:0], nil
		}
		r.mu.Unlock()
	}()
	r.publish(e, rc)
}

// giveBack returns an encoder and makes room for what it brought. What has to be told of it is for the caller to
// tell, without r.mu.
func (r *Ring) giveBack(e *encoder) (pending []Settlement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.release()
	r.encoders = append(r.encoders, e)
	r.evict()
	pending, r.pending = r.pending, nil
	return pending
}

// recall takes an encoder back from a request in which something panicked: without it the next request, or the one
// after that, would find none.
func (r *Ring) recall(e *encoder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.rollback()
	e.forget() // which may be half of something
	r.encoders = append(r.encoders, e)
}

// refusedMessage says what was refused and why, for OTLP's partial success.
func refusedMessage(rc *model.Receipt) string {
	ids, budget := rc.Refused[model.RefusedInvalidID], rc.Refused[model.RefusedBudget]
	switch {
	case ids > 0 && budget > 0:
		return "spans refused: zero, missing or wrong-length trace, span or parent ids; and over the spans, attributes or events allowed in a request"
	case ids > 0:
		return "spans refused: zero, missing or wrong-length trace, span or parent ids"
	case budget > 0:
		return "spans refused: over the spans, attributes or events allowed in a request; send smaller batches"
	}
	return ""
}

// Counters implements Store.
func (r *Ring) Counters() Counters {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.counters
	for _, q := range r.queues {
		for _, g := range q {
			if g.reason != model.KeptRecent {
				c.ShelfSpans += uint64(g.live)
			} else if g.live > 0 && (c.Oldest == 0 || g.first < c.Oldest) {
				c.Oldest = g.first
			}
		}
	}
	for k, n := range c.Shelved {
		if k != int(model.KeptRecent) {
			c.ShelfTraces += n
		}
	}
	c.Traces = uint64(r.index.used)
	c.Open = c.Traces - c.Settled
	r.names.count(&c)
	c.Bytes, c.Budget = r.bytes(), r.options.Budget
	return c
}

// bytes is all the memory that is retained.
func (r *Ring) bytes() int64 {
	n := r.index.bytes() + r.names.bytes.Load() + r.shelf.bytes() + int64(cap(r.slots))*8
	for _, b := range r.bytesOf {
		n += b
	}
	for _, e := range r.all {
		n += e.counted
	}
	return n
}
