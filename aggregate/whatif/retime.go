package whatif

import (
	"math"

	"oteltop/aggregate/order"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// Retimer works out how long requests would take if operations ran faster or slower. It may be used for one
// request after the other, but not concurrently; the Model may be shared.
type Retimer struct {
	Model  *order.Model
	IsOf   func(op uint32) bool // the operations
	Factor float64              // of their own time; 1 changes nothing

	frame  Frame
	gone   []bool    // by node − root, of Without: not there; empty for nothing
	eager  bool      // calls wait for the last only that had ended, known or not
	pauses int64     // left out, ns
	place  []int32   // by node − root: path in the model
	takes  []float64 // by node − root: duration then, ns

	// Of the parent that is worked out, by kid:
	slots []int
	ends  []float64 // end then, ns from the start of the parent

	ended  int       // of frame.ends, those that have been taken in
	late   []int     // of these, kids that begin later
	before int       // the last kid that had ended, −1 for none
	last   []float64 // by slot: the latest end then of its calls that had ended, −∞ for none
}

// Retimed is one request then.
type Retimed struct {
	Duration int64  // ns
	Calls    uint64 // of the operations
	Most     int64  // what their own time on the critical path changes by, ns: the request gains no more
	Doubts   uint64 // calls and parents that stay where they are because their order is in doubt
}

// Retime works out one request. Its Times are exact up to 2^53 ns (see paths.Request.Countable).
func (r *Retimer) Retime(x *paths.Request) Retimed {
	var out Retimed
	nodes := x.Tree.Nodes
	critical := int64(0)
	for i := x.Root; i < nodes[x.Root].End; i++ {
		if r.IsOf(x.Heads[nodes[i].Span].Op) {
			out.Calls++
			critical += x.Critical[i]
		}
	}
	out.Duration = x.Duration()
	if out.Calls == 0 || r.Factor == 1 {
		return out
	}
	r.frame.Set(x.Heads, x.Tree, x.Root)
	r.locate(x)
	for i := nodes[x.Root].End - 1; i >= x.Root; i-- {
		if !r.frame.span(i).idle {
			r.takes[i-x.Root] = r.retime(i, &out)
		}
	}
	out.Most = int64(math.Abs(1-r.Factor) * float64(critical))
	out.Duration = int64(math.Round(r.takes[0]))
	if r.Factor < 1 {
		out.Duration = max(out.Duration, x.Duration()-out.Most)
	}
	return out
}

// locate finds the path of every node in the model.
func (r *Retimer) locate(x *paths.Request) {
	nodes := x.Tree.Nodes
	r.place, r.takes = r.place[:0], r.takes[:0]
	for i := x.Root; i < nodes[x.Root].End; i++ {
		above := int32(-1)
		if i > x.Root {
			above = r.place[nodes[i].Parent-x.Root]
		}
		r.place = append(r.place, r.Model.Find(above, x.Heads[nodes[i].Span].Op))
		r.takes = append(r.takes, 0)
	}
}

// retime is the duration then of a node whose children have been worked out.
func (r *Retimer) retime(node int32, out *Retimed) float64 {
	f := &r.frame
	duration, own := f.open(node)
	gain := 0.0 // of every ns of the node's own time
	if len(r.gone) == 0 && r.IsOf(f.head(node).Op) {
		gain = 1 - r.Factor
	}
	if len(f.kids) == 0 {
		return float64(duration) - gain*float64(own)
	}
	p := r.Model.Parent(r.place[node-f.root])
	r.begin(p)
	slack := model.Tolerance(duration)
	for k := range f.kids {
		x := &f.kids[k]
		r.await(k, x.start+slack)
		at := float64(x.start) - gain*float64(x.own)
		if before := r.before; before >= 0 {
			y := &f.kids[before]
			switch {
			case r.eager:
				at = r.ends[before] + r.pause(before, k)
			case p.Order(r.slots[before], r.slots[k]).Holds():
				at = r.since(p, k) + float64(x.start-y.end) - gain*float64(max(x.own-f.ownAt(before), 0))
			case r.ends[before] != float64(y.end):
				out.Doubts++
			}
		}
		r.ends = append(r.ends, at+r.takes[x.node-f.root])
	}
	return r.close(p, duration, own, gain, out)
}

// begin makes ready for the kids of the frame, below a path.
func (r *Retimer) begin(p *order.Parent) {
	r.ends, r.slots, r.late, r.last = r.ends[:0], r.slots[:0], r.late[:0], r.last[:0]
	r.ended, r.before = 0, -1
	for k := range r.frame.kids {
		slot := p.Slot(r.frame.head(r.frame.kids[k].node).Op)
		r.slots = append(r.slots, slot)
		for slot >= len(r.last) {
			r.last = append(r.last, math.Inf(-1))
		}
	}
}

// await takes in the calls that had ended at a time when kid k begins. One that ended by then, but begins later
// (a short one within what clocks are wrong by), has to wait for its turn.
func (r *Retimer) await(k int, at int64) {
	f := &r.frame
	for ; r.ended < len(f.ends) && f.kids[f.ends[r.ended]].end <= at; r.ended++ {
		r.late = append(r.late, f.ends[r.ended])
	}
	rest := r.late[:0]
	for _, i := range r.late {
		if i >= k {
			rest = append(rest, i)
			continue
		}
		r.unwrap(i)
		if r.before < 0 || f.kids[i].end >= f.kids[r.before].end {
			r.before = i
		}
		if slot := r.slots[i]; slot >= 0 {
			r.last[slot] = max(r.last[slot], r.ends[i])
		}
	}
	r.late = rest
}

// unwrap lets a wrapper end as long after what it wraps as it did.
func (r *Retimer) unwrap(k int) {
	if x := &r.frame.kids[k]; x.inside >= 0 && x.inside < len(r.ends) {
		r.ends[k] = r.ends[x.inside] + float64(x.end-r.frame.kids[x.inside].end)
	}
}

// since is when all that kid k is known to wait for has ended then.
func (r *Retimer) since(p *order.Parent, k int) float64 {
	latest := math.Inf(-1)
	for slot, end := range r.last {
		if end > latest && p.Order(slot, r.slots[k]).Holds() {
			latest = end
		}
	}
	return latest
}

// close is the duration then of the parent of the frame's kids.
func (r *Retimer) close(p *order.Parent, duration, own int64, gain float64, out *Retimed) float64 {
	f := &r.frame
	last, end := -1, math.Inf(-1)
	for k := range f.kids {
		r.unwrap(k)
		if x := &f.kids[k]; !x.outlives {
			end = max(end, r.ends[k])
			if last < 0 || x.end >= f.kids[last].end {
				last = k
			}
		}
	}
	final := f.ends[len(f.ends)-1]
	isAwaited := last >= 0 && f.kids[last].end == f.kids[final].end
	if isAwaited && (r.eager || p.Ends(r.slots[last]).Holds()) {
		return end + float64(duration-f.kids[last].end) - gain*float64(own-f.ownAt(last))
	}
	if r.ends[final] != float64(f.kids[final].end) {
		out.Doubts++
	}
	return max(float64(duration)-gain*float64(own), end)
}
