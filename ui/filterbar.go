// The overlay in which the filter is typed: parsed, counted and completed at every key.

package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// filterBar is the filter input: parsed at every key, counted live, in force only when entered, so the
// last valid filter stays what the screens show.
type filterBar struct {
	in      textinput.Model
	parsed  *filter.Expr
	problem *filter.Error
	count   *aggregate.Count
	seq     int // of the newest count asked for
	asking  bool
	cancel  context.CancelFunc
	hints   []filter.Suggestion
	hint    int                // the selected one, -1 none
	meant   *filter.Correction // of a filter that matches nothing; nil: nothing is near what was typed

	// What is drawn, made when it changes: each letter of the text, and each hint and what it is.
	letters []model.Text
	listed  [][2]model.Text
	verdict model.Text // the message of problem, or what count says
}

type countMsg struct {
	seq   int
	count *aggregate.Count
}

func (a *App) openFilter() tea.Cmd {
	in := textinput.New()
	in.CharLimit = filter.MaxLength
	b := &filterBar{in: in, hint: -1}
	if f := a.trail.here().scope.Filter; f != nil {
		b.in.SetValue(f.String())
	}
	b.in.CursorEnd()
	b.in.Focus() // its command blinks a cursor that is not drawn: each blink would be a frame
	a.overlay = b
	return b.changed(a)
}

func (b *filterBar) key(a *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		b.stop()
		return nil, true
	case "enter":
		return b.enter(a)
	case "tab", "down":
		b.hint = min(b.hint+1, len(b.hints)-1)
		if k.String() == "tab" {
			b.accept()
			return b.changed(a), false
		}
		return nil, false
	case "up":
		b.hint = max(b.hint-1, -1)
		return nil, false
	}
	before := b.in.Value()
	b.in, _ = b.in.Update(k)
	if b.in.Value() == before {
		b.complete(a)
		return nil, false
	}
	return b.changed(a), false
}

func (b *filterBar) paste(a *App, text string) tea.Cmd {
	b.in, _ = b.in.Update(tea.PasteMsg{Content: strings.Join(strings.Fields(text), " ")})
	return b.changed(a)
}

func (b *filterBar) mouse(a *App, ev MouseEvent, t canvas.Target) (tea.Cmd, bool) {
	if i := int(t.Index); i >= 0 && i < len(b.hints) && (ev == Click || ev == Double) {
		b.hint = i
		b.accept()
		return b.changed(a), false
	}
	return nil, false
}

// enter puts the filter in force as a step of the drill; empty text takes the filter away.
func (b *filterBar) enter(a *App) (tea.Cmd, bool) {
	if b.hint >= 0 && b.hint < len(b.hints) {
		b.accept()
		return b.changed(a), false
	}
	if b.problem != nil {
		return nil, false // the message is on screen already
	}
	b.stop()
	p := a.trail.here()
	was := p.scope.Filter
	p.scope.Filter = b.parsed
	p = p.filterable()
	switch {
	case b.parsed == nil && was == nil:
		return nil, true
	case was != nil:
		a.trail.replace(p) // an edit, not a step deeper
	default:
		a.trail.push(p)
	}
	return a.ask(), true
}

// changed parses the text and asks how much it matches.
func (b *filterBar) changed(a *App) tea.Cmd {
	b.stop()
	b.parsed, b.problem, b.count, b.hint, b.meant = nil, nil, nil, -1, nil
	b.complete(a)
	b.letters = b.letters[:0]
	for _, r := range b.in.Value() {
		b.letters = append(b.letters, model.Sanitise(string(r)))
	}
	text := strings.TrimSpace(b.in.Value())
	if text == "" {
		return nil
	}
	f, err := filter.Parse(text)
	if err != nil {
		if !errors.As(err, &b.problem) {
			b.problem = &filter.Error{Column: 1, Message: err.Error()}
		}
		b.verdict = model.Sanitise(b.problem.Message)
		return nil
	}
	b.parsed = f
	ctx, cancel := context.WithCancel(context.Background())
	b.seq++
	b.cancel, b.asking = cancel, true
	q := a.moment().Query()
	q.Filter = f
	seq, e := b.seq, a.o.Engine
	return func() tea.Msg {
		defer cancel()
		c, err := e.Count(ctx, q)
		if err != nil {
			c = nil
		}
		return countMsg{seq, c}
	}
}

func (b *filterBar) stop() {
	if b.cancel != nil {
		b.cancel()
		b.cancel, b.asking = nil, false
	}
}

// complete asks for suggestions at the cursor.
func (b *filterBar) complete(a *App) {
	b.hints = filter.Complete(b.in.Value(), b.in.Position(), catalogOf(a.o.Engine))
	if x := b.meant; x != nil {
		b.hints = slices.DeleteFunc(b.hints, func(h filter.Suggestion) bool { return h.From == x.From && h.Text == x.Text })
		b.hints = slices.Insert(b.hints, 0, x.Suggestion)
	}
	b.hint = min(b.hint, len(b.hints)-1)
	b.listed = b.listed[:0]
	for _, h := range b.hints {
		b.listed = append(b.listed, [2]model.Text{model.Sanitise(h.Text), model.Sanitise(h.Note)})
	}
}

// catalogOf is what filters are completed from; nil when the engine knows no values.
func catalogOf(e aggregate.Engine) filter.Catalog {
	c, _ := e.(filter.Catalog)
	return c
}

// accept puts the selected suggestion (the first, when none is) into the text.
func (b *filterBar) accept() {
	if len(b.hints) == 0 {
		return
	}
	h := b.hints[max(0, min(b.hint, len(b.hints)-1))]
	text := []rune(b.in.Value())
	text = append(append(append([]rune(nil), text[:h.From]...), []rune(h.Text)...), text[h.To:]...)
	b.in.SetValue(string(text))
	b.in.SetCursor(h.From + len([]rune(h.Text)))
	b.hint = -1
}

// counted takes a live count if it is that of the text on screen.
func (a *App) counted(m countMsg) {
	b, ok := a.overlay.(*filterBar)
	if !ok || b.seq != m.seq {
		return
	}
	b.count, b.asking = m.count, false
	if c := m.count; c != nil && c.Traces == 0 {
		b.miss(a, c)
	} else if c != nil {
		b.verdict = model.Textf("%s of %s traces, %s spans · enter applies, esc cancels",
			num.Count(nil, c.Traces), num.Count(nil, c.OfTraces), num.Count(nil, c.Spans))
	}
}

// miss says that the filter matches nothing, and what may have been meant: tab takes it.
func (b *filterBar) miss(a *App, c *aggregate.Count) {
	b.verdict = model.Textf("0 of %s traces, enter applies, esc cancels", num.Count(nil, c.OfTraces))
	x, ok := filter.Nearest(b.in.Value(), catalogOf(a.o.Engine))
	if !ok {
		return
	}
	b.meant = &x
	b.complete(a)
	if x.Alone {
		b.verdict = model.Textf("0 of %s traces: no %s %s; tab: %s", num.Count(nil, c.OfTraces), x.Field, filter.Quote(x.Typed), x.Nearest)
		return
	}
	b.verdict = model.Textf("0 of %s traces; tab: %s instead of %s", num.Count(nil, c.OfTraces), x.Nearest, x.Typed)
}

// draw stands over the frame's lines 2 and 3, so that the screen below does not move while typing.
func (b *filterBar) draw(all canvas.Area, f *Frame) {
	t := f.Theme
	rows := all.Sub(0, crumbRow, all.W, 2)
	rows.Fill(' ', t.Bar)
	rows.Target(canvas.Target{Kind: overlayTarget, Index: -1})
	x := 1 + rows.Lit(1, 0, "/ ", t.Key)
	x0 := x
	style := t.BarStrong
	from := max(0, b.in.Position()-(all.W-x-2)) // keep the cursor in sight
	at := x
	for i := from; i <= len(b.letters) && x < all.W-1; i++ {
		if i == b.in.Position() {
			at = x
		}
		if i < len(b.letters) {
			x += rows.Text(x, 0, b.letters[i], style)
		}
	}
	rows.Sub(at, 0, 1, 1).Tint(t.Selected)
	if len(b.letters) == 0 {
		rows.Lit(x0+1, 0, "service = \"cart\" && duration > 100ms   error   checkout   (tab completes)", t.BarDim)
	}
	b.drawVerdict(rows.Row(1), x0, from, f)
	b.drawHints(all, x0, f)
}

// drawVerdict draws the caret under the column that is wrong, or the live count.
func (b *filterBar) drawVerdict(r canvas.Area, x0, from int, f *Frame) {
	t := f.Theme
	switch {
	case b.problem != nil:
		x := x0 + max(0, min(b.problem.Column-1-from, r.W-x0-2))
		r.Rune(x, 0, t.Glyphs.ArrowUp, t.ToastProblem)
		if w := canvas.Width(b.verdict); x+2+w > r.W && x-1-w > 0 {
			r.Text(x-1-w, 0, b.verdict, t.ToastProblem)
		} else {
			r.Cut(x+2, 0, r.W-x-2, b.verdict, t.Glyphs.Ellipsis, t.ToastProblem)
		}
	case b.count != nil:
		r.Text(x0, 0, b.verdict, t.Toast)
	case b.asking:
		r.Lit(x0, 0, "counting", t.BarDim)
	case b.parsed == nil:
		r.Lit(x0, 0, "empty: no filter · a trace is in scope when any of its spans matches", t.BarDim)
	}
}

// maxHints is how many suggestions are listed at a time.
const maxHints = 8

func (b *filterBar) drawHints(all canvas.Area, x0 int, f *Frame) {
	t := f.Theme
	n := min(len(b.listed), maxHints, all.H-lensRow-3)
	if n <= 0 || len(b.letters) == 0 {
		return
	}
	first := max(0, b.hint-n+1)
	box := all.Sub(0, lensRow+1, all.W, n) // of whole lines: parts of words and figures would look like others
	box.Fill(' ', t.Bar)
	for i, h := range b.listed[first : first+n] {
		row := box.Row(i)
		x := x0 + row.Text(x0, 0, h[0], t.BarStrong)
		row.Text(x+2, 0, h[1], t.BarDim)
		row.Target(canvas.Target{Kind: overlayTarget, Index: int32(first + i)})
		if first+i == b.hint {
			row.Tint(t.Selected)
		}
	}
}
