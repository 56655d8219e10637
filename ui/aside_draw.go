// How it is shown that such an answer is being worked out, or failed.

package ui

import (
	"oteltop/model"
	"oteltop/ui/canvas"
)

// drawAwaited stands where an answer will be: what is being done for it, since when, or why there will be none.
func drawAwaited(w pen, doing canvas.Literal, f *Frame) {
	if f.AsideProblem == "" {
		w.lit(doing, f.Theme.Dim)
		w.rune(f.G.Ellipsis, f.Theme.Dim)
		w.blank(1)
	}
	drawWorking(&w, f)
}

// drawWorking says how long an answer that is asked for aside is being worked out, once a person notices, or why
// there is none.
func drawWorking(w *pen, f *Frame) {
	if f.AsideProblem != "" {
		drawProblem(w, f)
		return
	}
	if f.Aside <= slowQuestion {
		return
	}
	w.rune(f.G.Clock, f.Theme.Warn)
	w.lit(" working", f.Theme.Warn)
	w.rune(f.G.Ellipsis, f.Theme.Warn)
	w.blank(1)
	w.duration(f.Aside.Milliseconds()*1e6, f.Theme.Warn)
	w.lit(", esc cancels", f.Theme.Dim)
}

// drawProblem says why what was asked aside has no new answer.
func drawProblem(w *pen, f *Frame) {
	t := f.Theme
	w.rune(f.G.Error, t.Error)
	w.lit(" ", t.Error)
	w.x += w.a.Cut(w.x, 0, w.a.W-w.x, model.Sanitise(f.AsideProblem), f.G.Ellipsis, t.Error)
}
