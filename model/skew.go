package model

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
// HostOf, in ns. Spans of such a host are moved by that, all alike, whatever their parent.
func SkewBy(offsets map[string]int64, spans []Span, heads []Head, t *Tree, dst []int64) []int64 {
	dst = resized(dst, len(t.Nodes))
	hosts := make([]string, len(t.Nodes)) // the host whose clock a node's times are from
	seen := make(map[*Resource]string)
	for i := range t.Nodes {
		node := &t.Nodes[i]
		dst[i] = 0
		if node.Span < 0 {
			continue
		}
		hosts[i] = hostOf(spans[node.Span].Resource, seen)
		if offset, ok := offsets[hosts[i]]; ok {
			dst[i] = offset
			continue
		}
		p := node.Parent
		if p < 0 || t.Nodes[p].Span < 0 {
			continue
		}
		if hosts[i] == "" {
			hosts[i] = hosts[p]
		}
		if hosts[i] == hosts[p] || hosts[p] == "" {
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

// hostOf is HostOf; seen remembers resources already asked.
func hostOf(r *Resource, seen map[*Resource]string) string {
	host, ok := seen[r]
	if !ok {
		host = HostOf(r)
		seen[r] = host
	}
	return host
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
