// Sheets: where the time between the two sides of calls goes, and how old messages are.

package ui

import (
	"context"
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
			{title: "between p50", width: 11, right: true},
			{title: "p95", width: 7, right: true},
			{title: "longer part", width: 11},
			{title: "calls", width: 6, right: true},
			{title: "there p95", width: 9, right: true, rank: 1},
			{title: "back p95", width: 8, right: true, rank: 1},
			{title: "clocks ±", width: 8, right: true, rank: 2},
		},
		ask: func(at Moment, _ string) Question {
			q := at.Query()
			return asked(func(ctx context.Context, e aggregate.Engine) (*aggregate.Anatomy, error) { return e.Anatomy(ctx, q) }, anatomyAnswer)
		},
	}
}

func anatomyAnswer(x *aggregate.Anatomy) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(x.Provenance), none: sayf("no call or message between services that both send spans")}
	a.head = sayf("What a caller waits beyond the callee's own time: network, queues, connections; of messages, their age when they are taken.")
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
			row.say, row.cells = messageSay(r), []sheetCell{
				textCell(r.Client + " → " + r.Server), figureCell(cellDuration, float64(r.Age.P50)), figureCell(cellDuration, float64(r.Age.P95)),
				textCell("queue"), figureCell(cellCount, float64(r.Messages)), dimCell(""), dimCell(""), clocksCell(r, r.Corrected),
			}
		} else {
			row.say, row.cells = gapSay(r), []sheetCell{
				textCell(r.Client + " → " + r.Server), figureCell(cellDuration, float64(r.Gap.P50)), figureCell(cellDuration, float64(r.Gap.P95)),
				longerCell(r), figureCell(cellCount, float64(r.Calls)), partCell(r, r.There.P95), partCell(r, r.Back.P95), clocksCell(r, r.Split),
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
	return dimCell("either")
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

// gapSay says in words what a row of calls means.
func gapSay(r *anatomy.Row) model.Text {
	say := fmt.Sprintf("%s waits %s longer than %s works (median; p95 %s)", r.Client, nsText(float64(r.Gap.P50)), r.Server, nsText(float64(r.Gap.P95)))
	if r.Split == 0 {
		return model.Sanitise(say + "; which way takes it is not known: too few calls compare the clocks of their hosts")
	}
	say += fmt.Sprintf(": p95 %s on the way there, %s on the way back", nsText(float64(r.There.P95)), nsText(float64(r.Back.P95)))
	if u := r.Undecided(); u > 0 {
		say += fmt.Sprintf("; of %s of %s calls either may be the longer way, as clocks are known to %s", countText(u), countText(r.Split), nsText(float64(r.Uncertainty)))
	}
	if r.Negative > 0 {
		say += fmt.Sprintf("; %s calls left out, whose server says that it took longer than the caller waited", countText(r.Negative))
	}
	return model.Sanitise(say)
}

// messageSay says in words what a row of messages means.
func messageSay(r *anatomy.Row) model.Text {
	say := fmt.Sprintf("%s takes messages of %s that are %s old (median; p95 %s), %s after they were sent", r.Server, r.Client,
		nsText(float64(r.Age.P50)), nsText(float64(r.Age.P95)), nsText(float64(r.Wait.P50)))
	switch {
	case r.Early > 0:
		say += fmt.Sprintf("; %s were taken before they were sent: the clocks disagree", countText(r.Early))
	case r.Corrected < r.Messages:
		say += fmt.Sprintf("; the clocks of %s of them were not compared", countText(r.Messages-r.Corrected))
	}
	return model.Sanitise(say)
}
