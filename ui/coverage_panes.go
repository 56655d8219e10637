// Lens 8, Coverage: a pane, and the list of them.

package ui

import (
	"oteltop/model"
	"oteltop/ui/canvas"
)

// coverPane is a table of the coverage. Its rows are those of a sheet, marked by how worrying they are.
type coverPane struct {
	title  canvas.Literal
	list   Sheet
	levels map[string]level // by row
	sum    model.Text       // all of it in a few words
	none   canvas.Literal   // what it means that there are no rows
	isDeep bool             // its rows are asked aside
}

// coverRow is a row of a pane.
type coverRow struct {
	sheetRow
	level level
}

// set takes the rows of an answer; the cursor stays with its row.
func (p *coverPane) set(rows []coverRow, sum string) {
	a := &sheetAnswer{rows: make([]sheetRow, 0, len(rows))}
	p.levels = make(map[string]level, len(rows))
	for i := range rows {
		a.rows = append(a.rows, rows[i].sheetRow)
		p.levels[rows[i].id] = rows[i].level
	}
	p.sum = model.Sanitise(sum)
	p.list.answer = a
	p.list.rows = make(map[string]*sheetRow, len(a.rows))
	for i := range a.rows {
		p.list.rows[a.rows[i].id] = &a.rows[i]
	}
	p.list.arrange()
}

// clear forgets the rows: they were of another scope.
func (p *coverPane) clear() {
	p.list.answer, p.list.rows, p.levels, p.sum = nil, nil, nil, model.Text{}
	p.list.table.setRows(nil)
	p.list.table.toTop()
}

// markWidth is what the mark of a row takes of its first column.
const markWidth = 2

func newCoverPanes() (ps [coverPanes]coverPane) {
	for id, p := range [coverPanes]struct {
		title canvas.Literal
		none  canvas.Literal
		deep  bool
		cols  []column
	}{
		coverChecks: {"can the figures be trusted?", "", false, []column{{title: " ", width: 13}, {title: " ", least: 30}}},
		coverServices: {"services", "no span in this scope", true, []column{
			{title: "  service", least: 16}, {title: "score", width: scoreBar + 6, right: true, chart: scoreBar}, {title: "parents missing", width: 16, right: true},
			{title: "worst fault", width: 27}, {title: "lacks", width: 22, rank: 3}, {title: "answered", width: 8, right: true, rank: 4},
			{title: "spans", width: 6, right: true, rank: 1}, {title: "traces", width: 6, right: true, rank: 5}}},
		coverProblems: {"what is wrong with spans", "nothing is wrong with any span", true, []column{
			{title: "  problem", least: 26}, {title: "spans", width: 6, right: true}, {title: "of all", width: scoreBar + 6, right: true, chart: scoreBar},
			{title: "most of them in", width: 24}}},
		coverHops:     {"hops: is context passed on?", "every call between services has its answer in the same trace", true, markFirst(gapsSheet().cols)},
		coverClocks:   {"clocks", "no call between two hosts that say which they are", true, markFirst(skewSheet().cols)},
		coverSampling: {"sampling", "no span in this scope", true, markFirst(samplingSheet().cols)},
		coverSpans: {"received, refused, odd: whatever the scope", "", false, []column{
			{title: "  what", width: 24}, {title: "spans", width: 7, right: true}, {title: "which means", least: 24}}},
		coverRoom: {"memory and bounds: whatever the scope", "", false, []column{
			{title: "  what", width: 24}, {title: "used", width: 8}, {title: "full", width: scoreBar + 6, right: true, chart: scoreBar, rank: 1}, {title: "which means", least: 24}}},
		coverLog: {"log of this program, newest first", "no messages", false, []column{{title: "  message", least: 40}}},
	} {
		ps[id] = coverPane{title: p.title, none: p.none, isDeep: p.deep, list: Sheet{table: table[string]{cols: p.cols, ranked: true}}}
	}
	return ps
}

// scoreBar is the width of bars in the panes.
const scoreBar = 6

// markFirst makes room for marks in the first column of a sheet.
func markFirst(cols []column) []column {
	cols[0].title = "  " + cols[0].title
	cols[0].least += markWidth
	return cols
}
