// Waterfall: what is worked out of a trace once, when it arrives.

package ui

import (
	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/order"
	"oteltop/model"
	"oteltop/ui/num"
)

// traceModel is a trace prepared for drawing: what is worked out once per answer, so that a frame costs
// only the rows it shows. Not changed once it is shown, but for stack, which is scratch memory
// of rows.
type traceModel struct {
	view *aggregate.TraceView
	t    *model.Trace

	groups  []siblingGroup // by first
	groupAt []int32        // per node: the group that starts there, -1
	missing map[int32]model.SpanID
	doubts  map[int32]*order.Doubt

	errors []int32   // prefix sums over nodes of spans with status error
	path   pathIndex // of the whole trace
	logs   logIndex
	moved  int   // nodes that the clock-skew view moves
	shift  int64 // the largest move, ns
	half   int64 // to how many ns more or less it is known; model.SkewUnknown: from this trace alone

	sessionKey, sessionValue string // of which session the trace is; empty: it names none

	filter  *filter.Expr // that of the scope
	matched []bool       // per node: matches it; nil: nothing worth a mark does
	matches int

	stack []frontier
}

// match takes the spans that match the scope's filter. Where most do, a mark on each would say nothing.
func (m *traceModel) match(f *filter.Expr, spans []int) {
	m.filter = f
	if len(spans) == 0 || len(spans) > len(m.t.Spans)/2 {
		return
	}
	is := make([]bool, len(m.t.Spans))
	for _, s := range spans {
		is[s] = true
	}
	m.matches, m.matched = len(spans), make([]bool, len(m.t.Tree.Nodes))
	for i := range m.matched {
		s := m.t.Tree.Nodes[i].Span
		m.matched[i] = s >= 0 && is[s]
	}
}

func newTraceModel(v *aggregate.TraceView) *traceModel {
	m := &traceModel{view: v, t: v.Trace, missing: map[int32]model.SpanID{}, doubts: doubted(v.Doubts)}
	t := m.t
	m.errors = make([]int32, len(t.Tree.Nodes)+1)
	absent := 0
	for i := range t.Tree.Nodes {
		n := &t.Tree.Nodes[i]
		m.errors[i+1] = m.errors[i]
		if n.Span < 0 {
			m.missing[int32(i)] = t.Tree.Missing[absent]
			absent++
			continue
		}
		if t.Heads[n.Span].Status == model.StatusError {
			m.errors[i+1]++
		}
		if s := t.Skew[i]; s != 0 {
			m.moved++
			if max(s, -s) > max(m.shift, -m.shift) {
				m.shift, m.half = s, skewHalf(t, int32(i))
			}
		}
	}
	m.path = indexPath(t.Sections, len(t.Tree.Nodes))
	m.logs = m.indexLogs()
	m.sessionKey, m.sessionValue = sessionOf(t)
	m.findGroups()
	return m
}

// head is the head of a real node.
func (m *traceModel) head(node int32) *model.Head { return &m.t.Heads[m.t.Tree.Nodes[node].Span] }

// span is the span of a real node.
func (m *traceModel) span(node int32) *model.Span { return &m.t.Spans[m.t.Tree.Nodes[node].Span] }

// real reports whether a node is a span, not a missing parent.
func (m *traceModel) real(node int32) bool { return m.t.Tree.Nodes[node].Span >= 0 }

// untimed reports whether a real node came without times: 0 is OTLP's unset.
func (m *traceModel) untimed(node int32) bool { h := m.head(node); return h.Start == 0 && h.End == 0 }

// trails reports whether a node went on after its parent had ended, as far as it is known when that was.
func (m *traceModel) trails(node int32) bool {
	n := &m.t.Tree.Nodes[node]
	return n.Flags&model.AsyncTail != 0 && !m.untimed(n.Parent)
}

// service is the service name of a real node.
func (m *traceModel) service(node int32) string { return model.ServiceOf(m.span(node).Resource) }

// context is how the node's operation usually is; the zero value where that is unknown.
func (m *traceModel) context(node int32) aggregate.SpanContext {
	if int(node) < len(m.view.Context) {
		return m.view.Context[node]
	}
	return aggregate.SpanContext{}
}

// origin is where the errors of [from, end) start: the earliest span with an error and none below it. -1 for
// no errors.
func (m *traceModel) origin(from, end int32) int32 {
	first := int32(-1)
	for n := from; n < end; n++ {
		if m.errorsIn(n, n+1) == 0 || m.errorsIn(n+1, m.t.Tree.Nodes[n].End) > 0 {
			continue
		}
		if first < 0 || m.head(n).End < m.head(first).End {
			first = n
		}
	}
	return first
}

// errorsIn counts spans with an error among the nodes [from, end).
func (m *traceModel) errorsIn(from, end int32) int { return int(m.errors[end] - m.errors[from]) }

// pathIndex finds the sections of the critical path by node.
type pathIndex struct {
	sections []model.Section // by node, then time
	at       []int32         // sections[at[n]:at[n+1]] are those of node n
}

// indexPath sorts sections by node in O(sections + nodes), keeping the order of time.
func indexPath(sections []model.Section, nodes int) pathIndex {
	p := pathIndex{sections: make([]model.Section, len(sections)), at: make([]int32, nodes+2)}
	for _, s := range sections {
		p.at[s.Node+2]++
	}
	for i := 2; i < len(p.at); i++ {
		p.at[i] += p.at[i-1]
	}
	for _, s := range sections { // at[n+1] is where the next section of n goes
		p.sections[p.at[s.Node+1]] = s
		p.at[s.Node+1]++
	}
	return p
}

// of is the sections of one node.
func (p *pathIndex) of(node int32) []model.Section { return p.sections[p.at[node]:p.at[node+1]] }

// in counts the sections of the nodes [from, end).
func (p *pathIndex) in(from, end int32) int { return int(p.at[end] - p.at[from]) }

// skewHalf is to how many ns more or less the move of a node is known; model.SkewUnknown: from this trace alone.
func skewHalf(t *model.Trace, node int32) int64 {
	if t.SkewHalf == nil {
		return model.SkewUnknown
	}
	return t.SkewHalf[node]
}

// appendSkew writes a move as its badge: +5.00ms +-300us where it was measured, +5.00ms where this trace alone
// suggests it.
func appendSkew(b []byte, shift, half int64) []byte {
	if shift > 0 {
		b = append(b, '+')
	}
	b = num.Duration(b, shift)
	if half == model.SkewUnknown {
		return b
	}
	return num.Duration(append(b, " +-"...), half)
}
