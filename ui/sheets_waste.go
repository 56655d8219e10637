// Sheets: needless calls, and what requests cost.

package ui

import (
	"fmt"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/patterns"
	"oteltop/model"
	"oteltop/ui/num"
)

// patternWords are the kinds of patterns in a word or two.
var patternWords = map[patterns.Kind]string{
	patterns.NPlusOne: "N+1", patterns.Serial: "serial", patterns.FanOut: "fan-out", patterns.Duplicates: "again", patterns.Cycle: "cycle", patterns.Deep: "deep",
	patterns.CrossRegion: "far",
}

// patternsSheet lists calls that requests need not make, or not one after the other.
func patternsSheet() *sheetSpec {
	return &sheetSpec{
		title: "which calls are needless, or needlessly serial?",
		cols: []column{
			{title: "caller, and what it calls", least: 34},
			{title: "kind", width: 7},
			{title: "could save", width: loadBar + 8, right: true, chart: loadBar},
			{title: "each", width: 7, right: true, rank: 1},
			{title: "of", width: 7, right: true, rank: 2},
			{title: "calls", width: 9, right: true},
			{title: "requests", width: 8, right: true},
		},
		ask: askScope(aggregate.Engine.Patterns, patternsAnswer),
	}
}

func patternsAnswer(x *aggregate.Patterns) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("no N+1, no needlessly serial, repeated or circular calls in %s requests", countText(x.Traces))}
	a.head = sayf("By what all requests together could save at most. Requests nest up to %d spans and cross up to %d services.", x.SpansMax, x.HopsMax)
	most := int64(1)
	for i := range x.Rows {
		most = max(most, x.Rows[i].Save)
	}
	for i := range x.Rows {
		r := &x.Rows[i]
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Kind, r.Service, r.Operation, r.OpKind, r.Within, r.Call, r.Peer, r.Statement, r.Path), cells: []sheetCell{
				nameCell(r.Service, strings.TrimSpace(r.Operation+": "+patternCall(r))), textCell(patternWords[r.Kind]),
				{kind: cellDuration, n: float64(r.Save), bar: float64(r.Save) / float64(most), loud: r.Harmed > 0}, figureCell(cellDuration, float64(r.SaveP50)),
				figureCell(cellDuration, float64(r.RootP50)), dimCell(fromTo(uint64(r.Calls), uint64(r.CallsMax))), figureCell(cellCount, float64(r.Requests)),
			},
			say: patternSentence(r), trace: patternExample(r), drill: patternDrill(r),
		})
	}
	return a
}

// fromTo writes what lies between two counts; one of them where they are the same.
func fromTo(least, most uint64) string {
	if least == most {
		return countText(least)
	}
	return countText(least) + "–" + countText(most)
}

func patternCall(r *patterns.Row) string {
	if len(r.Path) > 0 {
		return strings.Join(r.Path, " > ")
	}
	return r.Call
}

func patternSentence(r *patterns.Row) model.Text {
	switch r.Kind {
	case patterns.NPlusOne:
		return sayf("%s runs %s %d times one after the other, %s of a request of %s; one call for all could save up to %s", r.Service, patternCall(r), r.Calls,
			durationText(r.TimeP50), durationText(r.RootP50), durationText(r.SaveP50))
	case patterns.Serial:
		return sayf("%s makes %d calls one after the other in %s; side by side they could save up to %s",
			r.Service, r.Calls, durationText(r.TimeP50), durationText(r.SaveP50))
	case patterns.FanOut:
		return sayf("%s makes %d calls at once, of which the slowest takes ×%.1f the median", r.Service, r.Width, r.Straggler)
	case patterns.Duplicates:
		return sayf("%s is asked the same %d times in a request; all but the first take %s", r.Peer, r.Calls, durationText(r.TimeP50))
	case patterns.CrossRegion:
		return sayf("%s calls %s %s from %s in %s; in median requests wait %s on the way", r.Service, r.Peer, r.Call, r.Path[0], r.Path[1], durationText(r.SaveP50))
	case patterns.Cycle:
		return sayf("%s calls itself through others: %s", r.Service, patternCall(r))
	}
	return sayf("%s: %s", r.Service, patternCall(r))
}

func patternExample(r *patterns.Row) func() (OpenTrace, bool) {
	return func() (OpenTrace, bool) {
		if len(r.Examples) == 0 {
			return OpenTrace{}, false
		}
		return OpenTrace{ID: r.Examples[0].Trace, Span: r.Examples[0].Span}, true
	}
}

// patternDrill lists the requests with the calls of a pattern, or opens the costliest one where no filter
// tells them.
func patternDrill(r *patterns.Row) func(s Scope) Action {
	x := r.Select
	var parts []string
	for _, c := range [...][2]string{{"service", x.Service}, {"name", x.Name}, {"." + x.Key, x.Value}} {
		if c[1] != "" {
			parts = append(parts, c[0]+" = "+filter.Quote(c[1]))
		}
	}
	if len(parts) > 0 {
		return toTraces("{ " + strings.Join(parts, " && ") + " }")
	}
	if len(r.Examples) > 0 {
		open := OpenTrace{ID: r.Examples[0].Trace, Span: r.Examples[0].Span}
		return func(Scope) Action { return open }
	}
	return func(s Scope) Action { return focusOn(s, r.Service) }
}

// costsSheet lists what requests cost, by kind, and what operations carry.
func costsSheet() *sheetSpec {
	return &sheetSpec{
		title: "what do requests cost?",
		cols: []column{
			{title: "request, or what a call carries", least: 34},
			{title: "of all work", width: loadBar + 7, right: true, chart: loadBar},
			{title: "each p50", width: 8, right: true},
			{title: "p95", width: 8, right: true},
			{title: "calls", width: 6, right: true, rank: 1},
			{title: "bytes", width: 8, right: true, rank: 2},
			{title: "n", width: 6, right: true},
		},
		ask: askScope(aggregate.Engine.Costs, costsAnswer),
	}
}

func costsAnswer(c *aggregate.Costs) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(c.Provenance), none: sayf("no request in this scope")}
	for i := range c.Kinds {
		k := &c.Kinds[i]
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(k.Service, k.Operation, k.OpKind), cells: []sheetCell{
				nameCell(k.Service, k.Operation), {kind: cellShare, n: k.SelfShare, bar: k.SelfShare}, figureCell(cellDuration, float64(k.SelfP50)),
				figureCell(cellDuration, float64(k.SelfP95)), figureCell(cellCount, float64(k.CallsP50)), dimCell(bytesText(k.BytesP50, k.Sized > 0)),
				figureCell(cellCount, float64(k.Requests)),
			},
			say: sayf("%s %s: all services together work %s for an ordinary one and make %s calls; it is waited for %s", k.Service, k.Operation,
				durationText(k.SelfP50), countText(uint64(max(0, k.CallsP50))), durationText(int64(float64(k.Duration)/float64(max(1, k.Requests))))),
			drill: toLatency(k.Service, k.Operation, k.OpKind), trace: exampleOf(k.Costliest),
		})
	}
	for i := range c.Sizes {
		z := &c.Sizes[i]
		say := sayf("%s %s carries %s of %s at p95; how long it takes has nothing certain to do with it",
			z.Service, z.Operation, z.Measure, countText(uint64(max(0, z.P95))))
		if z.Tested && z.Q < .05 {
			say = sayf("%s %s: the larger %s, the longer it takes (rank correlation %.2f)", z.Service, z.Operation, z.Measure, z.Rho)
		}
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(z.Service, z.Operation, z.OpKind, z.Measure), depth: 1, cells: []sheetCell{
				nameCell(z.Service, z.Operation+" "+string(z.Measure)), {}, figureCell(cellCount, float64(max(0, z.P50))), figureCell(cellCount, float64(max(0, z.P95))),
				{}, {}, figureCell(cellCount, float64(z.N)),
			},
			say: say, drill: toLatency(z.Service, z.Operation, z.OpKind),
			trace: func() (OpenTrace, bool) { return OpenTrace{ID: z.Largest, Span: z.Span}, !z.Largest.IsZero() },
		})
	}
	return a
}

func bytesText(n int64, known bool) string {
	if !known {
		return ""
	}
	return string(num.Bytes(nil, n))
}
