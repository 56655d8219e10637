// Lens 8, Coverage: rows of what takes a look at every request: services, problems, hops, clocks, sampling.

package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/trust"
	"oteltop/ui/num"
)

// orphanCondition is a filter for spans whose parent never came, of a service or of all.
func orphanCondition(service string) string {
	if service == "" {
		return "{} !> { parentId != nil }"
	}
	return "{} !> { parentId != nil && service = " + filter.Quote(service) + " }"
}

// byScore are the services, those whose spans can be trusted least first.
func byScore(x *aggregate.Trust) []*trust.Service {
	services := make([]*trust.Service, len(x.Services))
	for i := range services {
		services[i] = &x.Services[i]
	}
	slices.SortStableFunc(services, func(a, b *trust.Service) int {
		return cmp.Or(cmp.Compare(a.Score(), b.Score()), cmp.Compare(b.Spans, a.Spans))
	})
	return services
}

// serviceRows are the services, those whose spans can be trusted least first.
func serviceRows(x *aggregate.Trust) []coverRow {
	rows := make([]coverRow, 0, len(x.Services))
	for _, s := range byScore(x) {
		rows = append(rows, serviceRow(s))
	}
	return rows
}

// serviceSum says how many services have a fault.
func serviceSum(x *aggregate.Trust) string {
	n := 0
	for i := range x.Services {
		if x.Services[i].Score() < 1 {
			n++
		}
	}
	return fmt.Sprintf("%d of %d with faults; score: the share of spans without", n, len(x.Services))
}

// serviceRow is how good the spans of a service are, and leads to those requests that show its worst fault.
func serviceRow(s *trust.Service) coverRow {
	q, score := qualityRow(s), s.Score()
	worst, most, _ := worstProblem(s)
	side, sideText := uint64(0), ""
	if side = s.EntryOrphans; side >= s.InnerOrphans && side > 0 {
		sideText = "caller's " + shareText(float64(side)/float64(max(1, s.Entries)))
	} else if side = s.InnerOrphans; side > 0 {
		sideText = "own " + shareText(float64(side)/float64(max(1, s.Inner)))
	}
	answered := dimCell("")
	if s.Known > 0 {
		answered = figureCell(cellShare, float64(s.Answered)/float64(s.Known))
	}
	lacks := lacksText(s)
	row := coverRow{sheetRow: q, level: scoreLevel(score)}
	row.cells = []sheetCell{
		nameCell(s.Name, ""), {kind: cellShare, n: score, bar: 1 - score, loud: score < 1-orphansNotice}, textCell(sideText),
		q.cells[2], dimCell(lacks), answered, figureCell(cellCount, float64(s.Spans)), figureCell(cellCount, float64(s.OrphanTraces)),
	}
	row.say = sayf("%s; score %s", q.say, shareText(score))
	if s.Count[trust.Orphan] > 0 {
		row.say = sayf("%s. Parents that never came: %s of callers, %s of its own, in %s",
			row.say, countText(s.EntryOrphans), countText(s.InnerOrphans), plural(int(s.OrphanTraces), "trace"))
	}
	if lacks != "" {
		row.say = sayf("%s. It lacks %s", row.say, lacks)
	}
	row.drill = func(sc Scope) Action {
		switch {
		case most > 0 && worst == trust.Orphan:
			return toTraces(orphanCondition(s.Name))(sc)
		case most > 0 && worst == trust.UnspecifiedKind:
			return toTraces("{ kind = unspecified && service = " + filter.Quote(s.Name) + " }")(sc)
		}
		if t, ok := q.trace(); ok {
			return t
		}
		sc.Focus, sc.Selection = aggregate.Focus{Service: s.Name}, nil
		return Drill{LensTraces, sc}
	}
	return row
}

// scoreLevel judges the score of a service.
func scoreLevel(score float64) level {
	switch {
	case score < 1-orphansBad:
		return bad
	case score < 1-orphansNotice:
		return doubtful
	}
	return good
}

// lacksText lists the attributes that the spans of a service lack.
func lacksText(s *trust.Service) string {
	var lacks []string
	for _, p := range [...]struct {
		problem trust.Problem
		what    string
		of      uint64
	}{
		{trust.NoServiceName, "service.name", s.Spans}, {trust.UnspecifiedKind, "kind", s.Spans}, {trust.NoVersion, "version", s.Spans}, {trust.NoPeer, "peer", s.Clients},
	} {
		switch n := s.Count[p.problem]; {
		case n == 0:
		case n == p.of:
			lacks = append(lacks, p.what)
		default:
			lacks = append(lacks, p.what+" "+shareText(float64(n)/float64(max(1, p.of))))
		}
	}
	return strings.Join(lacks, ", ")
}

// problemConditions are filters for the requests with a problem, where one can say it.
var problemConditions = map[trust.Problem]string{
	trust.Orphan: orphanCondition(""), trust.UnspecifiedKind: "{ kind = unspecified }",
	trust.NoServiceName: "{ resource.service.name = nil }", trust.NoVersion: "{ resource.service.version = nil }",
}

// problemRows are the problems of spans, those with most spans first.
func problemRows(x *aggregate.Trust) []coverRow {
	spans := uint64(0)
	for i := range x.Services {
		spans += x.Services[i].Spans
	}
	var rows []coverRow
	for _, p := range trust.Problems() {
		t := totalOf(x, p)
		if t.n == 0 {
			continue
		}
		part := float64(t.n) / float64(max(1, spans))
		l := doubtful
		if p == trust.NoVersion || p == trust.NoPeer || part < orphansNotice {
			l = plain
		}
		example := firstExample(t.worst, p)
		open := OpenTrace{ID: example.Trace, Span: example.Span}
		row := coverRow{level: l, sheetRow: sheetRow{
			id: p.String(), cells: []sheetCell{
				textCell(problemWords[p]), figureCell(cellCount, float64(t.n)), {kind: cellShare, n: part, bar: part}, nameCell(t.worst.Name, ""),
			},
			say: sayf("%s of %s spans: %s; most of them are of %s (%s of its %s)",
				countText(t.n), countText(spans), problemWords[p], t.worst.Name, countText(t.worst.Count[p]), countText(t.worst.Spans)),
			trace: func() (OpenTrace, bool) { return open, !open.ID.IsZero() },
			drill: func(Scope) Action { return open },
		}}
		if condition, ok := problemConditions[p]; ok {
			row.drill = toTraces(condition)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b coverRow) int {
		return cmp.Or(cmp.Compare(b.level, a.level), cmp.Compare(b.cells[1].n, a.cells[1].n))
	})
	return append(rows, blindRows(x)...)
}

// blindRows are the requests that their spans explain least.
func blindRows(x *aggregate.Trust) []coverRow {
	var rows []coverRow
	for i := range x.Requests.Least {
		t := &x.Requests.Least[i]
		if t.Gap == 0 {
			continue
		}
		rows = append(rows, coverRow{level: plain, sheetRow: blindRow(t, textCell("blind for "+durationText(t.Gap)+" of "+durationText(t.Duration)),
			dimCell(""), dimCell(""), nameCell(t.GapOperation.ServiceName, t.GapOperation.Name))})
	}
	return rows
}

// leveled are the rows of a sheet with a level for each.
func leveled(a *sheetAnswer, of func(i int) level) []coverRow {
	rows := make([]coverRow, len(a.rows))
	for i := range rows {
		rows[i] = coverRow{a.rows[i], of(i)}
	}
	return rows
}

// hopRows are the hops, those on which context is lost first. A hop that loses it leads to a request in which it is
// lost, others to their latencies.
func hopRows(g *aggregate.Gaps) ([]coverRow, string) {
	lost := 0
	rows := leveled(gapsAnswer(g), func(i int) level {
		switch p := &g.Pairs[i]; {
		case p.Lost:
			lost++
			return bad
		case float64(p.Silent()) >= orphansNotice*float64(p.Calls):
			return doubtful
		}
		return good
	})
	for i := range rows {
		if t, ok := rows[i].trace(); ok && rows[i].level != good {
			rows[i].drill = func(Scope) Action { return t }
		}
	}
	if len(rows) == 0 {
		return rows, ""
	}
	return rows, fmt.Sprintf("lost on %d; %s with calls that nobody answered", lost, plural(len(rows), "hop"))
}

// clockRows are the pairs of hosts, those that disagree most first.
func clockRows(k *aggregate.Skew) ([]coverRow, string) {
	apart := 0
	rows := leveled(skewAnswer(k), func(i int) level {
		switch p := &k.Pairs[i]; {
		case !p.Known():
			return plain
		case p.Offset != 0:
			apart++
			return doubtful
		}
		return good
	})
	for i := range rows {
		say := rows[i].say.String()
		if _, ok := rows[i].trace(); !ok {
			rows[i].drill = func(Scope) Action { return Say{Text: say} }
		}
	}
	if len(rows) == 0 {
		return rows, ""
	}
	return rows, fmt.Sprintf("%d of %s of hosts disagree", apart, plural(len(rows), "pair"))
}

// samplingRows are the operations, by how many of them there were.
func samplingRows(x *aggregate.Sampling) ([]coverRow, string) {
	a := samplingAnswer(x)
	rows := leveled(a, func(i int) level {
		if o := &x.Operations[i]; o.Malformed > 0 {
			return doubtful
		}
		return plain
	})
	if x.Total.Told == 0 {
		return rows, "no span says how likely it was kept"
	}
	return rows, fmt.Sprintf("%s seen, about %s happened", countText(x.Total.Seen), countText(uint64(x.Total.Estimate)))
}

// roomSum says how full the memory is.
func roomSum(v *aggregate.Coverage) string {
	return fmt.Sprintf("%s of %s", num.Bytes(nil, v.Bytes), num.Bytes(nil, v.Budget))
}
