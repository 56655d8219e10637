package oracle_test

import (
	"cmp"
	"slices"
)

// link finds the parents of the spans of one trace (D1, D2) and returns them in canonical order.
func link(spans []*span) []*span {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b *span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), cmp.Compare(a.span, b.span),
			cmp.Compare(a.parent, b.parent), cmp.Compare(kindNumber(a), kindNumber(b)), cmp.Compare(a.service, b.service))
	})
	groups := map[string][]*span{}
	for _, s := range spans {
		groups[s.span] = append(groups[s.span], s)
	}
	above := map[string]*span{} // who is meant by an id
	client := map[*span]*span{} // of a server that shares its id
	for id, group := range groups {
		above[id] = group[0]
		c := slices.IndexFunc(group, func(s *span) bool { return s.kind == "client" })
		s := slices.IndexFunc(group, func(s *span) bool { return s.kind == "server" })
		if c >= 0 && s >= 0 {
			above[id], client[group[s]], group[s].shared = group[s], group[c], true
		}
		if len(group) > 2 || len(group) == 2 && (c < 0 || s < 0) {
			for _, x := range group {
				x.twin = true
			}
		}
	}
	for _, s := range spans {
		switch {
		case client[s] != nil:
			s.up = client[s]
		case s.parent == "":
		case s.parent == s.span:
			s.cut = true
		case above[s.parent] == nil:
			s.orphan = true
		default:
			s.up = above[s.parent]
		}
	}
	for _, s := range spans { // earliest first
		if onCycle(s, len(spans)) {
			s.up, s.cut, s.shared = nil, true, false
		}
	}
	for _, s := range spans {
		if s.up != nil {
			s.up.kids = append(s.up.kids, s)
		}
	}
	return spans
}

func kindNumber(s *span) int {
	return slices.Index([]string{"unspecified", "internal", "server", "client", "producer", "consumer"}, s.kind)
}

func onCycle(s *span, most int) bool {
	for p := s.up; p != nil && most > 0; p, most = p.up, most-1 {
		if p == s {
			return true
		}
	}
	return false
}

// root reports whether nothing is above a span, seen or not.
func (s *span) root() bool { return s.up == nil && !s.orphan }

// depth is the number of levels above; a missing parent is one.
func (s *span) depth() int64 {
	n := int64(0)
	for ; s.up != nil; s = s.up {
		n++
	}
	if s.orphan {
		n++
	}
	return n
}

// entry is D4.
func (s *span) entry() bool {
	return s.enters() || s.root() || s.up != nil && s.up.service != s.service
}

// blocks is D8.
func blocks(parent, child *span) bool { return parent.kind != "producer" || child.kind != "consumer" }

// mainRoot stands for a trace: the earliest root, else the earliest span of which a cycle was cut, else
// the earliest orphan (D2: what has its parent is nobody's root, be it earlier).
func mainRoot(spans []*span) *span {
	for _, s := range spans {
		if s.root() && !s.cut {
			return s
		}
	}
	for _, s := range spans {
		if s.cut {
			return s
		}
	}
	return spans[slices.IndexFunc(spans, func(s *span) bool { return s.orphan })]
}

// interval is a stretch of time [lo, hi).
type interval struct{ lo, hi int64 }

func (a interval) within(b interval) interval { return interval{max(a.lo, b.lo), min(a.hi, b.hi)} }
func (a interval) empty() bool                { return a.lo >= a.hi }

// self is A08: the duration less the union of the blocking children.
func (s *span) self() int64 {
	own := interval{s.start, s.end}
	var covered []interval
	for _, k := range s.kids {
		if i := (interval{k.start, k.end}).within(own); blocks(s, k) && !i.empty() {
			covered = append(covered, i)
		}
	}
	slices.SortFunc(covered, func(a, b interval) int { return cmp.Compare(a.lo, b.lo) })
	total, reach := s.duration(), own.lo
	for _, i := range covered {
		if i.lo = max(i.lo, reach); !i.empty() {
			total -= i.hi - i.lo
			reach = i.hi
		}
	}
	return total
}

// section is a part of a critical path.
type section struct {
	span string
	interval
}

// criticalPath is A10: first everything is clipped, parents first (D9), then the path is walked backwards.
func criticalPath(root *span) []section {
	clipped := map[*span]interval{root: {root.start, root.end}}
	var clip func(p *span)
	clip = func(p *span) {
		for _, k := range p.kids {
			if i := (interval{k.start, k.end}).within(clipped[p]); blocks(p, k) && !i.empty() {
				clipped[k] = i
				clip(k)
			}
		}
	}
	clip(root)
	var path []section // latest first
	emit := func(s *span, lo, hi int64) {
		if lo < hi {
			path = append(path, section{s.span, interval{lo, hi}})
		}
	}
	var walk func(p *span, hi int64)
	walk = func(p *span, hi int64) {
		var kids []*span
		for _, k := range p.kids {
			if _, ok := clipped[k]; ok {
				kids = append(kids, k)
			}
		}
		slices.SortStableFunc(kids, func(a, b *span) int {
			return cmp.Or(cmp.Compare(clipped[b].hi, clipped[a].hi), cmp.Compare(clipped[b].lo, clipped[a].lo), cmp.Compare(a.span, b.span))
		})
		cur, last := hi, interval{}
		for _, k := range kids {
			c := clipped[k]
			if c.lo >= cur || c.hi > cur && !happensBefore(c, last, cur, clipped[p], kids, clipped) {
				continue
			}
			end := min(c.hi, cur)
			emit(p, end, cur)
			walk(k, end)
			cur, last = c.lo, c
		}
		emit(p, clipped[p].lo, cur)
	}
	walk(root, root.end)
	slices.Reverse(path)
	return path
}

// happensBefore is the exception of A10 for a child that overlaps the one taken last.
func happensBefore(c, last interval, cur int64, parent interval, kids []*span, clipped map[*span]interval) bool {
	if last == (interval{}) || (c.hi-cur)*100 >= parent.hi-parent.lo || c.hi >= last.hi || c.lo >= last.lo {
		return false
	}
	events := 0
	for _, k := range kids {
		for _, at := range []int64{clipped[k].lo, clipped[k].hi} {
			if at >= cur && at <= c.hi {
				events++
			}
		}
	}
	return events == 2
}
