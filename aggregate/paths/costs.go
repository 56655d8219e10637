package paths

import (
	"oteltop/aggregate/hist"
	"oteltop/model"
)

// maxCosts bounds the operations whose costs are told apart, some 10 MB with their histograms.
const maxCosts = 4096

// Cost is what an operation, or whatever else costs are added up by, costs the requests of a scope (ANALYSES A09).
type Cost struct {
	Calls    uint64 // spans
	Failed   uint64 // of these, with status error
	Requests uint64 // requests with such a span
	Self     int64  // work: self time, ns
	Critical int64  // latency: own time on the critical path, ns
	// PerRequest counts the self time that each request with such a span spent in all of its spans.
	PerRequest hist.Histogram

	round   uint32 // the last request that had one
	current int64  // its self time so far, ns
}

// Costs are the costs of operations, over the same requests as a Tree. The zero value is not ready: use
// NewCosts.
type Costs struct {
	Of     map[uint32]*Cost // by operation or other key; Other for those beyond the bound
	Folded uint64           // spans counted under Other

	limit int
	round uint32
	hit   []*Cost
}

// NewCosts returns costs of nothing yet.
func NewCosts() *Costs { return &Costs{Of: map[uint32]*Cost{}, limit: maxCosts} }

// Fold counts a request. key says which cost a node belongs to; nil: that of its operation.
func (c *Costs) Fold(r *Request, key func(node int32) uint32) {
	if !r.Countable() {
		return
	}
	c.round++
	c.hit = c.hit[:0]
	for i := r.Root; i < r.Tree.Nodes[r.Root].End; i++ {
		h := r.head(i)
		of := h.Op
		if key != nil {
			of = key(i)
		}
		x := c.cost(of)
		if x.round != c.round {
			x.round, x.current = c.round, 0
			c.hit = append(c.hit, x)
		}
		x.Calls++
		if h.Status == model.StatusError {
			x.Failed++
		}
		x.current = saturated(x.current, r.Self[i])
		x.Self = saturated(x.Self, r.Self[i])
		x.Critical = saturated(x.Critical, r.Critical[i])
	}
	for _, x := range c.hit {
		x.Requests++
		x.PerRequest.Add(x.current)
	}
}

func (c *Costs) cost(op uint32) *Cost {
	x, ok := c.Of[op]
	if ok {
		return x
	}
	if len(c.Of) >= c.limit && op != Other {
		c.Folded++
		return c.cost(Other)
	}
	x = &Cost{}
	c.Of[op] = x
	return x
}

// Merge adds all that o counted of other requests.
func (c *Costs) Merge(o *Costs) {
	for op, y := range o.Of {
		x := c.cost(op)
		x.Calls += y.Calls
		x.Failed += y.Failed
		x.Requests += y.Requests
		x.Self = saturated64(x.Self, y.Self)
		x.Critical = saturated64(x.Critical, y.Critical)
		x.PerRequest.Merge(&y.PerRequest)
	}
	c.Folded += o.Folded
}
