// Sheets: where the time between the two sides of calls goes, and how old messages are.

package ui

import (
	"fmt"

	"oteltop/aggregate"
	"oteltop/aggregate/anatomy"
	"oteltop/model"
)

// anatomySheet lists what callers wait beyond the work of whom they call.
func anatomySheet() *sheetSpec {
	return &sheetSpec{
		title: "is it the callee or the wire? how old are messages?",
		cols: []column{
			{title: "caller and callee", least: 26},
			{title: "callee p50", width: 10, right: true},
			{title: "callee p95", width: 10, right: true, rank: 2},
			{title: "between p50", width: 11, right: true},
			{title: "between p95", width: 11, right: true, rank: 2},
			{title: "of the wait", width: loadBar + 7, right: true, chart: loadBar},
			{title: "calls", width: 6, right: true, rank: 1},
			{title: "longer way", width: 10, rank: 3},
			{title: "there p95", width: 9, right: true, rank: 4},
			{title: "back p95", width: 8, right: true, rank: 4},
			{title: "clocks ±", width: 8, right: true, rank: 5},
		},
		ask: askScope(aggregate.Engine.Anatomy, anatomyAnswer),
	}
}

func anatomyAnswer(x *aggregate.Anatomy) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("no call or message between services that both send spans")}
	a.head = sayf("Between: what callers wait beyond the callee's time, on networks, in queues; of messages, their age when taken.")
	for i := range x.Rows {
		r := &x.Rows[i]
		row := sheetRow{
			id: fmt.Sprint(r.Client, "\x00", r.Server, r.Messaging), trace: exampleOf(r.Example),
			drill: func(s Scope) Action {
				s.Focus, s.Selection = aggregate.Focus{Client: r.Client, Server: r.Server}, nil
				return Drill{LensLatency, s}
			},
		}
		if r.Messaging {
			row.say, row.cells = messageSentence(r), []sheetCell{
				pairCell(r.Client, r.Server), dimCell("message"), {}, figureCell(cellDuration, float64(r.Age.P50)), figureCell(cellDuration, float64(r.Age.P95)),
				{}, figureCell(cellCount, float64(r.Messages)), textCell("queue"), {}, {}, clocksCell(r, r.Corrected),
			}
		} else {
			row.say, row.cells = gapSentence(r), []sheetCell{
				pairCell(r.Client, r.Server), figureCell(cellDuration, float64(r.Works.P50)), figureCell(cellDuration, float64(r.Works.P95)),
				figureCell(cellDuration, float64(r.Gap.P50)), figureCell(cellDuration, float64(r.Gap.P95)), {kind: cellShare, n: r.GapShare, bar: r.GapShare},
				figureCell(cellCount, float64(r.Calls)), longerCell(r), partCell(r, r.There.P95), partCell(r, r.Back.P95), clocksCell(r, r.Split),
			}
		}
		a.rows = append(a.rows, row)
	}
	return a
}

// longerCell says which part of the gap is the longer one in most calls.
func longerCell(r *anatomy.Row) sheetCell {
	switch {
	case r.Split == 0:
		return dimCell("unknown")
	case 2*r.LongerThere > r.Split:
		return textCell("there")
	case 2*r.LongerBack > r.Split:
		return textCell("back")
	}
	return dimCell("too close")
}

func partCell(r *anatomy.Row, ns int64) sheetCell {
	if r.Split == 0 {
		return dimCell("")
	}
	return figureCell(cellDuration, float64(ns))
}

// clocksCell is how well the clocks of both sides are known, where known says that they are.
func clocksCell(r *anatomy.Row, known uint64) sheetCell {
	if known == 0 {
		return dimCell("unknown")
	}
	return figureCell(cellDuration, float64(r.Uncertainty))
}

// gapSentence says in words what a row of calls means.
func gapSentence(r *anatomy.Row) model.Text {
	say := fmt.Sprintf("%s works %s, and %s waits %s longer (medians; p95 %s and %s): %s of all that it waits is between them",
		r.Server, durationText(r.Works.P50), r.Client, durationText(r.Gap.P50), durationText(r.Works.P95), durationText(r.Gap.P95), shareText(r.GapShare))
	if r.Split == 0 {
		return model.Sanitise(say + "; which way takes it is not known: too few calls compare the clocks of their hosts")
	}
	say += fmt.Sprintf(": p95 %s on the way there, %s on the way back", durationText(r.There.P95), durationText(r.Back.P95))
	if u := r.Undecided(); u > 0 {
		say += fmt.Sprintf("; of %s of %s calls either may be the longer way, as clocks are known to %s",
			countText(u), countText(r.Split), durationText(r.Uncertainty))
	}
	if r.Negative > 0 {
		say += fmt.Sprintf("; %s calls left out, whose server says that it took longer than the caller waited", countText(r.Negative))
	}
	return model.Sanitise(say)
}

// messageSentence says in words what a row of messages means.
func messageSentence(r *anatomy.Row) model.Text {
	say := fmt.Sprintf("%s takes messages of %s that are %s old (median; p95 %s), %s after they were sent", r.Server, r.Client,
		durationText(r.Age.P50), durationText(r.Age.P95), durationText(r.Wait.P50))
	switch {
	case r.Early > 0:
		say += fmt.Sprintf("; %s were taken before they were sent: the clocks disagree", countText(r.Early))
	case r.Corrected < r.Messages:
		say += fmt.Sprintf("; the clocks of %s of them were not compared", countText(r.Messages-r.Corrected))
	}
	return model.Sanitise(say)
}
