package whatif

import "oteltop/aggregate/paths"

// Removed is what a request would gain if some of its spans had not been, ns.
type Removed struct {
	// Least is what is sure to be gained: only calls that are known to wait for what is gone begin earlier, and the
	// pause before each stays.
	Least int64
	// Most is what can be gained: every call waits for nothing but the last of its siblings that had ended when it began,
	// and where what is gone was called again, not for the pause in between either. Neither is more than what is gone
	// has of the critical path, with these pauses.
	Most int64
	// Work is the time that what is gone ran itself.
	Work int64
}

// Without works out a request of which the spans of some nodes are gone, with everything below them, which is how CRISP
// asks what errors cost (there the saving that keeps all series of calls, and a pessimistic and an optimistic one). Of
// the Retimer only Model is used. Its times are exact up to 2^53 ns (see paths.Request.Countable).
func (r *Retimer) Without(x *paths.Request, nodes []int32) Removed {
	var out Removed
	end := x.Tree.Nodes[x.Root].End
	r.gone = r.gone[:0]
	for range end - x.Root {
		r.gone = append(r.gone, false)
	}
	critical := int64(0)
	for _, top := range nodes {
		for i := max(top, x.Root); i < min(x.Tree.Nodes[top].End, end); i++ {
			if !r.gone[i-x.Root] {
				r.gone[i-x.Root] = true
				critical += x.Critical[i]
				out.Work += x.Self[i]
			}
		}
	}
	if critical > 0 { // else nothing waited for any of them
		r.frame.Set(x.Heads, x.Tree, x.Root)
		r.locate(x)
		out.Least = max(min(x.Duration()-r.shortened(x), critical), 0)
		r.eager, r.pauses = true, 0
		out.Most = max(min(x.Duration()-r.shortened(x), critical+r.pauses), out.Least)
	}
	r.eager, r.gone = false, r.gone[:0]
	return out
}

// shortened is the duration of a request without what is gone.
func (r *Retimer) shortened(x *paths.Request) int64 {
	var doubts Retimed
	for i := x.Tree.Nodes[x.Root].End - 1; i >= x.Root; i-- {
		r.takes[i-x.Root] = 0
		if !r.gone[i-x.Root] && !r.frame.span(i).idle {
			r.takes[i-x.Root] = r.retime(i, &doubts)
		}
	}
	return int64(r.takes[0])
}

// pause is the time from the end of the last kid that had ended to the start of the next one, which is left out where
// the first is gone and the next is the same call once more.
func (r *Retimer) pause(before, next int) float64 {
	x, y := &r.frame.kids[before], &r.frame.kids[next]
	between := y.start - x.end
	if between > 0 && r.gone[x.node-r.frame.root] && r.frame.head(x.node).Op == r.frame.head(y.node).Op {
		r.pauses += between
		return 0
	}
	return float64(between)
}
