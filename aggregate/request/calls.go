package request

import (
	"oteltop/aggregate/scratch"
	"oteltop/model"
)

// Exits are for each node the exit span (client or producer) whose other side it is, −1 for none. As on the map
// (A03), an exit span stays open through internal spans of its own service, so that wrappers make no difference,
// and the other side is a span of another service, or a server or consumer.
func (t *Trace) Exits() []int32 {
	t.pairUp()
	return t.exits
}

// Answered tells for each node whether it is an exit span whose other side was seen. A client library's span
// around the transport's span is answered with it.
func (t *Trace) Answered() []bool {
	t.pairUp()
	return t.answered
}

// Around is the exit span of its own service that a node is nested in, −1 for none: that of a client library around
// the transport's, say.
func (t *Trace) Around(node int32) int32 {
	t.pairUp()
	return t.openAbove(node)
}

// pairUp finds the other sides of exit spans, once a trace. Parents stand before their children, so what is open above a
// node is known when it is reached.
func (t *Trace) pairUp() {
	if t.hasCalls {
		return
	}
	t.hasCalls = true
	n := len(t.Tree.Nodes)
	t.open, t.exits, t.answered = scratch.Resized(t.open, n), scratch.Resized(t.exits, n), scratch.Resized(t.answered, n)
	for i := range n {
		t.open[i], t.exits[i], t.answered[i] = -1, -1, false
		node := int32(i)
		s := t.Span(node)
		if s == nil {
			continue
		}
		above, parent := t.openAbove(node), t.Parent(node)
		switch {
		case parent >= 0 && t.Span(parent).Service != s.Service:
			t.exits[i] = t.open[parent]
		case s.Kind.IsEntry():
			t.exits[i] = above
		}
		t.answer(t.exits[i])
		switch s.Kind {
		case model.KindClient, model.KindProducer:
			t.open[i] = node
		case model.KindInternal, model.KindUnspecified:
			t.open[i] = above
		}
	}
}

// openAbove is the exit span of its own service that is open above a node.
func (t *Trace) openAbove(node int32) int32 {
	p := t.Parent(node)
	if p < 0 || t.Span(p).Service != t.Span(node).Service {
		return -1
	}
	return t.open[p]
}

// answer marks an exit span and those of its service that it is nested in.
func (t *Trace) answer(exit int32) {
	for exit >= 0 && !t.answered[exit] {
		t.answered[exit] = true
		exit = t.openAbove(exit)
	}
}
