// Package storetest is a store.Store for tests: decoded spans in slices, evaluated naively. What it
// answers is meant to be obviously right; the ring is meant to answer the same, fast.
package storetest

import (
	"context"
	"errors"
	"fmt"

	"oteltop/model"
	"oteltop/model/store"
)

// SegmentSize is the number of spans per segment, small so that tests have several.
const SegmentSize = 64

// Store keeps what Add is given. Not safe for concurrent Add.
type Store struct {
	observer   store.Observer
	traces     []*trace
	byID       map[model.TraceID]*trace
	segments   []*Segment
	operations []store.Operation
	services   []string
	peers      []string
	counters   store.Counters
}

var _ store.Store = (*Store)(nil)

type trace struct {
	info    store.TraceInfo
	spans   []model.Span
	settled []store.Settled
	places  []store.Place
}

// New returns an empty store; observer may be nil.
func New(observer store.Observer) *Store {
	return &Store{observer: observer, byID: map[model.TraceID]*trace{}}
}

// Of returns a store of spans, all settled.
func Of(spans ...model.Span) *Store {
	s := New(nil)
	s.Add(spans...)
	s.Flush()
	return s
}

// Observe sets the observer, for one that needs the store's Names.
func (s *Store) Observe(o store.Observer) { s.observer = o }

// Add stores spans in order of arrival.
func (s *Store) Add(spans ...model.Span) {
	for i := range spans {
		span := &spans[i]
		t, ok := s.byID[span.TraceID]
		if !ok {
			t = &trace{info: store.TraceInfo{ID: span.TraceID, Index: uint32(len(s.traces))}}
			s.byID[span.TraceID] = t
			s.traces = append(s.traces, t)
		}
		x := s.settle(span)
		t.spans, t.settled = append(t.spans, *span), append(t.settled, x)
		t.info.Settled = false
		t.update()
		g := s.segment()
		t.places = append(t.places, store.Place{Segment: g, Index: len(g.spans)})
		g.add(t, span, x)
		s.counters.Received++
		s.counters.Stored++
		if s.observer != nil {
			s.observer.Arrived([]store.Arrival{{Head: x.Head, Trace: span.TraceID}})
		}
	}
}

// AddTrace stores spans as a trace of their own: the first gets id 1, the next 2.
func (s *Store) AddTrace(spans []model.Span) {
	id := model.TraceID{Lo: uint64(len(s.traces)) + 1}
	for i := range spans {
		spans[i].TraceID = id
	}
	s.Add(spans...)
}

func (s *Store) segment() *Segment {
	if n := len(s.segments); n == 0 || len(s.segments[n-1].spans) == SegmentSize {
		s.segments = append(s.segments, &Segment{codes: map[string]uint32{}})
	}
	return s.segments[len(s.segments)-1]
}

// update works out the summary from all spans.
func (t *trace) update() {
	t.info.Start, t.info.End, t.info.Spans, t.info.Errors = 0, 0, len(t.spans), 0
	root := -1
	for i, x := range t.settled {
		if x.Start != 0 && (t.info.Start == 0 || x.Start < t.info.Start) { // 0 is OTLP's unset time
			t.info.Start = x.Start
		}
		t.info.End = max(t.info.End, x.End)
		if x.Status == model.StatusError {
			t.info.Errors++
		}
		if x.Parent == 0 && (root < 0 || x.Start < t.settled[root].Start) {
			root = i
		}
	}
	t.info.HasRoot = root >= 0
	if root < 0 {
		var tree model.Tree
		heads := make([]model.Head, len(t.settled))
		for i := range t.settled {
			heads[i] = t.settled[i].Head
		}
		tree.Link(heads)
		x := t.settled[tree.Nodes[tree.MainRoot()].Span]
		t.info.RootOp, t.info.RootStart, t.info.RootDur = x.Op, x.Start, t.info.End-t.info.Start
		return
	}
	x := t.settled[root]
	t.info.RootOp, t.info.RootStart, t.info.RootDur = x.Op, x.Start, x.Duration()
}

func (s *Store) settle(span *model.Span) store.Settled {
	service := intern(&s.services, model.ServiceOf(span.Resource))
	x := store.Settled{Head: model.Head{
		ID: span.ID, Parent: span.Parent, Start: span.Start, End: max(span.Start, span.End),
		Service: service, Op: s.operation(service, span), Kind: span.Kind, Status: span.Status,
		Negative: span.End < span.Start,
	}}
	for _, l := range span.Links {
		x.Links = append(x.Links, store.LinkRef{Trace: l.TraceID, Span: l.SpanID})
	}
	peer, role := peerOf(span)
	if role != store.PeerNone {
		x.Peer, x.Role = intern(&s.peers, peer), role
	}
	return x
}

func (s *Store) operation(service uint32, span *model.Span) uint32 {
	for i, o := range s.operations {
		if o.Service == service && o.Name == span.Name && o.Kind == span.Kind {
			return uint32(i + 1)
		}
	}
	s.operations = append(s.operations, store.Operation{
		Service: service, ServiceName: s.services[service-1], Name: span.Name, Kind: span.Kind,
	})
	return uint32(len(s.operations))
}

func intern(names *[]string, name string) uint32 {
	for i, n := range *names {
		if n == name {
			return uint32(i + 1)
		}
	}
	*names = append(*names, name)
	return uint32(len(*names))
}

// peerOf names the other side of calls by the attributes that say so most plainly.
func peerOf(s *model.Span) (string, store.PeerRole) {
	for _, key := range [...]string{"db.system.name", "db.system", "db.name"} {
		if v, ok := s.Attribute(key); ok {
			return v.String(), store.PeerDatabase
		}
	}
	for _, key := range [...]string{"service.peer.name", "peer.service", "server.address", "net.peer.name"} {
		if v, ok := s.Attribute(key); ok && s.Kind == model.KindClient {
			return v.String(), store.PeerService
		}
	}
	return "", store.PeerNone
}

// Flush settles every trace.
func (s *Store) Flush() {
	for _, t := range s.traces {
		if s.observer != nil && !t.info.Settled {
			s.observer.Settled(&store.Settlement{Trace: t.info.ID, Spans: t.settled, Final: true})
		}
		t.info.Settled = true
	}
}

// Append is not for decoded spans.
func (*Store) Append([]byte) (model.Receipt, error) {
	return model.Receipt{}, errors.New("storetest takes decoded spans")
}

// Run does nothing: tests settle with Flush.
func (*Store) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Trace implements store.Store.
func (s *Store) Trace(id model.TraceID) (*model.Trace, bool) {
	t, ok := s.byID[id]
	if !ok {
		return nil, false
	}
	heads := make([]model.Head, len(t.settled))
	for i := range heads {
		heads[i] = t.settled[i].Head
	}
	return model.NewTrace(id, t.spans, heads), true
}

// Find implements store.Store.
func (s *Store) Find(id model.TraceID, span model.SpanID) (store.Settled, bool) {
	if t, ok := s.byID[id]; ok {
		for _, x := range t.settled {
			if x.ID == span {
				return x, true
			}
		}
	}
	return store.Settled{}, false
}

// Pin implements store.Store.
func (s *Store) Pin(id model.TraceID, pinned bool) bool {
	t, ok := s.byID[id]
	if !ok {
		return false
	}
	t.info.Kept = model.KeptRecent
	if pinned {
		t.info.Kept = model.KeptPinned
	}
	return true
}

// Counters implements store.Store.
func (s *Store) Counters() store.Counters {
	c := s.counters
	c.Spans, c.Traces = c.Stored, uint64(len(s.traces))
	for _, t := range s.traces {
		if t.info.Settled {
			c.Settled++
		} else {
			c.Open++
		}
	}
	return c
}

// Names implements store.Store.
func (s *Store) Names() store.Names { return names{s} }

type names struct{ s *Store }

func (n names) Operation(op uint32) store.Operation { return n.s.operations[op-1] }
func (n names) Operations() int                     { return len(n.s.operations) }
func (n names) Service(id uint32) string            { return n.s.services[id-1] }
func (n names) Services() int                       { return len(n.s.services) }
func (n names) Peer(id uint32) string               { return n.s.peers[id-1] }

// Snapshot implements store.Store. It is not immutable: tests do not add spans while they hold one.
func (s *Store) Snapshot() store.Snapshot { return snapshot{s} }

type snapshot struct{ s *Store }

func (v snapshot) Segments() []store.Segment {
	out := make([]store.Segment, len(v.s.segments))
	for i := range out {
		out[i] = v.s.segments[i]
	}
	return out
}

func (v snapshot) Traces(yield func(t *store.TraceInfo) bool) {
	for _, t := range v.s.traces {
		info := t.info
		if !yield(&info) {
			return
		}
	}
}

func (v snapshot) Trace(index uint32) (store.TraceInfo, bool) {
	if int(index) >= len(v.s.traces) {
		return store.TraceInfo{}, false
	}
	return v.s.traces[index].info, true
}

func (v snapshot) Dropped(index uint32) bool {
	for _, g := range v.s.segments {
		for i := range g.spans {
			s := &g.spans[i]
			if g.records[i].Trace == index && s.DroppedAttributes|s.DroppedEvents|s.DroppedLinks != 0 {
				return true
			}
		}
	}
	return false
}

func (v snapshot) Spans(index uint32, buf []store.Settled) []store.Settled {
	return append(buf, v.s.traces[index].settled...)
}

func (v snapshot) Places(index uint32, buf []store.Place) []store.Place {
	return append(buf, v.s.traces[index].places...)
}

// Segment is a run of spans with a dictionary.
type Segment struct {
	spans   []model.Span
	records []store.Record
	classes []*store.Class
	names   []string
	codes   map[string]uint32
	values  []model.Value
}

func (g *Segment) add(t *trace, s *model.Span, x store.Settled) {
	c := &store.Class{
		Op: x.Op, Service: x.Service, Name: s.Name, Kind: s.Kind, Status: s.Status, Resource: s.Resource, Scope: s.Scope,
		Extra: len(s.Events)+len(s.Links) > 0 || s.StatusText+s.TraceState != "" || s.DroppedAttributes+s.DroppedEvents+s.DroppedLinks > 0,
		Flags: s.Flags,
	}
	for _, a := range s.Attributes {
		c.Keys, c.Types = append(c.Keys, a.Key), append(c.Types, a.Value.Kind())
		key := valueKey(a.Value)
		if _, ok := g.codes[key]; !ok {
			g.codes[key] = uint32(len(g.values))
			g.values = append(g.values, a.Value)
		}
	}
	name := fmt.Sprintf("%d %d %p %p %v %v %q %d", c.Op, c.Status, c.Resource, c.Scope, c.Extra, c.Types, c.Keys, c.Flags)
	class := int(intern(&g.names, name)) - 1
	if class == len(g.classes) {
		g.classes = append(g.classes, c)
	}
	g.spans = append(g.spans, *s)
	g.records = append(g.records, store.Record{
		ID: s.ID, Parent: s.Parent, Start: s.Start, Duration: s.Duration(), Trace: t.info.Index, Class: uint32(class),
	})
}

func valueKey(v model.Value) string { return fmt.Sprint(v.Kind(), v.String()) }

// The methods below implement store.Segment.

// Len is the number of spans.
func (g *Segment) Len() int { return len(g.spans) }

// Record is the head of a span.
func (g *Segment) Record(i int) store.Record { return g.records[i] }

// Records calls yield for the spans of wanted classes.
func (g *Segment) Records(wanted []bool, yield func(i int, r *store.Record) bool) {
	for i := range g.records {
		if (wanted == nil || wanted[g.records[i].Class]) && !yield(i, &g.records[i]) {
			return
		}
	}
}

// Classes is the number of classes.
func (g *Segment) Classes() int { return len(g.classes) }

// Class is a class.
func (g *Segment) Class(c uint32) *store.Class { return g.classes[c] }

// Code is the code of an attribute's value; long values are inline.
func (g *Segment) Code(i, pos int) (uint32, bool) {
	v := g.spans[i].Attributes[pos].Value
	return g.codes[valueKey(v)], len(v.String()) < 24
}

// Codes is one more than the largest code.
func (g *Segment) Codes() int { return len(g.values) }

// Decode is the value of a code.
func (g *Segment) Decode(code uint32) model.Value { return g.values[code] }

// Value is an attribute's value.
func (g *Segment) Value(i, pos int) model.Value { return g.spans[i].Attributes[pos].Value }

// Rare is what few spans say of themselves.
func (g *Segment) Rare(i int) store.Rare {
	s := &g.spans[i]
	return store.Rare{
		TraceState: []byte(s.TraceState), DroppedAttributes: s.DroppedAttributes, DroppedEvents: s.DroppedEvents, DroppedLinks: s.DroppedLinks,
	}
}

// Span is a whole span.
func (g *Segment) Span(i int) model.Span { return g.spans[i] }
