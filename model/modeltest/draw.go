package modeltest

import (
	"fmt"
	"strings"

	"oteltop/model"
)

// Draw writes the tree of a trace, a node a line, with what linking found: indentation is depth, times are
// ms after Base, Missing nodes show the id that nobody has.
//
//	web GET /checkout server 0..100
//	  cart load client 10..140 async-tail
//	(missing 00000000000000ff)
//	  db SELECT client 12..30 orphan
func Draw(t *model.Trace) string {
	var b strings.Builder
	missing := 0
	for i := range t.Tree.Nodes {
		n := &t.Tree.Nodes[i]
		b.WriteString(strings.Repeat("  ", int(n.Depth)))
		if n.Span < 0 {
			fmt.Fprintf(&b, "(missing %s)\n", t.Tree.Missing[missing])
			missing++
			continue
		}
		s := &t.Spans[n.Span]
		fmt.Fprintf(&b, "%s %s %s %v..%v%s\n", model.ServiceOf(s.Resource), s.Name, s.Kind,
			float64(s.Start-Base)/1e6, float64(s.End-Base)/1e6, flags(n.Flags))
	}
	return b.String()
}

func flags(f model.NodeFlags) string {
	var b strings.Builder
	for _, name := range [...]struct {
		flag model.NodeFlags
		text string
	}{
		{model.Orphan, "orphan"}, {model.CycleCut, "cycle-cut"}, {model.SharedID, "shared-id"},
		{model.DuplicateID, "duplicate-id"}, {model.NegativeDuration, "negative"}, {model.AsyncTail, "async-tail"},
	} {
		if f&name.flag != 0 {
			b.WriteString(" " + name.text)
		}
	}
	return b.String()
}
