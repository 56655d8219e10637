// Sheets: where errors begin, what kinds there are, what is retried.

package ui

import (
	"fmt"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/failures"
	"oteltop/model"
)

// showing opens the exemplar of a failure at the span that shows it.
func showing(of []failures.Exemplar) func() (OpenTrace, bool) {
	return func() (OpenTrace, bool) {
		if len(of) == 0 {
			return OpenTrace{}, false
		}
		return OpenTrace{ID: of[0].Trace, Span: of[0].Span}, true
	}
}

// failedOf drills to the failed spans of an operation, by a filter where one is known.
func failedOf(expr string, f aggregate.Focus) func(s Scope) Action {
	if expr != "" {
		return toTraces(expr)
	}
	return func(s Scope) Action {
		s.Focus, s.Selection = f, &aggregate.Selection{ErrorsOnly: true}
		return Drill{LensTraces, s}
	}
}

// originsSheet lists where errors begin, and whom they reach.
func originsSheet() *sheetSpec {
	return &sheetSpec{
		title: "where do errors start?",
		cols: []column{
			{title: "begins in", least: 30},
			{title: "error", width: 20},
			{title: "reaches users", width: loadBar + 8, right: true, chart: loadBar},
			{title: "absorbed", width: 8, right: true, rank: 1},
			{title: "unseen", width: 6, right: true, rank: 3},
			{title: "costs up to", width: 11, right: true, rank: 2},
			{title: "hops", width: 5, right: true, rank: 2},
			{title: "spans", width: 6, right: true, rank: 3},
		},
		ask: askScope(aggregate.Engine.Origins, originsAnswer),
	}
}

func originsAnswer(o *aggregate.Origins) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(o.Provenance), none: sayf("no error in %s requests", countText(o.Traces))}
	a.head = sayf("%s of %s requests have an error anywhere; %s fail themselves.", countText(o.Failing), countText(o.Traces), countText(o.Visible))
	for i := range o.Rows {
		r := &o.Rows[i]
		share := float64(r.Visible) / float64(max(1, o.Visible))
		say := sayf("%s %s: %s in %s, %s of which fail because of it; %s of all that fail", r.Service, r.Operation, kindOfError(r.Type),
			requestsText(r.Traces), countText(r.Visible), shareText(share))
		if x := &r.Saving; x.Most > 0 {
			least, most := durationText(int64(eachSaved(x.Least, x))), durationText(int64(eachSaved(x.Most, x)))
			say = sayf("%s; without the failed calls each would gain %s", say, least)
			if least != most {
				say = sayf("%s at least, %s at most", say, most)
			}
		}
		if i < len(o.Verdicts) && o.Verdicts[i] != "" {
			say = sayf("%s; in one of them: %s", say, strings.TrimPrefix(o.Verdicts[i], "origin: "))
		}
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Service, r.Operation, r.Kind, r.Peer, r.Type), cells: []sheetCell{
				nameCell(r.Service, r.Operation), textCell(r.Type), {kind: cellCount, n: float64(r.Visible), bar: share, loud: r.Visible > 0},
				figureCell(cellCount, float64(r.Absorbed)), figureCell(cellCount, float64(r.Async+r.Lost)), figureCell(cellDuration, eachSaved(r.Saving.Most, &r.Saving)), figureCell(cellNumber, r.MeanHops),
				figureCell(cellCount, float64(r.Errors)),
			},
			say: say, trace: showing(r.Exemplars),
			drill: failedOf(r.Select, aggregate.Focus{Service: r.Service, Operation: r.Operation, Kind: r.Kind}),
		})
	}
	return a
}

// requestsText is a number of requests in words.
func requestsText(n uint64) string {
	if n == 1 {
		return "1 request"
	}
	return countText(n) + " requests"
}

// eachSaved is what a request would gain on average, ns.
func eachSaved(all int64, x *failures.Saving) float64 {
	return float64(all) / float64(max(1, x.Requests))
}

func kindOfError(text string) string {
	if text == "" {
		return "errors that say no type"
	}
	return text
}

// errorsSheet lists errors by operation and type, what is new first.
func errorsSheet() *sheetSpec {
	return &sheetSpec{
		title: "what kinds of errors are there, and which are new?",
		cols: []column{
			{title: "operation", least: 24},
			{title: "error", width: 20},
			{title: "change", width: 8},
			{title: "requests", width: loadBar + 8, right: true, chart: loadBar},
			{title: "begin here", width: 10, right: true, rank: 2},
			{title: "last", width: 8, right: true, rank: 2},
			{title: "q", width: 7, right: true, rank: 3},
		},
		ask: askScope(aggregate.Engine.ErrorGroups, errorsAnswer),
	}
}

func errorsAnswer(g *aggregate.ErrorGroups) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(g.Provenance), none: sayf("no error in %s requests", countText(g.Traces))}
	a.head = sayf("%s of %s requests have an error. Shares are of the requests that pass the operation.", countText(g.Failing), countText(g.Traces))
	for i := range g.Rows {
		r := &g.Rows[i]
		share := float64(r.Traces) / float64(max(1, r.Of))
		change := dimCell(string(r.Change))
		if r.Change != failures.Steady {
			change = sheetCell{text: textCell(string(r.Change)).text, loud: true}
		}
		if r.Over {
			change = dimCell("over")
		}
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Service, r.Operation, r.Kind, r.Type), cells: []sheetCell{
				nameCell(r.Service, r.Operation), textCell(r.Type), change, {kind: cellShare, n: share, bar: share},
				figureCell(cellCount, float64(r.Begin)), dimCell(string(appendClock(nil, r.Last))), qCell(r.Q),
			},
			say: errorSentence(r), trace: showing(r.Exemplars),
			drill: failedOf(r.Select, aggregate.Focus{Service: r.Service, Operation: r.Operation, Kind: r.Kind}),
		})
	}
	return a
}

func errorSentence(r *failures.ErrorGroup) model.Text {
	message := r.Message
	if message == "" {
		message = kindOfError(r.Type)
	}
	over := ""
	if r.Over {
		over = "; over since " + string(appendClock(nil, r.Last))
	}
	if r.Change == failures.Steady || r.AfterOf == 0 {
		return sayf("%s %s: %s times in %s of %s requests that pass %s: %s%s", r.Service, r.Operation, countText(r.Spans), countText(r.Traces), countText(r.Of), r.Service, message, over)
	}
	return sayf("%s %s: since %s in %s of the requests that pass %s, before in %s: %s%s", r.Service, r.Operation, appendClock(nil, r.Since),
		shareText(float64(r.After)/float64(r.AfterOf)), r.Service, shareText(float64(r.Before)/float64(max(1, r.BeforeOf))), message, over)
}

// retriesSheet lists what is sent again.
func retriesSheet() *sheetSpec {
	return &sheetSpec{
		title: "what is retried?",
		cols: []column{
			{title: "call", least: 30},
			{title: "attempts each", width: loadBar + 8, right: true, chart: loadBar},
			{title: "retries", width: 7, right: true},
			{title: "recovered", width: 9, right: true, rank: 1},
			{title: "most", width: 5, right: true, rank: 3},
			{title: "failed for", width: 10, right: true, rank: 2},
			{title: "paused", width: 7, right: true, rank: 2},
			{title: "requests", width: 8, right: true},
		},
		ask: askScope(aggregate.Engine.Retries, retriesAnswer),
	}
}

func retriesAnswer(x *aggregate.Retries) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("nothing is sent twice in %s requests; attempts inside one span of a gRPC client do not show", countText(x.Traces))}
	a.head = sayf("%s of %s requests send something again.", countText(x.Retried), countText(x.Traces))
	if len(x.Storms) > 0 {
		a.head = sayf("%s One call becomes ×%.1f along a path.", a.head, x.Storms[0].Product)
	}
	for i := range x.Rows {
		r := &x.Rows[i]
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Client, r.Operation, r.Kind, r.Callee, r.Served), cells: []sheetCell{
				nameCell(r.Client, r.Operation+" → "+r.Callee), {kind: cellRatio, n: r.Amplification, bar: max(0, min(1, (r.Amplification-1)/3))},
				figureCell(cellCount, float64(r.Retries)), figureCell(cellShare, float64(r.Recovered)/float64(max(1, r.Retried))),
				figureCell(cellCount, float64(r.Most)), figureCell(cellDuration, float64(r.Failed)), figureCell(cellDuration, float64(r.Backoff)),
				figureCell(cellCount, float64(r.Traces)),
			},
			say: sayf("%s wants %s calls of %s %s and makes %s; %s of those retried succeed in the end; that cost %s of failed attempts and %s of pauses",
				r.Client, countText(r.Logical), r.Callee, r.Served, countText(r.Attempts), countText(r.Recovered), durationText(r.Failed), durationText(r.Backoff)),
			trace: showing(r.Exemplars), drill: retryDrill(r),
		})
	}
	return a
}

func retryDrill(r *failures.RetryRow) func(s Scope) Action {
	if r.Select != "" {
		return toTraces(r.Select)
	}
	if r.Callee != "" {
		return func(s Scope) Action {
			s.Focus, s.Selection = aggregate.Focus{Client: r.Client, Server: r.Callee}, nil
			return Drill{LensLatency, s}
		}
	}
	return toLatency(r.Client, r.Operation, r.Kind)
}
