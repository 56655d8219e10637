// Sheets: hotspots, contention, and the load that calls of an operation cause.

package ui

import (
	"fmt"

	"oteltop/aggregate"
	"oteltop/aggregate/contention"
	"oteltop/aggregate/dependencies"
	"oteltop/aggregate/hotspots"
	"oteltop/model"
)

// loadBar is the width of bars in sheets about load.
const loadBar = 10

// hotspotsSheet lists what traffic, and what failing requests, pass through.
func hotspotsSheet() *sheetSpec {
	return &sheetSpec{
		title: "what does everything pass through?",
		cols: []column{
			{title: "service", least: 24},
			{title: "on the way", width: loadBar + 7, right: true, chart: loadBar},
			{title: "passed by", width: 9, right: true},
			{title: "failing ones", width: 12, right: true, rank: 1},
			{title: "waited for", width: 10, right: true, rank: 2},
			{title: "callers", width: 7, right: true, rank: 3},
			{title: "callees", width: 7, right: true, rank: 3},
			{title: "calls", width: 6, right: true, rank: 2},
		},
		ask: askScope(aggregate.Engine.Hotspots, hotspotsAnswer),
	}
}

func hotspotsAnswer(h *aggregate.Hotspots) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(h.Provenance), none: sayf("no request in this scope")}
	a.head = sayf("%s requests, %s of them with an error, made %s calls between services.", countText(h.Traces), countText(h.Failing), countText(h.Calls))
	for i := range h.Nodes {
		n := &h.Nodes[i]
		failing := figureCell(cellShare, n.FailingShare)
		if failing.loud = n.Chokepoint; n.FailingOf == 0 {
			failing = dimCell("")
		}
		a.rows = append(a.rows, sheetRow{
			id: n.Name, cells: []sheetCell{
				nameCell(n.Name, ""), {kind: cellShare, n: n.Betweenness, bar: n.Betweenness}, figureCell(cellShare, n.TraceShare), failing,
				figureCell(cellShare, n.CriticalShare), figureCell(cellCount, float64(n.Callers)), figureCell(cellCount, float64(n.Callees)),
				figureCell(cellCount, float64(n.Calls)),
			},
			say: hotspotSentence(n), drill: func(s Scope) Action { return focusOn(s, n.Name) }, trace: exampleOf(firstOf(n.Sample)),
		})
	}
	return a
}

func hotspotSentence(n *hotspots.Node) model.Text {
	if n.Chokepoint {
		return sayf("%s of the failing requests pass %s, of those like them that succeed %s: what fails has to do with it",
			shareText(n.FailingShare), n.Name, shareText(n.HealthyShare))
	}
	return sayf("%s is called on the way to something else in %s of the requests; it is the last stop, or the first, in %s",
		n.Name, shareText(n.Betweenness), shareText(n.TraceShare-n.Betweenness))
}

// focusOn shows the map with a service selected.
func focusOn(s Scope, service string) Action {
	s.Focus, s.Selection = aggregate.Focus{Service: service}, nil
	return Drill{LensMap, s}
}

func firstOf(ids []model.TraceID) model.TraceID {
	if len(ids) == 0 {
		return model.TraceID{}
	}
	return ids[0]
}

// contentionSheet lists which operations take longer the busier what they run on is.
func contentionSheet() *sheetSpec {
	return &sheetSpec{
		title: "is it slow because it is busy?",
		cols: []column{
			{title: "operation", least: 26},
			{title: "on", width: 16, rank: 1},
			{title: "busy", width: 7, right: true},
			{title: "quiet", width: 7, right: true},
			{title: "slower", width: loadBar + 7, right: true, chart: loadBar},
			{title: "at once", width: 9, right: true},
			{title: "spans", width: 6, right: true, rank: 2},
			{title: "q", width: 7, right: true, rank: 3},
		},
		ask: askScope(aggregate.Engine.Contention, contentionAnswer),
	}
}

func contentionAnswer(c *aggregate.Contention) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(c.Provenance), none: sayf("too few requests at a time to tell: %d operations have too few spans", c.TooFew)}
	found := 0
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Contended {
			found++
		}
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Resource, r.Service, r.Operation, r.Kind), cells: []sheetCell{
				nameCell(r.Service, r.Operation), dimCell(r.Resource), figureCell(cellDuration, r.BusyNs), figureCell(cellDuration, r.QuietNs),
				{kind: cellRatio, n: r.Ratio(), bar: max(0, min(1, (r.Ratio()-1)/4)), loud: r.Contended},
				dimCell(fmt.Sprintf("%.0f vs %.0f", r.Busy, r.Quiet)), figureCell(cellCount, float64(r.Spans)), qCell(r.Q),
			},
			say: contentionSentence(r), drill: toLatency(r.Service, r.Operation, r.Kind), trace: exampleOf(firstOf(r.Traces)),
		})
	}
	a.head = sayf("%d of %d operations certainly take longer when more of them run at once; times are compared within short stretches.", found, len(c.Rows))
	return a
}

func contentionSentence(r *contention.Row) model.Text {
	if r.Contended {
		return sayf("%s %s takes %s when %.0f or more are in flight on %s, %s when %.0f or fewer are: it waits for its turn",
			r.Service, r.Operation, durationText(int64(r.BusyNs)), r.Busy, r.Resource, durationText(int64(r.QuietNs)), r.Quiet)
	}
	return sayf("%s %s on %s is about as fast whether busy or quiet (correlation %.2f)", r.Service, r.Operation, r.Resource, r.Rho)
}

// dependenciesSheet lists who calls the focused service or operation, and what each of its calls causes.
func dependenciesSheet() *sheetSpec {
	return &sheetSpec{
		title: "who calls this, and what load does it cause?",
		cols: []column{
			{title: "called by, and calls", least: 28},
			{title: "per call", width: loadBar + 8, right: true, chart: loadBar},
			{title: "by how many", width: 11, right: true},
			{title: "p95", width: 6, right: true, rank: 1},
			{title: "most", width: 6, right: true, rank: 1},
			{title: "calls", width: 6, right: true},
			{title: "errors", width: 6, right: true, rank: 2},
			{title: "hops", width: 5, right: true, rank: 3},
		},
		ask: askScope(aggregate.Engine.Dependencies, dependenciesAnswer),
	}
}

func dependenciesAnswer(d *aggregate.Dependencies) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(d.Provenance), none: sayf("no call of it in this scope")}
	if d.Calls == 0 {
		return a
	}
	a.head = sayf("%s was called %s times in %s, by %s, on %s; that caused %s further down.",
		focusTitle(d.Focus), countText(d.Calls), plural(int(d.Traces), "request"), plural(len(d.Callers), "caller"), plural(len(d.Routes), "path"),
		plural(int(d.Caused), "call"))
	for i := range d.Callers {
		c := &d.Callers[i]
		name := c.Service
		switch {
		case c.Orphan:
			name = "(caller's span missing)"
		case name == "":
			name = "(nobody seen)"
		}
		a.rows = append(a.rows, sheetRow{
			id: "by " + name, cells: []sheetCell{
				nameCell(name, "calls it"), {kind: cellText, bar: c.Share}, figureCell(cellShare, c.Share), {}, {}, figureCell(cellCount, float64(c.Calls)), {}, {},
			},
			say:   sayf("%s makes %s of its %s calls (%s)", name, countText(c.Calls), countText(d.Calls), shareText(c.Share)),
			drill: func(s Scope) Action { return focusOn(s, c.Service) },
		})
	}
	most := 1.0
	for i := range d.Below {
		most = max(most, d.Below[i].Amplification)
	}
	for i := range d.Below {
		if r := &d.Below[i]; r.Operation == "" || d.Focus.Operation != "" {
			a.rows = append(a.rows, dependencyRow(d, r, most))
		}
	}
	return a
}

func dependencyRow(d *aggregate.Dependencies, r *dependencies.Relative, most float64) sheetRow {
	errors := 0.0
	if r.Calls > 0 {
		errors = float64(r.Errors) / float64(r.Calls)
	}
	say := sayf("each call causes %.3g of %s %s on average, at most %s; %s of the calls cause any", r.Amplification, r.Service, r.Operation,
		countText(r.Frequency.Max), shareText(r.Frequency.Share))
	if len(r.By) > 0 {
		say = sayf("%s; most of them for %s, %.3g for each of its calls", say, r.By[0].Service, r.By[0].Mean)
	}
	return sheetRow{
		id: fmt.Sprint("to ", r.Service, r.Operation, r.Kind), depth: r.Distance, cells: []sheetCell{
			nameCell(r.Service, r.Operation), {kind: cellRatio, n: r.Amplification, bar: r.Amplification / most, loud: r.Distance == 1},
			{kind: cellShare, n: r.Frequency.Share, loud: r.Frequency.Rare}, figureCell(cellCount, float64(r.Frequency.P95)),
			figureCell(cellCount, float64(r.Frequency.Max)), figureCell(cellCount, float64(r.Calls)), figureCell(cellShare, errors),
			figureCell(cellCount, float64(r.Distance)),
		},
		say: say, trace: exampleOf(r.Example),
		drill: func(s Scope) Action {
			if r.Peer {
				s.Focus = aggregate.Focus{Client: d.Focus.Service, Server: r.Service}
				return Drill{LensLatency, s}
			}
			return focusOn(s, r.Service)
		},
	}
}
