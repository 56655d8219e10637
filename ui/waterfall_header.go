// Waterfall: the lines above the bars: what trace it is, and how unusual.

package ui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// tone is what a piece of text means; the theme decides how it looks. Texts are made when an answer
// arrives, themes may change later.
type tone uint8

const (
	tonePlain tone = iota
	toneStrong
	toneDim
	toneFaint
	toneAccent
	toneTitle
	toneInfo
	toneWarn
	toneError
	toneOK
	toneCritical
)

func (o tone) style(t *themes.Theme) themes.Style {
	return [...]themes.Style{
		tonePlain: t.Text, toneStrong: t.Strong, toneDim: t.Dim, toneFaint: t.Faint, toneAccent: t.Accent, toneTitle: t.Title,
		toneInfo: t.Info, toneWarn: t.Warn, toneError: t.Error, toneOK: t.OK, toneCritical: t.Critical,
	}[o]
}

// topPath is how many spans of the critical path the header names.
const topPath = 3

// headItem is a piece of the header. Those of the highest rank go first where there is no room.
type headItem struct {
	text model.Text
	tone tone
	rank int
	w    int
	age  bool // "… ago" is drawn after it, from the moment's clock
	tail bool // goes on from the item before, and says nothing without
	cut  bool // is shown in part rather than not at all
}

func item(rank int, o tone, format string, args ...any) headItem {
	t := model.Textf(format, args...)
	return headItem{text: t, tone: o, rank: rank, w: canvas.Width(t)}
}

// headItems makes the two lines: what trace this is, and how it compares with the others of its kind.
func headItems(m *traceModel, near *neighbours) [2][]headItem {
	v, r := m.view, m.view.Row
	first := []headItem{
		item(0, toneStrong, "%s  %s", r.RootService, r.RootOperation),
		item(0, toneStrong, "%s", num.Duration(nil, m.t.Duration())),
	}
	if n := m.t.Errors; n > 0 {
		first = append(first, item(0, toneError, "%s", plural(n, "error")))
		why := headItem{}
		if v.Verdict != "" {
			why = item(1, toneError, "%s", v.Verdict)
		} else if o := m.origin(0, int32(len(m.t.Tree.Nodes))); o >= 0 && o != m.t.Root {
			why = item(1, toneError, "first in %s %s", m.service(o), m.span(o).Name)
		}
		if why.w > 0 {
			why.cut = true // where errors begin is worth more than a whole line
			first = append(first, why)
		}
	}
	first = append(first, item(3, toneDim, "trace %s", m.t.ID))
	start := item(2, toneDim, "%s", time.Unix(0, m.t.Start).Format("2006-01-02 15:04:05.000"))
	start.age = true
	first = append(first, start)

	second := append([]headItem{rankItem(m)},
		item(1, tonePlain, "%s in %s", plural(len(m.t.Spans), "span"), plural(m.t.Services, "service")),
		completeItem(m))
	second = append(second, pathItems(m)...)
	if v.ShapeShare > 0 && r.Shape != "" {
		second = append(second, item(5, toneDim, "shape %s: %s of this root's traces", r.Shape, num.Share(nil, v.ShapeShare)))
	}
	if r.Kept != model.KeptRecent {
		second = append(second, item(6, toneAccent, "kept: %s", r.Kept))
	}
	if near != nil && near.at >= 0 && len(near.rows) > 1 {
		second = append(second, sessionItem(near))
	}
	return [2][]headItem{first, second}
}

// rankItem is this trace's rank among those of its root operation.
func rankItem(m *traceModel) headItem {
	v, r := m.view, m.view.Row
	if r.Percentile < 0 || v.RootCount < contextLeast {
		return item(0, toneDim, "no rank: %s of %s so far", num.Count(nil, v.RootCount), r.RootOperation)
	}
	o := tonePlain
	if r.Percentile >= unusualRank {
		o = toneWarn
	}
	what := ""
	if root := m.t.Root; root >= 0 && m.real(root) && m.mixture(root) != mixesNothing {
		o, what = toneDim, ", whatever they ask for"
	}
	return item(0, o, "%s of %s %s%s", rankText(r.Percentile), num.Count(nil, v.RootCount), r.RootOperation, what)
}

// rankText writes a percentile as "slower than 99.7%" or "faster than 85%", with the digits that matter near
// 100, which nothing reaches.
func rankText(p float64) string {
	what := "slower"
	if p < 50 {
		what, p = "faster", 100-p
	}
	if p >= 99 {
		return fmt.Sprintf("%s than %.1f%%", what, min(p, 99.9))
	}
	return fmt.Sprintf("%s than %.0f%%", what, p)
}

func completeItem(m *traceModel) headItem {
	t := m.t
	switch {
	case t.Orphans > 0:
		return item(1, toneWarn, "%s below %s", plural(t.Orphans, "orphan"), plural(len(t.Tree.Missing), "missing parent"))
	case t.Tree.Roots > 1:
		return item(1, toneWarn, "%d roots", t.Tree.Roots)
	case !m.view.Row.Settled:
		return item(1, toneWarn, "still arriving")
	case t.Complete():
		return item(4, toneOK, "complete")
	}
	return item(1, toneWarn, "attributes, events or links were dropped")
}

// pathItems names the operations with the largest shares of the critical path.
func pathItems(m *traceModel) []headItem {
	type share struct {
		node int32
		ns   int64
	}
	sums := map[uint32]*share{}
	var total int64
	var order []*share
	for n, ns := range m.t.Critical {
		if ns == 0 {
			continue
		}
		total = addTime(total, ns)
		op := m.head(int32(n)).Op
		s, ok := sums[op]
		if !ok {
			s = &share{node: int32(n)}
			sums[op] = s
			order = append(order, s)
		}
		s.ns = addTime(s.ns, ns)
	}
	slices.SortStableFunc(order, func(a, b *share) int { return cmp.Compare(b.ns, a.ns) })
	var items []headItem
	for i, s := range order[:min(topPath, len(order))] {
		label := ""
		if i == 0 {
			label = "critical: "
		}
		it := item(2+min(i, 1), toneCritical, "%s%s %s %s", label,
			num.Share(nil, float64(s.ns)/float64(total)), m.service(s.node), m.span(s.node).Name)
		it.tail, it.cut = i > 0, i == 0
		items = append(items, it)
	}
	return items
}

// drawHead draws both lines.
func (w *Waterfall) drawHead(a canvas.Area, f *Frame) {
	for y := range w.heads {
		w.drawItems(a.Row(y), w.heads[y], f)
	}
}

// itemGap is the room between two items; ageWidth is what ", 59m59s ago" takes at most; cutLeast is how much of an item
// that may be cut is worth showing.
const itemGap, ageWidth, cutLeast = 3, 13, 24

func (i *headItem) width() int {
	if i.age {
		return i.w + ageWidth
	}
	return i.w
}

// fitting is the set of items, as bits, that fit into w columns: by rank, in their order; an item that is
// too wide does not keep later ones out.
func fitting(items []headItem, w int) (set uint64) {
	last := 0
	for i := range items {
		last = max(last, items[i].rank)
	}
	used := 1
	for rank := 0; rank <= last; rank++ {
		for i := range items {
			if items[i].tail && set&(1<<(i-1)) == 0 {
				continue
			}
			n := items[i].width()
			if items[i].cut {
				n = max(min(n, w-used), min(n, cutLeast))
			}
			if items[i].rank == rank && (rank == 0 || used+n <= w) {
				set |= 1 << i
				used += n + itemGap
			}
		}
	}
	return set
}

// drawItems draws what fits of a line.
func (w *Waterfall) drawItems(a canvas.Area, items []headItem, f *Frame) {
	set := fitting(items, a.W)
	x := 1
	for i := range items {
		it := &items[i]
		if set&(1<<i) == 0 {
			continue
		}
		if x > 1 {
			a.Rune(x-2, 0, separator(f), f.Theme.Faint)
		}
		x += a.Cut(x, 0, a.W-x, it.text, f.G.Ellipsis, it.tone.style(f.Theme))
		if it.age {
			x += w.drawAge(a.Sub(x, 0, a.W-x, 1), f)
		}
		x += itemGap
	}
}

// drawAge draws how long ago the trace started, in whole seconds so that it moves once a second.
func (w *Waterfall) drawAge(a canvas.Area, f *Frame) int {
	if f.Status.Now.IsZero() || !f.Status.Live || f.Paused { // what files hold is as old as the files are; a frozen screen keeps still
		return 0
	}
	age := int64(max(0, since(f.Status.Now.UnixNano(), w.m.t.Start)))
	if age < 1e9 {
		return a.Lit(0, 0, ", now", f.Theme.Dim)
	}
	var buf [24]byte
	b := append(num.Duration(append(buf[:0], ", "...), age/1e9*1e9), " ago"...)
	return a.Figure(0, 0, b, f.Theme.Dim)
}

func separator(f *Frame) rune {
	if f.G.ASCII {
		return '|'
	}
	return '·'
}
