package modeltest

import (
	"fmt"
	"math/rand/v2"

	"oteltop/model"
)

// Rand is a source of random traces that is the same for the same seed.
func Rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x6d6f64656c)) }

// Random makes a trace of n spans as a healthy system sends it: one root, every child within its parent,
// some in parallel, services calling each other by client and server pairs, one in thirty with an error.
func Random(r *rand.Rand, n int) []model.Span {
	g := generator{r: r, trace: model.TraceID{Hi: r.Uint64() | 1, Lo: r.Uint64()}}
	g.add(0, "front", model.KindServer, Base, Base+int64(50+r.IntN(1000))*1e6)
	for len(g.spans) < n {
		p := g.spans[r.IntN(len(g.spans))]
		start, end := g.within(p.Start, p.End)
		if p.Kind == model.KindClient {
			g.add(p.ID, fmt.Sprintf("service-%d", r.IntN(8)), model.KindServer, start, end)
			continue
		}
		g.add(p.ID, p.Resource.Service, []model.Kind{model.KindClient, model.KindClient, model.KindInternal}[r.IntN(3)], start, end)
	}
	return g.spans
}

// Sequential makes a trace of about n spans in which no two siblings overlap and every child lies within
// its parent, so that self times add up to the duration of the root.
func Sequential(r *rand.Rand, n int) []model.Span {
	g := generator{r: r, trace: model.TraceID{Lo: r.Uint64() | 1}}
	g.add(0, "front", model.KindServer, Base, Base+1+r.Int64N(1e9))
	for i := 0; i < len(g.spans) && len(g.spans) < n; i++ {
		p := g.spans[i]
		at := p.Start
		for range r.IntN(5) {
			start, end := g.within(at, p.End)
			g.add(p.ID, "service", model.KindInternal, start, end)
			at = end
		}
	}
	return g.spans
}

// Hostile makes a trace of n spans that breaks every rule with some probability: ids used twice, parents
// that are unknown, the span itself or in a cycle, ends before starts, equal and far-off times, children
// outside of their parents, kinds at random.
func Hostile(r *rand.Rand, n int) []model.Span {
	g := generator{r: r, trace: model.TraceID{Lo: r.Uint64() | 1}}
	ids := uint64(1 + r.IntN(n+1)) // fewer ids than spans: collisions
	extent := []int64{4, 100, 1e6}[r.IntN(3)]
	for range n {
		start := Base + r.Int64N(extent)
		end := start + r.Int64N(extent) - extent/8
		parent := model.SpanID(r.Uint64N(ids + ids/4 + 1))
		g.add(parent, fmt.Sprintf("s%d", r.IntN(4)), model.Kind(r.IntN(6)), start, end)
		s := &g.spans[len(g.spans)-1]
		s.ID = model.SpanID(1 + r.Uint64N(ids))
		if r.IntN(40) == 0 {
			s.Start, s.End = far(r), far(r)
		}
	}
	return g.spans
}

// far is a time that clocks should not show: 1970, 2500 (past what 63 bits of ns hold from 2262 on), or 0.
func far(r *rand.Rand) int64 {
	return []int64{0, 1, 1<<63 - 1}[r.IntN(3)]
}

// Chain is a trace of n spans, each the only child of the one before.
func Chain(n int) []model.Span {
	g := generator{r: Rand(1), trace: model.TraceID{Lo: 1}}
	for i := range n {
		g.add(model.SpanID(i), "chain", model.KindInternal, Base+int64(i), Base+int64(2*n-i))
	}
	return g.spans
}

// Wide is a trace of n spans: a root and its children, one after the other.
func Wide(n int) []model.Span {
	g := generator{r: Rand(1), trace: model.TraceID{Lo: 1}}
	g.add(0, "wide", model.KindServer, Base, Base+int64(n)*10)
	for i := 1; i < n; i++ {
		g.add(1, "wide", model.KindClient, Base+int64(i)*10, Base+int64(i)*10+10)
	}
	return g.spans
}

// Staircase is a trace of n spans: a root and its children, each of which outlasts the start of the next
// by so little that it still counts as having come before it on the critical path (A10).
func Staircase(n int) []model.Span {
	g := generator{r: Rand(1), trace: model.TraceID{Lo: 1}}
	g.add(0, "stairs", model.KindServer, Base, Base+int64(n)*10)
	for i := 1; i < n; i++ {
		g.add(1, "stairs", model.KindClient, Base+int64(i)*10, Base+int64(i)*10+min(11, int64(n-i)*10))
	}
	return g.spans
}

// Shuffled is a copy of spans in random order.
func Shuffled(r *rand.Rand, spans []model.Span) []model.Span {
	out := append([]model.Span(nil), spans...)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

type generator struct {
	r     *rand.Rand
	trace model.TraceID
	spans []model.Span
	made  map[string]*model.Resource
}

// add appends a span whose id is its number from 1.
func (g *generator) add(parent model.SpanID, service string, kind model.Kind, start, end int64) {
	s := model.Span{
		TraceID: g.trace, ID: model.SpanID(len(g.spans) + 1), Parent: parent, Kind: kind, Start: start, End: end,
		Name: fmt.Sprintf("op-%d", g.r.IntN(12)), Resource: g.resource(service),
	}
	if g.r.IntN(30) == 0 {
		s.Status = model.StatusError
	}
	g.spans = append(g.spans, s)
}

// within is a random interval inside [lo, hi].
func (g *generator) within(lo, hi int64) (start, end int64) {
	start = lo + g.r.Int64N(hi-lo+1)
	return start, start + g.r.Int64N(hi-start+1)
}

func (g *generator) resource(service string) *model.Resource {
	if g.made == nil {
		g.made = make(map[string]*model.Resource)
	}
	r := g.made[service]
	if r == nil {
		r = &model.Resource{Service: service, Attributes: []model.Attribute{{Key: "service.name", Value: model.StringValue(service)}}}
		g.made[service] = r
	}
	return r
}
