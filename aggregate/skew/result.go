package skew

import (
	"cmp"
	"slices"

	"oteltop/model"
)

// minCalls is from how many calls on an estimate is believed: a handful can all be slow to start.
const minCalls = 10

// Result is what is known of clocks. Immutable.
type Result struct {
	Pairs   []Pair // by offset, largest first
	Hosts   []Host // by name
	Dropped uint64 // hosts and pairs of hosts that there was no room for
}

// Host is a clock. Its name is that of model.HostOf.
type Host struct {
	Name     string
	Services []string // a few that run there
}

// Pair is the calls from one host to another. Times are in ns.
type Pair struct {
	Client, Server string // hosts
	Calls          uint64
	Used           int  // of Calls: the last few, not older than a minute before the latest
	Contradicting  int  // of Used, left out
	Agreed         bool // the others are consistent: Low to High are what they leave possible
	Low, High      int64
	Offset         int64 // to be added to the server's times; 0 where the clocks may agree
	Half           int64 // the offset is known to ± this
	Latest         int64 // the latest call, Unix ns
	Traces         []model.TraceID
}

// Known tells whether there are calls enough to go by.
func (p *Pair) Known() bool { return p.Agreed && p.Used >= minCalls }

// certain orders pairs by what is known of them: that their clocks disagree, that they may agree, nothing.
func (p *Pair) certain() int {
	switch {
	case !p.Known():
		return 0
	case p.Offset == 0:
		return 1
	}
	return 2
}

// Offset is what to add to the times of a host, ns, and how well it is known.
type Offset struct{ Add, Half int64 }

// Offsets are what to add to the times of each host to compare them with those of the root host, along the tree of
// pairs that are known best. Hosts that no pair leads to are not among them.
func (r *Result) Offsets(root string) map[string]Offset {
	type edge struct {
		from, to string
		add      int64
		half     int64
	}
	var edges []edge
	for i := range r.Pairs {
		if p := &r.Pairs[i]; p.Known() {
			edges = append(edges, edge{p.Client, p.Server, p.Offset, p.Half}, edge{p.Server, p.Client, -p.Offset, p.Half})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.half, b.half), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	at := map[string][]edge{}
	for _, e := range edges {
		at[e.from] = append(at[e.from], e)
	}
	out := map[string]Offset{root: {}}
	inside := []string{root}
	for {
		// Prim's algorithm; the lists are sorted, so only the first edge that leads out matters of each host.
		best, found := edge{}, false
		for _, host := range inside {
			for len(at[host]) > 0 {
				if _, in := out[at[host][0].to]; !in {
					break
				}
				at[host] = at[host][1:]
			}
			if rest := at[host]; len(rest) > 0 && (!found || rest[0].half < best.half) {
				best, found = rest[0], true
			}
		}
		if !found {
			return out
		}
		from := out[best.from]
		out[best.to] = Offset{from.Add + best.add, from.Half + best.half}
		inside = append(inside, best.to)
	}
}
