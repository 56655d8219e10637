package anatomy

import (
	"oteltop/aggregate/bounded"
	"oteltop/aggregate/hist"
	"oteltop/aggregate/request"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
)

// Finder looks up a span of another trace.
type Finder func(trace model.TraceID, span model.SpanID) (store.Settled, bool)

// Fold collects the calls of traces. Not safe for concurrent use.
type Fold struct {
	clocks  *Clocks
	names   store.Names
	find    Finder
	hosts   map[*model.Resource]string
	edges   map[edgeKey]*edge
	nodeOf  map[model.SpanID]int32 // of the trace that is being looked at, made for the first link
	hasNode bool
	traces  uint64
	dropped uint64
}

// edgeKey is the services at both ends.
type edgeKey struct {
	client, server uint32
	messaging      bool
}

// edge is the calls from one service to another.
type edge struct {
	calls    uint64
	negative uint64 // of which the gap is
	split    uint64 // whose gap was split
	outside  uint64 // of these, by clocks that contradict what is known of them

	works, gap, there, back hist.Histogram
	longerThere             uint64
	longerBack              uint64

	messages    uint64
	corrected   uint64 // whose clocks are known
	early       uint64 // taken before they were sent
	age, wait   hist.Histogram
	uncertainty int64 // the largest error of a difference of clocks, ns
	example     model.TraceID
	longest     int64 // gap or age of the example
}

// New returns an empty Fold. find looks for the producers that links lead to.
func New(names store.Names, clocks *Clocks, find Finder) *Fold {
	return &Fold{clocks: clocks, names: names, find: find, hosts: map[*model.Resource]string{}, edges: map[edgeKey]*edge{}}
}

// Fold takes in a trace.
func (f *Fold) Fold(t *request.Trace) {
	f.traces++
	f.hasNode = false
	exits := t.Exits()
	for i := range t.Tree.Nodes {
		node := int32(i)
		s := t.Span(node)
		if s == nil {
			continue
		}
		exit := exits[i]
		switch {
		case exit >= 0 && (t.Span(exit).Kind == model.KindProducer || s.Kind == model.KindConsumer):
			f.message(t, &t.Span(exit).Head, f.host(t, exit), s, f.host(t, node))
		case exit >= 0:
			f.call(t, exit, node)
		}
		if len(s.Links) > 0 && rollup.Consumes(s) {
			f.linked(t, node, s, exit)
		}
	}
}

func (f *Fold) edge(client, server uint32, messaging bool) *edge {
	return bounded.Entry(f.edges, edgeKey{client, server, messaging}, maxEdges, &f.dropped)
}

// call splits the gap of a call.
func (f *Fold) call(t *request.Trace, exit, node int32) {
	c, s := t.Span(exit), t.Span(node)
	e := f.edge(c.Service, s.Service, false)
	e.calls++
	gap := c.Duration() - s.Duration()
	if gap < 0 || !timed(&c.Head) || !timed(&s.Head) {
		e.negative++
		return
	}
	e.works.Add(s.Duration())
	e.gap.Add(gap)
	e.offer(t.ID, gap)
	d, known := f.clocks.Between(f.host(t, exit), f.host(t, node))
	if !known {
		return
	}
	e.split++
	e.uncertainty = max(e.uncertainty, d.error())
	there := s.Start + d.Add - c.Start
	if there < 0 || there > gap {
		e.outside++
		there = min(max(there, 0), gap)
	}
	e.there.Add(there)
	e.back.Add(gap - there)
	// The offset may be anywhere from Low to High, and so may the way there, but not beyond the gap.
	least, most := max(there+d.Low-d.Add, 0), min(there+d.High-d.Add, gap)
	switch {
	case 2*least > gap:
		e.longerThere++
	case 2*most < gap:
		e.longerBack++
	}
}

// timed reports whether the times of a span can be compared with others.
func timed(h *model.Head) bool { return !h.Negative && h.Start > 0 && h.End < maxTime }

// message takes in a message that a consumer took.
func (f *Fold) message(t *request.Trace, p *model.Head, from string, s *store.Settled, at string) {
	e := f.edge(p.Service, s.Service, true)
	if !timed(p) || !timed(&s.Head) {
		return
	}
	e.messages++
	d, known := f.clocks.Between(from, at)
	if known {
		e.corrected++
		e.uncertainty = max(e.uncertainty, d.error())
	}
	age, wait := s.Start+d.Add-p.Start, s.Start+d.Add-p.End
	if age < 0 {
		e.early++
	}
	e.age.Add(max(age, 0))
	e.wait.Add(max(wait, 0))
	e.offer(t.ID, age)
}

// offer keeps the trace with the longest gap or age.
func (e *edge) offer(trace model.TraceID, ns int64) {
	if e.example.IsZero() || ns > e.longest {
		e.example, e.longest = trace, ns
	}
}

// linked takes in what a span took by its links: each message once, and not the one that is its parent. Of the host
// of a producer in another trace nothing is known.
func (f *Fold) linked(t *request.Trace, node int32, s *store.Settled, exit int32) {
	at := f.host(t, node)
	links := s.Links[:min(len(s.Links), maxLinks)]
	f.dropped += uint64(len(s.Links) - len(links))
	for i, l := range links {
		if repeated(links[:i], l) {
			continue
		}
		if l.Trace != t.ID {
			if p, ok := f.find(l.Trace, l.Span); ok && rollup.Produces(&p.Head, s) {
				f.message(t, &p.Head, "", s, at)
			}
			continue
		}
		p, ok := f.node(t, l.Span)
		if !ok || p == node || p == exit || p == t.Parent(node) || !rollup.Produces(&t.Span(p).Head, s) {
			continue
		}
		f.message(t, &t.Span(p).Head, f.host(t, p), s, at)
	}
}

// repeated looks at the last few only: a link that comes twice comes twice in a row.
func repeated(before []store.LinkRef, l store.LinkRef) bool {
	for _, x := range before[max(0, len(before)-8):] {
		if x == l {
			return true
		}
	}
	return false
}

// node is that of a span.
func (f *Fold) node(t *request.Trace, id model.SpanID) (int32, bool) {
	if !f.hasNode {
		f.hasNode = true
		f.nodeOf = map[model.SpanID]int32{}
		for i := len(t.Tree.Nodes) - 1; i >= 0; i-- {
			if s := t.Span(int32(i)); s != nil {
				f.nodeOf[s.ID] = int32(i)
			}
		}
	}
	n, ok := f.nodeOf[id]
	return n, ok
}

// host is the clock of a node's span, empty where it does not say.
func (f *Fold) host(t *request.Trace, node int32) string {
	r := t.Class(node).Resource
	h, ok := f.hosts[r]
	if !ok {
		h = model.HostOf(r)
		if len(f.hosts) == maxCached {
			clear(f.hosts)
		}
		f.hosts[r] = h
	}
	return h
}
