package ui

import (
	"oteltop/aggregate"
	"oteltop/model"
)

// subject is the node that a drill into a focus is about: of the spans that the focus means, the longest,
// first among those inside the selected part of the heatmap. -1 when the trace has none, or no focus is set.
func (m *traceModel) subject(s Scope) int32 {
	if s.Focus.IsZero() {
		return -1
	}
	best, bestIn, longest := int32(-1), false, int64(-1)
	for i := range m.t.Tree.Nodes {
		n := int32(i)
		if !m.real(n) || !m.means(n, s.Focus) {
			continue
		}
		h := m.head(n)
		in := selects(s.Selection, h)
		if d := h.End - h.Start; in && !bestIn || in == bestIn && d > longest {
			best, bestIn, longest = n, in, d
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
