// Sheets: why the tail is slow, and where the time goes.

package ui

import (
	"context"
	"fmt"
	"math"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// Parts of a difference that are told apart: so many, if they are as much of it. The rest is one row, so that it adds up.
const (
	tailParts = 8
	tailLeast = .01
)

// Charts in sheets about time: what they take of the width at least, their figures, and percents of it for the names.
const (
	timeBar     = 14
	timeFigure  = 9
	timeNames   = 38
	shareFigure = 8
)

// tailSheet takes apart why slow requests are slower than ordinary ones: for each kind of request a chart of
// what the difference consists of, each bar beginning where the last one ended.
func tailSheet() *sheetSpec {
	return &sheetSpec{
		title: "why are the slow ones slow?",
		cols: []column{
			{title: "request, and what it waited for", width: namesLeast},
			{title: "takes longer", least: timeBar + timeFigure, right: true, chart: timeBar},
			{title: "share", width: 6, right: true},
			{title: "more calls", width: 10, right: true, rank: 2},
			{title: "slower calls", width: 12, right: true, rank: 2},
			{title: "calls each", width: 13, right: true, rank: 1},
		},
		names: timeNames,
		ask:   askScope(aggregate.Engine.Tail, tailAnswer),
	}
}

func tailAnswer(t *aggregate.Tail) *sheetAnswer {
	a := &sheetAnswer{
		basis: basisOf(t.Provenance),
		none:  sayf("no kind of request has slow ones to be explained: %d have fewer than 80 requests, %d take about as long each time", t.TooFew, t.Even),
	}
	for i := range t.Requests {
		r := &t.Requests[i]
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Place), cells: []sheetCell{
				nameCell(r.Service, r.Operation), {kind: cellDelta, n: r.Slow - r.Fast, bar: 1, loud: true}, figureCell(cellShare, 1), {}, {},
				dimCell("n " + countText(r.Cohorts.Fast) + " vs " + countText(r.Cohorts.Slow)),
			},
			say: sayf("the slowest %s of %s take %s, the faster half %s; the rows below it add up to the %s between",
				shareText(1-r.Cohorts.Percentile/100), countText(r.Cohorts.Requests), durationText(int64(r.Slow)), durationText(int64(r.Fast)), durationText(int64(r.Slow-r.Fast))),
			drill: tailDrill(r, LensLatency), trace: exampleOf(r.Exemplar),
		})
		a.rows = append(a.rows, tailRows(r)...)
	}
	return a
}

// tailRows are the parts of one kind of request.
func tailRows(r *aggregate.TailRow) []sheetRow {
	var rows []sheetRow
	whole := r.Slow - r.Fast
	at := 0.0
	add := func(id string, name sheetCell, x paths.Contribution, say model.Text, trace func() (OpenTrace, bool)) {
		service := ""
		if name.kind == cellName {
			service = name.text.String()
		}
		rows = append(rows, sheetRow{
			id: id, depth: 1, cells: []sheetCell{
				name, {kind: cellDelta, n: x.Delta, from: at / whole, bar: x.Delta / whole, of: service}, figureCell(cellShare, x.Share),
				figureCell(cellDelta, x.More), figureCell(cellDelta, x.Slower), dimCell(callsText(x)),
			},
			say: say, drill: tailDrill(r, LensTraces), trace: trace,
		})
		at += x.Delta
	}
	rest, more := paths.Contribution{}, 0
	for i := range r.Parts {
		p := &r.Parts[i]
		if i >= tailParts || math.Abs(p.Share) < tailLeast {
			more++
			rest.Delta += p.Delta
			rest.Share += p.Share
			rest.More += p.More
			rest.Slower += p.Slower
			continue
		}
		last := p.Path[len(p.Path)-1]
		var slowest model.TraceID
		if len(p.Slowest) > 0 {
			slowest = p.Slowest[0].Trace
		}
		add(fmt.Sprint(r.Place, p.Path), nameCell(last.Service, last.Operation), p.Contribution, sayf(
			"%s: %s on the critical path of a slow request, %s of an ordinary one; 95%% interval of the difference %s to %s",
			stepsText(p.Path), durationText(int64(p.Slow)), durationText(int64(p.Fast)), durationText(int64(p.Low)), durationText(int64(p.High))), exampleOf(slowest))
	}
	if more > 0 {
		add(fmt.Sprint(r.Place, "rest"), dimCell(plural(more, "more call path")), rest,
			sayf("%s of %s together", plural(more, "further call path"), r.Place.Operation), nil)
	}
	return rows
}

// callsText says how often a path is called by an ordinary and by a slow request.
func callsText(x paths.Contribution) string {
	if x.CallsFast == 0 && x.CallsSlow == 0 {
		return ""
	}
	return fmt.Sprintf("%.2g to %.2g", x.CallsFast, x.CallsSlow)
}

// stepsText is a call path by its services and operations.
func stepsText(path []model.Place) string {
	text := ""
	for i, s := range path {
		if i > 0 {
			text += " > "
		}
		if i == 0 || path[i-1].Service != s.Service {
			text += s.Service + " "
		}
		text += s.Operation
	}
	return text
}

// tailDrill goes to the slow requests of a kind.
func tailDrill(r *aggregate.TailRow, l Lens) func(s Scope) Action {
	step, least := r.Place, r.Cohorts.Tail
	return func(s Scope) Action {
		n := operationFocus(s, step.Service, step.Operation, step.Kind)
		n.Selection = &aggregate.Selection{MinDur: least}
		return Drill{l, n}
	}
}

// criticalSheet shows where the time of requests goes: call paths as a tree, each with the part of all
// latency that was spent in it and below it.
func criticalSheet() *sheetSpec {
	return &sheetSpec{
		title: "where does the time go?",
		cols: []column{
			{title: "call path", width: namesLeast},
			{title: "waited for", least: timeBar + shareFigure, right: true, chart: timeBar},
			{title: "itself", width: 7, right: true},
			{title: "each", width: 7, right: true, rank: 1},
			{title: "works", width: 7, right: true, rank: 2},
			{title: "calls", width: 6, right: true, rank: 3},
			{title: "in", width: 6, right: true, rank: 2},
		},
		names: timeNames, bands: bandTexts(), by: "percentiles",
		ask: func(at Moment, about string) Question {
			q := aggregate.CriticalQuery{Query: at.Query(), Band: bandOf(about)}
			return asked(func(ctx context.Context, e aggregate.Engine) (*aggregate.Critical, error) { return e.Critical(ctx, q) }, criticalAnswer)
		},
	}
}

// bandPrefix and what follows it say which part of the requests a sheet is about.
const bandPrefix = "p"

func bandTexts() []string {
	texts := []string{""}
	for _, b := range paths.Bands() {
		texts = append(texts, bandPrefix+b.String())
	}
	return texts
}

// bandOf is the band that a sheet is about: all requests where it names none.
func bandOf(about string) paths.Band {
	b, err := paths.ParseBand(strings.TrimPrefix(about, bandPrefix))
	if err != nil {
		return paths.Band{}
	}
	return b
}

func criticalAnswer(c *aggregate.Critical) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(c.Provenance), none: sayf("no request in this scope")}
	if c.Requests == 0 {
		return a
	}
	total := float64(max(1, c.Total))
	a.head = sayf("%s requests took %s together. A bar is how much of that was spent waiting for a path and what it calls.",
		countText(c.Requests), durationText(c.Total))
	ids := make([]string, len(c.Paths))
	begins, used := make([]float64, len(c.Paths)), make([]float64, len(c.Paths)+1) // each bar stands below the one of its caller
	for i := range c.Paths {
		p := &c.Paths[i]
		above := ""
		if p.Parent >= 0 {
			above = ids[p.Parent]
			begins[i] = begins[p.Parent]
		}
		begins[i] += used[p.Parent+1]
		ids[i] = above + "\x00" + fmt.Sprint(p.Place)
		var slowest model.TraceID
		if len(p.Slowest) > 0 {
			slowest = p.Slowest[0].Trace
		}
		waited := float64(p.Inclusive) / total
		used[p.Parent+1] += waited
		a.rows = append(a.rows, sheetRow{
			id: ids[i], depth: p.Depth, cells: []sheetCell{
				nameCell(p.Service, p.Operation), {kind: cellShare, n: waited, from: begins[i], bar: waited, of: p.Service}, figureCell(cellShare, p.Share),
				figureCell(cellDuration, float64(p.Exclusive)/float64(max(1, p.Requests))), figureCell(cellDuration, float64(p.Self)),
				figureCell(cellCount, float64(p.Calls)), figureCell(cellShare, float64(p.Present)/float64(c.Requests)),
			},
			say: sayf("%s %s: itself waited for in %s of %s requests, %s of all latency, %s each",
				p.Service, p.Operation, countText(p.Requests), countText(c.Requests), shareText(p.Share), durationText(int64(float64(p.Exclusive)/float64(max(1, p.Requests))))),
			drill: toLatency(p.Service, p.Operation, p.Kind), trace: exampleOf(slowest),
		})
	}
	return a
}
