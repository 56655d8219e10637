// Waterfall: how the room is shared, and the rows.

package ui

import (
	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
)

// Targets of the waterfall.
const (
	waterfallRowTarget  uint8 = 1 + iota // a row left or right of its bar
	waterfallBarTarget                   // a row's bar
	waterfallMiniTarget                  // the minimap
	waterfallEdgeTarget                  // the divider of the detail pane
	waterfallPaneTarget                  // a line of the detail pane
)

// Widths of the columns. They depend on the room only, never on the data, so nothing jumps sideways.
const (
	treeLeast, treeMost = 26, 68
	treeBase, treeShare = 4, 0.3                   // names need more of a narrow screen than of a wide one
	figureWidth         = 8                        // duration and self time, with a blank before
	unusualWidth        = 15                       // "▲▲ p99.7 ×0.42" with a blank before
	selfFrom            = 92                       // room from which self time has a column
	unusualMark         = 3                        // its arrows alone, where there is no room for more
	unusualFrom         = 68                       // room from which there is
	stripWidth          = aggregate.StripCells + 2 // the operation's durations, with a blank before and after
	presenceWidth       = 6                        // how common the call is, with a blank before
	barsGood            = 56                       // what bars keep before these two have columns: the details tell them too
	headRows            = 2                        // lines of the header
	topLines            = 4                        // header, minimap, axis
)

// waterfallLayout is where things are on the last frame; the mouse is read by it.
type waterfallLayout struct {
	width, height      int
	whole, main        canvas.Area
	tree, bar, figures int // widths
	rows               canvas.Area
	pane               canvas.Area
	hasPane, side      bool
	self               bool
	unusual            int // width of that column
	strip, presence    bool
}

// layout divides the area.
func (w *Waterfall) layout(a canvas.Area) waterfallLayout {
	l := waterfallLayout{width: a.W, height: a.H, whole: a}
	body := a.Sub(0, headRows, a.W, a.H-headRows)
	body, l.pane, l.side = w.pane.split(body)
	l.hasPane = l.pane.W > 0 && l.pane.H > 0
	l.figures = figureWidth + 1 // and the scroll mark
	if l.self = body.W >= selfFrom; l.self {
		l.figures += figureWidth
	}
	if l.unusual = unusualMark; body.W >= unusualFrom {
		l.unusual = unusualWidth
	}
	l.figures += l.unusual
	l.tree = max(treeLeast, min(treeMost, treeBase+int(float64(body.W)*treeShare)))
	l.tree = min(l.tree, body.W)
	free := body.W - l.tree - l.figures - barsGood
	if l.strip = free >= stripWidth; l.strip {
		l.figures += stripWidth
	}
	if l.presence = free >= stripWidth+presenceWidth; l.presence {
		l.figures += presenceWidth
	}
	l.bar = max(0, body.W-l.tree-l.figures)
	l.main = body
	l.rows = body.Sub(0, topLines-headRows, body.W, body.H-(topLines-headRows))
	return l
}

// Draw draws header, minimap, axis, rows and details.
func (w *Waterfall) Draw(a canvas.Area, f *Frame) {
	if !w.shows(f.Moment) {
		w.drawAbsent(a, f)
		return
	}
	w.arrive(f.Moment)
	w.lay = w.layout(a)
	w.drawHead(a.Sub(0, 0, a.W, headRows), f)
	if len(w.rows) == 0 {
		w.lay.main.Lit(1, 1, "This trace has no spans.", f.Theme.Dim)
		return
	}
	w.drawMode(w.lay.main.Sub(0, 0, w.lay.tree, 1), f)
	w.drawMinimap(w.lay.main.Sub(w.lay.tree, 0, w.lay.bar, 1), f)
	w.drawRows(f)
	w.drawTitles(w.lay.main.Row(1), f) // after the rows, which scroll
	if w.lay.hasPane {
		w.drawPane(f)
	}
}

// drawAbsent says why there is no trace to draw.
func (w *Waterfall) drawAbsent(a canvas.Area, f *Frame) {
	switch {
	case w.gone == f.Trace && !f.Trace.IsZero():
		a.Text(2, 1, model.Textf("Trace %s is not retained.", f.Trace), f.Theme.Warn)
		a.Lit(2, 3, "It was never received, or has been evicted since. Esc goes back; p on a trace pins it,", f.Theme.Dim)
		a.Lit(2, 4, "so that it stays whatever else arrives. Coverage (8) shows how far back the ring goes.", f.Theme.Dim)
	case f.Problem != "":
		a.Text(2, 1, model.Textf("%c %s", f.G.Error, f.Problem), f.Theme.Error)
	default:
		a.Text(2, 1, model.Textf("Opening trace %s", f.Trace), f.Theme.Dim)
	}
}

// drawRows draws the rows in sight, with the cursor among them.
func (w *Waterfall) drawRows(f *Frame) {
	area := w.lay.rows
	w.scroll(area.H)
	w.bars = barPen{m: w.m, path: &w.path, c: w.clock(), r: w.view(), f: f, g: barGlyphsOf(f.Theme), cells: w.bars.cells, against: w.compared()}
	ticks := w.ticks()
	in := w.indentation(area.H)
	for y := 0; y < area.H && w.top+y < len(w.rows); y++ {
		i := w.top + y
		r := &w.rows[i]
		row := area.Row(y)
		tree := row.Sub(0, 0, w.lay.tree, 1)
		bar := row.Sub(w.lay.tree, 0, w.lay.bar, 1)
		w.drawTree(tree.Sub(0, 0, tree.W-1, 1), r, in, f)
		w.bars.bg = 0
		if i == w.at && !f.Theme.Mono() {
			w.bars.bg = f.Theme.SelectedDim.Bg
		}
		bar.Fill(' ', themes.Style{Bg: w.bars.bg})
		ticks.grid(bar, w.bars.bg, f)
		w.bars.row(bar, r)
		w.drawFigures(row.Sub(w.lay.tree+w.lay.bar, 0, w.lay.figures, 1), r, f)
		row.Target(canvas.Target{Kind: waterfallRowTarget, Index: int32(i)})
		bar.Target(canvas.Target{Kind: waterfallBarTarget, Index: int32(i)})
		if i == w.at {
			w.drawCursor(row, f)
		}
	}
	w.drawBrush(area.Sub(w.lay.tree, 0, w.lay.bar, area.H), f)
	w.drawScroll(area, f)
}

// drawCursor marks the selected row left and right of its bar, which keeps its colours: they mean something.
func (w *Waterfall) drawCursor(row canvas.Area, f *Frame) {
	s := f.Theme.Selected
	if w.pane.focus && w.lay.hasPane {
		s = f.Theme.SelectedDim
	}
	row.Sub(0, 0, w.lay.tree, 1).Tint(s)
	row.Sub(w.lay.tree+w.lay.bar, 0, w.lay.figures, 1).Tint(s)
}

// scroll keeps the cursor in sight. Where it came from afar it gets what stands around it as well, by a third above.
func (w *Waterfall) scroll(h int) {
	if far := w.at < w.top || w.at >= w.top+h; w.jump && far {
		w.top = w.at - h/3
	}
	w.jump = false
	w.top = max(0, min(w.top, len(w.rows)-h))
	if w.at < w.top {
		w.top = w.at
	}
	if h > 0 && w.at >= w.top+h {
		w.top = w.at - h + 1
	}
}

// drawScroll shows at the right edge where in the list the rows are.
func (w *Waterfall) drawScroll(a canvas.Area, f *Frame) {
	if n := len(w.rows); n > a.H && a.H > 0 {
		h := max(1, a.H*a.H/n)
		y := (a.H - h) * w.top / max(1, n-a.H)
		for i := range h {
			a.Rune(a.W-1, y+i, f.G.Vertical, f.Theme.Accent)
		}
	}
}

// drawWay draws the title of the tree; scrolled down, what the first row in sight is below of, nearest first.
func (w *Waterfall) drawWay(a canvas.Area, f *Frame) {
	if w.top >= len(w.rows) || w.rows[w.top].up < 0 {
		a.Lit(2, 0, "service  operation", f.Theme.Dim)
		return
	}
	x := 2 + a.Lit(2, 0, "in ", f.Theme.Faint)
	for up := w.rows[w.top].up; up >= 0 && x < a.W; up = w.rows[up].up {
		if r := &w.rows[up]; r.group < 0 && w.m.real(r.node) {
			x += a.Cut(x, 0, a.W-x, model.Sanitise(w.m.span(r.node).Name), f.G.Ellipsis, f.Theme.Dim)
			a.Rune(x+1, 0, f.G.ArrowLeft, f.Theme.Faint)
			x += 3
		}
	}
}

// drawTitles draws the column titles and the time axis.
func (w *Waterfall) drawTitles(row canvas.Area, f *Frame) {
	s := f.Theme.Dim
	w.drawWay(row.Sub(0, 0, w.lay.tree-1, 1), f)
	w.ticks().axis(row.Sub(w.lay.tree, 0, w.lay.bar, 1), f)
	fig := row.Sub(w.lay.tree+w.lay.bar, 0, w.lay.figures, 1)
	fig.Lit(0, 0, "duration", s)
	x := figureWidth
	if w.lay.self {
		fig.Lit(x+4, 0, "self", s)
		x += figureWidth
	}
	if w.lay.unusual == unusualWidth {
		title := canvas.Literal("how unusual")
		if w.compared() != nil {
			title = "against usual"
		}
		fig.Lit(x+1, 0, title, s)
	}
	x += w.lay.unusual
	if w.lay.strip {
		fig.Lit(x+1, 0, "spread", s)
		x += stripWidth
	}
	if w.lay.presence {
		fig.Lit(x+3, 0, "in", s)
	}
}
