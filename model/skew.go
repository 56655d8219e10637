package model

import "strings"

// Skew returns for each node the ns to add to its times, so that a single trace whose hosts' clocks
// disagree can be read (the fallback of A32; offsets between hosts that were measured over many calls are
// better). Only a span on another host than its parent is moved, and what runs below it on its own host
// moves with it:
//
//   - it lies within its parent (as moved): it stays;
//   - it is longer than its parent: it was asynchronous or was given up, so it is pushed only as far as
//     it starts before its parent;
//   - else it is centred in its parent, the time on the wire being taken as equal in both directions.
//
// This is Jaeger's rule, but for these: a span that does not say its host counts as on its parent's host
// (Jaeger adjusts each such span), the host is the best of several attributes (see hostOf), there is no
// upper limit (Jaeger's default of 0 switches it off; here the view is switched by a person), and a
// consumer, which owes its producer no time (D8), is pushed at most to its producer's start.
//
// dst is overwritten, and kept where it is large enough.
func Skew(spans []Span, heads []Head, t *Tree, dst []int64) []int64 {
	return SkewBy(nil, spans, heads, t, dst)
}

// SkewBy is Skew where the offsets of some clocks are known: what is to be added to the times of a host, by
// HostOf, in ns. Spans of such a host are moved by that, all alike, whatever their parent. A span without a start time
// says nothing of any clock: it stays, and what is below it is compared with the next span above that has one.
func SkewBy(offsets map[string]int64, spans []Span, heads []Head, t *Tree, dst []int64) []int64 {
	dst = resized(dst, len(t.Nodes))
	hosts := make([]host, len(t.Nodes))  // the one whose clock a node's times are from
	above := make([]int32, len(t.Nodes)) // the node itself, or the nearest above it, that has a time
	seen := make(map[*Resource]host)
	for i := range t.Nodes {
		node := &t.Nodes[i]
		dst[i], above[i] = 0, int32(i)
		if node.Span < 0 {
			continue
		}
		p := node.Parent
		if p >= 0 {
			p = above[p]
		}
		if heads[node.Span].Start == 0 {
			above[i] = p
			continue
		}
		hosts[i] = hostOf(spans[node.Span].Resource, seen)
		if offset, ok := offsets[hosts[i].name]; ok {
			dst[i] = offset
			continue
		}
		if p < 0 || t.Nodes[p].Span < 0 {
			continue
		}
		if hosts[i].name == "" {
			hosts[i] = hosts[p]
		}
		if hosts[i].is(hosts[p]) || hosts[p].name == "" {
			dst[i] = dst[p]
			continue
		}
		dst[i] = skewBelow(&heads[t.Nodes[p].Span], dst[p], &heads[node.Span])
	}
	return dst
}

// skewBelow is what to add to child's times, its parent p having been moved by moved.
func skewBelow(p *Head, moved int64, child *Head) int64 {
	start, end := p.Start+moved, p.End+moved
	slack := p.Duration() - child.Duration()
	switch {
	case slack < 0 || !blocks(p.Kind, child.Kind):
		return max(0, start-child.Start)
	case child.Start >= start && child.End <= end:
		return 0
	}
	return start - child.Start + slack/2
}

// host is a clock as a resource tells of it.
type host struct {
	name string // HostOf
	// Of one that is known by its addresses: the first of each family.
	v4, v6 string
}

// is reports whether two hosts are the same as far as they say: by name, or by an address. One span may tell only
// one of the addresses of a host, or tell them in another order. Only the first of each family counts: further
// ones are those of bridges and containers, which every host has alike.
func (h host) is(o host) bool {
	return h.name == o.name || h.v4 != "" && h.v4 == o.v4 || h.v6 != "" && h.v6 == o.v6
}

// hostOf is the host of a resource; seen remembers resources already asked.
func hostOf(r *Resource, seen map[*Resource]host) host {
	h, ok := seen[r]
	if !ok {
		h.name = HostOf(r)
		if strings.HasPrefix(h.name, "host.ip=") {
			v, _ := Lookup(r.Attributes, "host.ip")
			h.v4, h.v6 = families(v)
		}
		seen[r] = h
	}
	return h
}

// families are the first IPv4 and the first IPv6 address of a list, or of the one that stands for it.
func families(v Value) (v4, v6 string) {
	list := []Value{v}
	if v.Kind() == ValueArray {
		list = v.List()
	}
	for _, a := range list {
		switch s := a.Str(); {
		case v6 == "" && strings.Contains(s, ":"):
			v6 = s
		case v4 == "" && !strings.Contains(s, ":"):
			v4 = s
		}
	}
	return v4, v6
}

// HostOf is the identity of the clock of a resource, "" if it does not say: host.id, else the first
// host.ip, else host.name, else service.instance.id, each as key=value.
func HostOf(r *Resource) string {
	if r == nil {
		return ""
	}
	for _, key := range [...]string{"host.id", "host.ip", "host.name", "service.instance.id"} {
		v, _ := Lookup(r.Attributes, key)
		if v.Kind() == ValueArray && len(v.List()) > 0 {
			v = v.List()[0]
		}
		if s := v.Str(); s != "" {
			return key + "=" + s
		}
	}
	return ""
}
