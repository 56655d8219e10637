package dependencies_test

import (
	"fmt"
	"slices"
	"testing"

	"oteltop/aggregate/dependencies"
	"oteltop/model"
)

// leaves writes the paths to calls that made no further one, as "service/operation>… ×traces".
func leaves(r *dependencies.Result) []string {
	var out []string
	for _, p := range r.Paths {
		if !p.Leaf {
			continue
		}
		text := ""
		for _, s := range p.Steps {
			text += ">" + s.Service + "/" + s.Operation
		}
		out = append(out, fmt.Sprintf("%s ×%d", text[1:], p.Traces))
	}
	slices.Sort(out)
	return out
}

// The cases of Jaeger's transformTracesToPaths, told anew: each trace is spans with a parent (its position,
// from 1; 0: none), a service, an operation and a kind. Where Jaeger keeps whole paths from the root to each
// leaf, so does the dictionary; the traces of equal paths are counted on one.
func TestPathsAsJaeger(t *testing.T) {
	type span struct {
		parent             int
		service, operation string
		kind               model.Kind
	}
	const server, client, internal = model.KindServer, model.KindClient, model.KindInternal
	root, focal := span{0, "root", "op", server}, span{1, "focal", "op", server}
	short := []span{root, focal}
	longer := []span{root, focal, {2, "follows", "op", server}}
	for name, c := range map[string]struct {
		traces    [][]span
		service   string
		operation string
		want      []string
	}{
		"a short trace":       {[][]span{short}, "focal", "", []string{"root/op>focal/op ×1"}},
		"several traces":      {[][]span{short, longer}, "focal", "", []string{"root/op>focal/op ×2", "root/op>focal/op>follows/op ×1"}},
		"paths without focal": {[][]span{{root, {1, "aside", "op", server}}, {root, focal, {1, "aside", "op", server}, {2, "follows", "op", server}}}, "focal", "", []string{"root/op>focal/op>follows/op ×1"}},
		"any operation":       {[][]span{{root, {1, "focal", "other", server}}, longer}, "focal", "", []string{"root/op>focal/op>follows/op ×1", "root/op>focal/other ×1"}},
		"one operation":       {[][]span{{root, {1, "focal", "other", server}}, longer}, "focal", "op", []string{"root/op>focal/op>follows/op ×1"}},
		"several paths":       {[][]span{{root, focal, {2, "x", "op", server}, {2, "y", "op", server}}}, "focal", "", []string{"root/op>focal/op>x/op ×1", "root/op>focal/op>y/op ×1"}},
		"nothing":             {[][]span{{}, short}, "focal", "", []string{"root/op>focal/op ×1"}},
		"one service in a row": {[][]span{
			{root, focal, {2, "a", "opA", server}, {3, "a", "opA", client}},
			{root, focal, {2, "a", "opA", server}, {3, "a", "opA", internal}},
			{root, focal, {2, "a", "opA", server}, {3, "a", "opB", server}},
			{root, focal, {2, "b", "opA", client}, {3, "b", "opB", server}},
		}, "focal", "", []string{"root/op>focal/op>a/opA ×3", "root/op>focal/op>a/opA>a/opB ×1", "root/op>focal/op>b/opA>b/opB ×1"}},
		"a client as root": {[][]span{{{0, "a", "opA", client}, {1, "a", "opA", server}}}, "a", "", []string{"a/opA>a/opA ×1"}},
		"equal paths":      {[][]span{longer, longer}, "focal", "", []string{"root/op>focal/op>follows/op ×2"}},
	} {
		b := newBuilder()
		for _, spans := range c.traces {
			ids := []model.SpanID{0}
			for _, s := range spans {
				ids = append(ids, b.span(ids[s.parent], s.service, s.operation, s.kind))
			}
			b.end(nil)
		}
		f := dependencies.Focal{Name: c.service}
		if c.operation != "" {
			f.Operations = map[uint32]struct{}{}
			for op := 1; op <= b.Names().Operations(); op++ {
				if o := b.Names().Operation(uint32(op)); o.ServiceName == c.service && o.Name == c.operation {
					f.Operations[uint32(op)] = struct{}{}
				}
			}
		}
		if got := leaves(b.explore(f)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The shape of Promscale's tests of upstream_spans, downstream_spans and span_tree: a tree in which every
// span is of a service of its own, asked of each span. Distances and members are those of the recursive
// queries; what is beside the span is in neither.
func TestClosuresAsPromscale(t *testing.T) {
	parents := []int{0, 1, 1, 2, 2, 3, 6, 6, 8} // of spans 1 to 9, by number; 0: the root
	b := newBuilder()
	for i, p := range parents {
		b.span(model.SpanID(p), fmt.Sprint("s", i+1), "op", model.KindServer)
	}
	b.end(nil)
	distance := func(from, to int) int { // upwards; −1: not above
		for d := 0; from > 0; d++ {
			if from == to {
				return d
			}
			from = parents[from-1]
		}
		return -1
	}
	for at := 1; at <= len(parents); at++ {
		r := b.explore(dependencies.Focal{Name: fmt.Sprint("s", at)})
		for x := 1; x <= len(parents); x++ {
			name := fmt.Sprint("s", x)
			above, below := max(0, distance(at, x)), max(0, distance(x, at))
			if got := relative(r.Above, name).Distance; got != above {
				t.Errorf("%s is %d above s%d, want %d", name, got, at, above)
			}
			if got := relative(r.Below, name).Distance; got != below {
				t.Errorf("%s is %d below s%d, want %d", name, got, at, below)
			}
		}
		if r.Calls != 1 || len(r.Routes) != 1 {
			t.Errorf("s%d: %d calls on %d routes", at, r.Calls, len(r.Routes))
		}
	}
}

// What sends no spans is called all the same, whatever the client's instrumentation calls it, and can be asked
// who calls it.
func TestPeers(t *testing.T) {
	for _, key := range []string{"db.system", "db.system.name"} {
		b := newBuilder()
		web := b.span(0, "web", "GET /", model.KindServer)
		out := b.span(web, "web", "cart", model.KindClient)
		cart := b.span(out, "cart", "load", model.KindServer)
		inner := b.span(cart, "cart", "cached", model.KindInternal)
		for range 3 {
			b.span(inner, "cart", "GET item", model.KindClient, model.Attribute{Key: key, Value: model.StringValue("redis")})
		}
		b.end(nil)
		r := b.explore(dependencies.Focal{Name: "web"})
		redis := relative(r.Below, "redis")
		if redis.Calls != 3 || redis.Distance != 2 || !redis.Peer || relative(r.Below, "cart").Peer || r.Caused != 4 {
			t.Errorf("%s: %+v of %d calls", key, redis, r.Caused)
		}
		r = b.explore(dependencies.Focal{Name: "redis"})
		if got := routes(r.Routes); r.Calls != 3 || !slices.Equal(got, []string{"web>cart>redis 3"}) {
			t.Errorf("%s: %d calls, %q", key, r.Calls, got)
		}
		// The operation of the client's side has the peer below it.
		var op uint32
		for i := 1; i <= b.Names().Operations(); i++ {
			if b.Names().Operation(uint32(i)).Name == "GET item" {
				op = uint32(i)
			}
		}
		r = b.explore(dependencies.Focal{Name: "cart", Operations: map[uint32]struct{}{op: {}}})
		if r.Calls != 3 || relative(r.Below, "redis").Amplification != 1 || relative(r.Above, "web").Calls != 1 {
			t.Errorf("%s: %d calls, below %+v", key, r.Calls, r.Below)
		}
	}
}

// A service that calls itself through another is counted each time, and marked.
func TestRecursion(t *testing.T) {
	b := newBuilder()
	at := model.SpanID(0)
	for range 3 {
		at = b.call(at, "f", 1)[0]
		at = b.call(at, "x", 1)[0]
	}
	b.end(nil)
	r := b.explore(dependencies.Focal{Name: "f"})
	f, x := relative(r.Below, "f"), relative(r.Below, "x")
	if r.Calls != 3 || r.Nested != 2 || r.Caused != 5 || !f.Recursive || f.Calls != 2 || f.Distance != 2 || x.Calls != 3 || x.Amplification != 1 {
		t.Errorf("%d calls, %d nested, %d caused; f %+v, x %+v", r.Calls, r.Nested, r.Caused, f, x)
	}
	if x.Frequency.Max != 3 || x.Frequency.Mean != 2 { // 3, 2 and 1 beneath
		t.Errorf("%+v", x.Frequency)
	}
	cycles := 0
	for _, p := range r.Routes {
		if p.Cycle {
			cycles++
		}
	}
	if got := routes(r.Routes); cycles != 2 || !slices.Equal(got, []string{"f 1", "f>x>f 1", "f>x>f>x>f 1"}) {
		t.Errorf("%d cycles in %q", cycles, got)
	}
}

// Callers that were not seen are not those that do not exist.
func TestCallerNotSeen(t *testing.T) {
	b := newBuilder()
	b.call(999, "f", 2)
	b.call(0, "f", 1)
	b.end(nil)
	want := []dependencies.Caller{{Orphan: true, Calls: 2, Share: 2. / 3}, {Calls: 1, Share: 1. / 3}}
	if r := b.explore(dependencies.Focal{Name: "f"}); !slices.Equal(r.Callers, want) {
		t.Errorf("%+v", r.Callers)
	}
}
