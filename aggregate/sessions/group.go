package sessions

import (
	"cmp"
	"slices"

	"oteltop/aggregate/attributes"
	"oteltop/model/store"
)

// grouping is the work on one question.
type grouping struct {
	traces []store.TraceInfo // by start
	index  ordinals
	keys   []string
	reader *attributes.Reader
	votes  []vote
	flows  *flows
	groups []group
	result Result
}

// group is the traces of one session, by start.
type group struct {
	identity
	members []int32
	end     int64
	failing int   // traces with errors
	worst   int64 // the longest duration of a root, ns
}

// identity tells sessions apart, but for pauses. Of a flow key is −1 and flow its first trace.
type identity struct {
	key   int
	value attributes.Value
	flow  int32
}

// group divides the traces into sessions.
func (g *grouping) group() {
	flowOf := g.flowIdentities()
	open := map[identity]int{} // index into groups of the session that is not over
	for i := range g.traces {
		id, ok := g.identity(int32(i), flowOf)
		if !ok {
			continue
		}
		t := &g.traces[i]
		at, known := open[id]
		if known && id.key >= 0 && pauses(g.keys[id.key]) && t.Start-g.groups[at].end > int64(idle) {
			known = false
		}
		if !known {
			at = len(g.groups)
			open[id] = at
			g.groups = append(g.groups, group{identity: id, end: t.End})
		}
		x := &g.groups[at]
		x.members = append(x.members, int32(i))
		x.end = max(x.end, t.End)
		x.worst = max(x.worst, t.RootDur)
		if t.Errors > 0 {
			x.failing++
		}
	}
}

// several marks a flow whose traces have values that differ.
const several = -2

// flowIdentities are what the traces with a value in each flow agree upon, by the flow's representative.
func (g *grouping) flowIdentities() map[int32]identity {
	out := map[int32]identity{}
	for i := range g.votes {
		v := &g.votes[i]
		flow := g.flows.of(int32(i))
		if v.key < 0 || g.flows.size[flow] == 1 {
			continue
		}
		id := identity{key: v.key, value: v.value(g.reader)}
		if known, ok := out[flow]; ok && known != id {
			id = identity{key: several}
		}
		out[flow] = id
	}
	return out
}

// identity is the session that a trace belongs to, but for pauses.
func (g *grouping) identity(i int32, flowOf map[int32]identity) (identity, bool) {
	if v := &g.votes[i]; v.key >= 0 {
		return identity{key: v.key, value: v.value(g.reader)}, true
	}
	flow := g.flows.of(i)
	if g.flows.size[flow] == 1 {
		g.result.Without++
		return identity{}, false
	}
	id, ok := flowOf[flow]
	switch {
	case !ok:
		return identity{key: -1, flow: flow}, true
	case id.key == several:
		g.result.Ambiguous++
		return identity{}, false
	}
	return id, true
}

// keepWorst keeps the sessions that are worth a look: those with errors in most traces, then the slowest, then those
// that ended last.
func (g *grouping) keepWorst() {
	g.result.Total = len(g.groups)
	for i := range g.groups {
		g.result.Failing += min(g.groups[i].failing, 1)
	}
	slices.SortStableFunc(g.groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.failing, a.failing), cmp.Compare(b.worst, a.worst), cmp.Compare(b.end, a.end), cmp.Compare(a.members[0], b.members[0]))
	})
	g.groups = g.groups[:min(len(g.groups), MaxSessions)]
}
