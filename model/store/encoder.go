package store

import (
	"encoding/binary"
	"math"
	"slices"

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

	recent     [recentOperations][recentWays]*template // see recentSlot; those that were looked up latest first
	signature  []byte
	attrs      []attr
	rest       []byte
	raw        []byte // resource or scope message, gathered
	attributes int    // of the current request
	events     int
	spans      int
	grown      int64 // bytes that the current request has taken, before any of it is counted
}

// stage is a stretch of a segment that the current request has added and not yet published.
type stage struct {
	segment *segment
	from    int // index of the first record
	data    int // where its bytes begin
}

// incoming is the span being encoded, aliasing the request.
type incoming struct {
	size       int // bytes of the message
	resource   *resource
	scope      *scope
	trace      model.TraceID
	id, parent model.SpanID
	badID      bool
	name       []byte
	start, end int64
	flags      uint32
	kind       model.Kind
	status     model.StatusCode
	rawEnd     bool
	rest       []byte
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

// checked stands for the offset of a message whose inside needs no check.
const checked = -1

// gather merges the fields of a ResourceSpans or ScopeSpans that apply to all its children, wherever they
// stand, into e.raw, and checks the boundaries of the children. The inside of a message that comes in one part
// is left to whoever decodes it, since senders repeat theirs with every request: unchecked is its offset.
func (e *encoder) gather(b []byte, at int, name string, m wire.Message) (schema []byte, unchecked int, err error) {
	e.raw, unchecked = e.raw[:0], checked
	parts := 0
	f := wire.Of(b, at, name)
	for f.Next() {
		switch f.Tag {
		case wire.Inner:
			parts++
			e.raw, unchecked = append(e.raw, f.Bytes...), f.At()
		case wire.SchemaURL:
			schema = f.Bytes
		}
	}
	if f.Err() != nil || parts < 2 {
		return schema, unchecked, f.Err()
	}
	for f := wire.Of(b, at, name); f.Next(); {
		if f.Tag == wire.Inner {
			if _, err := wire.Check(m, f.Bytes, f.At()); err != nil {
				return nil, checked, err
			}
		}
	}
	return schema, checked, nil
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

// repeated looks up what the resource or scope in e.raw was decoded to before; nil where it was not, after a check
// of what is unchecked. e.raw becomes the key: the message, followed by the schema URL and its own length.
func repeated[T any](e *encoder, known map[string]*T, schema []byte, unchecked int, m wire.Message) (*T, error) {
	raw := e.raw
	e.raw = append(e.raw, schema...)
	e.raw = binary.LittleEndian.AppendUint32(e.raw, uint32(len(raw)))
	if v, ok := known[string(e.raw)]; ok || unchecked == checked {
		return v, nil
	}
	_, err := wire.Check(m, raw, unchecked)
	return nil, err
}

// resource finds or decodes the resource in e.raw.
func (e *encoder) resource(schema []byte, unchecked int) (*resource, error) {
	n := len(e.raw)
	if r, err := repeated(e, e.resources, schema, unchecked, wire.MessageResource); r != nil || err != nil {
		return r, err
	}
	e.ids++
	raw := e.raw[:n]
	r := newResource(raw, string(schema), e.ids, e.ring.names)
	e.remember(size(raw))
	e.resources[string(e.raw)] = r
	return r, nil
}

// scope finds or decodes the scope in e.raw.
func (e *encoder) scope(schema []byte, unchecked int) (*scope, error) {
	n := len(e.raw)
	if s, err := repeated(e, e.scopes, schema, unchecked, wire.MessageScope); s != nil || err != nil {
		return s, err
	}
	e.ids++
	raw := e.raw[:n]
	s := &scope{Scope: *wire.Scope(raw), raw: append([]byte(nil), raw...), id: e.ids}
	s.SchemaURL = string(schema)
	e.remember(size(raw))
	e.scopes[string(e.raw)] = s
	return s, nil
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

// read walks a span once: what classes and records hold goes to s, e.attrs and e.signature, the rest of
// its fields verbatim to s.rest.
func (e *encoder) read(s *incoming, b []byte, at int) (events int, err error) {
	*s = incoming{resource: s.resource, scope: s.scope, size: len(b)}
	e.attrs, e.rest = e.attrs[:0], e.rest[:0]
	n := 0
	f := wire.Of(b, at, "span")
	for f.Next() {
		switch f.Tag {
		case wire.SpanTraceID:
			s.trace = wire.TraceID(f.Bytes)
		case wire.SpanID:
			s.id = wire.ID(f.Bytes)
		case wire.SpanParent:
			s.parent = wire.ID(f.Bytes)
			s.badID = len(f.Bytes) != 8 && len(f.Bytes) != 0
		case wire.SpanName:
			s.name = f.Bytes
		case wire.SpanKind:
			if s.kind = wire.Kind(f.Num); uint64(s.kind) != f.Num {
				e.rest = append(e.rest, f.Raw()...)
			}
		case wire.SpanStart:
			s.start = int64(f.Num)
		case wire.SpanEnd:
			s.end = int64(f.Num)
		case wire.SpanAttribute:
			err = e.attribute(f.Bytes, f.At(), f.Raw())
		case wire.SpanTraceState:
			if len(f.Bytes) > 0 {
				e.rest = append(e.rest, f.Raw()...)
			}
		default:
			n, err = e.behind(s, &f)
			events += n
		}
		if err != nil {
			return events, err
		}
	}
	e.finish(s)
	return events, f.Err()
}

// behind reads a field that SDKs write behind the attributes, or one that is not known, which stays verbatim.
func (e *encoder) behind(s *incoming, f *wire.Fields) (events int, err error) {
	switch f.Tag {
	case wire.SpanFlags:
		s.flags = uint32(f.Num)
	case wire.SpanStatus:
		return 0, e.status(s, f.Bytes, f.At(), f.Raw())
	case wire.SpanEvent:
		return 1, e.rare(wire.MessageEvent, f)
	case wire.SpanLink:
		return 1, e.rare(wire.MessageLink, f)
	default:
		e.rest = append(e.rest, f.Raw()...)
	}
	return 0, nil
}

// finish notes what is known once all fields of a span have been read.
func (e *encoder) finish(s *incoming) {
	s.rest = e.rest
	s.rawEnd = s.end < s.start || s.end-s.start < 0
}

// attribute notes an attribute of the span being read.
func (e *encoder) attribute(kv []byte, at int, field []byte) error {
	key, value, plain, err := wire.KeyValue(kv, at)
	if err != nil {
		return err
	}
	if len(e.attrs) == maxKeys {
		e.attributes++
		e.rest = append(e.rest, field...)
		return wire.CheckAttribute(kv, at)
	}
	kind, err := wire.ValueKind(value, at+len(kv)-len(value))
	if err != nil {
		return err
	}
	a := attr{key: key, value: value, kind: kind}
	if !plain {
		a.value, a.odd = kv, true
	}
	e.attrs = append(e.attrs, a)
	return nil
}

// status takes the code into the class; a message or an unknown code stays verbatim.
func (e *encoder) status(s *incoming, b []byte, at int, field []byte) error {
	f := wire.Of(b, at, "status")
	whole := true
	for f.Next() {
		if f.Tag == wire.StatusCode {
			s.status = wire.Status(f.Num)
			whole = whole && uint64(s.status) == f.Num
		} else {
			whole = false
		}
	}
	if !whole {
		e.rest = append(e.rest, field...)
	}
	return f.Err()
}

// rare keeps an event or a link verbatim.
func (e *encoder) rare(m wire.Message, f *wire.Fields) error {
	n, err := wire.Check(m, f.Bytes, f.At())
	e.attributes += n
	e.rest = append(e.rest, f.Raw()...)
	return err
}

// add appends the span that was read to the segment.
func (e *encoder) add(s *incoming) {
	g := e.segment
	if g == nil || len(g.records) == segmentSpans || e.full(g) {
		g = e.newSegment()
	}
	t := e.template(s)
	off := len(g.data)
	g.reserve(s.size + 2*len(e.attrs) + 32) // every value inline and the lengths that do not stand in the message
	data := g.data[:off+2*len(e.attrs)]
	inline := false
	for i := range e.attrs {
		code := e.dict.place(&t.at[i], e.attrs[i].value)
		binary.LittleEndian.PutUint16(data[off+2*i:], code)
		inline = inline || code == inlined
	}
	if s.rawEnd {
		data = binary.LittleEndian.AppendUint64(data, uint64(s.end))
	}
	for i := 0; inline && i < len(e.attrs); i++ {
		if binary.LittleEndian.Uint16(data[off+2*i:]) == inlined {
			data = binary.AppendUvarint(data, uint64(len(e.attrs[i].value)))
			data = append(data, e.attrs[i].value...)
		}
	}
	e.commit(s, t, data)
}

// commit makes the span whose attributes have been written behind the segment's data part of the request.
func (e *encoder) commit(s *incoming, t *template, data []byte) {
	g := e.segment
	off := len(g.data)
	if n := len(e.staged); n == 0 || e.staged[n-1].segment != g {
		e.staged = append(e.staged, stage{g, len(g.records), off})
	}
	if len(s.rest) > 0 {
		data = binary.AppendUvarint(data, uint64(len(s.rest)))
		data = append(data, s.rest...)
	}
	g.data = data
	e.grown += recordBytes + int64(len(data)-off)
	r := Record{ID: s.id, Parent: s.parent, Start: s.start, Duration: duration(s.start, s.end), Class: t.id}
	g.records = append(g.records, record{Record: r, off: uint32(off), prev: none})
	c := t.class
	e.batch = append(e.batch, Arrival{Trace: s.trace, Head: model.Head{
		ID: s.id, Parent: s.parent, Start: s.start, End: s.start + r.Duration, Service: c.Service, Op: c.Op,
		Kind: s.kind, Status: s.status, Negative: s.end < s.start,
	}})
}

// duration is never negative, and start+duration never overflows.
func duration(start, end int64) int64 {
	if end < start {
		return 0
	}
	if d := end - start; d >= 0 {
		return d
	}
	return math.MaxInt64
}

// template finds or makes the class of the span that was read, and registers it with the segment.
func (e *encoder) template(s *incoming) *template {
	ways := &e.recent[recentSlot(s)]
	k := slices.IndexFunc(ways[:], func(t *template) bool { return t != nil && t.class.fits(s, e.attrs) })
	var t *template
	if k < 0 {
		k, t = recentWays-1, e.lookUp(s)
	} else {
		t = ways[k]
	}
	copy(ways[1:k+1], ways[:k])
	ways[0] = t
	e.register(t, s)
	return t
}

// register gives a template its id in the segment being written.
func (e *encoder) register(t *template, s *incoming) {
	g := e.segment
	if t.segment == g.serial {
		return
	}
	t.segment, t.id = g.serial, uint32(len(g.classes))
	for i := range t.at {
		t.at[i].forget()
	}
	g.classes = append(g.classes, t.class)
	g.extra += t.class.bytes
	if r := s.resource; r.segment != g.serial {
		r.segment = g.serial
		g.extra += size(r.raw)
	}
	if c := s.scope; c.segment != g.serial {
		c.segment = g.serial
		g.extra += size(c.raw)
	}
}

// recentSlot is where the latest templates of an operation are remembered: by the ends of its name, which
// differ between the operations of a resource as a rule.
func recentSlot(s *incoming) uint32 {
	h := s.resource.id*31 + uint32(len(s.name))
	if n := len(s.name); n >= 4 {
		h ^= binary.LittleEndian.Uint32(s.name[n-4:])*0x9e3779b1 ^ binary.LittleEndian.Uint32(s.name[n/2-2:])*0x85ebca6b
	}
	return (h * 0x9e3779b1) >> 23 % recentOperations
}

// lookUp finds or makes the template by the signature of the span that was read.
func (e *encoder) lookUp(s *incoming) *template {
	e.signature = sign(e.signature[:0], s, e.attrs)
	t, ok := e.templates[string(e.signature)]
	if ok {
		return t
	}
	c := newClass(s, e.attrs, e.ring.names)
	t = &template{class: c, at: make([]position, len(e.attrs))}
	for i := range e.attrs {
		t.at[i].inline = e.attrs[i].odd
	}
	e.remember(c.bytes + int64(len(e.signature)+positionOverhead*len(e.attrs)))
	e.templates[string(e.signature)] = t
	return t
}

// full says whether a segment has as many bytes as one should have.
func (e *encoder) full(g *segment) bool {
	return int64(len(g.records))*recordBytes+int64(len(g.data)+len(e.dict.values))+g.extra > e.ring.segmentBytes
}

// newSegment starts a segment. The one before is sealed when the request is published.
func (e *encoder) newSegment() *segment {
	next := &segment{serial: e.ring.serial.Add(1), reason: e.reason, encoder: e}
	if g := e.segment; g != nil {
		g.values, g.ends = e.dict.values, e.dict.ends
		e.left = append(e.left, g)
		// The next one will be much like the last: grown from nothing it would be copied many times over,
		// which took a fifth of Append.
		next.records = make([]record, 0, len(g.records))
		next.data = make([]byte, 0, len(g.data)+len(g.data)/64)
	}
	e.dict.reset()
	e.segment = next
	return e.segment
}
