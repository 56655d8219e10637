// Waterfall: the span that a drill is about.

package ui

import (
	"cmp"
	"slices"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
)

// claim is how good a node's claim is to be what a focus is about. Each field decides only among equals in those
// before it.
type claim struct {
	in       bool  // inside the selected part of the heatmap
	matches  bool  // the filter, where it tells spans apart
	closer   bool  // of an edge, its client span: it has the wait that no span of the server has
	critical int64 // own time on the critical path, ns
	duration int64 // ns
}

// beats reports whether c is better than o.
func (c claim) beats(o claim) bool {
	switch {
	case c.in != o.in:
		return c.in
	case c.matches != o.matches:
		return c.matches
	case c.closer != o.closer:
		return c.closer
	}
	return cmp.Or(cmp.Compare(c.critical, o.critical), cmp.Compare(c.duration, o.duration)) > 0
}

// aim is what of a scope says which span of a trace is meant.
type aim struct {
	focus  aggregate.Focus
	filter *filter.Expr
	errors bool
}

func aimOf(s Scope) aim {
	return aim{focus: s.Focus, filter: s.Filter, errors: s.Selection != nil && s.Selection.ErrorsOnly}
}

// subject is the node that a drill into a scope is about: the one that its focus means, else the first that matches
// its filter, else where the errors start if it is about errors. -1 when the trace has none, or the scope means none.
func (m *traceModel) subject(s Scope) int32 {
	if !s.Focus.IsZero() {
		return m.focused(s)
	}
	if m.matched != nil {
		return int32(slices.Index(m.matched, true))
	}
	if aimOf(s).errors {
		return m.origin(0, int32(len(m.t.Tree.Nodes)))
	}
	return -1
}

// focused is of the spans that a focus means the one that the request waited for longest.
func (m *traceModel) focused(s Scope) int32 {
	best, had := int32(-1), claim{}
	for i := range m.t.Tree.Nodes {
		n := int32(i)
		if !m.real(n) {
			continue
		}
		calls := m.calls(n, s.Focus)
		if !calls && !m.means(n, s.Focus) {
			continue
		}
		h := m.head(n)
		c := claim{in: selects(s.Selection, h), matches: m.matched != nil && m.matched[n], closer: calls, critical: m.t.Critical[n], duration: h.Duration()}
		if best < 0 || c.beats(had) {
			best, had = n, c
		}
	}
	return best
}

// means reports whether a focus is about a node: spans of its operation or service, of an edge what the
// callee did.
func (m *traceModel) means(node int32, f aggregate.Focus) bool {
	switch sp := m.span(node); {
	case f.Server != "":
		return m.service(node) == f.Server
	case f.Operation != "":
		return m.service(node) == f.Service && sp.Name == f.Operation && (f.Kind == model.KindUnspecified || sp.Kind == f.Kind)
	}
	return m.service(node) == f.Service
}

// calls reports whether a node is the client's side of the edge that a focus means: a span of the server hangs
// on it or, where the server sends none, an attribute names that peer.
func (m *traceModel) calls(node int32, f aggregate.Focus) bool {
	if f.Server == "" || f.Client == f.Server || m.service(node) != f.Client {
		return false
	}
	for k := node + 1; k < m.t.Tree.Nodes[node].End; k = m.t.Tree.Nodes[k].End {
		if m.real(k) && m.service(k) == f.Server {
			return true
		}
	}
	return slices.ContainsFunc(m.span(node).Attributes, func(a model.Attribute) bool { return a.Value.String() == f.Server })
}

// selects reports whether a span lies in the selected part of a heatmap; without one all do.
func selects(s *aggregate.Selection, h *model.Head) bool {
	if s == nil {
		return true
	}
	d := h.End - h.Start
	switch {
	case s.ErrorsOnly && h.Status != model.StatusError,
		d < s.MinDur, s.MaxDur > 0 && d >= s.MaxDur,
		h.Start < s.Window.From, s.Window.To > 0 && h.Start >= s.Window.To:
		return false
	}
	return true
}
