// The overlay that asks for an expression over traces, for a column or a histogram.

package ui

import (
	"errors"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// expressionInput is the overlay that asks for an expression over the spans of a trace: as a column of the list
// of traces, or for its distribution, which a sheet answers.
type expressionInput struct {
	in       textinput.Model
	isColumn bool
	parsed   aggregate.FeaturesQuery
	problem  *filter.Error
	examples []features.Example
	at       int // the example under the cursor, −1 for none
}

// openColumn asks for the column that a person wants to see in Traces.
func openColumn(a *App) tea.Cmd {
	x := newExpressionInput(true)
	if own := a.screens[LensTraces].(*Traces).own; own != nil {
		x.set(own.String())
	}
	a.overlay = x
	return nil
}

// openHistogram asks for the expression whose distribution a person wants to see.
func openHistogram(a *App) tea.Cmd {
	a.overlay = newExpressionInput(false)
	return nil
}

func newExpressionInput(isColumn bool) *expressionInput {
	in := textinput.New()
	in.CharLimit = filter.MaxLength
	in.Focus()
	x := &expressionInput{in: in, isColumn: isColumn, at: -1}
	for _, e := range features.Examples() {
		if !isColumn || !e.Grouped {
			x.examples = append(x.examples, e)
		}
	}
	return x
}

func (x *expressionInput) set(text string) {
	x.in.SetValue(text)
	x.in.CursorEnd()
	x.parse()
}

// parse reads the text at every key, so that what is wrong is seen while it is typed.
func (x *expressionInput) parse() {
	x.parsed, x.problem = aggregate.FeaturesQuery{}, nil
	text := x.in.Value()
	if strings.TrimSpace(text) == "" {
		return
	}
	var err error
	if x.isColumn {
		x.parsed.Expr, err = features.Parse(text)
	} else {
		x.parsed, err = aggregate.ParseFeatures(text)
	}
	if err != nil && !errors.As(err, &x.problem) {
		x.problem = &filter.Error{Column: 1, Message: err.Error()}
	}
}

func (x *expressionInput) key(a *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		return x.enter(a)
	case "down", "tab":
		x.take(min(x.at+1, len(x.examples)-1))
		return nil, false
	case "up", "shift+tab":
		x.take(max(x.at-1, 0))
		return nil, false
	}
	x.in, _ = x.in.Update(k)
	x.at = -1
	x.parse()
	return nil, false
}

// take puts an example into the input, to be changed there.
func (x *expressionInput) take(i int) {
	x.at = i
	x.set(x.examples[i].Text)
}

func (x *expressionInput) paste(_ *App, text string) tea.Cmd {
	x.in, _ = x.in.Update(tea.PasteMsg{Content: strings.Join(strings.Fields(text), " ")})
	x.parse()
	return nil
}

func (x *expressionInput) mouse(_ *App, ev MouseEvent, t canvas.Target) (tea.Cmd, bool) {
	if i := int(t.Index); i >= 0 && i < len(x.examples) && (ev == Click || ev == Double) {
		x.take(i)
	}
	return nil, false
}

// enter shows the column, or the distribution. Without text there is no column.
func (x *expressionInput) enter(a *App) (tea.Cmd, bool) {
	switch {
	case x.problem != nil:
		return nil, false // the message is on screen already
	case x.isColumn:
		a.screens[LensTraces].(*Traces).setOwn(x.parsed.Expr)
		return a.show(LensTraces), true
	case x.parsed.Expr == nil:
		return nil, true
	}
	name := sheetHistogram
	if x.parsed.By != nil {
		name = sheetHistogramBy
	}
	return a.act(OpenSheet{Name: name, About: strings.TrimSpace(x.in.Value()), Scope: a.trail.here().scope}), true
}

// exampleWidth is the room for the text of an example before its meaning.
const exampleWidth = 42

func (x *expressionInput) draw(all canvas.Area, f *Frame) {
	t := f.Theme
	title := canvas.Literal("how is an expression spread over traces?")
	if x.isColumn {
		title = "a column of your own"
	}
	in := panel(all, 90, len(x.examples)+6, f, title)
	from := drawInput(in.Row(0), &x.in, f)
	x.drawVerdict(in.Row(1), from, f)
	for i, e := range x.examples {
		row := in.Row(3 + i)
		row.Cut(1, 0, exampleWidth, model.Sanitise(e.Text), f.G.Ellipsis, t.Text)
		row.Cut(exampleWidth+2, 0, row.W-exampleWidth-3, model.Sanitise(e.Meaning), f.G.Ellipsis, t.Dim)
		row.Target(canvas.Target{Kind: overlayTarget, Index: int32(i)})
		if i == x.at {
			row.Tint(t.Selected)
		}
	}
}

// drawVerdict says what is wrong, below the place where it is, or what enter does.
func (x *expressionInput) drawVerdict(r canvas.Area, from int, f *Frame) {
	t := f.Theme
	switch {
	case x.problem != nil:
		at := max(0, min(x.problem.Column-1-from, r.W/2))
		r.Rune(at, 0, f.G.ArrowUp, t.Error)
		r.Cut(at+2, 0, r.W-at-2, model.Sanitise(x.problem.Message), f.G.Ellipsis, t.Error)
	case x.isColumn && x.parsed.Expr == nil:
		r.Lit(0, 0, "arrows take an example; enter without text: no column", t.Dim)
	case x.parsed.Expr == nil:
		r.Lit(0, 0, "arrows take an example; by KEY at the end divides by an attribute", t.Dim)
	case x.isColumn:
		r.Lit(0, 0, "enter shows it in Traces, the highest first", t.Dim)
	default:
		r.Lit(0, 0, "enter counts the traces of the scope by its value", t.Dim)
	}
}
