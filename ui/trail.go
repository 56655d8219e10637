// Where the person is and was: the drill, the history, and both in words.

package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
)

// historyMax bounds what [ can go back over.
const historyMax = 100

// trail is where the person is and was. steps are the drill (Esc pops them); history is every trail that
// was shown, as in a browser ([ and ] move in it).
type trail struct {
	steps   []place
	history [][]place
	pos     int
}

func newTrail(p place) trail {
	p.said = p.news(nil)
	t := trail{steps: []place{p}}
	t.record()
	return t
}

func (t *trail) here() place { return t.steps[len(t.steps)-1] }

// push goes a step deeper.
func (t *trail) push(p place) {
	p.said = p.news(t.steps)
	t.steps = append(t.steps[:len(t.steps):len(t.steps)], p)
	t.record()
}

// replace changes the step where the person is.
func (t *trail) replace(p place) {
	steps := append([]place(nil), t.steps...)
	p.said = p.news(steps[:len(steps)-1])
	steps[len(steps)-1] = p
	t.steps = steps
	t.record()
}

// pop goes a step up; false at the top.
func (t *trail) pop() bool {
	if len(t.steps) == 1 {
		return false
	}
	t.steps = t.steps[: len(t.steps)-1 : len(t.steps)-1]
	t.record()
	return true
}

func (t *trail) record() {
	if n := min(t.pos+1, len(t.history)); n < len(t.history) {
		t.history = t.history[:n] // a new way from here: forward is gone
	}
	t.history = append(t.history, t.steps)
	if len(t.history) > historyMax {
		t.history = t.history[1:]
	}
	t.pos = len(t.history) - 1
}

// travel moves in the history; false at its ends.
func (t *trail) travel(by int) bool {
	p := t.pos + by
	if p < 0 || p >= len(t.history) {
		return false
	}
	t.pos, t.steps = p, t.history[p]
	return true
}

var lensNames = [lenses]string{"Map", "Operations", "Latency", "Findings", "Traces", "Shapes", "Compare", "Coverage", "Waterfall", "Answer"}

// String is the name on the tab.
func (l Lens) String() string { return lensNames[l] }

var briefNames = [lenses]string{"Map", "Ops", "Lat", "Find", "Trac", "Shap", "Comp", "Cov", "Fall"}

// brief is the name on the tab where there is little room.
func (l Lens) brief() string { return briefNames[l] }

// crumbs are the parts of the scope as a person reads them, outermost first.
func (p place) crumbs() []string {
	s := p.scope
	cs := []string{windowTitle(s)}
	if f := focusTitle(s.Focus); f != "" {
		cs = append(cs, f)
	}
	if s.Selection != nil {
		cs = append(cs, selectionTitle(s.Selection))
	}
	if s.Filter != nil {
		cs = append(cs, "/ "+s.Filter.String())
	}
	if s.Baseline != (aggregate.Window{}) {
		cs = append(cs, "vs "+span(s.Baseline))
	}
	if p.lens == LensWaterfall {
		cs = append(cs, "trace "+shortID(p.trace))
	}
	if p.lens == LensSheet {
		cs = append(cs, strings.TrimSpace(p.sheet.name+" "+p.sheet.about))
	}
	return cs
}

// news is what this step of the drill adds to those before it, as its breadcrumb says it.
func (p place) news(before []place) []model.Text {
	var had []string
	if n := len(before); n > 0 {
		had = before[n-1].crumbs()
	}
	var ns []model.Text
	for _, c := range p.crumbs() {
		if !slices.Contains(had, c) {
			ns = append(ns, model.Sanitise(c))
		}
	}
	return ns
}

func windowTitle(s Scope) string {
	switch {
	case s.Window != (aggregate.Window{}):
		return span(s.Window)
	case s.Last > 0:
		return "last " + shortDuration(s.Last)
	}
	return "everything"
}

func span(w aggregate.Window) string { return string(appendSpan(nil, w)) }

// appendSpan appends a fixed window as people say it, to the second.
func appendSpan(b []byte, w aggregate.Window) []byte {
	switch {
	case w.To == 0:
		return appendClock(append(b, "since "...), w.From)
	case w.From == 0:
		return appendClock(append(b, "until "...), w.To)
	}
	return appendClock(append(appendClock(b, w.From), "–"...), w.To)
}

func appendClock(b []byte, ns int64) []byte { return time.Unix(0, ns).AppendFormat(b, "15:04:05") }

// shortDuration writes 5m, not 5m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func focusTitle(f aggregate.Focus) string {
	switch {
	case f.Server != "":
		return f.Client + " → " + f.Server
	case f.Operation != "":
		return f.Service + " · " + f.Operation
	}
	return f.Service
}

func selectionTitle(s *aggregate.Selection) string {
	var parts []string
	switch {
	case s.MinDur > 0 && s.MaxDur > 0:
		parts = append(parts, fmt.Sprintf("%s–%s", durationText(s.MinDur), durationText(s.MaxDur)))
	case s.MinDur > 0:
		parts = append(parts, "≥ "+durationText(s.MinDur))
	case s.MaxDur > 0:
		parts = append(parts, "< "+durationText(s.MaxDur))
	}
	if s.Window != (aggregate.Window{}) {
		parts = append(parts, span(s.Window))
	}
	if s.ErrorsOnly {
		parts = append(parts, "errors")
	}
	if s.Column.Expr != "" {
		parts = append(parts, columnTitle(s.Column))
	}
	return strings.Join(parts, " ")
}

// sameTrace reports whether the place shows the trace.
func (p place) sameTrace(id model.TraceID) bool { return p.lens == LensWaterfall && p.trace == id }
