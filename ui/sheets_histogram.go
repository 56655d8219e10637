// Sheets: the distribution of an expression over traces, as a whole and by another.

package ui

import (
	"context"
	"fmt"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
)

// histogramSheet is the distribution of an expression over the traces of the scope: package features.
func histogramSheet() *sheetSpec {
	return &sheetSpec{
		title: "how is it spread?",
		cols: []column{
			{title: "value", width: 26},
			{title: "traces", least: 20, right: true, chart: 12},
			{title: "share", width: 6, right: true},
			{title: "up to it", width: 8, right: true, rank: 1},
		},
		ask: askHistogram(histogramAnswer),
	}
}

// histogramBySheet is the same per value of another expression or attribute.
func histogramBySheet() *sheetSpec {
	return &sheetSpec{
		title: "how is it spread?",
		cols: []column{
			{title: "by", width: 26},
			{title: "traces", least: 18, right: true, chart: 10},
			{title: "share", width: 6, right: true, rank: 2},
			{title: "p50", width: 8, right: true},
			{title: "p95", width: 8, right: true},
			{title: "p99", width: 8, right: true, rank: 1},
			{title: "most", width: 8, right: true},
		},
		ask: askHistogram(histogramByAnswer),
	}
}

// featured is a distribution and what it is of.
type featured struct {
	*aggregate.Features
	expr string
	by   string // empty: no groups
}

func askHistogram(sheet func(featured) *sheetAnswer) func(at Moment, about string) Question {
	return func(at Moment, about string) Question {
		query := at.Query()
		return asked(func(ctx context.Context, e aggregate.Engine) (featured, error) {
			q, err := aggregate.ParseFeatures(about)
			if err != nil {
				return featured{}, err
			}
			q.Query = query
			x := featured{expr: q.Expr.String()}
			if q.By != nil {
				x.by = q.By.String()
			}
			x.Features, err = e.Features(ctx, q)
			return x, err
		}, sheet)
	}
}

// figure is a value of the expression as people read it.
func (x featured) figure(v float64) string {
	if x.Unit == "ns" {
		return durationText(int64(v))
	}
	return string(appendNumber(nil, v))
}

// span is what a bin holds, in words.
func (x featured) span(b features.Bin) string {
	if b.Low == b.High {
		return x.figure(b.Low)
	}
	return x.figure(b.Low) + " to " + x.figure(b.High)
}

// newAnswer is an answer with the sentence about all traces.
func (x featured) newAnswer() *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("no trace in this scope has a value of %s", x.expr)}
	switch {
	case x.N == 0:
		return a
	case x.IsText:
		a.head = sayf("%d traces have one.", x.N)
	default:
		a.head = sayf("%d traces have one: p50 %s, p95 %s, p99 %s, %s at most.", x.N, x.figure(x.P50), x.figure(x.P95), x.figure(x.P99), x.figure(x.Max))
	}
	if x.Missing > 0 {
		a.head = sayf("%s %d have none.", a.head, x.Missing)
	}
	return a
}

// listing lists the traces with some of the values of an expression.
func listing(expr string, r features.Range) func(s Scope) Action {
	return func(s Scope) Action {
		s.Selection = &aggregate.Selection{Column: aggregate.ColumnRange{Expr: expr, Range: r}}
		return Drill{LensTraces, s}
	}
}

func histogramAnswer(x featured) *sheetAnswer {
	a := x.newAnswer()
	most, whole, upTo := 1, max(1, x.N+x.Missing), 0
	for _, b := range x.Bins {
		most = max(most, b.N)
	}
	for _, v := range x.Values {
		most = max(most, v.N)
	}
	row := func(id, name string, n int, drill func(Scope) Action) *sheetRow {
		share := float64(n) / float64(whole)
		a.rows = append(a.rows, sheetRow{
			id: id, cells: []sheetCell{textCell(name), {kind: cellCount, n: float64(n), bar: float64(n) / float64(most)}, figureCell(cellShare, share), {}},
			say: sayf("%s is %s in %d traces, %s of all; enter lists them, and : what is special about these?", x.expr, name, n, shareText(share)), drill: drill,
		})
		return &a.rows[len(a.rows)-1]
	}
	for i, b := range x.Bins {
		upTo += b.N
		r := row(fmt.Sprint(b.Low), x.span(b), b.N, listing(x.expr, b.Range()))
		r.cells[3] = figureCell(cellShare, float64(upTo)/float64(max(1, x.N)))
		switch i {
		case len(x.Bins) - 1:
			r.trace = exampleOf(x.MostTrace)
		case 0:
			r.trace = exampleOf(x.LeastTrace)
		}
	}
	for _, v := range x.Values {
		if v.Other {
			row("\x00other", "(all other values)", v.N, func(s Scope) Action { return Drill{LensTraces, s} })
			continue
		}
		row("\x00"+v.Text, v.Text, v.N, listing(x.expr, v.Range()))
	}
	if x.Missing > 0 && x.N > 0 {
		row("\x00none", "(none)", x.Missing, listing(x.expr, features.Range{})).cells[0] = dimCell("(none)")
	}
	return a
}

func histogramByAnswer(x featured) *sheetAnswer {
	a := x.newAnswer()
	most, whole := 1, max(1, x.N+x.Missing)
	for i := range x.Groups {
		most = max(most, x.Groups[i].N+x.Groups[i].Missing)
	}
	for i := range x.Groups {
		g := &x.Groups[i]
		name, drill := textCell(g.Value), listing(x.by, g.Within)
		switch {
		case g.Absent:
			name = dimCell("(none)")
		case g.Other:
			name, drill = dimCell("(all other values)"), func(s Scope) Action { return Drill{LensTraces, s} }
		}
		n := g.N + g.Missing
		cells := []sheetCell{
			name, {kind: cellCount, n: float64(n), bar: float64(n) / float64(most)}, figureCell(cellShare, float64(n)/float64(whole)),
			x.groupCell(g, g.P50), x.groupCell(g, g.P95), x.groupCell(g, g.P99), x.groupCell(g, g.Max),
		}
		say := sayf("%d traces with %s: %s of %d, p50 %s, %s at most", n, name.text, x.expr, g.N, x.figure(g.P50), x.figure(g.Max))
		if g.N == 0 || g.IsText {
			say = sayf("%d traces with %s: %d have a value of %s", n, name.text, g.N, x.expr)
		}
		a.rows = append(a.rows, sheetRow{id: fmt.Sprint(g.Within, g.Other), cells: cells, say: say, drill: drill, trace: exampleOf(g.MostTrace)})
	}
	return a
}

// groupCell is a figure about a group; blank where it has no numbers.
func (x featured) groupCell(g *aggregate.FeatureGroup, v float64) sheetCell {
	switch {
	case g.N == 0 || g.IsText:
		return sheetCell{}
	case x.Unit == "ns":
		return figureCell(cellDuration, v)
	}
	return figureCell(cellNumber, v)
}
