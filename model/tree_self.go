package model

// blocks reports whether a parent waits for its child: always, but for a consumer below its producer,
// which runs on its own time (D8).
func blocks(parent, child Kind) bool {
	return parent != KindProducer || child != KindConsumer
}

// SelfTimes returns for each node the time in ns in which it waited for none of its children (A08): its
// duration less the union of its blocking children's intervals, each clipped to the node. Missing nodes
// have 0 and their orphans reduce nobody. dst is overwritten, and kept where it is large enough.
// O(n), because siblings are already in order of start.
func SelfTimes(heads []Head, t *Tree, dst []int64) []int64 {
	dst = resized(dst, len(t.Nodes))
	for i := range t.Nodes {
		node := &t.Nodes[i]
		if node.Span < 0 {
			dst[i] = 0
			continue
		}
		h := &heads[node.Span]
		self, seen := int64(0), h.Start // seen: everything before it has been accounted for
		for c := int32(i) + 1; c < node.End && seen < h.End; c = t.Nodes[c].End {
			k := &heads[t.Nodes[c].Span]
			if k.End <= seen || !blocks(h.Kind, k.Kind) {
				continue
			}
			if k.Start > seen {
				self += min(k.Start, h.End) - seen
			}
			seen = k.End
		}
		if seen < h.End {
			self += h.End - seen
		}
		dst[i] = self
	}
	return dst
}
