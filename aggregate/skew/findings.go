package skew

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/prose"
	"oteltop/model"
)

const (
	// leastSkew is by how much a clock must be off, at the least, to be worth a look, ns: below a millisecond
	// hardly any span looks shifted.
	leastSkew = int64(1e6)
	// manyHosts is how many clocks are named.
	manyHosts = 3
)

var _ findings.Detector = (*Fold)(nil)

// Findings implements findings.Detector: clocks that differ from the others. The recorded and the demo's healthy
// streams have none, but for the clock that the demo sets wrong on purpose.
func (f *Fold) Findings() []findings.Finding {
	r := f.Result()
	var out []findings.Finding
	for _, c := range r.Wrong() {
		if len(out) == manyHosts {
			break
		}
		ahead, off := "ahead of", -c.Add
		if c.Add > 0 {
			ahead, off = "behind", c.Add
		}
		services := strings.Join(c.Services, ", ")
		found := findings.Finding{
			Kind: findings.ClockSkew, Harmed: c.Calls, Of: c.Of, Traces: c.Traces,
			Title: fmt.Sprintf("the clock of %s (%s) is %s %s the others, ±%s: its spans are shown as much too %s",
				bare(c.Name), services, prose.Duration(off), ahead, prose.Duration(c.Half), map[bool]string{true: "early", false: "late"}[c.Add > 0]),
			Figures: []findings.Figure{
				{Name: "offset_ns", Number: float64(c.Add)}, {Name: "half_width_ns", Number: float64(c.Half)}, {Name: "host", Text: c.Name},
			},
		}
		if len(c.Services) > 0 {
			found.Service = c.Services[0]
		}
		out = append(out, found)
	}
	return out
}

// bare is a host without the attribute that names it.
func bare(host string) string {
	_, name, _ := strings.Cut(host, "=")
	return name
}

// Clock is a clock that differs from most others.
type Clock struct {
	Host
	Offset
	Calls, Of uint64 // with hosts whose clocks differ from it, of all between hosts
	Traces    []model.TraceID
}

// Wrong are the clocks that certainly differ by a millisecond or more from those of most hosts that they have to do
// with, by calls.
func (r *Result) Wrong() []Clock {
	services := map[string][]string{}
	for _, h := range r.Hosts {
		services[h.Name] = h.Services
	}
	calls, of := map[string]uint64{}, uint64(0)
	for i := range r.Pairs {
		p := &r.Pairs[i]
		calls[p.Client] += p.Calls
		calls[p.Server] += p.Calls
		of += p.Calls
	}
	var out []Clock
	seen := map[string]bool{}
	for _, h := range r.Hosts {
		if seen[h.Name] || calls[h.Name] == 0 {
			continue
		}
		offsets := r.Offsets(h.Name)
		usual := usual(offsets, calls)
		for name, x := range offsets {
			seen[name] = true
			x.Add -= usual.Add
			if name == h.Name {
				x.Half = usual.Half
			}
			if magnitude(x.Add)-x.Half < leastSkew || !r.confirmed(name, x.Add) {
				continue
			}
			c := Clock{Host: Host{name, services[name]}, Offset: x, Of: of}
			r.evidence(&c)
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Clock) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(magnitude(b.Add), magnitude(a.Add)), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// confirmed tells whether most calls of a host, as client or as server, say by themselves that its clock is off to
// that side by leastSkew at the least. A server that ends its span after it has answered looks ahead by that, some
// 0.1 ms for each hop of a chain of calls, which adds up along the tree but never shows in any one pair.
func (r *Result) confirmed(host string, add int64) bool {
	agree, differ := uint64(0), uint64(0)
	for i := range r.Pairs {
		p := &r.Pairs[i]
		offset := p.Offset
		switch {
		case !p.Known():
			continue
		case p.Client == host:
			offset = -offset
		case p.Server != host:
			continue
		}
		if (offset > 0) == (add > 0) && magnitude(offset)-p.Half >= leastSkew {
			agree += p.Calls
		} else {
			differ += p.Calls
		}
	}
	return agree > differ
}

// usual is the median offset, each host counting as often as it takes part in calls.
func usual(offsets map[string]Offset, calls map[string]uint64) Offset {
	names := make([]string, 0, len(offsets))
	all := uint64(0)
	for name := range offsets {
		names = append(names, name)
		all += calls[name]
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(offsets[a].Add, offsets[b].Add), cmp.Compare(offsets[a].Half, offsets[b].Half), cmp.Compare(a, b))
	})
	sum := uint64(0)
	for _, name := range names {
		if sum += calls[name]; 2*sum >= all {
			return offsets[name]
		}
	}
	return Offset{}
}

// evidence adds the calls between a clock and those that differ from it.
func (r *Result) evidence(c *Clock) {
	for i := range r.Pairs {
		p := &r.Pairs[i]
		if p.Offset == 0 || p.Client != c.Name && p.Server != c.Name {
			continue
		}
		c.Calls += p.Calls
		for _, id := range p.Traces {
			if len(c.Traces) < findings.MaxTraces && !slices.Contains(c.Traces, id) {
				c.Traces = append(c.Traces, id)
			}
		}
	}
}
