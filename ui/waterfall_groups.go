// Waterfall: siblings that are alike, folded into one row.

package ui

import (
	"hash/maphash"
	"math"
	"slices"
	"sort"

	"oteltop/model"
)

const (
	// groupLeast is how many consecutive siblings of one operation fold into a row: fewer are read faster
	// than unfolded. It is also the least length of an N+1 run (A18).
	groupLeast = 5
	// repeatLeast and repeatShare: a run of database calls is worth a mark from this total time on, or this
	// share of the trace, whichever is more (A18).
	repeatLeast = 50e6
	repeatShare = 20 // 1/20 = 5 %
	// overlapTolerance: by 1/100 of its duration a call may run into the next and still be before it (A18).
	overlapTolerance = 100
)

// siblingGroup is a run of siblings of one operation: one row until it is opened.
type siblingGroup struct {
	first, end  int32 // nodes [first, end) are the members and what is below them
	count       int
	start, stop int64 // extent, Unix ns, as received
	total, self int64 // of the members, ns
	least, most int64 // duration of a member, ns
	width       int   // most members at work at one time; 1: serial
	worst       int32 // member that is the most unusual, else the longest
	repeated    bool  // looks like an N+1 query (A18)
}

// findGroups fills groups and groupAt: the group that starts at a node, else -1.
func (m *traceModel) findGroups() {
	nodes := m.t.Tree.Nodes
	m.groupAt = make([]int32, len(nodes))
	for i := range m.groupAt {
		m.groupAt[i] = -1
	}
	m.findRuns(0, int32(len(nodes)))
	for i := range nodes {
		if i+1 < int(nodes[i].End) {
			m.findRuns(int32(i+1), nodes[i].End)
		}
	}
	slices.SortFunc(m.groups, func(a, b siblingGroup) int { return int(a.first - b.first) })
	for g := range m.groups {
		m.groupAt[m.groups[g].first] = int32(g)
	}
}

// findRuns looks for runs among the siblings whose subtrees fill [from, end).
func (m *traceModel) findRuns(from, end int32) {
	nodes := m.t.Tree.Nodes
	for from < end {
		stop, count := nodes[from].End, 1
		if s := nodes[from].Span; s >= 0 {
			for stop < end && nodes[stop].Span >= 0 && m.t.Heads[nodes[stop].Span].Op == m.t.Heads[s].Op {
				stop, count = nodes[stop].End, count+1
			}
		}
		if count >= groupLeast {
			m.groups = append(m.groups, m.measure(siblingGroup{first: from, end: stop, count: count}))
		}
		from = stop
	}
}

// measure works out a group's figures.
func (m *traceModel) measure(g siblingGroup) siblingGroup {
	g.least, g.worst = math.MaxInt64, g.first
	starts, ends := make([]int64, 0, g.count), make([]int64, 0, g.count)
	for n := g.first; n < g.end; n = m.t.Tree.Nodes[n].End {
		h := m.head(n)
		d := h.Duration()
		g.total, g.self = addTime(g.total, d), addTime(g.self, m.t.Self[n])
		g.least, g.most = min(g.least, d), max(g.most, d)
		starts, ends = append(starts, h.Start), append(ends, h.End)
		if m.moreUnusual(n, g.worst) {
			g.worst = n
		}
	}
	slices.Sort(ends)
	g.start, g.stop = starts[0], ends[len(ends)-1]
	done := 0
	for i, s := range starts { // in order of start already
		for done < i && ends[done] <= s {
			done++
		}
		g.width = max(g.width, i-done+1)
	}
	g.repeated = m.repeats(&g)
	return g
}

// moreUnusual orders members by percentile where it is known, then by duration.
func (m *traceModel) moreUnusual(a, b int32) bool {
	if p, q := m.context(a).Percentile, m.context(b).Percentile; p != q {
		return p > q
	}
	return m.head(a).Duration() > m.head(b).Duration()
}

// addTime adds durations and stays at the largest where hostile ones overflow.
func addTime(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// repeats tells an N+1 query: database calls with the same statement, one after the other, at least
// groupLeast of them, which together matter.
func (m *traceModel) repeats(g *siblingGroup) bool {
	if m.head(g.first).Kind != model.KindClient || !isDatabase(m.span(g.first)) {
		return false
	}
	seed := maphash.MakeSeed()
	matters := max(int64(repeatLeast), m.t.Duration()/repeatShare)
	var run, total int64
	var print uint64
	var end int64
	for n := g.first; n < g.end; n = m.t.Tree.Nodes[n].End {
		h := m.head(n)
		p := statementPrint(seed, m.span(n))
		if run == 0 || p != print || h.Start < end {
			run, total = 0, 0
		}
		run, total, print = run+1, addTime(total, h.Duration()), p
		end = h.End - h.Duration()/overlapTolerance
		if run >= groupLeast && total >= matters {
			return true
		}
	}
	return false
}

// isDatabase reports whether a span calls a database, by either generation of semantic conventions.
func isDatabase(s *model.Span) bool {
	for i := range s.Attributes {
		switch s.Attributes[i].Key {
		case "db.system.name", "db.system", "db.namespace", "db.name":
			return true
		}
	}
	return false
}

// statementPrint is a hash of what was asked of the database, literals left out.
func statementPrint(seed maphash.Seed, s *model.Span) uint64 {
	for _, key := range [...]string{"db.query.summary", "db.query.text", "db.statement"} {
		if v, ok := s.Attribute(key); ok {
			return printOf(seed, v.Str())
		}
	}
	return 0
}

// printOf hashes a statement with numbers and quoted strings each taken as one placeholder.
func printOf(seed maphash.Seed, text string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			for i++; i < len(text) && text[i] != '\''; i++ {
			}
			h.WriteByte('?')
		case c >= '0' && c <= '9' && (i == 0 || !isWordByte(text[i-1])):
			for i+1 < len(text) && isWordByte(text[i+1]) {
				i++
			}
			h.WriteByte('?')
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		default:
			h.WriteByte(c)
		}
	}
	return h.Sum64()
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '-' || c == '.'
}

// groupOf is the group that a node is a member of (not: below a member), -1 for none.
func (m *traceModel) groupOf(node int32) int32 {
	// Groups nest, so the one that starts last at or before the node need not be the one; but a member's
	// siblings are found by going left, and only groups with the same parent count.
	parent := m.t.Tree.Nodes[node].Parent
	i := sort.Search(len(m.groups), func(i int) bool { return m.groups[i].first > node })
	for i--; i >= 0; i-- {
		g := &m.groups[i]
		if m.t.Tree.Nodes[g.first].Parent == parent {
			if node < g.end {
				return int32(i)
			}
			return -1
		}
		if g.first < parent {
			return -1
		}
	}
	return -1
}
