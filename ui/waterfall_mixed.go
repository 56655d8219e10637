// Waterfall: spans whose name says only how something was called, not what.

package ui

import (
	"strings"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/ui/num"
)

// mixture is what the spans have in common that a span is ranked among, where its name does not tell them apart.
type mixture uint8

const (
	mixesNothing  mixture = iota
	mixesCalls            // whatever is called
	mixesRequests         // whatever is asked for
)

// mixture says whether a span has nothing but an HTTP method for a name: instrumentation names spans so that knows no
// route (OpenTelemetry's HTTP conventions; earlier ones and Zipkin's write "HTTP GET" and "get"). A rank among all
// POST of a service compares the slow call with quick ones to somewhere else. A database's GET is a command, and says
// what is done.
func (m *traceModel) mixture(node int32) mixture {
	s := m.span(node)
	of := mixtureOf(s.Name, s.Kind)
	if of == mixesCalls && isDatabase(s) {
		return mixesNothing
	}
	return of
}

// mixtureOf is mixture of spans that are no calls of a database.
func mixtureOf(name string, kind model.Kind) mixture {
	switch {
	case !isMethod(name):
	case kind == model.KindServer:
		return mixesRequests
	case kind == model.KindClient:
		return mixesCalls
	}
	return mixesNothing
}

// called is whom a span named like that says that it calls; nothing where its row is followed by the callee's own.
func (m *traceModel) called(r *waterfallRow) string {
	if m.mixture(r.node) != mixesCalls || !r.folded && m.t.Tree.Nodes[r.node].End > r.node+1 {
		return ""
	}
	s := m.span(r.node)
	for _, key := range [...]string{"peer.service", "server.address", "net.peer.name"} {
		if v, ok := s.Attribute(key); ok && v.Str() != "" {
			return v.Str()
		}
	}
	return ""
}

// isMethod reports whether a name is an HTTP method, with or without HTTP before it, or HTTP alone.
func isMethod(name string) bool {
	const scheme = "HTTP"
	if len(name) >= len(scheme) && strings.EqualFold(name[:len(scheme)], scheme) {
		if name = strings.TrimPrefix(name[len(scheme):], " "); name == "" {
			return true
		}
	}
	for _, method := range [...]string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"} {
		if strings.EqualFold(name, method) {
			return true
		}
	}
	return false
}

// mixedRank is the rank from which a span is slow whatever it calls, unless hardly any of the mixture calls the same: of
// the calls to what gets a twentieth of them, it is then among the slowest 2 %.
const mixedRank = 99.9

// oddity judges the duration of a span within its operation. What is ranked among a mixture is not judged but for the
// extreme: the rank is shown, and says that it is one.
func (m *traceModel) oddity(node int32) oddity {
	c := m.context(node)
	o := oddityOf(m.head(node).Duration(), c)
	switch {
	case o == unranked || m.mixture(node) == mixesNothing:
		return o
	case o == veryUnusual && c.Percentile >= mixedRank:
		return unusual
	}
	return mixed
}

// mixed says in words what a span is ranked among, and where to look instead.
func (d *detail) mixed(node int32, c aggregate.SpanContext, o tone) {
	what := "sent by %s, whatever they call"
	if d.m.mixture(node) == mixesRequests {
		what = "served by %s, whatever they ask for"
	}
	dur := d.m.head(node).Duration()
	d.prose(o, "~ %s of all %s %s "+what+"; %s the median of %s (p95 %s)", rankText(c.Percentile), num.Count(nil, c.N), d.m.span(node).Name,
		d.m.service(node), ratioText(float64(dur)/float64(c.Median)), num.Duration(nil, c.Median), num.Duration(nil, c.P95))
	if d.vs == nil {
		d.prose(toneInfo, "v compares it with the same call of other requests")
	}
}
