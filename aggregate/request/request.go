// Package request is what analyses look at: one retained trace at a time, linked, with self times, the
// critical path and attributes worked out when they are first asked for.
//
//	store.Snapshot ─▶ Trace.Load ─▶ Trace ─▶ the analyses, each of which folds it into what it counts
//
// A Trace is reused from trace to trace, so that looking at a hundred thousand of them allocates for the
// largest only: nothing that it returns may be kept.
package request

import (
	"oteltop/model"
	"oteltop/model/store"
)

// Trace is a retained trace. The zero value is ready for Load. Nodes are indexes into Tree.Nodes.
type Trace struct {
	store.TraceInfo
	Names store.Names
	Spans []store.Settled // oldest arrival first
	Heads []model.Head    // parallel to Spans
	Tree  model.Tree
	Root  int32 // node of the span that stands for the whole trace (model.Tree.MainRoot), −1 for no spans

	snap      store.Snapshot
	places    []store.Place
	self      []int64
	sections  []model.Section
	critical  []int64
	shape     uint64
	shaper    Shaper
	hasPlaces bool
	hasSelf   bool
	hasPath   bool
	hasShape  bool
	open      []int32 // by node: the exit span that is open below it
	exits     []int32
	answered  []bool
	hasCalls  bool
}

// Load makes t the trace that info is the summary of.
func (t *Trace) Load(snap store.Snapshot, names store.Names, info *store.TraceInfo) {
	t.TraceInfo, t.Names, t.snap = *info, names, snap
	t.Spans = snap.Spans(info.Index, t.Spans[:0])
	t.Heads = t.Heads[:0]
	for i := range t.Spans {
		t.Heads = append(t.Heads, t.Spans[i].Head)
	}
	t.Tree.Link(t.Heads)
	t.Root = t.Tree.MainRoot()
	t.hasPlaces, t.hasSelf, t.hasPath, t.hasShape, t.hasCalls = false, false, false, false, false
}

// Span is the span of a node, nil for one that stands for a parent which was never seen.
func (t *Trace) Span(node int32) *store.Settled {
	if node < 0 || t.Tree.Nodes[node].Span < 0 {
		return nil
	}
	return &t.Spans[t.Tree.Nodes[node].Span]
}

// Parent is the node that a node hangs below, −1 for none, and for one that was never seen.
func (t *Trace) Parent(node int32) int32 {
	p := t.Tree.Nodes[node].Parent
	if p < 0 || t.Tree.Nodes[p].Span < 0 {
		return -1
	}
	return p
}

// Operation is that of a node that has a span.
func (t *Trace) Operation(node int32) store.Operation { return t.Names.Operation(t.Span(node).Op) }

// Self are the self times of all nodes, ns (A08).
func (t *Trace) Self() []int64 {
	if !t.hasSelf {
		t.hasSelf = true
		t.self = model.SelfTimes(t.Heads, &t.Tree, t.self)
	}
	return t.self
}

// Path is the critical path of the root, in order of time (A10); empty for no spans.
func (t *Trace) Path() []model.Section {
	t.walk()
	return t.sections
}

// Critical are the own times of all nodes on the critical path of the root, ns. They sum to its duration.
func (t *Trace) Critical() []int64 {
	t.walk()
	return t.critical
}

func (t *Trace) walk() {
	if t.hasPath {
		return
	}
	t.hasPath = true
	t.sections = t.sections[:0]
	if t.Root >= 0 {
		t.sections = model.CriticalPath(t.Heads, &t.Tree, t.Root, t.sections)
	}
	t.critical = model.CriticalTimes(t.sections, len(t.Tree.Nodes), t.critical)
}

// Class is what the span of a node shares with others: its resource, its scope, its attribute keys.
func (t *Trace) Class(node int32) *store.Class {
	p := t.Place(node)
	return p.Segment.Class(p.Segment.Record(p.Index).Class)
}

// Attribute is the value of the first of the keys that the span of a node has: give the present name of
// the semantic conventions first, then older ones.
func (t *Trace) Attribute(node int32, keys ...string) (model.Value, bool) {
	c := t.Class(node)
	for _, key := range keys {
		for pos, k := range c.Keys {
			if k == key {
				p := t.Place(node)
				return p.Segment.Value(p.Index, pos), true
			}
		}
	}
	return model.Value{}, false
}

// Decode is the whole span of a node, with events and links. It allocates: for single spans.
func (t *Trace) Decode(node int32) model.Span {
	p := t.Place(node)
	return p.Segment.Span(p.Index)
}

// Place is where the span of a node stands in the store, for analyses that work out once per class or per code
// what many spans share.
func (t *Trace) Place(node int32) store.Place {
	if !t.hasPlaces {
		t.hasPlaces = true
		t.places = t.snap.Places(t.Index, t.places[:0])
	}
	return t.places[t.Tree.Nodes[node].Span]
}
