// Lens 1, Map: names of services without what nearly all of them begin and end with, for maps that have no room for
// whole names: of ts-order-service and ts-order-other-service that is order and order-other.

package ui

import (
	"strings"

	"oteltop/aggregate"
	"oteltop/model"
)

const (
	// affixLeast is from how many services on a part of a name can be common, affixShare the share of them that it
	// has to be of.
	affixLeast = 4
	affixShare = .75
	// affixMost is the longest affix, in bytes.
	affixMost = 40
	// nameSeparators end a prefix and begin a suffix.
	nameSeparators = "-_./"
)

// shorten gives nodes their short names, and keeps what is left out of them. Nodes that would be called the same keep
// their whole names.
func (g *mapGraph) shorten() {
	var services []string
	for i := range g.nodes {
		g.nodes[i].short = g.nodes[i].text
		if g.nodes[i].Kind == aggregate.NodeService {
			services = append(services, g.nodes[i].Name)
		}
	}
	prefix := commonAffix(services, prefixes)
	suffix := commonAffix(services, suffixes)
	if prefix == "" && suffix == "" {
		return
	}
	short := func(n *mapNode) string {
		if n.Kind == aggregate.NodeService {
			return withoutAffixes(n.Name, prefix, suffix)
		}
		return n.Name
	}
	called := make(map[string]int, 2*len(g.nodes))
	for i := range g.nodes {
		n := &g.nodes[i]
		called[n.Name]++
		if s := short(n); s != n.Name {
			called[s]++
		}
	}
	for i := range g.nodes {
		if s := short(&g.nodes[i]); called[s] == 1 {
			g.nodes[i].short = model.Sanitise(s)
		}
	}
	g.leftOut = model.Sanitise(strings.TrimSpace(prefix + " " + suffix))
}

// withoutAffixes is a name without prefix and suffix; whole where nothing would be left.
func withoutAffixes(name, prefix, suffix string) string {
	if short := strings.TrimSuffix(strings.TrimPrefix(name, prefix), suffix); short != "" {
		return short
	}
	return name
}

// commonAffix is the longest of the affixes that enough names have; empty for none.
func commonAffix(names []string, of func(name string) []string) string {
	if len(names) < affixLeast {
		return ""
	}
	count := map[string]int{}
	common := ""
	for _, name := range names {
		for _, affix := range of(name) {
			count[affix]++
			if len(affix) > len(common) && float64(count[affix]) >= affixShare*float64(len(names)) {
				common = affix
			}
		}
	}
	return common
}

// prefixes are the beginnings of a name up to a separator.
func prefixes(name string) (out []string) {
	for i := 0; i < min(len(name)-1, affixMost); i++ {
		if strings.IndexByte(nameSeparators, name[i]) >= 0 {
			out = append(out, name[:i+1])
		}
	}
	return out
}

// suffixes are the ends of a name from a separator on.
func suffixes(name string) (out []string) {
	for i := len(name) - 1; i > max(0, len(name)-affixMost); i-- {
		if strings.IndexByte(nameSeparators, name[i]) >= 0 {
			out = append(out, name[i:])
		}
	}
	return out
}
