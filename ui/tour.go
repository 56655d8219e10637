// The tour: a guided drill for newcomers.

package ui

import (
	"oteltop/themes"
	"oteltop/ui/canvas"
)

// tour is a guided drill: a strip below the screen says what is seen and what to press next. All keys do
// what they always do, so whoever takes it has done the drill.
type tour struct {
	steps []tourStep
	step  int
}

// tourRows are the rows that the strip takes.
const tourRows = 3

// tourStep is one step. It is over when done says so; then the next that is not over is shown.
type tourStep struct {
	see, press canvas.Literal
	done       func(a *App) bool
}

// reached is a step that ends on one of the lenses.
func reached(lenses ...Lens) func(a *App) bool {
	return func(a *App) bool {
		for _, l := range lenses {
			if a.trail.here().lens == l {
				return true
			}
		}
		return false
	}
}

func tourSteps() []tourStep {
	return []tourStep{
		{
			"Who calls whom. Marked places fail or got slower; findings say why.",
			"4 shows all that was found",
			reached(LensFindings, LensLatency, LensTraces, LensWaterfall),
		},
		{
			"What is worth a look, the most harmful first, with its evidence.",
			"enter goes to where the first one is seen",
			reached(LensLatency, LensTraces, LensWaterfall),
		},
		{
			"Every request by time and duration: the brighter, the more of them.",
			"V selects the slowest and says what sets them apart",
			func(a *App) bool {
				return reached(LensTraces, LensWaterfall)(a) || a.screens[LensLatency].(*Latency).ranged
			},
		},
		{
			"What the selected requests have and the others have not: attributes, calls.",
			"enter lists the selected requests",
			reached(LensTraces, LensWaterfall),
		},
		{
			"One row a request, with its rank: p99 was slower than 99 of 100 of its kind.",
			"enter opens the one under the cursor",
			reached(LensWaterfall),
		},
		{
			"One request, with the rank of every span: how typical is what it shows?",
			"esc goes back; : asks questions; ? lists keys, and there t ends this",
			func(a *App) bool { return false },
		},
	}
}

// toggleTour begins the tour or ends it.
func (a *App) toggleTour() {
	if a.tour != nil {
		a.tour = nil
		return
	}
	a.tour = &tour{steps: tourSteps()}
}

// advance goes on to the step that comes next. Going back does not undo a step: what was said was read.
func (t *tour) advance(a *App) {
	for t.step < len(t.steps)-1 && t.steps[t.step].done(a) {
		t.step++
	}
}

// tourHeight is what the strip takes of the screen.
func (a *App) tourHeight() int {
	if a.tour == nil || a.h < minHeight+tourRows {
		return 0
	}
	return tourRows
}

// draw draws the strip.
func (t *tour) draw(a canvas.Area, f *Frame) {
	s := &t.steps[t.step]
	a.Repeat(0, 0, a.W, f.G.Horizontal, f.Theme.BorderFocus)
	w := pen{a: a.Row(0), x: 1}
	w.lit(" tour ", f.Theme.Title)
	w.count(uint64(t.step+1), f.Theme.Title)
	w.lit(" of ", f.Theme.Title)
	w.counted(uint64(len(t.steps)), " ", f.Theme.Title)
	rest := a.Sub(1, 1, a.W-2, a.H-1)
	y := drawSentence(rest, 0, s.see, f.Theme.Text)
	if y < rest.H {
		rest.Rune(0, y, f.G.ArrowRight, f.Theme.Accent)
		drawSentence(rest.Sub(2, 0, rest.W-2, rest.H), y, s.press, f.Theme.Key)
	}
}

// drawSentence writes text from a line on, broken at blanks, and returns the line after it.
func drawSentence(a canvas.Area, y int, text canvas.Literal, s themes.Style) int {
	for text != "" && y < a.H {
		end := len(text)
		if end > a.W {
			end = a.W
			for i := end; i > 0; i-- {
				if text[i] == ' ' {
					end = i
					break
				}
			}
		}
		a.Lit(0, y, text[:end], s)
		text = text[end:]
		if text != "" && text[0] == ' ' {
			text = text[1:]
		}
		y++
	}
	return y
}
