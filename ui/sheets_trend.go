// Sheet: what grows, and what changed at once.

package ui

import (
	"fmt"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/growth"
	"oteltop/model"
)

// growthBar is the width of the bars in the sheet about trends: a full one is tenfold.
const growthBar = 8

// trendsSheet lists which latencies grow steadily, and which changed at once.
func trendsSheet() *sheetSpec {
	return &sheetSpec{
		title: "what grows, what changed at once?",
		cols: []column{
			{title: "operation", least: 30},
			{title: "verdict", width: 9},
			{title: "before", width: 7, right: true, rank: 1},
			{title: "after", width: 7, right: true, rank: 1},
			{title: "ratio", width: growthBar + 7, right: true, chart: growthBar},
			{title: "when", width: 12, right: true, rank: 2},
			{title: "calls", width: 6, right: true, rank: 3},
			{title: "q", width: 7, right: true, rank: 4},
		},
		ask: askScope(aggregate.Engine.Trends, trendsAnswer),
	}
}

func trendsAnswer(t *aggregate.Trends) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(t.Provenance), none: sayf("too few calls to tell: %d operations and services were looked at", t.TooFew)}
	for i := range t.Rows {
		r := &t.Rows[i]
		name := r.Operation
		if name == "" {
			name = "all of it"
		}
		a.rows = append(a.rows, sheetRow{
			id: fmt.Sprint(r.Place), cells: []sheetCell{
				nameCell(r.Service, name), trendVerdict(r), figureCell(cellDuration, r.Before), figureCell(cellDuration, r.After),
				{kind: cellRatio, n: r.Ratio(), bar: max(0, min(1, (r.Ratio()-1)/9)), loud: r.Alarm()}, dimCell(trendWhen(r)),
				figureCell(cellCount, float64(r.Calls)), qCell(r.Q),
			},
			say: trendSentence(r), drill: toLatency(r.Service, r.Operation, r.Kind),
		})
	}
	return a
}

func trendVerdict(r *growth.Row) sheetCell {
	switch {
	case r.Alarm() && r.Because != nil:
		return dimCell("waits")
	case r.Shape == growth.Grows:
		return sheetCell{text: textCell(fmt.Sprintf("p%.0f grows", 100*r.Quantile)).text, loud: true}
	case r.Shape == growth.Step:
		return sheetCell{text: textCell(fmt.Sprintf("p%.0f step", 100*r.Quantile)).text, loud: true}
	case r.Shape == growth.Unclear:
		return dimCell(fmt.Sprintf("p%.0f maybe", 100*r.Quantile))
	}
	return dimCell("steady")
}

// trendWhen says since when it is so, or in what time it doubles.
func trendWhen(r *growth.Row) string {
	switch {
	case r.At != 0:
		return string(appendClock(nil, r.At))
	case r.Doubling != 0:
		return "×2 in " + durationText(r.Doubling)
	}
	return ""
}

func trendSentence(r *growth.Row) model.Text {
	name := strings.TrimSpace(r.Service + " " + r.Operation) // of a service as a whole there is no operation
	switch {
	case r.Because != nil && r.Alarm():
		return sayf("%s is slower because it waits for %s %s, which is", name, r.Because.Service, r.Because.Operation)
	case r.Alarm():
		return sayf("%s: p%.0f %s before, %s after; %s of the change is time of its own; it cost all calls %s together",
			name, 100*r.Quantile, durationText(int64(r.Before)), durationText(int64(r.After)), shareText(r.OwnShare), durationText(r.Lost))
	}
	if r.Shape == growth.Unclear {
		return sayf("%s may be slower, or vary by chance: p50 ×%.2f, p95 ×%.2f over %d windows of %s", name, r.Growth50, r.Growth95, r.Windows, durationText(r.Step))
	}
	return sayf("%s is as fast as it was: p50 ×%.2f, p95 ×%.2f over %d windows of %s", name, r.Growth50, r.Growth95, r.Windows, durationText(r.Step))
}
