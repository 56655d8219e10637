// Lens 1, Map: what is selected as plain text, for an incident channel.

package ui

import (
	"fmt"
	"strings"

	"oteltop/ui/num"
)

// evidenceNodes is how many nodes a copy of the whole system lists.
const evidenceNodes = 40

// evidence is what is selected as plain text, for an incident channel: an edge, a node with its callers and
// callees, or the nodes most in trouble. It says what it was computed from.
func (m *Map) evidence() string {
	var s strings.Builder
	switch e, n := m.edge(), m.subject(); {
	case e != nil:
		m.writeEdge(&s, e)
		fmt.Fprintf(&s, "  client p50 %s p95 %s, server p50 %s p95 %s, gap p95 %s\n", num.Duration(nil, e.ClientP50),
			num.Duration(nil, e.ClientP95), num.Duration(nil, e.ServerP50), num.Duration(nil, e.ServerP95), num.Duration(nil, e.GapP95))
	case n != nil:
		m.writeNode(&s, n)
		for _, i := range n.in {
			m.writeEdge(&s, &m.graph.edges[i])
		}
		for _, i := range n.out {
			m.writeEdge(&s, &m.graph.edges[i])
		}
	default:
		for _, i := range m.graph.ranked[:min(evidenceNodes, len(m.graph.ranked))] {
			m.writeNode(&s, &m.graph.nodes[i])
		}
	}
	v := m.graph.answer.Provenance
	fmt.Fprintf(&s, "(oteltop, %s, %d of %d spans)\n", v.Basis, v.Spans, v.Of)
	return s.String()
}

func (m *Map) writeNode(s *strings.Builder, n *mapNode) {
	fmt.Fprintf(s, "%s (%s): %s, %s errors, p50 %s, p95 %s, p99 %s, n=%d", n.text, n.Kind, num.Rate(nil, n.RED.Rate),
		num.Share(nil, n.RED.ErrorShare()), num.Duration(nil, n.RED.P50), num.Duration(nil, n.RED.P95), num.Duration(nil, n.RED.P99), n.RED.Calls)
	if n.growth >= growthNotice {
		fmt.Fprintf(s, ", p95 %s against earlier", num.Ratio(nil, n.growth))
	}
	s.WriteByte('\n')
}

func (m *Map) writeEdge(s *strings.Builder, e *mapEdge) {
	fmt.Fprintf(s, "  %s -> %s (%s): %s, %s failed, p95 %s, n=%d\n", m.graph.nodes[e.from].text, m.graph.nodes[e.to].text, e.Kind,
		num.Rate(nil, e.Rate), num.Share(nil, e.share()), num.Duration(nil, e.p95()), e.Calls)
}
