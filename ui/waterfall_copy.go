// Waterfall: the tree and a span as text, for pasting elsewhere.

package ui

import (
	"fmt"
	"strconv"
	"strings"

	"oteltop/model"
	"oteltop/ui/num"
)

// copyRows is how many rows of the tree are copied at most: what can be pasted into a chat.
const copyRows = 200

// copyTree copies what the tree shows, folds as they are, as evidence for people without this screen.
func (w *Waterfall) copyTree() Action {
	var b strings.Builder
	for _, line := range w.heads {
		for i := range line {
			if i > 0 {
				b.WriteString("; ")
			}
			b.WriteString(line[i].text.String())
		}
		b.WriteByte('\n')
	}
	for i := range w.rows[:min(copyRows, len(w.rows))] {
		w.copyRow(&b, &w.rows[i])
	}
	if n := len(w.rows) - copyRows; n > 0 {
		fmt.Fprintf(&b, "and %s\n", plural(n, "more row"))
	}
	return Copy{What: "tree", Text: b.String()}
}

// copyRow writes "  ! service  operation  12.0ms  p99.7 x12", with ! for an error.
func (w *Waterfall) copyRow(b *strings.Builder, r *waterfallRow) {
	b.WriteString(strings.Repeat("  ", int(r.depth)))
	if r.group < 0 && !w.m.real(r.node) {
		fmt.Fprintf(b, "(missing) span %s\n", w.m.missing[r.node])
		return
	}
	if from, end := w.m.rangeOf(r); w.m.errorsIn(from, end) > 0 {
		b.WriteString("! ")
	}
	fmt.Fprintf(b, "%s  %s  ", model.Sanitise(w.m.service(r.node)), model.Sanitise(w.m.span(r.node).Name))
	if r.group >= 0 {
		g := &w.m.groups[r.group]
		fmt.Fprintf(b, "%s  %s\n", g.label(nil, true, true), num.Duration(nil, g.total))
		return
	}
	d, c := w.m.head(r.node).Duration(), w.m.context(r.node)
	b.Write(num.Duration(nil, d))
	if o := w.m.oddity(r.node); o != unranked {
		sign := ""
		if w.m.mixture(r.node) != mixesNothing {
			sign = "~"
		}
		fmt.Fprintf(b, "  %s%s %s", sign, appendRank(nil, c.Percentile), num.Ratio(nil, float64(d)/float64(c.Median)))
	}
	if r.folded {
		fmt.Fprintf(b, "  +%d", w.m.t.Tree.Nodes[r.node].End-r.node-1)
	}
	b.WriteByte('\n')
}

// copySpan copies the selected span as text that can be pasted into a chat.
func (w *Waterfall) copySpan() Action {
	r := w.selected()
	if r == nil || !w.m.real(r.node) {
		return Say{Text: "select a span to copy it", Problem: true}
	}
	s := w.m.span(r.node)
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  (%s, %s)\n", w.m.service(r.node), s.Name, s.Kind, s.Status)
	fmt.Fprintf(&b, "trace %s span %s\n", s.TraceID, s.ID)
	fmt.Fprintf(&b, "start %s ns, duration %s, self %s\n", strconv.FormatInt(s.Start, 10), durationText(s.Duration()), durationText(w.m.t.Self[r.node]))
	if s.StatusText != "" {
		fmt.Fprintf(&b, "status %s\n", w.unmasked("status", s.StatusText))
	}
	w.copyAttributes(&b, "", s.Attributes)
	for i := range s.Events {
		e := &s.Events[i]
		fmt.Fprintf(&b, "event +%s %s\n", durationText(int64(since(e.Time, s.Start))), e.Name)
		w.copyAttributes(&b, "  ", e.Attributes)
	}
	w.copyLogs(&b, r.node, s.Start)
	for i := range s.Links {
		fmt.Fprintf(&b, "link trace %s span %s\n", s.Links[i].TraceID, s.Links[i].SpanID)
	}
	w.copyAttributes(&b, "resource.", model.AttributesOf(s.Resource))
	return Copy{What: "span", Text: b.String()}
}

func (w *Waterfall) copyAttributes(b *strings.Builder, prefix string, as []model.Attribute) {
	for i := range as {
		fmt.Fprintf(b, "%s%s=%s\n", prefix, as[i].Key, w.unmasked(as[i].Key, as[i].Value.String()))
	}
}
