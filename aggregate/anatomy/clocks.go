package anatomy

import "oteltop/aggregate/skew"

// Clocks is what is known of how far the clocks of hosts differ. The zero value knows that a host agrees with itself.
type Clocks struct {
	pairs map[[2]string]Difference
	group map[string]int // hosts that some way of pairs connects have the same
	add   map[string]skew.Offset
}

// Difference is what to add to the times of one host to compare them with those of another, ns: Add, which lies
// between Low and High.
type Difference struct{ Add, Low, High int64 }

// error is by how much Add may be wrong.
func (d Difference) error() int64 { return max(d.High-d.Add, d.Add-d.Low) }

// NewClocks takes over what calls said of clocks. Immutable.
func NewClocks(r *skew.Result) *Clocks {
	c := &Clocks{pairs: map[[2]string]Difference{}, group: map[string]int{}, add: map[string]skew.Offset{}}
	for i := range r.Pairs {
		if p := &r.Pairs[i]; p.Known() {
			c.pairs[[2]string{p.Client, p.Server}] = Difference{p.Offset, p.Low, p.High}
		}
	}
	for i := range r.Hosts {
		root := r.Hosts[i].Name
		if c.group[root] > 0 {
			continue
		}
		for host, offset := range r.Offsets(root) {
			c.group[host], c.add[host] = i+1, offset
		}
	}
	return c
}

// Between is what to add to times of host b to compare them with those of a; false where it is not known. The calls
// between them go first, either way; else it adds up along other hosts.
func (c *Clocks) Between(a, b string) (Difference, bool) {
	switch {
	case a == "" || b == "":
		return Difference{}, false
	case a == b:
		return Difference{}, true
	}
	if d, ok := c.pairs[[2]string{a, b}]; ok {
		return d, true
	}
	if d, ok := c.pairs[[2]string{b, a}]; ok {
		return Difference{-d.Add, -d.High, -d.Low}, true
	}
	if g := c.group[a]; g == 0 || g != c.group[b] {
		return Difference{}, false
	}
	add, half := c.add[b].Add-c.add[a].Add, c.add[a].Half+c.add[b].Half
	return Difference{add, add - half, add + half}, true
}
