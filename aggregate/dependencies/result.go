package dependencies

import (
	"cmp"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// Result is the callers and callees of focal calls.
type Result struct {
	Traces  uint64 // with a focal call
	Calls   uint64 // focal
	Errors  uint64 // focal calls with status error
	Caused  uint64 // calls below focal calls, each once
	Nested  uint64 // focal calls below other focal calls: recursion
	Callers []Caller
	Above   []Relative // by distance, then calls
	Below   []Relative // by distance, then calls
	Routes  []Path     // service-level paths from the root to a focal call, by calls
	Paths   []Path     // operations on paths through focal calls, depth first

	Collapsed uint64 // calls on paths beyond the bound
	Dropped   uint64 // calls of callers and callees beyond the bound
	Uncounted uint64 // focal calls of traces too large to count frequencies in
}

// Caller is whoever made focal calls directly.
type Caller struct {
	Service string // empty: nobody that was seen
	Orphan  bool   // there was a caller, but its span did not arrive
	Calls   uint64 // focal calls
	Share   float64
}

// Relative is a service or peer (Operation empty) or one of its operations, above or below focal calls.
type Relative struct {
	Service   string
	Operation string
	Kind      model.Kind
	Peer      bool   // it sends no spans: what is known of it is what its callers say
	Calls     uint64 // each once
	Errors    uint64
	Direct    uint64 // of Calls, those with no other call between
	Traces    uint64
	Distance  int // least: 1 for direct
	Farthest  int
	// Amplification is Calls for each focal call.
	Amplification float64
	// Frequency is how often a focal call has any: of Above, the focal calls with one above them.
	Frequency Frequency
	By        []Cause // of Below and services: whose focal calls caused these, by calls
	Recursive bool    // it is the focal service itself
	Example   model.TraceID
}

// Frequency is the number of calls per focal call (ANALYSES A06). P95 is exact up to 63 calls, and within 5 %
// above.
type Frequency struct {
	Calls     uint64         // focal
	Present   uint64         // of these, with at least one
	Share     float64        // Present/Calls
	Interval  stats.Interval // of Share: Wilson, 95 %
	Mean      float64
	P95, Max  uint64
	Histogram []FrequencyBin
	Rare      bool // present, but with under a twentieth of the focal calls
}

// rareShare is below which share of focal calls a dependency is called rare.
const rareShare = .05

// Cause is the part that focal calls of one caller have in the calls of a callee.
type Cause struct {
	Caller
	Beneath uint64  // calls of the callee beneath them; Caller.Calls are the focal calls with any
	Part    float64 // of the callee's calls
	Mean    float64 // Beneath for each focal call of that caller
}

// Path is a call path.
type Path struct {
	Steps  []model.Place
	Calls  uint64
	Errors uint64
	Traces uint64
	Focal  bool // its last step is a focal call
	Leaf   bool // some call on it made no further call
	Cycle  bool // a service occurs twice with another one between
	Traced []model.TraceID
}

// Result is what the traces folded so far say.
func (e *Explorer) Result(names store.Names) *Result {
	r := &Result{
		Traces: e.traces, Calls: e.focalCalls, Errors: e.focalErrors, Caused: e.caused, Nested: e.nested,
		Collapsed: e.dictionary.collapsed + e.routes.collapsed, Dropped: e.dropped, Uncounted: e.uncounted,
	}
	for c, n := range e.callers {
		r.Callers = append(r.Callers, Caller{e.calls.names.texts[c.name], c.orphan, n, stats.Ratio(n, e.focalCalls)})
	}
	slices.SortFunc(r.Callers, compareCallers)
	r.Above = e.relatives(e.above, names)
	r.Below = e.relatives(e.below, names)
	e.causes(r)
	r.Routes = e.pathsOf(e.routes, names)
	r.Routes = slices.DeleteFunc(r.Routes, func(p Path) bool { return !p.Focal })
	slices.SortStableFunc(r.Routes, func(a, b Path) int { return cmp.Compare(b.Calls, a.Calls) })
	r.Paths = e.pathsOf(e.dictionary, names)
	return r
}

func compareCallers(a, b Caller) int {
	orphans := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Service, b.Service), cmp.Compare(orphans[a.Orphan], orphans[b.Orphan]))
}

func (e *Explorer) relatives(from map[related]*relative, names store.Names) []Relative {
	services := map[string]struct{}{}
	for id := 1; id <= names.Services(); id++ {
		services[names.Service(uint32(id))] = struct{}{}
	}
	out := make([]Relative, 0, len(from))
	for k, x := range from {
		r := Relative{
			Service: e.calls.names.texts[k.name], Calls: x.calls, Errors: x.errors, Direct: x.direct, Traces: x.traces,
			Distance: int(x.distance), Farthest: int(x.farthest), Amplification: stats.Ratio(x.calls, e.focalCalls),
			Recursive: k.name == e.name, Example: x.example,
			Frequency: x.beneath.frequency(e.focalCalls - e.uncounted),
		}
		_, sends := services[r.Service]
		r.Peer = !sends
		if k.op != 0 {
			o := names.Operation(k.op)
			r.Operation, r.Kind = o.Name, o.Kind
		}
		out = append(out, r)
	}
	slices.SortFunc(out, compareRelatives)
	return out
}

func compareRelatives(a, b Relative) int {
	return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
}

// RareFirst orders callees so that what is called least often, but is called, comes first (ANALYSES A06).
func RareFirst(rows []Relative) {
	slices.SortStableFunc(rows, func(a, b Relative) int {
		return cmp.Or(cmp.Compare(a.Frequency.Share, b.Frequency.Share), compareRelatives(a, b))
	})
}

// frequency completes counts of the calls that have any with those that have none.
func (c *counts) frequency(focal uint64) Frequency {
	f := Frequency{Calls: focal, Present: c.n, Share: stats.Ratio(c.n, focal), Interval: stats.Wilson(c.n, focal, stats.Z95), Max: c.max}
	all := counts{}
	all.merge(c)
	all.add(0, focal-c.n)
	f.Mean, f.P95, f.Histogram = all.mean(), all.quantile(.95), all.histogram()
	f.Rare = c.n > 0 && f.Share < rareShare
	return f
}

// causes fills in whose focal calls caused the calls of each callee.
func (e *Explorer) causes(r *Result) {
	at := map[string]*Relative{}
	for i := range r.Below {
		if r.Below[i].Operation == "" {
			at[r.Below[i].Service] = &r.Below[i]
		}
	}
	for k, c := range e.byCaller {
		x := at[e.calls.names.texts[k.callee.name]]
		x.By = append(x.By, Cause{
			Caller: Caller{e.calls.names.texts[k.caller.name], k.caller.orphan, c.hits, stats.Ratio(c.hits, e.callers[k.caller])},
			Part:   stats.Ratio(c.calls, x.Calls), Beneath: c.calls, Mean: stats.Ratio(c.calls, e.callers[k.caller]),
		})
	}
	for _, x := range at {
		slices.SortFunc(x.By, func(a, b Cause) int {
			return cmp.Or(cmp.Compare(b.Beneath, a.Beneath), compareCallers(a.Caller, b.Caller))
		})
	}
}

// pathsOf lists the nodes of a prefix tree depth first, siblings by calls.
func (e *Explorer) pathsOf(p *paths, names store.Names) []Path {
	children := make([][]int32, len(p.nodes)+1)
	steps := make([]model.Place, len(p.nodes))
	for i := range p.nodes {
		n := &p.nodes[i]
		steps[i] = model.Place{Service: e.calls.names.texts[n.name]}
		if n.op != 0 {
			o := names.Operation(n.op)
			steps[i].Operation, steps[i].Kind = o.Name, o.Kind
		}
		children[n.parent+1] = append(children[n.parent+1], int32(i))
	}
	for _, c := range children {
		slices.SortFunc(c, func(a, b int32) int { // the last is taken from the stack first
			x, y := steps[a], steps[b]
			return cmp.Or(cmp.Compare(p.nodes[a].calls, p.nodes[b].calls), cmp.Compare(y.Service, x.Service), cmp.Compare(y.Operation, x.Operation), cmp.Compare(y.Kind, x.Kind))
		})
	}
	var out []Path
	var way []model.Place
	stack := slices.Clone(children[0])
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], children[i+1]...)
		n := &p.nodes[i]
		way = append(way[:n.depth], steps[i])
		out = append(out, Path{
			Steps: slices.Clone(way), Calls: n.calls, Errors: n.errors, Traces: n.traces,
			Focal: n.focal > 0, Leaf: n.leaf, Cycle: cyclic(way), Traced: n.examples,
		})
	}
	return out
}

// cyclic reports whether a service is left and called again.
func cyclic(way []model.Place) bool {
	last := way[len(way)-1].Service
	for i, s := range way[:len(way)-1] {
		if s.Service == last && (i+2 < len(way) || s.Operation == way[len(way)-1].Operation) {
			return true
		}
	}
	return false
}
