// Waterfall: the text of the details of a span: attributes, time, events, links, resource.

package ui

import (
	"fmt"
	"slices"
	"strings"

	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// valueColumn is where values stand beside keys that are not longer.
const valueColumn = 22

// detail writes the lines of the pane for one row.
type detail struct {
	p     *pane
	m     *traceModel
	width int
	show  bool     // masked values are shown
	vs    *against // nil: laid over nothing
	near  *neighbours
	note  int // the line before which the number of masked values is told
}

// makeLines makes the lines again where the selection or the width changed.
func (w *Waterfall) makeLines(width int) {
	p := &w.pane
	if p.made && p.width == width {
		return
	}
	same := p.made // only the width changed
	p.made, p.width = true, width
	p.lines, p.entries, p.masked = p.lines[:0], p.entries[:0], 0
	d := &detail{p: p, m: w.m, width: max(8, width), show: w.reveal, vs: w.compared(), near: w.session()}
	r := w.selected()
	switch {
	case r == nil:
	case r.group >= 0:
		d.group(&w.m.groups[r.group])
	case !w.m.real(r.node):
		d.missing(r.node)
	default:
		d.span(r.node)
	}
	d.noteMasked()
	if !same && w.pane.key != w.sel {
		p.at, p.top = 0, 0
		clear(p.open)
	}
	w.pane.key = w.sel
	p.at = max(0, min(p.at, len(p.entries)-1))
}

// noteMasked says how many values are masked, below the headline: it is known only in the end.
func (d *detail) noteMasked() {
	if d.p.masked == 0 {
		return
	}
	text := model.Textf("%s masked, M reveals", plural(d.p.masked, "value"))
	if d.show {
		text = model.Textf("%s revealed, M masks", plural(d.p.masked, "value"))
	}
	at := min(d.note, len(d.p.lines))
	d.p.lines = slices.Insert(d.p.lines, at, paneLine{text: text, tone: toneWarn, entry: -1})
	for i := range d.p.entries {
		if d.p.entries[i].line >= at {
			d.p.entries[i].line++
		}
	}
}

// line appends one line that is not an entry.
func (d *detail) line(o tone, text model.Text) {
	d.p.lines = append(d.p.lines, paneLine{text: text, tone: o, entry: -1})
}

// prose appends wrapped text.
func (d *detail) prose(o tone, format string, args ...any) {
	lines, _ := wrapText(fmt.Sprintf(format, args...), d.width, openLines)
	for _, l := range lines {
		d.line(o, l)
	}
}

// title appends a heading with a blank line before it.
func (d *detail) title(format string, args ...any) {
	if len(d.p.lines) > 0 {
		d.line(tonePlain, model.Text{})
	}
	d.line(toneTitle, model.Textf(format, args...))
}

// span describes a real node: what is nowhere else on the screen first.
func (d *detail) span(node int32) {
	s := d.m.span(node)
	d.prose(toneStrong, "%s", s.Name)
	status := ""
	if s.Status != model.StatusUnset {
		status = ", " + s.Status.String()
	}
	d.prose(toneDim, "%s, %s%s", d.m.service(node), s.Kind, status)
	d.note = len(d.p.lines)
	if s.StatusText != "" {
		o := tonePlain
		if s.Status == model.StatusError {
			o = toneError
		}
		d.text(o, "status", s.StatusText)
	}
	d.oddities(node)
	d.attributes("Attributes", "span.", s.Attributes, s.DroppedAttributes)
	d.events(s)
	d.logs(node, s.Start)
	d.links(s)
	if node == max(0, d.m.t.Root) {
		d.neighbours(d.near)
	}
	d.times(node)
	if s.Resource != nil {
		d.attributes("Resource", "resource.", s.Resource.Attributes, s.Resource.Dropped)
	}
	d.identity(s)
}

// text appends a value that may hold secrets, in full.
func (d *detail) text(o tone, key, raw string) { d.prose(o, "%s", d.unmasked(key, raw)) }

// unmasked is a value as it may be shown now.
func (d *detail) unmasked(key, raw string) string {
	masked, did := model.Mask(key, raw)
	if !did {
		return raw
	}
	d.p.masked++
	if d.show {
		return raw
	}
	return masked
}

// times says when the span ran and where its time went.
func (d *detail) times(node int32) {
	h, m := d.m.head(node), d.m
	dur := h.Duration()
	d.title("Time")
	if m.untimed(node) {
		d.prose(toneWarn, "it came without start and end")
		return
	}
	line := fmt.Sprintf("%s from +%s, self %s", num.Duration(nil, dur), num.Duration(nil, int64(since(h.Start, m.t.Start))), num.Duration(nil, m.t.Self[node]))
	if c := m.t.Critical[node]; c > 0 {
		total := m.t.Duration()
		line += fmt.Sprintf(", %s on the critical path", num.Duration(nil, c))
		if total > 0 {
			line += fmt.Sprintf(" (%s of the trace)", num.Share(nil, float64(c)/float64(total)))
		}
	}
	d.prose(tonePlain, "%s", line)
	d.gain(node)
	d.doubt(node)
	d.rank(node)
	d.usual(node)
}

// rank puts the span's figure among those of its operation in words.
func (d *detail) rank(node int32) {
	dur, c := d.m.head(node).Duration(), d.m.context(node)
	judged := d.m.oddity(node)
	o := [...]tone{ordinary: toneDim, unusual: toneWarn, veryUnusual: toneError, quick: toneInfo, unranked: toneDim, mixed: toneDim}[judged]
	switch {
	case judged == unranked:
		d.prose(o, "too few of this operation for a rank: %s so far", num.Count(nil, c.N))
		return
	case d.m.mixture(node) != mixesNothing:
		d.mixed(node, c, o)
		return
	}
	d.prose(o, "%s of %s of this operation, %s the median of %s (p95 %s)", rankText(c.Percentile),
		num.Count(nil, c.N), ratioText(float64(dur)/float64(c.Median)), num.Duration(nil, c.Median), num.Duration(nil, c.P95))
}

// oddities says where errors come from and what linking found, in words.
func (d *detail) oddities(node int32) {
	n := &d.m.t.Tree.Nodes[node]
	if o := d.m.origin(node, n.End); o == node {
		d.prose(toneError, "the error starts here")
	} else if o >= 0 {
		d.prose(toneError, "errors below start in %s %s", d.m.service(o), d.m.span(o).Name)
	}
	for _, x := range [...]struct {
		flag model.NodeFlags
		text string
	}{
		{model.Orphan, "its parent was not received"},
		{model.CycleCut, "its parent link closed a cycle and was cut"},
		{model.SharedID, "shares its id with its client's span (Zipkin style)"},
		{model.DuplicateID, "another span of the trace has the same id"},
		{model.NegativeDuration, "ended before it started: taken as no duration"},
	} {
		if n.Flags&x.flag != 0 {
			d.prose(toneWarn, "! %s", x.text)
		}
	}
	if d.m.trails(node) {
		late := since(d.m.head(node).End, d.m.head(n.Parent).End)
		d.prose(toneInfo, "goes on for %s after its parent ended", num.Duration(nil, int64(late)))
	}
	if s := d.m.t.Skew[node]; s != 0 {
		from := "as this trace suggests"
		if half := skewHalf(d.m.t, node); half != model.SkewUnknown {
			from = "as calls between its host and others say"
		}
		d.prose(toneInfo, "the clock of its host differs: K moves it by %s, %s", appendSkew(nil, s, skewHalf(d.m.t, node)), from)
	}
}

// attributes lists keys and values in the order received.
func (d *detail) attributes(title, scope string, as []model.Attribute, dropped uint32) {
	if len(as) == 0 && dropped == 0 {
		return
	}
	d.title("%s %d%s", title, len(as), droppedText(dropped))
	for i := range as {
		d.attribute(scope, &as[i], 0)
	}
}

func droppedText(n uint32) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d more were dropped by the SDK", n)
}

// attribute appends one as an entry.
func (d *detail) attribute(scope string, a *model.Attribute, in int) {
	d.entry(paneEntry{kind: entryAttribute, scope: scope, key: a.Key, value: a.Value, text: a.Value.String()}, in)
}

// entry appends an entry: key and value side by side where the key is short, else below each other.
func (d *detail) entry(e paneEntry, in int) {
	shown := e.text
	masked, did := model.Mask(e.key, e.text)
	if e.masked = did; did {
		d.p.masked++
		if !d.show {
			shown = masked
		}
	}
	id := len(d.p.entries)
	limit := valueLines
	if d.p.open[id] || strings.HasPrefix(e.key, "exception.") {
		limit = openLines
	}
	key := model.Sanitise(e.key)
	keyWidth := canvas.Width(key)
	x := in + max(min(valueColumn, d.width*2/5), keyWidth+2)
	valueWidth := canvas.Width(model.Sanitise(shown))
	// The key gets a line of its own where it is long, or where the value then needs one line only or has lines.
	own := keyWidth > d.width/2 || valueWidth > d.width-x && valueWidth <= d.width-in-2 || strings.Contains(shown, "\n")
	if own {
		x = in + 2
	}
	lines, more := wrapText(dedent(shown), d.width-x, limit)
	e.line, e.long = len(d.p.lines), more || d.p.open[id]
	o := tonePlain
	if e.kind == entryLink {
		o = toneAccent
	}
	if own {
		cut, _ := wrapText(e.key, d.width-in, 1)
		d.p.lines = append(d.p.lines, paneLine{key: cut[0], keyTone: toneDim, keyX: in, entry: int32(id)})
		key = model.Text{}
	}
	for i, l := range lines {
		pl := paneLine{text: l, tone: o, x: x, keyX: in, keyTone: toneDim, entry: int32(id)}
		if i == 0 {
			pl.key = key
		}
		d.p.lines = append(d.p.lines, pl)
	}
	if more {
		d.p.lines = append(d.p.lines, paneLine{text: model.Textf("%s, enter: more", num.Bytes(nil, int64(len(e.text)))), tone: toneFaint, x: x, entry: int32(id)})
	}
	d.p.entries = append(d.p.entries, e)
}

// events lists what was recorded during the span, with its offset from the span's start.
func (d *detail) events(s *model.Span) {
	if len(s.Events) == 0 && s.DroppedEvents == 0 {
		return
	}
	d.title("Events %d%s", len(s.Events), droppedText(s.DroppedEvents))
	for i := range s.Events {
		e := &s.Events[i]
		o := toneStrong
		if e.Name == "exception" {
			o = toneError
		}
		d.prose(o, "+%s  %s", num.Duration(nil, int64(since(e.Time, s.Start))), e.Name)
		for j := range e.Attributes {
			d.attribute("", &e.Attributes[j], 2)
		}
		if e.Dropped > 0 {
			d.prose(toneWarn, "  %d attributes were dropped by the SDK", e.Dropped)
		}
	}
}

// links lists the spans that this one points to; Enter follows.
func (d *detail) links(s *model.Span) {
	if len(s.Links) == 0 && s.DroppedLinks == 0 {
		return
	}
	d.title("Links %d%s", len(s.Links), droppedText(s.DroppedLinks))
	within := d.m.linked(s.Links)
	for i := range s.Links {
		l := &s.Links[i]
		d.entry(paneEntry{kind: entryLink, key: "enter opens", text: d.target(l, within), link: l}, 0)
		for j := range l.Attributes {
			d.attribute("", &l.Attributes[j], 2)
		}
	}
}

// linked is the nodes that links within the trace point to, found in one pass: a span may have thousands of links.
func (m *traceModel) linked(links []model.Link) map[model.SpanID]int32 {
	found := make(map[model.SpanID]int32)
	for i := range links {
		if links[i].TraceID == m.t.ID {
			found[links[i].SpanID] = -1
		}
	}
	if len(found) == 0 {
		return nil
	}
	for i := range m.t.Tree.Nodes {
		if s := m.t.Tree.Nodes[i].Span; s >= 0 {
			if n, wanted := found[m.t.Heads[s].ID]; wanted && n < 0 {
				found[m.t.Heads[s].ID] = int32(i)
			}
		}
	}
	return found
}

// target says where a link points: within the trace, to what.
func (d *detail) target(l *model.Link, within map[model.SpanID]int32) string {
	if l.TraceID != d.m.t.ID {
		return "trace " + l.TraceID.String() + " span " + l.SpanID.String()
	}
	if n := within[l.SpanID]; n >= 0 {
		return d.m.service(n) + " " + d.m.span(n).Name + ", span " + l.SpanID.String() + " of this trace"
	}
	return "span " + l.SpanID.String() + " of this trace, which was not received"
}

// identity lists ids, scope and trace state.
func (d *detail) identity(s *model.Span) {
	d.title("Span")
	plain := func(key, text string) {
		if text != "" {
			d.entry(paneEntry{key: key, text: text}, 0)
		}
	}
	plain("span id", s.ID.String())
	if s.Parent != 0 {
		plain("parent id", s.Parent.String())
	}
	plain("trace id", s.TraceID.String())
	if s.Scope != nil {
		plain("scope", strings.TrimSpace(s.Scope.Name+" "+s.Scope.Version))
		for i := range s.Scope.Attributes {
			d.attribute("", &s.Scope.Attributes[i], 2)
		}
	}
	plain("trace state", s.TraceState)
	plain("kept because", d.m.view.Row.Kept.String())
	if s.Flags != 0 {
		plain("flags", fmt.Sprintf("0x%x", s.Flags))
	}
}

// missing explains a parent that was never seen.
func (d *detail) missing(node int32) {
	n := &d.m.t.Tree.Nodes[node]
	children := 0
	for c := node + 1; c < n.End; c = d.m.t.Tree.Nodes[c].End {
		children++
	}
	d.prose(toneWarn, "Span %s was not received", d.m.missing[node])
	d.prose(tonePlain, "%s named it as parent. It was not sampled, was dropped on its way, is still running, or its service does not export here. "+
		"Coverage (8) counts whose parents are missing.", plural(children, "span"))
	d.logs(node, d.m.t.Start)
	d.title("Span")
	d.entry(paneEntry{key: "span id", text: d.m.missing[node].String()}, 0)
	d.entry(paneEntry{key: "trace id", text: d.m.t.ID.String()}, 0)
}

// group describes a run of siblings: its spread, and what its members have in common.
func (d *detail) group(g *siblingGroup) {
	s := d.m.span(g.first)
	d.prose(toneStrong, "%s x%d", s.Name, g.count)
	d.prose(toneDim, "%s, %s", d.m.service(g.first), s.Kind)
	how := "one after the other"
	if g.width > 1 {
		how = fmt.Sprintf("up to %d at a time", g.width)
	}
	d.prose(tonePlain, "%s in all, %s; each %s to %s, mean %s", num.Duration(nil, g.total), how,
		num.Duration(nil, g.least), num.Duration(nil, g.most), num.Duration(nil, g.total/int64(g.count)))
	if n := d.m.errorsIn(g.first, g.end); n > 0 {
		d.prose(toneError, "%s in them and below", plural(n, "error"))
	}
	if g.repeated {
		d.prose(toneWarn, "N+1: the same statement, one call after the other. One query for all of them would save up to %s.",
			num.Duration(nil, g.total-g.most))
	}
	w := d.m.head(g.worst)
	d.title("Most unusual of them: span %s, %s", w.ID, num.Duration(nil, w.Duration()))
	d.rank(g.worst)
	d.attributes("Its attributes", "span.", d.m.span(g.worst).Attributes, 0)
}
