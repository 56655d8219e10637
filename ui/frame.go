// The frame around every screen: status, tabs and footer; and how a frame is put together.

package ui

import (
	"slices"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
)

// Rows of the frame.
const (
	statusRow = iota
	crumbRow
	lensRow
	topRows // rows above the screen's area
)

// Targets of the frame; screens number their own from 1 and never see these.
const (
	tabTarget uint8 = 250 + iota
	crumbTarget
	overlayTarget
)

func (a *App) tooSmall() bool { return a.w < minWidth || a.h < minHeight }

// draw draws the whole screen on the canvas.
func (a *App) draw() {
	a.canvas.Reset(a.w, a.h, themes.Style{})
	all := a.canvas.All()
	if a.w == 0 || a.h == 0 {
		return
	}
	if a.tooSmall() {
		all.Text(0, 0, model.Textf("oteltop needs %dx%d, this is %dx%d", minWidth, minHeight, a.w, a.h), a.theme.Warn)
		all.Lit(0, 1, "enlarge the terminal; q quits", a.theme.Dim)
		return
	}
	f := &a.frame
	*f = Frame{Moment: a.moment(), Theme: a.theme, G: a.theme.Glyphs, Paused: a.pause.on, Waiting: a.waiting(), Problem: a.pull.problem,
		Aside: a.asideWaiting(), AsideProblem: a.aside.problem}
	a.drawStatus(all.Row(statusRow))
	a.drawCrumbs(all.Row(crumbRow))
	a.drawLenses(all.Row(lensRow))
	body := all.Sub(0, topRows, a.w, a.h-frameRows-a.tourHeight())
	if a.status.Received == 0 && a.trail.here().lens != LensCoverage {
		a.drawEmpty(body)
	} else {
		a.screen().Draw(body, f)
	}
	if h := a.tourHeight(); h > 0 {
		a.tour.advance(a)
		a.tour.draw(all.Sub(0, a.h-1-h, a.w, h), f)
	}
	a.drawFooter(all.Row(a.h - 1))
	if a.overlay != nil {
		a.overlay.draw(all, f)
	}
}

// statusPen writes labelled figures from left to right and stops where the room ends.
type statusPen struct {
	a    canvas.Area
	x    int
	t    *themes.Theme
	buf  [32]byte
	full bool
}

// figure writes "value label" in a slot of fixed width, so that nothing to its right jumps; only a value that is
// wider than any that was thought of makes room for itself.
func (p *statusPen) figure(value []byte, width int, label canvas.Literal, s themes.Style) {
	width = max(width, len(value))
	w := width + 1 + len(label) + 2
	if p.full || p.x+w > p.a.W {
		p.full = true
		return
	}
	p.a.Figure(p.x+width-len(value), 0, value, s)
	p.a.Lit(p.x+width+1, 0, label, p.t.BarDim)
	p.x += w
}

// ringSpan appends how far back the ring goes, in seconds: 0s if all is of one instant.
func ringSpan(b []byte, s *aggregate.Status) []byte {
	if s.RingSeconds < 1 {
		return append(b, "0s"...)
	}
	return num.Duration(b, int64(s.RingSeconds)*1e9)
}

// drawStatus draws line 1, most important first: what is lost on a narrow screen is what matters least.
func (a *App) drawStatus(r canvas.Area) {
	t, s := a.theme, a.status
	r.Fill(' ', t.Bar)
	p := &statusPen{a: r, t: t}
	p.x = 1 + r.Lit(1, 0, "oteltop", t.Key)
	p.x += 1
	p.x += a.drawState(r.Sub(p.x, 0, r.W-p.x, 1)) + 2
	b := p.buf[:0]
	if s.Live {
		p.figure(num.Rate(b, s.SpansPerSec), 7, "spans", t.BarStrong)
		p.figure(num.Rate(b, s.TracesPerSec), 7, "traces", t.BarStrong)
	} else {
		p.figure(num.Count(b, s.Received), 7, "spans", t.BarStrong)
		p.figure(num.Count(b, s.Traces), 7, "traces", t.BarStrong)
	}
	lost := t.BarDim
	if s.Refused > 0 {
		lost = t.ToastProblem
	}
	p.figure(num.Count(b, s.Refused), 5, "refused", lost)
	p.figure(num.Count(b, uint64(s.Services)), 3, "services", t.BarStrong)
	if s.Budget > 0 {
		p.figure(num.Share(b, float64(s.Bytes)/float64(s.Budget)), 6, "of memory", t.BarStrong)
	}
	if s.Live {
		p.figure(ringSpan(b, s), 6, "in ring", t.BarStrong)
	}
	if s.Complete >= 0 {
		p.figure(num.Share(p.buf[:0], s.Complete), 5, "complete", t.BarStrong)
	}
	p.figure(num.Count(p.buf[:0], s.Retained), 5, "spans kept", t.BarStrong)
	p.figure(num.Count(p.buf[:0], s.Evicted), 5, "evicted", t.BarDim)
	p.figure(num.Bytes(p.buf[:0], s.Bytes), 5, "bytes", t.BarDim)
	if a.o.Source.Banner != "" {
		w := canvas.Width(model.Sanitise(a.o.Source.Banner))
		r.Sub(r.W-w-2, 0, w+2, 1).Fill(' ', t.ToastProblem)
		r.Right(r.W-1, 0, model.Sanitise(a.o.Source.Banner), t.ToastProblem)
	}
}

// drawState draws live, frozen, reading or idle, in one width.
func (a *App) drawState(r canvas.Area) int {
	t := a.theme
	const width = 10
	switch {
	case a.pause.on:
		p := pen{a: r}
		p.lit("FROZEN", t.ToastProblem)
		var buf [24]byte
		n := num.Count(append(buf[:0], '+'), a.status.Received-a.pause.received)
		p.blank(1 + max(0, len("+10.9k")-len(n))) // so that what follows does not move
		p.figure(n, t.Bar)
		p.lit(" spans", t.Bar)
		return p.x
	case a.o.Source.Progress != nil && a.o.Source.Progress() < 1:
		p := pen{a: r}
		p.lit("reading ", t.Toast)
		p.share(a.o.Source.Progress(), t.Toast)
	case a.status.Live && a.status.SpansPerSec > 0:
		r.Rune(0, 0, t.Glyphs.Service, t.Toast)
		r.Lit(2, 0, "live", t.Toast)
	case a.status.Live:
		r.Rune(0, 0, t.Glyphs.Inferred, t.BarDim)
		r.Lit(2, 0, "quiet", t.BarDim)
	default:
		r.Lit(0, 0, "file", t.Toast)
	}
	return width
}

// drawAsking says at the right that the last question failed, or that it takes long.
func (a *App) drawAsking(r canvas.Area) {
	t := a.theme
	if a.pull.problem != "" {
		why := model.Sanitise(a.pull.problem)
		w := min(r.W-2, canvas.Width(why)+2)
		r.Sub(r.W-1-w, 0, w, 1).Fill(' ', t.Error)
		r.Rune(r.W-1-w, 0, t.Glyphs.Error, t.Error)
		r.Cut(r.W+1-w, 0, w-2, why, t.Glyphs.Ellipsis, t.Error)
		return
	}
	if out := a.waiting(); out > slowQuestion {
		var buf [64]byte
		b := num.Duration(append(buf[:0], "   asking for "...), out.Milliseconds()*1e6)
		if n := len(a.ahead.keys); n > 0 {
			b = num.Count(append(b, ", keys that wait: "...), uint64(n))
		}
		b = append(b, ", esc cancels"...)
		x := r.W - 1 - len(b)
		r.Figure(x, 0, b, t.Warn)
		r.Rune(x+1, 0, t.Glyphs.Clock, t.Warn) // apart from what it lies over
	}
}

// basisLeast is what the tabs leave of line 3, however many there are: the short form of a basis.
const basisLeast = 18

// drawLenses draws line 3: the tabs, and at the right what the figures below were computed from.
func (a *App) drawLenses(r canvas.Area) {
	t := a.theme
	here := a.trail.here()
	brief := a.tabsWidth()+basisLeast > r.W
	x := 1
	for _, l := range a.keys.lenses {
		s, name := t.Tab, l.Lens.String()
		if l.Lens == here.lens {
			s = t.TabActive
		} else if brief {
			name = l.Lens.brief()
		}
		w := pen{a: r, x: x}
		if !brief || l.Lens == here.lens {
			w.lit(" ", s)
		}
		w.text(model.Sanitise(l.Key.Help().Key), s)
		w.lit(" ", s)
		w.text(model.Sanitise(name), s)
		if !brief || l.Lens == here.lens {
			w.lit(" ", s)
		}
		r.Sub(x, 0, w.x-x, 1).Target(canvas.Target{Kind: tabTarget, Index: int32(l.Lens)})
		x = w.x + 1
	}
	if here.lens == LensWaterfall {
		x += r.Lit(x, 0, " Waterfall ", t.TabActive) + 1
	}
	if here.lens == LensSheet {
		x += r.Lit(x, 0, " Answer ", t.TabActive) + 1
	}
	a.screen().Basis().draw(r, x, &a.frame)
}

// tabsWidth is what the tabs take with their whole names.
func (a *App) tabsWidth() int {
	w := 1
	for _, l := range a.keys.lenses {
		w += len(l.Lens.String()) + len("  1 ") + 1
	}
	if a.trail.here().lens == LensWaterfall {
		w += len(" Waterfall ") + 1
	}
	return w
}

// drawFooter draws the keys that work here, or the message of the moment.
func (a *App) drawFooter(r canvas.Area) {
	t := a.theme
	r.Fill(' ', t.Bar)
	if a.toast.text != "" {
		s := t.Toast
		glyph := t.Glyphs.OK
		if a.toast.problem {
			s, glyph = t.ToastProblem, t.Glyphs.Warn
		}
		r.Rune(1, 0, glyph, s)
		r.Cut(3, 0, r.W-4, model.Sanitise(a.toast.text), t.Glyphs.Ellipsis, s)
		return
	}
	if a.writingFor() > slowQuestion {
		a.drawWriting(r)
		return
	}
	if o, ok := a.overlay.(typed); ok {
		drawBindings(r, 1, r.W, o.keysOf(), t)
		return
	}
	tail := a.keys.tail
	end := r.W
	for i := len(tail) - 1; i >= 0; i-- {
		if a.usedByScreen(tail[i]) {
			continue
		}
		end -= bindingWidth(tail[i])
		drawBinding(r, end, tail[i], t)
	}
	drawBindings(r, 1, end, a.screen().Keys(), t)
}

// drawBindings draws those of some keys that have room from x to end.
func drawBindings(r canvas.Area, x, end int, keys []key.Binding, t *themes.Theme) {
	for _, b := range keys {
		if w := bindingWidth(b); b.Enabled() && b.Help().Key != "" && x+w <= end {
			drawBinding(r, x, b, t)
			x += w
		}
	}
}

// usedByScreen reports whether the screen uses a key of App's for something of its own.
func (a *App) usedByScreen(b key.Binding) bool {
	for _, s := range a.screen().Keys() {
		if s.Enabled() && slices.Contains(s.Keys(), b.Keys()[0]) {
			return true
		}
	}
	return false
}

func bindingWidth(b key.Binding) int {
	h := b.Help()
	return canvas.Width(model.Sanitise(h.Key)) + 1 + canvas.Width(model.Sanitise(h.Desc)) + 2
}

func drawBinding(r canvas.Area, x int, b key.Binding, t *themes.Theme) {
	h := b.Help()
	x += r.Text(x, 0, model.Sanitise(h.Key), t.Key) + 1
	r.Text(x, 0, model.Sanitise(h.Desc), t.BarDim)
}
