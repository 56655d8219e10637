// Waterfall: the pane of details: where it is, its lines, and the cursor in it.

package ui

import (
	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/ui/canvas"
)

const (
	// sideFrom is the width from which details stand beside the bars; below it they stand under them.
	sideFrom = 140
	// belowFrom is the height from which they do so unasked: on 80x24 the rows need the room.
	belowFrom = 28
	// sideShare and belowShare are the part of the room that the pane starts with, in percent;
	// paneStep is what { and } change it by.
	sideShare, belowShare = 31, 36
	// shortShare is how much more it takes below where there are few rows: less would show no attribute.
	shortShare          = 18
	paneStep            = 4
	paneLeast, paneMost = 12, 80
	// paneMinWidth and paneMinHeight are the least useful sizes.
	paneMinWidth, paneMinHeight = 30, 5
	// valueLines is how many lines a long value takes before Enter opens it.
	valueLines = 6
	// columnWidth is the room that a column of details takes at least: a pane below the bars has several.
	columnWidth = 58
	// openLines bounds an open value: more is for copying and writing, not for reading.
	openLines = 2000
)

// paneMode is where the details are.
type paneMode uint8

const (
	paneAuto paneMode = iota // beside or below as there is room
	paneSide
	paneBelow
	paneOff
)

// entryKind is what can be done with an entry.
type entryKind uint8

const (
	entryPlain     entryKind = iota // copied
	entryAttribute                  // copied, filtered by
	entryLink                       // followed
)

// paneEntry is something in the details that the cursor can stand on.
type paneEntry struct {
	kind   entryKind
	scope  string // prefix in the filter language: "span.", "resource."; empty: cannot be filtered by
	key    string
	value  model.Value
	text   string // as received: masking is for drawing and copying
	masked bool
	link   *model.Link
	line   int  // first line
	long   bool // has more lines than are shown, or is open
}

// paneLine is one line of the details as wrapped for the width.
type paneLine struct {
	key, text model.Text
	keyTone   tone
	tone      tone
	x, keyX   int
	entry     int32 // -1: none
	strip     bool  // how the durations of the selected span's operation are spread is drawn before the text
}

// pane is the detail pane: lines are made when the selection, the width or what is revealed changes.
type pane struct {
	mode        paneMode
	side, below int // percent
	focus       bool

	lines   []paneLine
	entries []paneEntry
	open    map[int]bool // entries shown in full
	width   int          // of lines
	made    bool
	at, top int
	rows    int // lines in one column of the pane
	columns int
	masked  int    // values hidden in lines
	key     rowKey // that the lines are of
}

func newPane() pane { return pane{side: sideShare, below: belowShare, open: map[int]bool{}} }

// stale says that the details are of another span, or of the same one with news.
func (p *pane) stale() { p.made = false }

// split cuts the pane off the body.
func (p *pane) split(body canvas.Area) (rest, at canvas.Area, side bool) {
	side = p.mode == paneSide || (p.mode == paneAuto && body.W >= sideFrom)
	switch {
	case p.mode == paneOff, p.mode == paneAuto && !side && body.H < belowFrom-headRows:
		return body, canvas.Area{}, side
	case side:
		w := max(paneMinWidth, body.W*p.side/100)
		if body.W-w < treeLeast+figureWidth {
			return body, canvas.Area{}, side
		}
		return body.Sub(0, 0, body.W-w, body.H), body.Sub(body.W-w, 0, w, body.H), side
	}
	share := p.below
	if body.H < belowFrom-headRows {
		share = min(paneMost, share+shortShare)
	}
	h := max(paneMinHeight, body.H*share/100)
	if body.H-h < topLines {
		return body, canvas.Area{}, side
	}
	return body.Sub(0, 0, body.W, body.H-h), body.Sub(0, body.H-h, body.W, h), side
}

// show puts the details where there is room for them.
func (p *pane) show(wide bool) {
	p.mode = paneBelow
	if wide {
		p.mode = paneSide
	}
}

// cycle goes on from where the details are: beside, below, off.
func (p *pane) cycle(shown, side, wide bool) {
	switch {
	case !shown:
		p.show(wide)
	case side:
		p.mode = paneBelow
	default:
		p.mode, p.focus = paneOff, false
	}
}

// resize makes the pane larger or smaller by percent of the room.
func (p *pane) resize(side bool, by int) {
	share := &p.below
	if side {
		share = &p.side
	}
	*share = max(paneLeast, min(paneMost, *share+by))
}

// move puts the pane's cursor on an entry and keeps it in sight.
func (p *pane) move(to int) {
	p.at = max(0, min(to, len(p.entries)-1))
	if len(p.entries) == 0 {
		return
	}
	first, last := p.entries[p.at].line, len(p.lines)
	if p.at+1 < len(p.entries) {
		last = p.entries[p.at+1].line
	}
	if p.at == 0 {
		first = 0
	}
	last = min(last, first+p.room())
	p.top = min(max(p.top, last-p.room()), first)
}

// scroll moves the lines without the cursor.
func (p *pane) scroll(by int) {
	p.top = max(0, min(p.top+by, len(p.lines)-p.room()))
}

// room is how many lines are seen at a time.
func (p *pane) room() int { return p.rows * p.columns }

// selected is the entry under the pane's cursor, nil for none.
func (p *pane) selected() *paneEntry {
	if p.at < len(p.entries) {
		return &p.entries[p.at]
	}
	return nil
}

// fillPane makes the lines for the room there is, and says where they stand and how wide a column of them is. Keys
// do so too: several may come between two frames.
func (w *Waterfall) fillPane() (in canvas.Area, width int) {
	p, a := &w.pane, w.lay.pane
	in = a.Sub(0, 1, a.W, a.H-1)
	if w.lay.side {
		in = a.Sub(1, 0, a.W-1, a.H)
	}
	p.rows, p.columns = in.H, max(1, in.W/columnWidth)
	width = (in.W - 1) / p.columns
	w.makeLines(width - 2)
	return in, width
}

// drawPane draws divider, title and lines.
func (w *Waterfall) drawPane(f *Frame) {
	p, a := &w.pane, w.lay.pane
	border := f.Theme.Border
	if p.focus {
		border = f.Theme.BorderFocus
	}
	if w.lay.side {
		for y := range a.H {
			a.Rune(0, y, f.G.Vertical, border)
		}
		a.Sub(0, 0, 1, a.H).Target(canvas.Target{Kind: waterfallEdgeTarget})
	} else {
		a.Repeat(0, 0, a.W, f.G.Horizontal, border)
		a.Sub(0, 0, a.W, 1).Target(canvas.Target{Kind: waterfallEdgeTarget})
	}
	in, width := w.fillPane()
	p.top = max(0, min(p.top, len(p.lines)-p.room()))
	for c := range p.columns {
		w.drawLines(in.Sub(1+c*width, 0, width-1, in.H), p.top+c*p.rows, f)
	}
	if n := len(p.lines); n > p.room() && p.rows > 0 {
		h := max(1, p.rows*p.room()/n)
		y := (p.rows - h) * p.top / max(1, n-p.room())
		for i := range h {
			in.Rune(in.W-1, y+i, f.G.Vertical, f.Theme.Accent)
		}
	}
	if !w.lay.side {
		a.Lit(2, 0, " details ", f.Theme.Title)
	}
}

// drawLines draws one column, starting with the line at.
func (w *Waterfall) drawLines(a canvas.Area, at int, f *Frame) {
	p := &w.pane
	for y := 0; y < a.H && at+y < len(p.lines); y++ {
		l := &p.lines[at+y]
		row := a.Row(y)
		keyStyle := l.keyTone.style(f.Theme)
		if l.entry >= 0 && w.search.hitsEntry(&p.entries[l.entry]) {
			keyStyle = f.Theme.Match
		}
		row.Text(l.keyX, 0, l.key, keyStyle)
		row.Text(l.x, 0, l.text, l.tone.style(f.Theme))
		if r := w.selected(); l.strip && r != nil {
			c := w.m.context(r.node)
			drawStrip(row.Sub(0, 0, aggregate.StripCells, 1), &c, w.m.oddity(r.node), f)
		}
		if l.entry < 0 {
			row.Target(canvas.Target{Kind: waterfallPaneTarget, Index: -1})
			continue
		}
		row.Target(canvas.Target{Kind: waterfallPaneTarget, Index: l.entry})
		if int(l.entry) == p.at && p.focus {
			row.Tint(f.Theme.Selected)
		}
	}
}
