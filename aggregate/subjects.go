// The subject spans of a scope (see Focus): of which traces, and which of their spans.

package aggregate

import (
	"context"

	"oteltop/model"
	"oteltop/model/store"
)

// subject is a span that stands for its trace in a scope (see Focus), by its start and duration.
type subject struct {
	start, duration int64
	failed          bool
	node            int32 // in the linked tree, where the trace was linked
}

// fits reports whether a subject lies in a selection. No duration counts as 1 ns, as in histograms.
func (s Selection) fits(x subject) bool {
	d := max(x.duration, 1)
	return s.Window.contains(x.start) && d >= s.MinDur && (s.MaxDur == 0 || d < s.MaxDur) && (!s.ErrorsOnly || x.failed)
}

// narrow combines the selection with a window.
func (s Selection) narrow(w Window) Selection {
	s.Window.From = max(s.Window.From, w.From)
	if w.To != 0 && (s.Window.To == 0 || w.To < s.Window.To) {
		s.Window.To = w.To
	}
	return s
}

// subjects finds the traces of a scope that have a subject span within a selection.
func (m *Memory) subjects(ctx context.Context, s *scope, q Query, in Selection) (map[uint32]store.TraceInfo, error) {
	found := map[uint32]store.TraceInfo{}
	err := m.eachSubject(ctx, s, q.Focus, in, func(t *store.TraceInfo, x subject) bool {
		if in.fits(x) {
			found[t.Index] = *t
			return false
		}
		return true
	})
	if err != nil || in.Column.Expr == "" {
		return found, err
	}
	return found, m.keepColumn(ctx, s, found, in.Column)
}

// eachSubject calls yield with the subject spans of the traces of a scope until it returns false, which
// ends the trace. in says what the caller is interested in: traces that lie wholly outside its times are
// passed over, and failed is only looked up for it where that costs something.
func (m *Memory) eachSubject(ctx context.Context, s *scope, f Focus, in Selection, yield func(t *store.TraceInfo, x subject) bool) error {
	l := linked{names: m.store.Names(), name: newNamer(m.store.Names()), find: m.store.Find, focus: f}
	wanted, err := s.candidates(ctx, &l)
	if err != nil {
		return err
	}
	return s.each(ctx, func(t *store.TraceInfo) {
		if in.Window.From > t.End || in.Window.To != 0 && in.Window.To <= t.Start || !wanted(t.Index) {
			return
		}
		if f.IsZero() && t.HasRoot && !in.ErrorsOnly {
			yield(t, subject{start: t.RootStart, duration: t.RootDur})
			return
		}
		l.link(s.snap.Spans(t.Index, l.spans[:0]))
		l.subjects(func(x subject) bool { return yield(t, x) })
	})
}

// candidates reports which traces may have subject spans, from the classes of their spans alone: linking
// is only needed for those.
func (s *scope) candidates(ctx context.Context, l *linked) (func(trace uint32) bool, error) {
	if l.focus.IsZero() {
		return func(uint32) bool { return true }, nil
	}
	return s.tracesWith(ctx, l.concerns)
}

// linked is one retained trace, linked to find its subject spans. Its memory is reused from trace to
// trace.
type linked struct {
	names store.Names
	focus Focus
	name  namer                                                              // for a focus on an edge
	find  func(trace model.TraceID, span model.SpanID) (store.Settled, bool) // likewise: spans of other traces

	spans []store.Settled
	heads []model.Head
	tree  model.Tree
}

// link takes the spans of a trace.
func (l *linked) link(spans []store.Settled) {
	l.spans, l.heads = spans, l.heads[:0]
	for i := range spans {
		l.heads = append(l.heads, spans[i].Head)
	}
	l.tree.Link(l.heads)
}

// concerns reports whether a span of this class can make its trace one with subject spans. Of an edge
// that is the client's side, unless the client sends no spans.
func (l *linked) concerns(c *store.Class) bool {
	service := model.ServiceOf(c.Resource)
	f := l.focus
	switch {
	case f.Server != "" || f.Client != "":
		return service == f.Server || service == f.Client
	case f.Operation != "":
		return service == f.Service && c.Name == f.Operation && c.Kind == f.Kind
	}
	return service == f.Service
}

// subjects calls yield with the subject spans until it returns false.
func (l *linked) subjects(yield func(x subject) bool) {
	f := l.focus
	if f.IsZero() {
		if root := l.tree.MainRoot(); root >= 0 {
			yield(l.subject(root))
		}
		return
	}
	for i := range l.tree.Nodes {
		n := &l.tree.Nodes[i]
		if n.Span < 0 {
			continue
		}
		ok, x := true, subject{}
		switch {
		case f.Server != "" || f.Client != "":
			x, ok = l.call(int32(i))
		case f.Operation != "":
			x, ok = l.subject(int32(i)), l.ofOperation(n)
		default:
			x, ok = l.subject(int32(i)), l.service(n) == f.Service && l.isEntry(n)
		}
		if ok && !yield(x) {
			return
		}
	}
}

func (l *linked) subject(node int32) subject {
	h := &l.heads[l.tree.Nodes[node].Span]
	return subject{h.Start, h.Duration(), h.Status == model.StatusError, node}
}

func (l *linked) service(n *model.Node) string { return l.names.Service(l.heads[n.Span].Service) }

func (l *linked) ofOperation(n *model.Node) bool {
	h := &l.heads[n.Span]
	return h.Kind == l.focus.Kind && l.service(n) == l.focus.Service && l.names.Operation(h.Op).Name == l.focus.Operation
}

// isEntry is D4: a server or consumer, a root, or a span below one of another service.
func (l *linked) isEntry(n *model.Node) bool {
	h := &l.heads[n.Span]
	if h.Kind.IsEntry() || n.Parent < 0 || h.Parent == 0 {
		return true
	}
	above := l.tree.Nodes[n.Parent].Span
	return above >= 0 && l.heads[above].Service != h.Service
}

// call is the call of the focused edge that a node stands for: the span on the server's side, or the
// exit span of a call to a peer that sends none.
func (l *linked) call(node int32) (subject, bool) {
	n := &l.tree.Nodes[node]
	s := &l.spans[n.Span]
	f := l.focus
	if l.service(n) == f.Client && s.Kind.IsExit() && s.Peer != 0 && l.name.called(s) == f.Server {
		return l.subject(node), true
	}
	if l.service(n) != f.Server {
		return subject{}, false
	}
	x := l.subject(node)
	if n.Parent < 0 || l.tree.Nodes[n.Parent].Span < 0 {
		return x, l.calledFromOutside(s, n.Parent < 0)
	}
	exit := l.exitAbove(n.Parent)
	if exit < 0 {
		return x, l.service(&l.tree.Nodes[n.Parent]) == f.Client && f.Client != f.Server
	}
	c := l.subject(exit)
	c.failed = c.failed || x.failed
	return c, l.service(&l.tree.Nodes[exit]) == f.Client
}

// calledFromOutside reports whether a span without a parent in its trace was called by the focused
// client: a producer that it links to, its broker, or whoever is outside.
func (l *linked) calledFromOutside(s *store.Settled, root bool) bool {
	for _, link := range s.Links {
		if p, ok := l.find(link.Trace, link.Span); ok && l.names.Service(p.Service) == l.focus.Client {
			return true
		}
	}
	if s.Peer != 0 && l.names.Peer(s.Peer) == l.focus.Client {
		return true
	}
	return root && s.Kind == model.KindServer && (l.focus.Client == userName || l.focus.Client == escapedUser)
}

// exitAbove is the exit span that a call arrived through: the node itself, or the next one above it that
// only spans of kind internal of the same service lie between; -1 for none.
func (l *linked) exitAbove(node int32) int32 {
	service := l.heads[l.tree.Nodes[node].Span].Service
	for node >= 0 {
		n := &l.tree.Nodes[node]
		if n.Span < 0 || l.heads[n.Span].Service != service {
			return -1
		}
		switch k := l.heads[n.Span].Kind; {
		case k.IsExit():
			return node
		case k != model.KindInternal && k != model.KindUnspecified:
			return -1
		}
		node = n.Parent
	}
	return -1
}
