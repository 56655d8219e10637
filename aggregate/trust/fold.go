package trust

import (
	"cmp"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxMeasured is how many traces have their figures kept, for percentiles: 24 bytes each.
	maxMeasured = 1 << 19
	// maxWorst is how many traces are named that are explained least.
	maxWorst = 5
	// maxServices bounds the services counted apart; the store's own bound is below it.
	maxServices = 1 << 14
	maxCached   = 1 << 14 // resources and peers remembered
)

// Fold looks at traces. Not safe for concurrent use.
type Fold struct {
	names    store.Names
	peerName func(*store.Settled) string

	known     map[string]bool // services by name
	peers     map[uint32]bool // whether a peer is a known service
	resources map[*model.Resource]resource
	services  map[uint32]*Service
	gauge     Gauge

	traces, complete, rootless, single uint64
	dropped                            uint64
	measured                           []figures
	worst, gaps                        []Traced
}

// figures of a trace, for percentiles.
type figures struct {
	coverage, ratio float64
	gap             int64
}

// resource is what is missing of a resource.
type resource struct{ name, version bool }

// New returns an empty Fold. peerName is the name that the peer of a span has on the map.
func New(names store.Names, peerName func(*store.Settled) string) *Fold {
	f := &Fold{names: names, peerName: peerName, known: map[string]bool{}, peers: map[uint32]bool{},
		resources: map[*model.Resource]resource{}, services: map[uint32]*Service{}}
	for id := 1; id <= names.Services(); id++ {
		f.known[names.Service(uint32(id))] = true
	}
	return f
}

// Fold looks at a settled trace.
func (f *Fold) Fold(t *request.Trace) {
	if len(t.Spans) == 0 {
		return
	}
	f.traces++
	dropped := false
	exits, answered := t.Exits(), t.Answered()
	for i := range t.Tree.Nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		x := f.service(s.Service)
		if x == nil {
			f.dropped++
			continue
		}
		x.Spans++
		node := &t.Tree.Nodes[i]
		f.parent(t, x, int32(i))
		f.self(t, x, int32(i))
		switch s.Kind {
		case model.KindClient:
			f.client(x, t.ID, s, answered[i])
		case model.KindServer:
			x.server(t, int32(i), exits[i])
		}
		dropped = f.fields(t, x, int32(i)) || dropped
		if node.Flags&model.DuplicateID == 0 {
			x.UniqueIDs++
		}
	}
	if t.Settled && t.Tree.Whole() && !dropped {
		f.complete++
	}
	f.measure(t)
}

func (f *Fold) service(id uint32) *Service {
	x := f.services[id]
	if x == nil && len(f.services) < maxServices {
		x = &Service{Name: f.names.Service(id)}
		f.services[id] = x
	}
	return x
}

// parent looks at where a span hangs.
func (f *Fold) parent(t *request.Trace, x *Service, node int32) {
	s, flags := t.Span(node), t.Tree.Nodes[node].Flags
	orphan := flags&model.Orphan != 0
	if orphan {
		x.has(Orphan, t.ID, s.ID)
		if x.last != f.traces {
			x.last = f.traces
			x.OrphanTraces++
		}
	}
	if s.Parent != 0 || flags&model.SharedID != 0 {
		of, missing := &x.Inner, &x.InnerOrphans
		if s.Kind.IsEntry() {
			of, missing = &x.Entries, &x.EntryOrphans
		}
		*of++
		if orphan {
			*missing++
		}
	}
	if p := t.Span(t.Parent(node)); p != nil && s.Outside(&p.Head) {
		x.has(Outside, t.ID, s.ID)
	}
}

// self looks at what a span says of itself.
func (f *Fold) self(t *request.Trace, x *Service, node int32) {
	s, flags, class := t.Span(node), t.Tree.Nodes[node].Flags, t.Class(node)
	if flags&model.NegativeDuration != 0 {
		x.has(Negative, t.ID, s.ID)
	}
	if flags&model.DuplicateID != 0 {
		x.has(DuplicateID, t.ID, s.ID)
	}
	if s.Kind == model.KindUnspecified {
		x.has(UnspecifiedKind, t.ID, s.ID)
	}
	r, ok := f.resources[class.Resource]
	if !ok {
		_, r.name = model.Lookup(model.AttributesOf(class.Resource), "service.name")
		_, r.version = model.Lookup(model.AttributesOf(class.Resource), "service.version")
		if len(f.resources) == maxCached {
			clear(f.resources)
		}
		f.resources[class.Resource] = r
	}
	if !r.name {
		x.has(NoServiceName, t.ID, s.ID)
	}
	if !r.version {
		x.has(NoVersion, t.ID, s.ID)
	}
}

// client looks at a call. One of which nothing says whom it was to is not counted as unanswered.
func (f *Fold) client(x *Service, trace model.TraceID, s *store.Settled, answered bool) {
	x.Clients++
	if s.Peer == 0 {
		x.has(NoPeer, trace, s.ID)
	}
	switch {
	case answered:
		x.Known++
		x.Answered++
	case s.Role == store.PeerService && s.Peer != 0 && f.isService(s):
		x.Known++
		x.has(Unanswered, trace, s.ID)
	}
}

func (f *Fold) isService(s *store.Settled) bool {
	known, ok := f.peers[s.Peer]
	if !ok {
		known = f.known[f.peerName(s)]
		if len(f.peers) == maxCached {
			clear(f.peers)
		}
		f.peers[s.Peer] = known
	}
	return known
}

func (x *Service) server(t *request.Trace, node, exit int32) {
	x.Servers++
	s := t.Span(node)
	switch {
	case exit >= 0 && t.Span(exit).Kind == model.KindClient:
		x.WithClient++
	case s.Parent == 0 && t.Parent(node) < 0:
		x.RootServer++
	default:
		x.has(NoClient, t.ID, s.ID)
	}
}

// fields counts what an SDK dropped, and tells whether it did.
func (f *Fold) fields(t *request.Trace, x *Service, node int32) bool {
	if !t.Class(node).Extra {
		return false
	}
	place := t.Place(node)
	r := place.Segment.Rare(place.Index)
	if r.DroppedAttributes|r.DroppedEvents|r.DroppedLinks == 0 {
		return false
	}
	x.DroppedCounts[0] += uint64(r.DroppedAttributes)
	x.DroppedCounts[1] += uint64(r.DroppedEvents)
	x.DroppedCounts[2] += uint64(r.DroppedLinks)
	x.has(DroppedField, t.ID, t.Span(node).ID)
	return true
}

func (f *Fold) measure(t *request.Trace) {
	if t.Root < 0 || t.Tree.Nodes[t.Root].Parent >= 0 {
		f.rootless++
		return
	}
	m := f.gauge.Measure(t.Heads, &t.Tree, t.Root, t.Path())
	switch {
	case !m.Root:
		return
	case m.Single:
		f.single++
		return
	}
	if len(f.measured) == maxMeasured {
		f.dropped++
		return
	}
	f.measured = append(f.measured, figures{m.Coverage, m.Ratio, m.Gap})
	if len(f.worst) == maxWorst && m.Coverage >= f.worst[maxWorst-1].Coverage && m.Gap <= f.gaps[maxWorst-1].Gap {
		return
	}
	x := Traced{Trace: t.ID, Operation: t.Operation(t.Root), Duration: t.Span(t.Root).Duration(), Measure: m}
	if m.GapNode >= 0 {
		x.GapSpan, x.GapOperation = t.Span(m.GapNode).ID, t.Operation(m.GapNode)
	}
	f.worst = keep(f.worst, x, func(a, b *Traced) int { return cmp.Compare(a.Coverage, b.Coverage) })
	f.gaps = keep(f.gaps, x, func(a, b *Traced) int { return cmp.Compare(b.Gap, a.Gap) })
}

// keep puts x in its place among the first few; of equal ones the earlier stay.
func keep(list []Traced, x Traced, order func(a, b *Traced) int) []Traced {
	if len(list) == maxWorst && order(&x, &list[maxWorst-1]) >= 0 {
		return list
	}
	at, _ := slices.BinarySearchFunc(list, &x, func(a Traced, b *Traced) int {
		return cmp.Or(order(&a, b), -1)
	})
	list = slices.Insert(list, at, x)
	return list[:min(len(list), maxWorst)]
}
