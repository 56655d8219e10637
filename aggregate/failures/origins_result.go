package failures

import (
	"cmp"
	"slices"

	"oteltop/model"
	"oteltop/model/store"
)

// OriginsResult is where errors begin, how far they go, and who absorbs them.
type OriginsResult struct {
	Traces  uint64 // requests looked at
	Failing uint64 // of which have an error anywhere
	Visible uint64 // of which fail themselves: the root is an error, or its attributes say that it hands one on
	Rows    []Origin
	// Operations are those with errors, or to which errors are handed: by errors, then name.
	Operations []Operation
	Chains     []Chain
	Depths     []Counts // by depth, the root's first; Spans are those with a role
	Lengths    []uint64 // errors by how many spans they go through, one first
	Undecoded  uint64   // errors whose events were not looked at, for the bound
	Dropped    uint64   // how often something found no room
}

// Origin is where errors of a type begin. Rows stand by the requests that fail because of them.
type Origin struct {
	Service, Operation string
	Kind               model.Kind
	Peer               string // that the span calls, and that may be to blame; empty for none
	Type               string // see ErrorGroup
	Source             Source
	Errors             uint64 // spans
	Traces             uint64 // requests in which it begins here, by how the gravest of them ends:
	Visible            uint64 // … the request fails because of it
	Absorbed           uint64
	Async              uint64
	Lost               uint64 // it ends at the root of another part, or where a span is missing
	Roots              []Root // of Visible, by requests
	MeanLength         float64
	MeanHops           float64 // from service to service
	MaxHops            int
	MeanDepth          float64 // the root's is 1
	Saving             Saving  // nothing unless Savings were worked out
	First, Last        int64   // end of the first and the last, Unix ns
	Exemplars          []Exemplar
	Select             string
}

// Root is a kind of request that fails.
type Root struct {
	Service, Operation string
	Kind               model.Kind
	Visible            uint64 // requests that fail because of the origin
	Failed             uint64 // that fail at all, for whatever reason
	Traces             uint64 // of that kind
}

// Operation is what errors did at an operation.
type Operation struct {
	Service, Operation string
	Kind               model.Kind
	Counts
}

// Result is what was counted so far.
func (o *Origins) Result() *OriginsResult {
	r := &OriginsResult{
		Traces: o.traces, Failing: o.failing, Visible: o.visible, Chains: o.chains.list(o.names),
		Undecoded: o.kinds.Undecoded, Dropped: o.dropped + o.kinds.Dropped + o.chains.dropped,
	}
	for _, g := range o.origins {
		r.Rows = append(r.Rows, o.row(g))
	}
	slices.SortFunc(r.Rows, compareOrigins)
	for op, c := range o.operations {
		if c.Errors()+c.Stopped+c.Affected > 0 {
			x := o.names.Operation(op)
			r.Operations = append(r.Operations, Operation{x.ServiceName, x.Name, x.Kind, *c})
		}
	}
	slices.SortFunc(r.Operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.Errors(), a.Errors()), cmp.Compare(b.Stopped, a.Stopped), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
	})
	for i := range maxDepth {
		if o.depths[i] != (Counts{}) {
			r.Depths = slices.Clone(o.depths[:i+1])
		}
		if o.lengths[i] > 0 {
			r.Lengths = slices.Clone(o.lengths[:i+1])
		}
	}
	return r
}

func compareOrigins(a, b Origin) int {
	return cmp.Or(cmp.Compare(b.Visible, a.Visible), cmp.Compare(b.Traces, a.Traces), cmp.Compare(b.Errors, a.Errors), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Peer, b.Peer))
}

func (o *Origins) row(g *origin) Origin {
	x, typ := o.names.Operation(g.key.op), o.kinds.list[g.key.typ]
	n := float64(g.errors)
	out := Origin{
		Service: x.ServiceName, Operation: x.Name, Kind: x.Kind, Type: typ.text, Source: typ.source,
		Errors: g.errors, Traces: g.traces, Visible: g.outcomes[Reached], Absorbed: g.outcomes[Absorbed], Async: g.outcomes[Async],
		Lost: g.outcomes[OtherRoot] + g.outcomes[Unknown], MeanLength: float64(g.lengths) / n, MeanHops: float64(g.hops) / n,
		MaxHops: int(g.maxHops), MeanDepth: float64(g.depth) / n, First: g.first, Last: g.last,
		Saving:    g.saving,
		Exemplars: append(g.sample.list(), g.other.list()...), Select: "{ " + selects(x, typ, true) + " }",
	}
	if g.key.peer != 0 && g.peer.Role != store.PeerNone {
		out.Peer = o.peerName(&g.peer)
	}
	out.Exemplars = out.Exemplars[:min(len(out.Exemplars), maxExemplars)]
	for op, visible := range g.roots {
		y, c := o.names.Operation(op), o.roots[op]
		out.Roots = append(out.Roots, Root{y.ServiceName, y.Name, y.Kind, visible, c.failed, c.traces})
	}
	slices.SortFunc(out.Roots, func(a, b Root) int {
		return cmp.Or(cmp.Compare(b.Visible, a.Visible), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
	})
	if out.Visible > 0 && !g.softRoot {
		out.Select += " && { parentId = nil && status = error }"
	}
	return out
}
