// Lens 8, Coverage: how the room is shared among the panes, and how each is drawn.

package ui

import (
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
)

// Room of the panes.
const (
	coverBeside   = 150 // columns from which on all panes stand on the screen, in two columns
	coverLeast    = 4   // rows of a pane: title, titles, two rows
	coverSayTall  = 18  // rows from which on what a row means has two lines
	coverOverview = 5   // rows of the list of checks that are always seen
)

// coverColumns are the panes of the two columns of a wide screen, from above.
var coverColumns = [2][]coverID{
	{coverChecks, coverServices, coverProblems, coverRoom},
	{coverHops, coverClocks, coverSampling, coverSpans, coverLog},
}

// Draw draws the panes that have room, and what the row under the cursor means.
func (c *Coverage) Draw(a canvas.Area, f *Frame) {
	if c.fast == nil {
		return
	}
	say := 1
	if a.H >= coverSayTall {
		say = 2
	}
	c.divide(rect{0, 0, a.W, a.H - say})
	for id := range c.panes {
		if r := c.lay[id]; r.h > 0 {
			c.drawPane(r.of(a), coverID(id), f)
		}
	}
	c.drawSay(a.Sub(1, a.H-say, a.W-2, say), f)
}

// divide shares the room among the panes: all of them where it is wide, else the checks and below them the pane
// that is asked for, and those after it as far as they fit.
func (c *Coverage) divide(room rect) {
	c.lay = [coverPanes]rect{}
	if room.w >= coverBeside {
		left := room
		left.w = room.w/2 - 1
		right := rect{room.w / 2, room.y, room.w - room.w/2, room.h}
		c.stack(left, coverColumns[0])
		c.stack(right, coverColumns[1])
		return
	}
	top := room
	top.h = 1 + min(c.panes[coverChecks].len(), max(coverOverview, room.h*2/5))
	c.lay[coverChecks] = top
	y := top.h
	for i := range coverPanes - 1 {
		id := 1 + (c.shown-1+i)%(coverPanes-1)
		rest := room.h - y
		if rest < coverLeast || i > 0 && rest < min(c.need(id), coverLeast*2) {
			break
		}
		h := min(rest, c.need(id))
		if i == 0 && rest-h < coverLeast*2 { // nothing else would fit
			h = rest
		}
		c.lay[id] = rect{room.x, room.y + y, room.w, h}
		y += h
	}
}

// len is how many rows a pane has.
func (p *coverPane) len() int { return len(p.list.table.keys) }

// need is how many rows of the screen a pane needs to show all of its rows, and a blank one.
func (c *Coverage) need(id coverID) int {
	n := max(1, c.panes[id].len()) + 3
	if id == coverChecks {
		n--
	}
	return n
}

// stack puts panes one below the other: each gets what it needs or an equal part of the room, and what is left goes
// to those that need more, from above.
func (c *Coverage) stack(room rect, ids []coverID) {
	part, rest := room.h/len(ids), room.h
	for _, id := range ids {
		c.lay[id].h = min(part, c.need(id))
		rest -= c.lay[id].h
	}
	y := room.y
	for _, id := range ids {
		r := &c.lay[id]
		more := max(0, min(rest, c.need(id)-r.h))
		rest -= more
		*r = rect{room.x, y, room.w, r.h + more}
		y += r.h
	}
}

// drawPane draws a pane: a line with its title and all of it in a few words, and the table.
func (c *Coverage) drawPane(a canvas.Area, id coverID, f *Frame) {
	t, p := f.Theme, &c.panes[id]
	border := t.Border
	if c.at == id {
		border = t.BorderFocus
	}
	rule := a.Row(0)
	switch {
	case p.list.answer == nil:
		c.drawPaneAsking(a, f)
	case p.len() == 0:
		a.Rune(1, 1, f.G.OK, t.OK)
		a.Lit(3, 1, p.none, t.Text)
	case id == coverChecks: // its columns need no titles: the rule takes their place
		c.drawRows(a, p, f)
	default:
		c.drawRows(a.Sub(0, 1, a.W, a.H-1), p, f)
	}
	rule.Repeat(0, 0, rule.W, f.G.Horizontal, border)
	w := pen{a: rule, x: 1}
	w.lit(" ", t.Title)
	w.lit(p.title, t.Title)
	w.lit(" ", t.Title)
	w.blank(1)
	if room := rule.W - w.x - 3; p.sum != (model.Text{}) && room >= noteLeast {
		w.lit(" ", t.Dim)
		w.x += rule.Cut(w.x, 0, room, p.sum, f.G.Ellipsis, t.Dim)
		w.lit(" ", t.Dim)
	}
}

func (c *Coverage) drawRows(a canvas.Area, p *coverPane, f *Frame) {
	p.list.table.away = &c.panes[c.at] != p
	p.list.table.draw(a, f, func(row, col int, cell canvas.Area) {
		if col == 0 {
			if mark, s := levelMark(p.levels[p.list.table.keys[row]], f.Theme); mark != 0 {
				cell.Rune(0, 0, mark, s)
			}
			cell = cell.Sub(markWidth, 0, cell.W-markWidth, 1)
		}
		p.list.cell(row, col, cell, f)
	})
}

// drawPaneAsking stands where the rows of a pane will be.
func (c *Coverage) drawPaneAsking(a canvas.Area, f *Frame) {
	w := pen{a: a.Row(1), x: 2}
	if f.AsideProblem != "" {
		drawProblem(&w, f)
		return
	}
	w.lit("looking at every retained request", f.Theme.Dim)
	w.rune(f.G.Ellipsis, f.Theme.Dim)
	if f.Aside > slowQuestion {
		w.blank(1)
		w.duration(f.Aside.Milliseconds()*1e6, f.Theme.Warn)
	}
}

// drawSay says what the row under the cursor means.
func (c *Coverage) drawSay(a canvas.Area, f *Frame) {
	r := c.panes[c.at].list.selected()
	if r == nil {
		return
	}
	if a.H == 1 {
		a.Cut(0, 0, a.W, r.say, f.G.Ellipsis, f.Theme.Strong)
		return
	}
	c.said.draw(a, r.say, f.Theme.Strong, f)
}

// levelMark is the sign of a level; 0 for none.
func levelMark(l level, t *themes.Theme) (rune, themes.Style) {
	switch l {
	case good:
		return t.Glyphs.OK, t.OK
	case doubtful:
		return t.Glyphs.Warn, t.Warn
	case bad:
		return t.Glyphs.Error, t.Error
	}
	return 0, t.Strong
}
