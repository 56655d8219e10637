// Sheet: the scope grouped by the value of an attribute.

package ui

import (
	"context"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"

	tea "charm.land/bubbletea/v2"
)

// breakdownSheet groups the spans of the scope by the value of an attribute.
func breakdownSheet() *sheetSpec {
	return &sheetSpec{
		title: "group by",
		cols: []column{
			{title: "value", least: 26},
			{title: "calls", width: loadBar + 8, right: true, chart: loadBar, grow: 3 * loadBar},
			{title: "share", width: 6, right: true, rank: 1},
			{title: "errors", width: 7, right: true},
			{title: "p50", width: 7, right: true, rank: 2},
			{title: "p95", width: 7, right: true},
			{title: "p99", width: 7, right: true, rank: 3},
		},
		ask: func(at Moment, about string) Question {
			q := at.Query()
			return asked(func(ctx context.Context, e aggregate.Engine) (*aggregate.Breakdown, error) {
				return e.Breakdown(ctx, q, about)
			}, func(b *aggregate.Breakdown) *sheetAnswer { return breakdownAnswer(b, q.Focus == aggregate.Focus{}) })
		},
	}
}

// breakdownAnswer is about requests where nothing is in focus: they count by the span that they begin with.
func breakdownAnswer(b *aggregate.Breakdown, requests bool) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(b.Provenance), none: sayf("no span in this scope has %s", b.Key)}
	a.head = sayf("%s with %s of %s.", plural(int(b.Calls), "span"), plural(b.Values, "different value"), b.Key)
	if requests {
		a.head = sayf("%s with %s of %s in the span that they begin with.", plural(int(b.Calls), "request"), plural(b.Values, "different value"), b.Key)
	}
	most := uint64(1)
	for i := range b.Rows {
		most = max(most, b.Rows[i].Calls)
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		name, expr, who := textCell(r.Value), "."+b.Key+" = "+filter.Quote(r.Value), b.Key+" "+r.Value
		switch {
		case r.Absent:
			name, expr, who = dimCell("(none)"), "."+b.Key+" = nil", "without "+b.Key
		case r.Other:
			name, expr, who = dimCell("(all other values)"), "", "all other values of "+b.Key
		}
		drill := func(s Scope) Action { return Drill{LensLatency, s} }
		if expr != "" {
			drill = toLatencies(expr)
		}
		a.rows = append(a.rows, sheetRow{
			id: r.Value + map[bool]string{true: "\x00"}[r.Absent || r.Other], cells: []sheetCell{
				name, {kind: cellCount, n: float64(r.Calls), bar: float64(r.Calls) / float64(most)}, figureCell(cellShare, r.Share),
				figureCell(cellErrors, r.RED.ErrorShare()), figureCell(cellDuration, float64(r.P50)), figureCell(cellDuration, float64(r.P95)),
				figureCell(cellDuration, float64(r.P99)),
			},
			say:   sayf("%s: %s, %s failed, p95 %s", who, plural(int(r.Calls), "call"), shareText(r.RED.ErrorShare()), durationText(r.P95)),
			drill: drill, trace: exampleOf(r.Slowest),
		})
	}
	return a
}

// groupPrefix is how the palette's entries for grouping begin.
const groupPrefix = "group by "

// groupEntries offer to group by every attribute that spans have.
func (a *App) groupEntries() entries {
	c, ok := a.o.Engine.(filter.Catalog)
	if !ok {
		return nil
	}
	var keys []string
	for _, k := range c.Keys() {
		_, key, _ := strings.Cut(k, ".") // the scope comes first
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var es entries
	for _, k := range slices.Compact(keys) {
		es = append(es, entry{"attribute", groupPrefix + k, "answer", func(a *App) tea.Cmd {
			return a.act(OpenSheet{Name: sheetBreakdown, About: k, Scope: a.trail.here().scope})
		}})
	}
	return es
}

// GroupBy asks what to group the scope by.
type GroupBy struct{}

func (GroupBy) action() {}

// openGroups opens the palette at the attributes.
func (a *App) openGroups() tea.Cmd {
	cmd := a.openPalette()
	p := a.overlay.(*palette)
	p.in.SetValue(groupPrefix)
	p.in.CursorEnd()
	p.match()
	return cmd
}
