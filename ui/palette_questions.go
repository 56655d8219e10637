// The questions of the palette, and the screens that answer them.

package ui

import (
	"strings"

	"oteltop/aggregate"

	tea "charm.land/bubbletea/v2"
)

// questions are what people come with, in their words, and the screen that answers each. Those about a service name the
// one that they would be about.
func (a *App) questions() entries {
	this := "this"
	if s, ok := a.subject(); ok {
		this = strings.TrimSpace(s.Focus.Service + " " + s.Focus.Operation)
	}
	return entries{
		{questionKind, "what is wrong? everything that is worth a look", "findings", func(a *App) tea.Cmd { return a.show(LensFindings) }},
		{questionKind, "what changed? now against a baseline", "compare", func(a *App) tea.Cmd { return a.show(LensCompare) }},
		{questionKind, "what is slow? the slowest traces", "traces", func(a *App) tea.Cmd {
			a.screens[LensTraces].(*Traces).sortBy(mostOf(tracesDuration))
			return a.show(LensTraces)
		}},
		{questionKind, "how is latency spread? when did it change?", "latency", func(a *App) tea.Cmd { return a.show(LensLatency) }},
		{questionKind, "what fails? failed traces", "traces", func(a *App) tea.Cmd {
			s := a.trail.here().scope
			s.Selection = &aggregate.Selection{ErrorsOnly: true}
			return a.act(Drill{LensTraces, s})
		}},
		{questionKind, "what is special about these? selection against rest", "latency", explainThese},
		{questionKind, "why is p99 slow? what the slowest have in common", "latency", explainSlowest},
		{questionKind, "why is the tail slow? where slow requests spend more", "answer", opening(sheetTail)},
		{questionKind, "where does the time go? the critical path of all", "answer", opening(sheetCritical)},
		{questionKind, "what grows? what changed at once?", "answer", opening(sheetTrends)},
		{questionKind, "who calls " + this + "? what load does it cause?", "answer", openingAbout(sheetDependencies, "")},
		{questionKind, "what if " + this + " were faster?", "answer", openingAbout(sheetWhatIf, factors()[0])},
		{questionKind, "where do errors start? and whom do they reach", "answer", opening(sheetOrigins)},
		{questionKind, "what kinds of errors are there, and which are new?", "answer", opening(sheetErrors)},
		{questionKind, "what is retried?", "answer", opening(sheetRetries)},
		{questionKind, "which calls are needless? N+1, serial, repeated", "answer", opening(sheetPatterns)},
		{questionKind, "what do requests cost? work, calls, bytes", "answer", opening(sheetCosts)},
		{questionKind, "is every hop covered? lost trace context", "answer", opening(sheetGaps)},
		{questionKind, "can the traces be trusted? quality per service", "answer", opening(sheetQuality)},
		{questionKind, "do the clocks agree?", "answer", opening(sheetSkew)},
		{questionKind, "am I seeing everything? what was sampled away", "answer", opening(sheetSampling)},
		{questionKind, "is it contention? slow because busy?", "answer", opening(sheetContention)},
		{questionKind, "is it the callee or the wire? how old are messages?", "answer", opening(sheetAnatomy)},
		{questionKind, "what does everything pass through? hotspots", "answer", opening(sheetHotspots)},
		{questionKind, "show me typical traces: what kinds of requests exist", "shapes", func(a *App) tea.Cmd { return a.show(LensShapes) }},
		{questionKind, "show me weird traces: requests unlike their own kind", "answer", opening(sheetWeird)},
		{questionKind, "what did users go through? sessions and flows", "answer", opening(sheetSessions)},
		{questionKind, "which services move together?", "answer", opening(sheetCorrelated)},
		{questionKind, "which operation fails most?", "operations", sortedOperations(operationsErrors)},
		{questionKind, "what takes the most time?", "operations", sortedOperations(operationsShare)},
		{questionKind, "what changed since the marker?", "operations", func(a *App) tea.Cmd {
			if a.trail.here().scope.Baseline == (aggregate.Window{}) {
				return a.say("no marker is set yet: b sets one, and what comes then is compared with before", true)
			}
			return sortedOperations(operationsDelta)(a)
		}},
		{questionKind, "who calls whom?", "map", func(a *App) tea.Cmd { return a.show(LensMap) }},
		{questionKind, "what is missing? refused, dropped, incomplete", "coverage", func(a *App) tea.Cmd { return a.show(LensCoverage) }},
	}
}

// opening answers a question on a sheet.
func opening(sheet string) func(a *App) tea.Cmd {
	return func(a *App) tea.Cmd { return a.act(OpenSheet{Name: sheet, Scope: a.trail.here().scope}) }
}

// explainThese explains what is selected; without a selection, the slowest.
func explainThese(a *App) tea.Cmd {
	l := a.screens[LensLatency].(*Latency)
	p := a.trail.here()
	isSelected := p.scope.Selection != nil || p.lens == LensLatency && l.touched
	if !isSelected {
		return explainSlowest(a)
	}
	if p.lens != LensLatency {
		l.touched, l.ranged = false, false // what is selected here counts, not what was there
	}
	l.part = onExplanation
	return a.show(LensLatency)
}

// explainSlowest explains the slowest requests of the scope.
func explainSlowest(a *App) tea.Cmd {
	l := a.screens[LensLatency].(*Latency)
	l.slowest, l.part = true, onExplanation
	return a.show(LensLatency)
}

// sortedOperations shows the operations with the most of a column first.
func sortedOperations(column int) func(a *App) tea.Cmd {
	return func(a *App) tea.Cmd {
		a.screens[LensOperations].(*Operations).sortBy(mostOf(column))
		return a.show(LensOperations)
	}
}

// show goes to a lens, or asks anew for the one that is shown. What the palette leads to is a step of its own:
// who jumps wants to come back, while the keys of the lenses turn the same thing about.
func (a *App) show(l Lens) tea.Cmd {
	if p := a.trail.here(); p.lens != l {
		a.trail.push(place{lens: l, scope: p.scope})
	}
	return a.ask()
}
