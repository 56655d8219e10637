// Waterfall: what leads out of it: files, the distribution of an operation, links and values of the details.

package ui

import (
	"context"
	"errors"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
)

// exporter is what an engine implements that can give a trace back as OTLP JSON.
type exporter interface {
	Export(ctx context.Context, id model.TraceID) ([]byte, error)
}

var errNoExport = errors.New("this source of traces cannot export")

// write saves the trace as OTLP JSON.
func (w *Waterfall) write() Action {
	id := w.m.t.ID
	return Write{Name: "trace-" + id.String() + ".json", Content: func(ctx context.Context, e aggregate.Engine) ([]byte, error) {
		x, ok := e.(exporter)
		if !ok {
			return nil, errNoExport
		}
		return x.Export(ctx, id)
	}}
}

// drillToOperation shows the distribution that the selected span's rank is in.
func (w *Waterfall) drillToOperation(at Moment) Action {
	r := w.selected()
	if r == nil || !w.m.real(r.node) {
		return Say{Text: "select a span to see its operation", Problem: true}
	}
	s := at.Scope
	s.Focus = aggregate.Focus{Service: w.m.service(r.node), Operation: w.m.span(r.node).Name, Kind: w.m.head(r.node).Kind}
	s.Selection = nil
	return Drill{Lens: LensLatency, Scope: s}
}

// paneKey handles keys of the focused details; nil leaves them to the rest.
func (w *Waterfall) paneKey(k string) Action {
	p := &w.pane
	w.fillPane()
	page := max(1, p.rows-1)
	switch k {
	case "up", "k":
		p.move(p.at - 1)
	case "down", "j":
		p.move(p.at + 1)
	case "pgup", "ctrl+u":
		p.scroll(-page)
	case "pgdown", "ctrl+d":
		p.scroll(page)
	case "g", "home":
		p.move(0)
	case "G", "end":
		p.move(len(p.entries) - 1)
	case "left", "h", "esc":
		p.focus = false
	case "right", "l":
	case "enter", "x":
		return w.openEntry()
	case "y":
		return w.copyEntry()
	case "f":
		return w.narrowToEntry()
	case "n", "N":
		return w.nextEntry(k == "n")
	default:
		return nil
	}
	return Handled{}
}

// nextEntry goes to the next attribute that the search found; nil where there is none in these details, so
// that the key goes on to the next span.
func (w *Waterfall) nextEntry(forward bool) Action {
	p := &w.pane
	step := 1
	if !forward {
		step = -1
	}
	for i := p.at + step; i >= 0 && i < len(p.entries); i += step {
		if w.search.hitsEntry(&p.entries[i]) {
			p.move(i)
			return Handled{}
		}
	}
	return nil
}

// openEntry follows a link, or shows a long value in full.
func (w *Waterfall) openEntry() Action {
	e := w.pane.selected()
	if e == nil {
		return Handled{}
	}
	if e.kind == entryLink {
		return w.follow(e.link)
	}
	if e.long {
		if w.pane.open[w.pane.at] {
			delete(w.pane.open, w.pane.at)
		} else {
			w.pane.open[w.pane.at] = true
		}
		w.pane.stale()
	}
	return Handled{}
}

// follow goes where a link points: within this trace by itself, else by App, which remembers the way back.
func (w *Waterfall) follow(l *model.Link) Action {
	if l.TraceID != w.m.t.ID {
		return OpenTrace{ID: l.TraceID, Span: l.SpanID}
	}
	n := w.m.findSpan(l.SpanID)
	if n < 0 {
		return Say{Text: "span " + l.SpanID.String() + " of this trace was not received", Problem: true}
	}
	w.pane.focus = false
	if w.from = append(w.from, w.sel); len(w.from) > linksBack {
		w.from = w.from[1:]
	}
	w.choose(n)
	return Say{Text: "went along the link; esc goes back to the span that has it"}
}

// linksBack is how many links within a trace Esc goes back along.
const linksBack = 32

// unfollow goes back to the span whose link was followed last.
func (w *Waterfall) unfollow() {
	last := len(w.from) - 1
	n := w.m.find(w.from[last].spanKey)
	w.from = w.from[:last]
	if n >= 0 {
		w.choose(n)
	}
}

// copyEntry copies a value; a secret only when it is shown.
func (w *Waterfall) copyEntry() Action {
	e := w.pane.selected()
	if e == nil {
		return Handled{}
	}
	return Copy{What: e.key, Text: w.unmasked(e.key, e.text)}
}

// unmasked is the text as it may leave the program: masked, unless the person has revealed it.
func (w *Waterfall) unmasked(key, text string) string {
	if w.reveal {
		return text
	}
	text, _ = model.Mask(key, text)
	return text
}

// narrowToEntry filters by the selected attribute.
func (w *Waterfall) narrowToEntry() Action {
	e := w.pane.selected()
	switch {
	case e == nil:
		return Handled{}
	case e.kind != entryAttribute || e.scope == "":
		return Say{Text: "only attributes of spans and resources can be filtered by", Problem: true}
	case e.masked && !w.reveal:
		return Say{Text: "the value is masked, and a filter would show it: M reveals it first", Problem: true}
	}
	return Narrow{Expr: attributeFilter(e.scope, e.key, e.value)}
}

// attributeFilter is the condition that an attribute has its value.
func attributeFilter(scope, key string, v model.Value) string {
	left := scope + filter.QuoteKey(key)
	switch v.Kind() {
	case model.ValueInt, model.ValueDouble, model.ValueBool:
		return left + " = " + v.String()
	case model.ValueEmpty:
		return left + " != nil"
	}
	return left + " = " + filter.Quote(v.String())
}

// narrowToOperation filters by the selected span's operation.
func (w *Waterfall) narrowToOperation() Action {
	r := w.selected()
	if r == nil || !w.m.real(r.node) {
		return Say{Text: "select a span to filter by its operation", Problem: true}
	}
	return Narrow{Expr: "service = " + filter.Quote(w.m.service(r.node)) + " && name = " + filter.Quote(w.m.span(r.node).Name)}
}
