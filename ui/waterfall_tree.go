// Waterfall: the tree of names at the left.

package ui

import (
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// indent is how the tree is drawn on one frame: columns per level, and levels that have scrolled out.
type indent struct {
	unit  int
	shift int
}

// indentation gives deep traces half of the tree column for guides: first it halves the step, then it
// scrolls to the left what all rows in sight have in common and, at last, more than that.
func (w *Waterfall) indentation(rows int) indent {
	deepest := 0
	for i := w.top; i < len(w.rows) && i < w.top+rows; i++ {
		deepest = max(deepest, int(w.rows[i].depth))
	}
	room := max(4, w.lay.tree/2)
	in := indent{unit: 2}
	if deepest*2 > room {
		in.unit = 1
	}
	if over := deepest*in.unit - room; over > 0 {
		in.shift = (over + in.unit - 1) / in.unit
	}
	return in
}

// drawTree draws guides, fold mark, kind and name of a row.
func (w *Waterfall) drawTree(a canvas.Area, r *waterfallRow, in indent, f *Frame) {
	w.drawPathMark(a, r, f)
	a = a.Sub(1, 0, a.W-1, 1)
	x := w.drawGuides(a, r, in, f)
	if r.kids {
		g := f.G.Expanded
		if r.folded {
			g = f.G.Collapsed
		}
		a.Rune(x, 0, g, f.Theme.Dim)
	}
	x += 2
	if r.group < 0 && !w.m.real(r.node) {
		a.Cut(x, 0, a.W-x, model.Textf("(missing) span %s", w.m.missing[r.node]), f.G.Ellipsis, f.Theme.Ghost)
		return
	}
	end := a.W
	if r.group < 0 {
		end = w.drawHidden(a, r, f)
	}
	a = a.Sub(0, 0, end, 1)
	x = w.drawKind(a, x, r, f)
	x = w.drawService(a, x, r, f)
	if r.group >= 0 {
		w.drawGroupName(a, x, r, f)
		return
	}
	s := f.Theme.Text
	if w.hit(r.node) {
		s = f.Theme.Match
	}
	x += cutOperation(a, x, a.W-x, model.Sanitise(w.m.span(r.node).Name), s, f)
	if whom := w.m.called(r); whom != "" && x+calledLeast < a.W {
		a.Rune(x+1, 0, '→', f.Theme.Faint)
		a.Cut(x+3, 0, a.W-x-3, model.Sanitise(whom), f.G.Ellipsis, f.Theme.Dim)
	}
}

// calledLeast is the room from which on it is said whom a span calls.
const calledLeast = 8

// drawPathMark marks rows on the critical path, or hiding a part of it, in the first column.
func (w *Waterfall) drawPathMark(a canvas.Area, r *waterfallRow, f *Frame) {
	if from, end := w.m.rangeOf(r); w.path.in(from, end) > 0 {
		if r.group < 0 && w.m.doubts[r.node] != nil {
			a.Rune(0, 0, '?', f.Theme.Critical) // other requests contradict that it waited
			return
		}
		a.Rune(0, 0, f.G.Critical, f.Theme.Critical)
	}
}

// rangeOf is the nodes that a row stands for: what it hides when it is folded, else itself.
func (m *traceModel) rangeOf(r *waterfallRow) (from, end int32) {
	switch {
	case r.group >= 0 && r.folded:
		return r.node, m.groups[r.group].end
	case r.group >= 0:
		return r.node, r.node
	case r.folded:
		return r.node, m.t.Tree.Nodes[r.node].End
	}
	return r.node, r.node + 1
}

// drawGuides draws the lines of the tree and returns the column after them.
func (w *Waterfall) drawGuides(a canvas.Area, r *waterfallRow, in indent, f *Frame) int {
	level := int(r.depth) - in.shift
	if level <= 0 {
		if r.depth > 0 {
			a.Rune(0, 0, f.G.ArrowLeft, f.Theme.Faint)
			return 1
		}
		return 0
	}
	x := level * in.unit
	corner := f.G.TeeRight
	if r.last {
		corner = f.G.BottomLeft
	}
	a.Rune(x-in.unit, 0, corner, f.Theme.Border)
	if in.unit > 1 {
		a.Rune(x-1, 0, f.G.Horizontal, f.Theme.Border)
	}
	for up, at := r.up, level-1; up >= 0 && at > 0; up, at = w.rows[up].up, at-1 {
		if !w.rows[up].last {
			a.Rune((at-1)*in.unit, 0, f.G.Vertical, f.Theme.Border)
		}
	}
	return x
}

// drawKind draws what kind of thing the span is, in its service's colour, and its faults before it.
func (w *Waterfall) drawKind(a canvas.Area, x int, r *waterfallRow, f *Frame) int {
	n := &w.m.t.Tree.Nodes[r.node]
	from, end := r.node, r.node+1 // a span's own error; of a group, any
	if r.group >= 0 {
		end = w.m.groups[r.group].end
	}
	if w.m.errorsIn(from, end) > 0 {
		a.Rune(x, 0, f.G.Error, f.Theme.Error)
		x += 2
	}
	const odd = model.CycleCut | model.DuplicateID | model.NegativeDuration
	if r.group < 0 && n.Flags&odd != 0 {
		a.Rune(x, 0, '!', f.Theme.Warn)
		x += 2
	}
	if w.skewed && w.m.t.Skew[r.node] != 0 {
		a.Rune(x, 0, f.G.Clock, f.Theme.Info)
		x += 2
	}
	if v, ok := w.m.span(r.node).Attribute("http.request.resend_count"); ok && v.Int() > 0 {
		a.Rune(x, 0, f.G.Retry, f.Theme.Warn)
		x += 2
	}
	g := f.G.Service
	switch h := w.m.head(r.node); {
	case h.Kind == model.KindProducer || h.Kind == model.KindConsumer:
		g = f.G.Messaging
	case h.Kind == model.KindClient && isDatabase(w.m.span(r.node)):
		g = f.G.Database
	case h.Kind == model.KindInternal:
		g = f.G.Bullet
	}
	a.Rune(x, 0, g, w.bars.ink(r.node))
	return x + 2
}

// drawService draws the service where it is another one than the parent's.
func (w *Waterfall) drawService(a canvas.Area, x int, r *waterfallRow, f *Frame) int {
	p := w.m.t.Tree.Nodes[r.node].Parent
	if p >= 0 && w.m.real(p) && r.depth > 0 && w.m.head(p).Service == w.m.head(r.node).Service {
		return x
	}
	s := w.bars.ink(r.node).With(themes.Bold)
	room := max((a.W-x)/2, a.W-x-1-canvas.Width(model.Sanitise(w.m.span(r.node).Name))) // the name gets as much
	return x + a.Cut(x, 0, room, model.Sanitise(w.m.service(r.node)), f.G.Ellipsis, s) + 1
}

// drawHidden draws at the right how many errors and spans a folded row hides, and returns where the name must
// end.
func (w *Waterfall) drawHidden(a canvas.Area, r *waterfallRow, f *Frame) int {
	if !r.folded {
		return a.W
	}
	var buf [16]byte
	from, end := w.m.rangeOf(r)
	b := append(buf[:0], '+')
	b = num.Count(b, uint64(end-from-1))
	x := a.W - len(b)
	a.Figure(x, 0, b, f.Theme.Accent)
	if n := w.m.errorsIn(from+1, end); n > 0 {
		b = num.Count(buf[:0], uint64(n))
		x -= len(b) + 1
		a.Figure(x, 0, b, f.Theme.Error)
		x--
		a.Rune(x, 0, f.G.Error, f.Theme.Error)
	}
	return max(0, x-1)
}

// drawGroupName draws "name ×48 serial N+1"; on a narrow screen what comes last goes first, so that the name
// can be read.
func (w *Waterfall) drawGroupName(a canvas.Area, x int, r *waterfallRow, f *Frame) {
	g := &w.m.groups[r.group]
	name := model.Sanitise(w.m.span(r.node).Name)
	room := a.W - x - 1 - min(canvas.Width(name), groupNameLeast)
	var buf [64]byte
	b := g.label(buf[:0], true, true)
	if len(b) > room {
		b = g.label(buf[:0], false, true)
	}
	if len(b) > room {
		b = g.label(buf[:0], false, false)
	}
	x += cutOperation(a, x, a.W-x-len(b)-1, name, f.Theme.Text, f) + 1
	s := f.Theme.Accent
	if g.repeated {
		s = f.Theme.Warn
	}
	a.Figure(x, 0, b, s)
}

// groupNameLeast is the room that a group's name gets before its label is shortened.
const groupNameLeast = 9

// label appends "x48 serial N+1".
func (g *siblingGroup) label(b []byte, how, verdict bool) []byte {
	b = num.Count(append(b, 'x'), uint64(g.count))
	switch {
	case !how:
	case g.width == 1:
		b = append(b, " serial"...)
	default:
		b = num.Count(append(b, " parallel "...), uint64(g.width))
	}
	if verdict && g.repeated {
		b = append(b, " N+1"...)
	}
	return b
}
