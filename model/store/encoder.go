package store

import (
	"oteltop/model"
	"oteltop/model/wire"
)

// Bounds of what an encoder remembers between requests; when one is reached it starts anew, which costs
// some microseconds per class and no memory, since old segments keep the classes they use.
const (
	maxTemplates = 8_192
	maxResources = 4_096
	maxBatch     = 16_384    // spans; twice the largest batch that SDKs and collectors make by default
	maxScratch   = 256 << 10 // bytes

	// maxSpanFields is how many attributes, and how many events and links, a span may have: 128 times what
	// SDKs allow by default. Readers decode a span as a whole.
	maxSpanFields = 16_384

	// The latest templates are remembered by operation: so many operations (a power of two), and so many
	// templates of each. Flags, status and optional attributes make that many of some; with four, a tenth
	// of the load generator's spans were not followed, with eight a twenty-fifth, with sixteen a fiftieth.
	recentOperations = 512
	recentWays       = 16
)

// encoder turns requests into records. A whole request is encoded by one encoder, so that classes and
// dictionary stay in one core's cache. Used by one goroutine at a time.
type encoder struct {
	ring   *Ring
	reason model.KeptBecause // which part of the store its segments belong to

	segment   *segment   // being written; nil before the first span
	left      []*segment // full, to be sealed when the request is published
	staged    []stage    // what the current request has added
	batch     []Arrival
	known     []uint32 // parallel to batch while it is published: index of the trace, none where it is new
	dict      dictionary
	templates map[string]*template
	resources map[string]*resource
	scopes    map[string]*scope
	ids       uint32
	cache     int64 // bytes of the maps above
	counted   int64 // cache, as of the last publish: Ring.mu guards it

	recent     [recentOperations]ways // see recentOf
	signature  []byte
	attrs      []attr
	rest       []byte
	raw        []byte // resource or scope message, gathered
	attributes int    // of the current request
	events     int
	spans      int
	grown      int64 // bytes that the current request has taken, before any of it is counted
}

// ways are the templates that the spans of an operation had, those that were looked up latest first.
type ways struct {
	marks     [recentWays]uint32 // tell most of them apart without a look at each, which is a miss of the caches; 0: none
	templates [recentWays]*template
}

// toFront puts a template first, over that at k.
func (w *ways) toFront(k int, mark uint32, t *template) {
	copy(w.marks[1:k+1], w.marks[:k])
	copy(w.templates[1:k+1], w.templates[:k])
	w.marks[0], w.templates[0] = mark, t
}

// stage is a stretch of a segment that the current request has added and not yet published.
type stage struct {
	segment *segment
	from    int // index of the first record
	data    int // where its bytes begin
}

func newEncoder(r *Ring, reason model.KeptBecause) *encoder {
	e := &encoder{ring: r, reason: reason}
	e.forget()
	return e
}

// forget drops what is remembered between requests.
func (e *encoder) forget() {
	e.templates = make(map[string]*template)
	e.resources = make(map[string]*resource)
	e.scopes = make(map[string]*scope)
	e.cache = 0
	clear(e.recent[:])
}

// remember makes room for what is new, by forgetting what there is when that has become too much.
func (e *encoder) remember(bytes int64) {
	if len(e.templates) > maxTemplates || len(e.resources) > maxResources || len(e.scopes) > maxResources || e.cache > e.ring.cacheBytes {
		e.forget()
	}
	e.cache += bytes
	e.grown += bytes
}

// request encodes a request behind what is published. On an error everything is taken back.
func (e *encoder) request(req []byte, rc *model.Receipt) error {
	e.begin()
	f := wire.Of(req, 0, "request")
	for f.Next() {
		if f.Tag != wire.ResourceSpans {
			continue
		}
		if err := e.resourceSpans(f.Bytes, f.At(), rc); err != nil {
			e.rollback()
			return err
		}
	}
	if err := f.Err(); err != nil {
		e.rollback()
		return err
	}
	return nil
}

// begin starts a request, or a trace that is copied.
func (e *encoder) begin() {
	e.staged, e.batch = e.staged[:0], e.batch[:0]
	e.attributes, e.events, e.spans, e.grown = 0, 0, 0, 0
}

// rollback forgets what the request has staged. Values and classes that it brought stay: they are valid.
func (e *encoder) rollback() {
	for _, s := range e.staged {
		s.segment.records = s.segment.records[:s.from]
		s.segment.data = s.segment.data[:s.data]
	}
	e.staged, e.batch = e.staged[:0], e.batch[:0]
}

// release gives back what an unusually large request has grown.
func (e *encoder) release() {
	if cap(e.batch) > maxBatch {
		e.batch, e.known = nil, nil
	}
	if cap(e.rest)+cap(e.raw)+cap(e.signature) > maxScratch {
		e.rest, e.raw, e.signature = nil, nil, nil
	}
}

// resourceSpans encodes the spans of one resource.
func (e *encoder) resourceSpans(b []byte, at int, rc *model.Receipt) error {
	schema, unchecked, err := e.gather(b, at, "resource spans", wire.MessageResource)
	if err != nil {
		return err
	}
	var s incoming
	if s.resource, err = e.resource(schema, unchecked); err != nil {
		return err
	}
	for f := wire.Of(b, at, "resource spans"); f.Next(); {
		if f.Tag != wire.Children {
			continue
		}
		schema, unchecked, err := e.gather(f.Bytes, f.At(), "scope spans", wire.MessageScope)
		if err != nil {
			return err
		}
		if s.scope, err = e.scope(schema, unchecked); err != nil {
			return err
		}
		for g := wire.Of(f.Bytes, f.At(), "scope spans"); g.Next(); {
			if g.Tag != wire.Children {
				continue
			}
			if err := e.span(&s, g.Bytes, g.At(), rc); err != nil {
				return err
			}
		}
	}
	return nil
}

// span encodes one span, or counts why not.
func (e *encoder) span(s *incoming, b []byte, at int, rc *model.Receipt) error {
	rc.Received++
	if e.follow(s, b, at) {
		return nil
	}
	before := e.attributes
	events, err := e.read(s, b, at)
	if err != nil {
		return err
	}
	own := e.attributes - before + len(e.attrs)
	switch {
	case s.badID || s.trace.IsZero() || s.id == 0:
		rc.Refused[model.RefusedInvalidID]++
		return nil
	case own > maxSpanFields || events > maxSpanFields:
		e.attributes = before
		rc.Refused[model.RefusedBudget]++
		return nil
	case !e.room(len(e.attrs), events):
		rc.Refused[model.RefusedBudget]++
		return nil
	}
	e.spans++
	e.events += events
	e.attributes += len(e.attrs)
	e.add(s)
	return nil
}

// room says whether the request may hold another span.
func (e *encoder) room(attributes, events int) bool {
	o := &e.ring.options
	return e.grown <= e.ring.requestBytes && e.spans < o.MaxSpans && e.attributes+attributes <= o.MaxAttributes && e.events+events <= o.MaxEvents
}
