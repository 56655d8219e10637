package report_test

import (
	"cmp"
	"math"
	"slices"
)

// The oracle recomputes reports from the definitions in ANALYSES by brute force: maps, sorting and
// recursion over whole traces, sharing no code with the program.

// link finds the parents of the spans of one trace (D1, D2). The spans come back in canonical order:
// start, longest first, id.
func link(spans []*span) []*span {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b *span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), cmp.Compare(a.id, b.id),
			cmp.Compare(a.parent, b.parent), cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)))
	})
	owner := map[string]*span{}
	twins := map[string][]*span{}
	for _, s := range spans {
		twins[s.id] = append(twins[s.id], s)
	}
	halves := map[*span]*span{} // the server of a shared id → its client
	for id, group := range twins {
		owner[id] = group[0]
		first := func(kind string) *span {
			for _, s := range group {
				if s.kind == kind {
					return s
				}
			}
			return nil
		}
		if client, server := first("client"), first("server"); client != nil && server != nil {
			owner[id], halves[server] = server, client
		}
	}
	for _, s := range spans {
		client := halves[s]
		switch {
		case client != nil:
			s.above = client
		case s.parent == "":
		case s.parent == s.id:
			s.cut = true
		case owner[s.parent] == nil:
			s.orphan = true
		default:
			s.above = owner[s.parent]
		}
	}
	for _, s := range spans { // in canonical order, so that each cycle is cut at its earliest span
		steps := 0
		for p := s.above; p != nil && steps <= len(spans); p = p.above {
			if p == s {
				s.above, s.cut = nil, true
				break
			}
			steps++
		}
	}
	for _, s := range spans {
		if s.above != nil {
			s.above.children = append(s.above.children, s)
		}
	}
	return spans
}

// entry is D4.
func (s *span) entry() bool {
	return s.kind == "server" || s.kind == "consumer" || s.above == nil && !s.orphan || s.above != nil && s.above.service != s.service
}

// waitsFor is D8.
func (s *span) waitsFor(child *span) bool { return s.kind != "producer" || child.kind != "consumer" }

// self is A08 by elementary intervals: between any two neighbouring points in time, either some child
// runs or none does.
func (s *span) self() int64 {
	points := []int64{s.start, s.end}
	var kids []*span
	for _, c := range s.children {
		if s.waitsFor(c) {
			kids = append(kids, c)
			points = append(points, min(max(c.start, s.start), s.end), min(max(c.end, s.start), s.end))
		}
	}
	slices.Sort(points)
	points = slices.Compact(points)
	// How many children run is a running sum of starts and ends.
	change := map[int64]int{}
	for _, c := range kids {
		if lo, hi := max(c.start, s.start), min(c.end, s.end); lo < hi {
			change[lo]++
			change[hi]--
		}
	}
	total, running := int64(0), 0
	for i, p := range points[:len(points)-1] {
		running += change[p]
		if running == 0 {
			total += points[i+1] - p
		}
	}
	return total
}

type section struct {
	id         string
	start, end int64
}

// path is A10, by recursion.
func (s *span) path() []section {
	var out []section
	var walk func(p *span, lo, hi, cur int64)
	walk = func(p *span, lo, hi, cur int64) {
		type kid struct {
			*span
			lo, hi int64
		}
		var kids []kid
		for _, c := range p.children {
			if k := (kid{c, max(c.start, lo), min(c.end, hi)}); k.lo < k.hi && p.waitsFor(c) {
				kids = append(kids, k)
			}
		}
		slices.SortStableFunc(kids, func(a, b kid) int {
			return cmp.Or(cmp.Compare(b.hi, a.hi), cmp.Compare(b.lo, a.lo), cmp.Compare(a.id, b.id))
		})
		var last *kid
		for i := range kids {
			c := &kids[i]
			if c.lo >= cur {
				continue
			}
			if c.hi > cur {
				events := 0
				for _, k := range kids {
					for _, at := range []int64{k.lo, k.hi} {
						if at >= cur && at <= c.hi {
							events++
						}
					}
				}
				if last == nil || (c.hi-cur)*100 >= hi-lo || c.hi >= last.hi || c.lo >= last.lo || events != 2 {
					continue
				}
			}
			end := min(c.hi, cur)
			if end < cur {
				out = append(out, section{p.id, end, cur})
			}
			walk(c.span, c.lo, c.hi, end)
			cur, last = c.lo, c
		}
		if lo < cur {
			out = append(out, section{p.id, lo, cur})
		}
	}
	walk(s, s.start, s.end, s.end)
	slices.Reverse(out)
	return out
}

// exit is the exit span that is open below s: s itself, or the next above it that only internal spans of
// its service lie between.
func (s *span) exit() *span {
	switch s.kind {
	case "client", "producer":
		return s
	case "internal", "unspecified":
		if s.above != nil && s.above.service == s.service {
			return s.above.exit()
		}
	}
	return nil
}

type edgeKey struct{ client, server, kind string }

// edgeFigures are the calls of an edge: durations in ns as each side saw them.
type edgeFigures struct {
	calls, failed  int
	client, server []int64
}

// edgesOf is A03 for the calls between services, those of users, and those to databases, which are all
// counted under the server "" because their names are a matter of attributes.
func edgesOf(traces map[string][]*span) map[edgeKey]*edgeFigures {
	edges := map[edgeKey]*edgeFigures{}
	count := func(k edgeKey, client, server *span) {
		e := edges[k]
		if e == nil {
			e = &edgeFigures{}
			edges[k] = e
		}
		e.calls++
		if client != nil && client.failed || server != nil && server.failed {
			e.failed++
		}
		if client != nil {
			e.client = append(e.client, client.end-client.start)
		}
		if server != nil {
			e.server = append(e.server, server.end-server.start)
		}
	}
	answered := map[*span]bool{}
	for _, spans := range traces {
		for _, s := range spans {
			if s.above == nil {
				if s.kind == "server" && !s.orphan {
					count(edgeKey{"user", s.service, "inferred"}, nil, s)
				}
				continue
			}
			exit := s.above.exit()
			takes := s.kind == "server" || s.kind == "consumer"
			if s.above.service == s.service && (exit == nil || !takes) {
				continue
			}
			kind := "call"
			if s.kind == "consumer" || exit != nil && exit.kind == "producer" {
				kind = "messaging"
			}
			if exit == nil {
				count(edgeKey{s.above.service, s.service, kind}, nil, s)
				continue
			}
			count(edgeKey{exit.service, s.service, kind}, exit, s)
			for e := exit; e != nil && !answered[e]; {
				answered[e] = true
				if e.above == nil || e.above.service != e.service {
					break
				}
				e = e.above.exit()
			}
		}
	}
	for _, spans := range traces {
		for _, s := range spans {
			if (s.kind == "client" || s.kind == "producer") && s.database && !answered[s] {
				count(edgeKey{s.service, "", "database"}, s, nil)
			}
		}
	}
	return edges
}

// nearestRank is the smallest value that at least the share q of the values do not exceed.
func nearestRank(values []int64, q float64) int64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	return values[max(int(math.Ceil(q*float64(len(values))))-1, 0)]
}
