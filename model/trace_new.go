package model

// NewTrace links spans into a Trace and works out what a waterfall shows. It keeps spans and heads, which
// must not change afterwards. heads is parallel to spans, or nil: then it is derived from spans.
// Sections and Critical are those of PathRoot; PathOf has those of other roots.
func NewTrace(id TraceID, spans []Span, heads []Head) *Trace {
	if heads == nil {
		heads = Heads(spans)
	}
	t := &Trace{ID: id, Spans: spans, Heads: heads, Root: -1}
	t.Tree.Link(heads)
	if t.Root = t.Tree.MainRoot(); t.Root >= 0 && t.Tree.Nodes[t.Root].Parent >= 0 {
		t.Root = t.Tree.Nodes[t.Root].Parent // a Missing node, under which its other orphans are shown as well
	}
	t.Self = SelfTimes(heads, &t.Tree, nil)
	t.Sections = CriticalPath(heads, &t.Tree, t.PathRoot(), nil)
	t.Critical = CriticalTimes(t.Sections, len(t.Tree.Nodes), nil)
	t.Skew = Skew(spans, heads, &t.Tree, nil)
	t.Tree.scratch = treeScratch{} // a Trace is not linked again
	t.count()
	return t
}

// PathOf is the critical path of any real node of t. Unlike CriticalPath it is safe to call at the same
// time from several goroutines.
func (t *Trace) PathOf(node int32) []Section {
	private := Tree{Nodes: t.Tree.Nodes}
	return CriticalPath(t.Heads, &private, node, nil)
}

// count fills the totals of t. A span without a time (0 is OTLP's unset) does not stretch the trace back to
// 1970; Zipkin's traces have such spans.
func (t *Trace) count() {
	services := make(map[uint32]struct{})
	for i := range t.Heads {
		h := &t.Heads[i]
		if h.Start != 0 && (t.Start == 0 || h.Start < t.Start) {
			t.Start = h.Start
		}
		t.End = max(t.End, h.End)
		services[h.Service] = struct{}{}
		if h.Status == StatusError {
			t.Errors++
		}
	}
	t.Services = len(services)
	for i := range t.Tree.Nodes {
		if t.Tree.Nodes[i].Flags&Orphan != 0 {
			t.Orphans++
		}
	}
}

// Heads derives heads from decoded spans. Service and Op count from 0 in order of appearance: they tell
// equal from different within these spans only, and are not ids of any store.
func Heads(spans []Span) []Head {
	type operation struct {
		service uint32
		name    string
		kind    Kind
	}
	heads := make([]Head, len(spans))
	services := make(map[string]uint32)
	operations := make(map[operation]uint32)
	for i := range spans {
		s := &spans[i]
		service := idOf(services, ServiceOf(s.Resource))
		heads[i] = Head{
			ID: s.ID, Parent: s.Parent,
			Start: s.Start, End: max(s.Start, s.End), Negative: s.End < s.Start,
			Service: service, Op: idOf(operations, operation{service, s.Name, s.Kind}),
			Kind: s.Kind, Status: s.Status,
		}
	}
	return heads
}

// idOf numbers keys from 0 in order of appearance.
func idOf[K comparable](ids map[K]uint32, key K) uint32 {
	id, ok := ids[key]
	if !ok {
		id = uint32(len(ids))
		ids[key] = id
	}
	return id
}
