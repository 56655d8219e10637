// Sheet: what requests would gain if something were faster.

package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"oteltop/aggregate"
	"oteltop/model"

	tea "charm.land/bubbletea/v2"
)

// factorPrefix and a number say how much of its own time an operation would take: ×0.5 is twice as fast.
const factorPrefix = "×"

// factors are what p goes through: twice and four times as fast, for nothing, twice as slow.
func factors() []string { return []string{"×0.5", "×0.25", "×0", "×2"} }

// factorOf reads a factor; what cannot be read is twice as fast.
func factorOf(about string) float64 {
	f, err := strconv.ParseFloat(strings.TrimPrefix(about, factorPrefix), 64)
	if err != nil {
		return .5
	}
	return f
}

// whatIfSheet says what requests would take if what is focused were faster.
func whatIfSheet() *sheetSpec {
	return &sheetSpec{
		title: "what if this were faster?",
		bands: factors(), by: "how much faster",
		cols: []column{
			{title: "request", least: 28},
			{title: "gains", width: loadBar + 9, right: true, chart: loadBar},
			{title: "p50 now", width: 8, right: true, rank: 2},
			{title: "then", width: 8, right: true, rank: 2},
			{title: "p95 now", width: 8, right: true},
			{title: "then", width: 8, right: true},
			{title: "p99 now", width: 8, right: true, rank: 1},
			{title: "then", width: 8, right: true, rank: 1},
			{title: "calling", width: 7, right: true, rank: 3},
		},
		ask: func(at Moment, about string) Question {
			q := aggregate.WhatIfQuery{Query: at.Query(), Service: at.Scope.Focus.Service, Operation: at.Scope.Focus.Operation, Factor: factorOf(about)}
			if q.Service == "" {
				q.Service = at.Scope.Focus.Server
			}
			q.Focus = aggregate.Focus{}
			return asked(func(ctx context.Context, e aggregate.Engine) (*aggregate.WhatIf, error) { return e.WhatIf(ctx, q) }, func(w *aggregate.WhatIf) *sheetAnswer {
				return whatIfAnswer(w, strings.TrimSpace(q.Service+" "+q.Operation), q.Factor)
			})
		},
	}
}

func whatIfAnswer(w *aggregate.WhatIf, what string, factor float64) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(w.Provenance), none: sayf("no request in this scope calls %s", what)}
	a.head = sayf("If %s ran its own time ×%g, calls in proven order moving with it, and nothing else changed:", what, factor)
	most := 1.0
	for i := range w.Requests {
		most = max(most, w.Requests[i].Gained)
	}
	for i := range w.Requests {
		r := &w.Requests[i]
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Place), cells: []sheetCell{
				nameCell(r.Service, r.Operation), {kind: cellDelta, n: -r.Gained, bar: max(0, r.Gained/most)},
				figureCell(cellDuration, float64(r.Before.P50)), figureCell(cellDuration, float64(r.After.P50)),
				figureCell(cellDuration, float64(r.Before.P95)), {kind: cellDuration, n: float64(r.After.P95), loud: true},
				figureCell(cellDuration, float64(r.Before.P99)), figureCell(cellDuration, float64(r.After.P99)), figureCell(cellCount, float64(r.Calling)),
			},
			say: whatIfSentence(r), drill: toLatency(r.Service, r.Operation, r.Kind), trace: exampleOf(r.Exemplar),
		})
	}
	return a
}

func whatIfSentence(r *aggregate.WhatIfRow) model.Text {
	gained, most := durationText(int64(r.Gained)), durationText(int64(r.Most))
	say := sayf("%s %s: %s of %s requests would take another time, %s less on average", r.Service, r.Operation,
		countText(r.Changed), countText(r.Requests), gained)
	if gained != most {
		say = sayf("%s, %s at most", say, most)
	}
	if r.Doubtful > 0 {
		say = sayf("%s; in %s the order of calls is in doubt, so they stay where they are", say, countText(r.Doubtful))
	}
	return say
}

// pointer is a screen with a cursor on a service, or on an operation of one; without either the focus is none.
type pointer interface{ pointsAt() aggregate.Focus }

// subject is what a question about a service is about: what the cursor is on, else what is focused, else what the map
// has selected, else the service that is most in trouble.
func (a *App) subject() (Scope, bool) {
	s, m := a.trail.here().scope, a.screens[LensMap].(*Map)
	if p, ok := a.screen().(pointer); ok {
		if f := p.pointsAt(); f.Service != "" {
			s.Focus = f
			return s, true
		}
	}
	switch {
	case s.Focus.Service != "":
	case m.node() != nil:
		s.Focus = aggregate.Focus{Service: m.node().Name}
	default:
		s.Focus = aggregate.Focus{Service: m.foremost()}
		return s, s.Focus.Service != ""
	}
	return s, true
}

// openingAbout answers a question about a service on a sheet.
func openingAbout(sheet, about string) func(a *App) tea.Cmd {
	return func(a *App) tea.Cmd {
		s, ok := a.subject()
		if !ok {
			return a.say("of which service? select one on the map, or one of the operations", true)
		}
		return a.act(OpenSheet{Name: sheet, About: about, Scope: s})
	}
}
