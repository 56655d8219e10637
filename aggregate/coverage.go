// How far all other figures can be trusted: what was received, refused, dropped and incomplete.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/logbook"
	"oteltop/model/store"
)

// Coverage says how far the figures can be trusted.
type Coverage struct {
	Provenance Provenance
	Status     Status
	Received, Stored, Duplicate, Evicted,
	Retained, Late, IDCollisions, Overflowed uint64 // spans
	EvictedTraces, Traces, OpenTraces,
	CompleteTraces, ShelfTraces uint64
	Shelved       []ReasonCount // by kept-because
	Orphans       uint64        // spans whose parent was not seen, in retained traces
	MissingBy     []MissingSide // which services' parents are missing
	RootCount     []ReasonCount // traces with no_root, one_root, several_roots
	Quality       []ReasonCount // negative_duration, cycle, duplicate_id, shared_id, async_tail, outside_parent, missing_service_name, unspecified_kind
	DroppedFields []ReasonCount // attributes, events, links dropped by SDKs
	Bounds        []Bound       // every bound of the program with its fill and its counter of losses
	Services      []ServiceQuality
	Bytes, Budget int64
	RollupBytes   int64
	Connections   int64
	Log           []string // the last messages of the program, newest last
	LogRecords    LogRecords
}

// LogRecords are what became of the log records received: their sum.
type LogRecords struct {
	Retained  uint64 // shown with the spans of their trace
	Evicted   uint64 // older than those
	Untraced  uint64 // of no trace
	Refused   uint64 // larger than is kept of one
	Duplicate uint64 // sent twice
}

// MissingSide counts orphans by the service and kind of the child: whose parent is missing.
type MissingSide struct {
	Service string
	Kind    model.Kind
	Orphans uint64
	Spans   uint64 // spans of that service and kind, for the rate
}

// ServiceQuality is completeness by service.
type ServiceQuality struct {
	Service         string
	Spans           uint64
	Orphans         uint64
	UnspecifiedKind uint64
	Negative        uint64
	DroppedFields   uint64
	NoVersion       bool // no service.version on its resource
	NoInstance      bool // no service.instance.id, host or pod
}

// Bound is a limit of the program: nothing grows for ever and nothing is lost silently.
type Bound struct {
	Name      string
	Used, Max int64  // operations: of the service that has most, where some were lost and that is nearer to its limit
	Lost      uint64 // what was dropped or folded because of it
}

// Coverage implements Engine. Counters are those of this moment; what needs a walk over all retained
// traces is cached like every answer.
func (m *Memory) Coverage(ctx context.Context) (*Coverage, error) {
	census, err := ask(ctx, m, questionOf("census", Query{}), func() (*census, error) { return m.census(ctx) })
	if err != nil {
		return nil, err
	}
	status, err := m.Status(ctx)
	if err != nil {
		return nil, err
	}
	k, r, l := m.store.Counters(), m.rollup.Counters(), m.options.Logs.Counters()
	c := &Coverage{
		Provenance: census.provenance, Status: *status,
		Received: k.Received, Stored: k.Stored, Duplicate: k.Duplicate, Evicted: k.Evicted,
		Retained: k.Spans, Late: k.Late, IDCollisions: k.IDCollision, Overflowed: k.Overflows(),
		EvictedTraces: k.EvictedTraces, Traces: k.Traces, OpenTraces: k.Open,
		CompleteTraces: census.complete, ShelfTraces: k.ShelfTraces,
		Orphans: census.orphans, MissingBy: census.missing, RootCount: census.roots,
		Quality: census.quality, DroppedFields: census.dropped, Services: census.services,
		Bounds: bounds(&k, &r, l), Bytes: k.Bytes, Budget: k.Budget, RollupBytes: r.Bytes,
		Connections: m.intake.Connections.Load(),
		LogRecords:  LogRecords{l.Retained, l.Evicted, l.Untraced, l.Refused, l.Duplicate},
	}
	for because, n := range k.Shelved {
		if n > 0 {
			c.Shelved = append(c.Shelved, ReasonCount{model.KeptBecause(because).String(), n})
		}
	}
	if m.options.Log != nil {
		c.Log = m.options.Log()
	}
	return c, nil
}

// bounds lists every limit of store, rollups and logs.
func bounds(k *store.Counters, r *rollup.Counters, l logbook.Counters) []Bound {
	return []Bound{
		{"ring_bytes", k.Bytes, k.Budget, k.Evicted},
		operationBound(k),
		{"services", int64(k.Services), int64(k.ServiceLimit), k.Overflowed[store.ServicesFull]},
		{"peers", int64(k.Peers), int64(k.PeerLimit), k.Overflowed[store.PeersFull]},
		{"name_length_bytes", int64(k.LongestName), int64(k.NameLimit), k.Overflowed[store.NameTooLong]},
		{"names_bytes", k.NameBytes, k.NameBytesLimit, k.Overflowed[store.NamesFull]},
		{"rollup_bytes", r.Bytes, r.MaxBytes, r.FoldedOperations},
		{"edges", int64(r.Edges), int64(r.MaxEdges), r.Dropped},
		{"heatmap_exemplars", 0, 0, r.LostExemplars},
		{"links", 0, 0, r.ForgottenLinks},
		{"undated_spans", int64(r.Undated), 0, 0},
		{"log_bytes", l.Bytes, l.Budget, l.Evicted + l.Refused},
	}
}

// operationBound is the limit on operations of which more is used: that of all, or that of one service.
func operationBound(k *store.Counters) Bound {
	lost := k.Overflowed[store.OperationsFull]
	if int64(k.Busiest)*int64(k.Limits) > int64(k.Operations)*int64(k.BusiestLimit) && lost > 0 {
		return Bound{"operations", int64(k.Busiest), int64(k.BusiestLimit), lost}
	}
	return Bound{"operations", int64(k.Operations), int64(k.Limits), lost}
}

// census is what a walk over all retained traces finds. Immutable.
type census struct {
	provenance Provenance
	complete   uint64 // traces
	orphans    uint64
	missing    []MissingSide
	roots      []ReasonCount
	quality    []ReasonCount
	dropped    []ReasonCount
	services   []ServiceQuality
}

// censusTaker gathers a census.
type censusTaker struct {
	m       *Memory
	trace   linked
	result  census
	sides   map[side]*MissingSide
	service map[string]*ServiceQuality

	// Counters of the named reasons.
	noRoot, oneRoot, severalRoots                        uint64
	negative, cycles, duplicates, shared, async, outside uint64
	unnamed, unspecified                                 uint64
	droppedAttributes, droppedEvents, droppedLinks       uint64
	droppedIn                                            map[uint32]struct{} // traces
}

// side is what orphans are counted by: see MissingSide.
type side struct {
	service uint32
	kind    model.Kind
}

// census walks over all retained traces: over their records as they lie, then over each trace, linked.
func (m *Memory) census(ctx context.Context) (*census, error) {
	s, err := m.scope(ctx, nil)
	if err != nil {
		return nil, err
	}
	t := &censusTaker{
		m: m, trace: linked{names: m.store.Names()},
		sides: map[side]*MissingSide{}, service: map[string]*ServiceQuality{}, droppedIn: map[uint32]struct{}{},
	}
	t.result.provenance = s.provenance()
	for _, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.segment(seg)
	}
	err = s.each(ctx, func(x *store.TraceInfo) {
		p := &t.result.provenance
		if p.From == 0 || x.Start < p.From {
			p.From = x.Start
		}
		p.To = max(p.To, x.End)
		t.trace.link(s.snap.Spans(x.Index, t.trace.spans[:0]))
		t.linked(x)
	})
	if err != nil {
		return nil, err
	}
	return t.finish(), nil
}

// quality is the counters of a service.
func (t *censusTaker) quality(service string) *ServiceQuality {
	q, ok := t.service[service]
	if !ok {
		q = &ServiceQuality{Service: service, NoVersion: true, NoInstance: true}
		t.service[service] = q
	}
	return q
}

// segment counts what heads and classes tell, and what SDKs said that they dropped.
func (t *censusTaker) segment(seg store.Segment) {
	classes := make([]*store.Class, seg.Classes())
	services := make([]*ServiceQuality, len(classes))
	unnamed := make([]bool, len(classes))
	for c := range classes {
		class := seg.Class(uint32(c))
		classes[c] = class
		services[c] = t.quality(model.ServiceOf(class.Resource))
		named := false
		for _, a := range model.AttributesOf(class.Resource) {
			switch a.Key {
			case "service.name":
				named = true
			case "service.version":
				services[c].NoVersion = false
			case "service.instance.id", "host.name", "host.id", "k8s.pod.name", "k8s.pod.uid", "container.id":
				services[c].NoInstance = false
			}
		}
		unnamed[c] = !named
	}
	seg.Records(nil, func(i int, r *store.Record) bool {
		q := services[r.Class]
		q.Spans++
		if unnamed[r.Class] {
			t.unnamed++
		}
		if classes[r.Class].Kind == model.KindUnspecified {
			q.UnspecifiedKind++
			t.unspecified++
		}
		if classes[r.Class].Extra {
			t.rare(seg, i, r.Trace, q)
		}
		return true
	})
}

func (t *censusTaker) rare(seg store.Segment, i int, trace uint32, q *ServiceQuality) {
	s := seg.Rare(i)
	n := uint64(s.DroppedAttributes) + uint64(s.DroppedEvents) + uint64(s.DroppedLinks)
	if n == 0 {
		return
	}
	t.droppedAttributes += uint64(s.DroppedAttributes)
	t.droppedEvents += uint64(s.DroppedEvents)
	t.droppedLinks += uint64(s.DroppedLinks)
	t.droppedIn[trace] = struct{}{}
	q.DroppedFields += n
}

// linked counts what the tree of a trace tells.
func (t *censusTaker) linked(x *store.TraceInfo) {
	tree := &t.trace.tree
	switch tree.Roots {
	case 0:
		t.noRoot++
	case 1:
		t.oneRoot++
	default:
		t.severalRoots++
	}
	if _, dropped := t.droppedIn[x.Index]; x.Settled && tree.Whole() && !dropped {
		t.result.complete++
	}
	for i := range tree.Nodes {
		if tree.Nodes[i].Span >= 0 {
			t.node(&tree.Nodes[i])
		}
	}
}

// node counts what linking found about a span.
func (t *censusTaker) node(n *model.Node) {
	h := &t.trace.heads[n.Span]
	k := side{h.Service, h.Kind}
	s, ok := t.sides[k]
	if !ok {
		s = &MissingSide{Service: t.trace.names.Service(h.Service), Kind: h.Kind}
		t.sides[k] = s
	}
	s.Spans++
	has := func(f model.NodeFlags) bool { return n.Flags&f != 0 }
	if has(model.Orphan) {
		s.Orphans++
		t.result.orphans++
		t.quality(s.Service).Orphans++
	}
	if has(model.NegativeDuration) {
		t.negative++
		t.quality(s.Service).Negative++
	}
	if has(model.CycleCut) {
		t.cycles++
	}
	if has(model.DuplicateID) {
		t.duplicates++
	}
	if has(model.SharedID) {
		t.shared++
	}
	if has(model.AsyncTail) {
		t.async++
	}
	if n.Parent < 0 {
		return
	}
	if above := t.trace.tree.Nodes[n.Parent].Span; above >= 0 && h.Outside(&t.trace.heads[above]) {
		t.outside++
	}
}

// finish gives the counters their names and order.
func (t *censusTaker) finish() *census {
	c := &t.result
	c.roots = []ReasonCount{{"no_root", t.noRoot}, {"one_root", t.oneRoot}, {"several_roots", t.severalRoots}}
	c.quality = []ReasonCount{
		{"negative_duration", t.negative}, {"cycle", t.cycles}, {"duplicate_id", t.duplicates},
		{"shared_id", t.shared}, {"async_tail", t.async}, {"outside_parent", t.outside},
		{"missing_service_name", t.unnamed}, {"unspecified_kind", t.unspecified},
	}
	c.dropped = []ReasonCount{{"attributes", t.droppedAttributes}, {"events", t.droppedEvents}, {"links", t.droppedLinks}}
	for _, s := range t.sides {
		if s.Orphans > 0 {
			c.missing = append(c.missing, *s)
		}
	}
	slices.SortFunc(c.missing, func(a, b MissingSide) int {
		return cmp.Or(cmp.Compare(b.Orphans, a.Orphans), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind, b.Kind))
	})
	for _, q := range t.service {
		c.services = append(c.services, *q)
	}
	slices.SortFunc(c.services, func(a, b ServiceQuality) int { return cmp.Compare(a.Service, b.Service) })
	return c
}
