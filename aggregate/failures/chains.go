package failures

import (
	"cmp"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/aggregate/scratch"
	"oteltop/model"
	"oteltop/model/store"
)

// chains are the ways that errors take to the roots of requests, from there downwards: the error flame. A
// node is an operation below the one that it handed its error to.
type chains struct {
	nodes   []chain
	ids     map[chainKey]int32
	at      []int32 // by node of the trace: its chain, −1 at the root, lost for none
	dropped uint64
}

type chainKey struct {
	parent int32
	op     uint32
}

type chain struct {
	chainKey
	errors, begin uint64
	sample        Exemplar
}

func newChains() *chains { return &chains{ids: map[chainKey]int32{}} }

// lost marks what has no chain, for lack of room or because its error does not reach the root.
const lost = -2

// add counts the errors of a trace that reach its root. Spans that only let an error pass are left out.
func (c *chains) add(t *request.Trace, x *spread) {
	c.at = scratch.Cleared(c.at, len(t.Tree.Nodes))
	for i := range t.Tree.Nodes {
		c.at[i] = lost
		if !x.carries[i] || x.ways[i].outcome != Reached {
			continue
		}
		above, s := int32(-1), t.Span(int32(i))
		if p := t.Parent(int32(i)); p >= 0 {
			if above = c.at[p]; above == lost {
				continue
			}
		}
		if s.Status != model.StatusError {
			c.at[i] = above
			continue
		}
		at := c.node(chainKey{above, s.Op})
		if at == lost {
			continue
		}
		c.at[i] = at
		n := &c.nodes[at]
		n.errors++
		n.sample = Exemplar{t.ID, s.ID}
		if x.roles[i] == Self {
			n.begin++
		}
	}
}

// node is where a chain is kept, lost where there is no room for another.
func (c *chains) node(k chainKey) int32 {
	at, ok := c.ids[k]
	if ok {
		return at
	}
	if len(c.nodes) >= maxChains {
		c.dropped++
		return lost
	}
	at = int32(len(c.nodes))
	c.ids[k] = at
	c.nodes = append(c.nodes, chain{chainKey: k})
	return at
}

// Chain is an operation on the way of errors to the root, depth first, siblings by errors.
type Chain struct {
	Depth     int // 0: the root of requests
	Service   string
	Operation string
	Kind      model.Kind
	Errors    uint64 // spans that are errors here, of requests that fail because of them
	Begin     uint64 // of these, where it begins
	Exemplar  Exemplar
}

// list is the tree of chains, depth first. It may be as deep as traces are, so it is walked with a stack.
func (c *chains) list(names store.Names) []Chain {
	children := make([][]int32, len(c.nodes)+1) // by parent+1
	for i := range c.nodes {
		p := c.nodes[i].parent + 1
		children[p] = append(children[p], int32(i))
	}
	for _, of := range children {
		slices.SortFunc(of, func(a, b int32) int {
			x, y := &c.nodes[a], &c.nodes[b]
			return cmp.Or(cmp.Compare(y.errors, x.errors), compareOperations(names, x.op, y.op))
		})
	}
	out := make([]Chain, 0, len(c.nodes))
	type open struct {
		at    int32
		depth int
	}
	var stack []open
	push := func(of []int32, depth int) {
		for _, at := range slices.Backward(of) {
			stack = append(stack, open{at, depth})
		}
	}
	push(children[0], 0)
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n := &c.nodes[top.at]
		o := names.Operation(n.op)
		out = append(out, Chain{top.depth, o.ServiceName, o.Name, o.Kind, n.errors, n.begin, n.sample})
		push(children[top.at+1], top.depth+1)
	}
	return out
}

func compareOperations(names store.Names, a, b uint32) int {
	x, y := names.Operation(a), names.Operation(b)
	return cmp.Or(cmp.Compare(x.ServiceName, y.ServiceName), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Kind, y.Kind))
}
