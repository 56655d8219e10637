// Sheets: gaps in the context, clocks, sampling, and the quality of each service's traces.

package ui

import (
	"fmt"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/trust"
	"oteltop/model"
)

// gapsSheet lists between which services trace context is lost.
func gapsSheet() *sheetSpec {
	return &sheetSpec{
		title: "is every hop covered? where is trace context lost?",
		cols: []column{
			{title: "caller and callee", least: 28},
			{title: "verdict", width: 12},
			{title: "lost", width: loadBar + 7, right: true, chart: loadBar},
			{title: "calls", width: 6, right: true},
			{title: "no answer", width: 9, right: true},
			{title: "matched", width: 8, right: true, rank: 2},
			{title: "by chance", width: 9, right: true, rank: 3},
		},
		ask: askScope(aggregate.Engine.Gaps, gapsAnswer),
	}
}

func gapsAnswer(g *aggregate.Gaps) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(g.Provenance), none: noGaps(g)}
	for i := range g.Pairs {
		p := &g.Pairs[i]
		verdict, say := dimCell("whole"), sayf("%s of %s calls of %s to %s are answered in the same trace",
			countText(p.Calls-p.Unanswered), countText(p.Calls), p.Client, p.Server)
		example := append(append([]model.TraceID(nil), p.ClientTraces...), p.SilentTraces...)
		switch {
		case p.Lost:
			verdict = sheetCell{text: textCell("context lost").text, loud: true}
			say = sayf("context lost %s → %s in %s of %s calls: while they ran, %s began as many traces of its own",
				p.Client, p.Server, shareText(p.Rate()), countText(p.Calls), p.Server)
		case p.Silent() > 0:
			verdict = textCell("unanswered") // how many: the column says it
			say = sayf("%s of %s calls of %s to %s have no answer in the same trace: %s",
				countText(p.Silent()), countText(p.Calls), p.Client, p.Server, shareText(float64(p.Silent())/float64(max(1, p.Calls))))
		}
		lost := p.Rate()
		if !p.Lost {
			lost = 0
		}
		a.rows = append(a.rows, sheetRow{
			id: p.Client + "\x00" + p.Server, cells: []sheetCell{
				pairCell(p.Client, p.Server), verdict, {kind: cellShare, n: lost, bar: lost}, figureCell(cellCount, float64(p.Calls)),
				figureCell(cellCount, float64(p.Unanswered)), figureCell(cellCount, float64(p.Matched)), figureCell(cellShare, p.Chance),
			},
			say: say, trace: exampleOf(firstOf(example)),
			drill: func(s Scope) Action {
				s.Focus, s.Selection = aggregate.Focus{Client: p.Client, Server: p.Server}, nil
				return Drill{LensLatency, s}
			},
		})
	}
	return a
}

// noGaps says what it means that no pair of services is listed.
func noGaps(g *aggregate.Gaps) model.Text {
	if g.Answered == 0 {
		return sayf("no call between two services that both send spans")
	}
	return sayf("every one of %s calls between services that both send spans is answered in the same trace", countText(g.Answered))
}

// skewSheet lists how far the clocks of hosts disagree.
func skewSheet() *sheetSpec {
	return &sheetSpec{
		title: "do the clocks agree?",
		cols: []column{
			{title: "caller's host and callee's", least: 34},
			{title: "ahead by", width: 10, right: true},
			{title: "within", width: 9, right: true},
			{title: "possible", width: 20, right: true, rank: 1},
			{title: "calls", width: 6, right: true},
			{title: "odd ones", width: 8, right: true, rank: 2},
		},
		ask: askScope(aggregate.Engine.Skew, skewAnswer),
	}
}

func skewAnswer(k *aggregate.Skew) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(k.Provenance), none: sayf("no call between two hosts that say which they are")}
	a.head = sayf("A server cannot start before its caller, nor end after it: what all calls together leave possible.")
	services := map[string]string{}
	for _, h := range k.Hosts {
		services[h.Name] = strings.Join(h.Services, ", ")
	}
	for i := range k.Pairs {
		p := &k.Pairs[i]
		possible := dimCell("")
		if p.Agreed {
			possible = dimCell(durationText(-p.High) + " to " + durationText(-p.Low))
		}
		offset, half := sheetCell{kind: cellOffset, n: float64(-p.Offset), loud: p.Offset != 0}, figureCell(cellDuration, float64(p.Half))
		say := sayf("the clocks of %s (%s) and %s (%s) may well agree", p.Client, services[p.Client], p.Server, services[p.Server])
		switch {
		case !p.Known():
			offset, half, say = dimCell("unknown"), dimCell(""), sayf("too few calls of %s to %s, or they contradict each other", p.Client, p.Server)
		case p.Offset != 0:
			say = sayf("the clock of %s (%s) is %s, ± %s, against that of %s (%s)",
				p.Server, services[p.Server], aheadText(-p.Offset), durationText(p.Half), p.Client, services[p.Client])
		}
		a.rows = append(a.rows, sheetRow{
			id: p.Client + "\x00" + p.Server, cells: []sheetCell{
				pairCell(hostName(p.Client), hostName(p.Server)), offset, half,
				possible, figureCell(cellCount, float64(p.Calls)), figureCell(cellCount, float64(p.Contradicting)),
			},
			say: say, trace: exampleOf(firstOf(p.Traces)),
			drill: func(s Scope) Action {
				if t, ok := exampleOf(firstOf(p.Traces))(); ok {
					return t
				}
				return Drill{LensCoverage, s}
			},
		})
	}
	return a
}

// hostName is a host without the attribute that names it, which is the same in most rows.
func hostName(host string) string {
	_, name, found := strings.Cut(host, "=")
	if !found {
		return host
	}
	return name
}

func aheadText(ns int64) string {
	if ns < 0 {
		return durationText(-ns) + " behind"
	}
	return durationText(ns) + " ahead"
}

// samplingSheet says what the spans that arrived stand for.
func samplingSheet() *sheetSpec {
	return &sheetSpec{
		title: "how much was sampled away?",
		cols: []column{
			{title: "operation", least: 30},
			{title: "seen", width: 7, right: true},
			{title: "about", width: 8, right: true},
			{title: "kept", width: loadBar + 7, right: true, chart: loadBar},
			{title: "say so", width: 7, right: true, rank: 1},
			{title: "least p", width: 8, right: true, rank: 2},
		},
		ask: askScope(aggregate.Engine.Sampling, samplingAnswer),
	}
}

func samplingAnswer(x *aggregate.Sampling) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("no span in this scope")}
	a.head = sayf("%s spans seen, about %s happened, as far as they say with which probability they were kept.",
		countText(x.Total.Seen), countText(uint64(x.Total.Estimate)))
	if x.Total.Told == 0 {
		a.head = sayf("%s spans seen; none says with which probability it was kept (tracestate ot=th), so what was sampled away is not known.",
			countText(x.Total.Seen))
	}
	if n := x.LeafStarted(); n > 0 {
		a.head = sayf("%s %s of %s traces begin in the middle.", a.head, countText(n), countText(x.Traces))
	}
	for i := range x.Operations {
		o := &x.Operations[i]
		about, kept, least := figureCell(cellCount, o.Estimate), sheetCell{kind: cellShare, n: o.Probability(), bar: o.Probability()}, figureCell(cellShare, o.Least)
		say := sayf("%s %s: %s seen stand for about %s; %s say with which probability they were kept",
			o.Service, o.Name, countText(o.Seen), countText(uint64(o.Estimate)), countText(o.Told))
		if o.Told == 0 { // as many as were seen would claim that nothing was sampled away
			about, kept, least = dimCell("unknown"), dimCell("unknown"), dimCell("")
			say = sayf("%s %s: %s seen; none says with which probability it was kept", o.Service, o.Name, countText(o.Seen))
		}
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(o.Service, o.Name, o.Kind), cells: []sheetCell{
				nameCell(o.Service, o.Name), figureCell(cellCount, float64(o.Seen)), about, kept, figureCell(cellCount, float64(o.Told)), least,
			},
			say:   say,
			drill: toLatency(o.Service, o.Name, o.Kind),
		})
	}
	return a
}

// qualitySheet lists how far the spans of each service can be believed, and the requests that they explain least.
func qualitySheet() *sheetSpec {
	return &sheetSpec{
		title: "can the traces be trusted?",
		cols: []column{
			{title: "service, or request", least: 32},
			{title: "faults", width: loadBar + 7, right: true, chart: loadBar},
			{title: "worst of them", width: 28},
			{title: "spans", width: 7, right: true},
			{title: "orphans", width: 7, right: true, rank: 1},
			{title: "answered", width: 8, right: true, rank: 2},
			{title: "explained", width: 9, right: true, rank: 2},
		},
		ask: askScope(aggregate.Engine.Trust, qualityAnswer),
	}
}

// problemWords are the problems of spans as people say them.
var problemWords = map[trust.Problem]string{
	trust.Orphan: "parents that never came", trust.Unanswered: "calls without the other side", trust.NoPeer: "calls to nobody by name",
	trust.NoClient: "servers without a client", trust.Negative: "ends before its start", trust.Outside: "outside the parent",
	trust.DuplicateID: "an id used twice", trust.UnspecifiedKind: "no kind", trust.NoServiceName: "no service.name",
	trust.NoVersion: "no service.version", trust.DroppedField: "fields dropped by its SDK",
}

func qualityAnswer(x *aggregate.Trust) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("no span in this scope")}
	r := &x.Requests
	a.head = sayf("%s of %s requests are complete; their spans explain %s of an ordinary one, %s of the worst twentieth.",
		countText(r.Complete), countText(r.Traces),
		shareText(r.Coverage.P50), shareText(r.Coverage.P5))
	for _, s := range byScore(x) {
		a.rows = append(a.rows, qualityRow(s))
	}
	for i := range r.Least {
		t := &r.Least[i]
		row := blindRow(t, nameCell(t.Operation.ServiceName, t.Operation.Name), sheetCell{}, sheetCell{}, sheetCell{}, sheetCell{}, sheetCell{},
			figureCell(cellShare, t.Coverage))
		row.depth = 1
		a.rows = append(a.rows, row)
	}
	return a
}

// blindRow is a request that its spans explain little of, and leads to the span of which too little is said.
func blindRow(t *trust.Traced, cells ...sheetCell) sheetRow {
	open := OpenTrace{ID: t.Trace, Span: t.GapSpan}
	return sheetRow{
		id: t.Trace.String(), cells: cells,
		say: sayf("spans explain %s of this request of %s; for %s nobody says what %s did",
			shareText(t.Coverage), durationText(t.Duration), durationText(t.Gap), t.GapOperation.Name),
		drill: func(Scope) Action { return open }, trace: func() (OpenTrace, bool) { return open, true },
	}
}

// worstProblem is the problem that most spans of a service have, how many those are, and how many problems its spans
// have in all. That spans name no version is bad manners, not a fault.
func worstProblem(s *trust.Service) (worst trust.Problem, most, all uint64) {
	for _, p := range trust.Problems() {
		if p == trust.NoVersion || p == trust.NoPeer {
			continue
		}
		if all += s.Count[p]; s.Count[p] > most {
			worst, most = p, s.Count[p]
		}
	}
	return worst, most, all
}

// qualityRow is a service.
func qualityRow(s *trust.Service) sheetRow {
	worst, most, all := worstProblem(s)
	faults := float64(all) / float64(max(1, s.Spans))
	word, say := dimCell("none"), sayf("%s: nothing wrong with any of %s spans", s.Name, countText(s.Spans))
	var example trust.Example
	if most > 0 {
		word, say = textCell(problemWords[worst]), sayf("%s of %s spans of %s: %s", countText(most), countText(s.Spans), s.Name, problemWords[worst])
		if of := s.Examples[worst]; len(of) > 0 {
			example = of[0]
		}
	}
	answered := dimCell("")
	if s.Known > 0 {
		answered = figureCell(cellShare, float64(s.Answered)/float64(s.Known))
	}
	return sheetRow{
		id: s.Name, cells: []sheetCell{
			nameCell(s.Name, ""), {kind: cellShare, n: faults, bar: min(1, faults), loud: faults > .01}, word, figureCell(cellCount, float64(s.Spans)),
			figureCell(cellCount, float64(s.Count[trust.Orphan])), answered, {},
		},
		say: say, drill: func(sc Scope) Action { return focusOn(sc, s.Name) },
		trace: func() (OpenTrace, bool) {
			return OpenTrace{ID: example.Trace, Span: example.Span}, !example.Trace.IsZero()
		},
	}
}
