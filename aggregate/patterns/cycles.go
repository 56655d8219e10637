package patterns

import (
	"encoding/binary"
	"slices"
	"strings"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxCycle is how many services of a cycle are named; longer ones are named by their first.
	maxCycle = 12
	// maxClimb is how far up the operations between two calls are told apart.
	maxClimb = 32
	// maxDeepest is how many of the deepest traces are remembered.
	maxDeepest = 64
)

// walk is the way down to the node that is being looked at.
type walk struct {
	hops     []hop
	services []int32 // index of the innermost hop of a service plus one, 0 for none; by service
	calls    []hop   // CLIENT spans; service is the operation
	ops      []int32 // likewise, by operation
	unnamed  []bool  // services that are several under one name, by service
	cycles   int     // hops on the way that close a cycle
}

// hop is where the way enters another service.
type hop struct {
	service uint32
	node    int32
	before  int32 // what walk.services or walk.ops held
	cycle   bool
}

// Depth is how deep traces are: spans on the longest way down, and services entered on it after the first.
type Depth struct {
	spans, hops counts
	deepest     []deep // the deepest first
}

// deep is a trace that is among the deepest.
type deep struct {
	example
	root        uint32
	spans, hops int
}

// descend finds services that call themselves through others, and operations that call themselves through others of
// their own service (A35), and counts how deep the trace is. Of what repeats on one way down the outermost counts.
func (f *Fold) descend(t *request.Trace) {
	w := &f.walk
	nodes := t.Tree.Nodes
	deepest, hops, most := int32(-1), 0, int32(-1)
	for i := range nodes {
		n := int32(i)
		f.ascend(t, n)
		s := t.Span(n)
		if s == nil {
			continue
		}
		if len(w.hops) == 0 || w.hops[len(w.hops)-1].service != s.Service {
			f.enter(t, n, s.Service)
		}
		if s.Kind == model.KindClient {
			f.again(t, n, s.Op)
		}
		hops = max(hops, len(w.hops)-1)
		if nodes[i].Depth > most {
			deepest, most = n, nodes[i].Depth
		}
	}
	f.ascend(t, int32(len(nodes)))
	if deepest < 0 {
		return
	}
	d := deep{example: example{trace: t.ID, span: t.Span(deepest).ID, cost: int64(most) + 1}, root: t.Span(t.Root).Op, spans: int(most) + 1, hops: hops}
	f.depth.add(d)
}

func (d *Depth) add(x deep) {
	d.spans.add(x.spans)
	d.hops.add(x.hops)
	at, _ := slices.BinarySearchFunc(d.deepest, x, func(a, b deep) int { return compareExamples(a.example, b.example) })
	if at < maxDeepest {
		d.deepest = slices.Insert(d.deepest, at, x)
		d.deepest = d.deepest[:min(len(d.deepest), maxDeepest)]
	}
}

// ascend leaves what a node is not below.
func (f *Fold) ascend(t *request.Trace, node int32) {
	w := &f.walk
	w.hops = w.leave(&t.Tree, node, w.hops, w.services)
	w.calls = w.leave(&t.Tree, node, w.calls, w.ops)
}

// leave takes the hops from a stack that a node is not below, and restores what innermost held before them.
func (w *walk) leave(tree *model.Tree, node int32, stack []hop, innermost []int32) []hop {
	for len(stack) > 0 && node >= tree.Nodes[stack[len(stack)-1].node].End {
		h := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		innermost[h.service] = h.before
		if h.cycle {
			w.cycles--
		}
	}
	return stack
}

// enter goes to another service.
func (f *Fold) enter(t *request.Trace, node int32, service uint32) {
	w := &f.walk
	for int(service) >= len(w.services) {
		id := len(w.services)
		name := ""
		if id > 0 && id <= f.names.Services() {
			name = f.names.Service(uint32(id))
		}
		w.services = append(w.services, 0)
		w.unnamed = append(w.unnamed, id == 0 || name == store.Overflow || strings.HasPrefix(name, model.UnknownService))
	}
	h := hop{service: service, node: node, before: w.services[service]}
	if h.before > 0 && w.cycles == 0 && !w.unnamed[service] {
		h.cycle = true
		w.cycles++
		var path []byte
		between := w.hops[h.before-1:]
		for _, b := range between[:min(len(between), maxCycle)] {
			path = binary.BigEndian.AppendUint32(path, b.service)
		}
		path = binary.BigEndian.AppendUint32(path, service)
		f.cycled(t, placeKey{kind: Cycle, path: string(path)}, node)
	}
	w.hops = append(w.hops, h)
	w.services[service] = int32(len(w.hops))
}

// again makes a call, and looks whether the same is being made already, with two other operations between: a
// redirect, or a client that wraps another, has none or one.
func (f *Fold) again(t *request.Trace, node int32, op uint32) {
	w := &f.walk
	for int(op) >= len(w.ops) {
		w.ops = append(w.ops, 0)
	}
	h := hop{service: op, node: node, before: w.ops[op]}
	if h.before > 0 && w.cycles == 0 {
		outer := w.calls[h.before-1].node
		first := uint32(0)
		for up, n := t.Parent(node), 0; up > outer && n < maxClimb; up, n = t.Parent(up), n+1 {
			between := t.Span(up).Op
			if first == 0 {
				first = between
			}
			h.cycle = h.cycle || between != first
		}
		if h.cycle {
			w.cycles++
			f.cycled(t, placeKey{kind: Cycle, caller: op}, node)
		}
	}
	w.calls = append(w.calls, h)
	w.ops[op] = int32(len(w.calls))
}

func (f *Fold) cycled(t *request.Trace, k placeKey, node int32) {
	o := occurrence{calls: 1, width: 1, time: t.Span(node).Duration(), critical: f.critical(t, node)}
	o.save = o.critical
	f.collect(t, k, node, o)
}
