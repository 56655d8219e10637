// Sheet: which services' latencies move together.

package ui

import (
	"fmt"

	"oteltop/aggregate"
)

// correlatedSheet lists which services' latencies move together.
func correlatedSheet() *sheetSpec {
	return &sheetSpec{
		title: "which services move together? (association, not cause)",
		cols: []column{
			{title: "services, or operation in request", least: 34},
			{title: "correlation", width: loadBar + 6, right: true, chart: loadBar},
			{title: "lag", width: 7, right: true, rank: 1},
			{title: "n", width: 6, right: true},
			{title: "of latency", width: 10, right: true, rank: 2},
			{title: "p99/p50", width: 7, right: true, rank: 3},
			{title: "q", width: 7, right: true, rank: 2},
		},
		ask: askScope(aggregate.Engine.Correlated, correlatedAnswer),
	}
}

func correlatedAnswer(c *aggregate.Correlated) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(c.Provenance), none: sayf("too few windows or requests to compare anything")}
	a.head = sayf("How far p95 of services on a common path moves together, then whose time goes with the request's.")
	for i := range c.Pairs {
		p := &c.Pairs[i]
		a.rows = append(a.rows, sheetRow{
			id: "pair " + p.Caller + "\x00" + p.Callee, cells: []sheetCell{
				textCell(p.Caller + " and " + p.Callee), {kind: cellNumber, n: p.R, bar: p.R}, figureCell(cellOffset, float64(p.Lag)),
				figureCell(cellCount, float64(p.Windows)), {}, {}, qCell(p.Q),
			},
			say:   sayf("p95 of %s and of %s, which it reaches, changed alike in %d windows of %s (r %.2f)", p.Caller, p.Callee, p.Windows, durationText(p.Step), p.R),
			drill: func(s Scope) Action { return focusOn(s, p.Callee) },
		})
	}
	for i := range c.Operations {
		o := &c.Operations[i]
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(o.Root, o.Place), cells: []sheetCell{
				nameCell(o.Place.Service, o.Place.Operation+" in "+o.Root.Operation), {kind: cellNumber, n: o.R, bar: o.R}, {},
				figureCell(cellCount, float64(o.OnPath)), figureCell(cellShare, o.Share), figureCell(cellRatio, o.Congestion), qCell(o.Q),
			},
			say: sayf("%s %s is waited for in %s of %s %s, and takes %s of their time; the longer it, the longer they (r %.2f)", o.Place.Service, o.Place.Operation,
				countText(o.OnPath), countText(o.Requests), o.Root.Operation, shareText(o.Share), o.R),
			drill: toLatency(o.Place.Service, o.Place.Operation, o.Place.Kind),
		})
	}
	return a
}
