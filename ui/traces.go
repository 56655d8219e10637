// Lens 5, Traces: one row for each retained trace of the scope.

package ui

import (
	"context"
	"slices"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/round"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Traces lists the retained traces of the scope, one row each. The cursor stays on its trace while rows
// arrive.
type Traces struct {
	table    table[model.TraceID]
	answer   *aggregate.TraceList
	rows     map[model.TraceID]traceRow
	full     int64  // ns, a full bar: see fullBar
	noted    bool   // some row has a note
	arriving uint64 // rows that have not settled: figures count them once they are whole
	basis    basis
	own      *features.Expr // the column that the person asked for; nil: none
	shown    *features.Expr // that, or the one that the scope is narrowed by
	keys     []key.Binding
}

// traceRow is a row with its texts, fit for the screen.
type traceRow struct {
	*aggregate.TraceRow
	service, operation, shape, id model.Text
	kept                          model.Text // why it is kept; empty where it is only recent
	own                           model.Text // the value in a column of the person's own, where that is a text
}

func newTraceRow(r *aggregate.TraceRow) traceRow {
	t := traceRow{TraceRow: r, service: model.Sanitise(r.RootService), operation: model.Sanitise(r.RootOperation),
		shape: model.Sanitise(r.Shape), id: model.Sanitise(shortID(r.ID)), own: model.Sanitise(cellTextOf(&r.Column))}
	if r.Kept != model.KeptRecent {
		t.kept = model.Sanitise(r.Kept.String())
	}
	return t
}

// Columns of the list.
const (
	tracesRoot = iota
	tracesDuration
	tracesOwn // a column of the person's own
	tracesRank
	tracesErrors
	tracesSpans
	tracesServices
	tracesStart
	tracesState
	tracesShape
	tracesID
)

// durationChart is the width of the bar in tracesDuration; durationGrow how much wider it is where there is
// room: a wall of longer ones would be the loudest thing on the screen.
const durationChart, durationGrow = 6, 18

// tracesLimit is how many rows are asked for: more than anyone scrolls through; the count says the rest.
const tracesLimit = 1000

func newTraces() *Traces {
	return &Traces{
		keys: tracesKeys(),
		table: table[model.TraceID]{sort: mostOf(tracesStart), quiet: tracesRank, cols: []column{
			tracesRoot:     {title: "root operation", least: 26},
			tracesDuration: {title: "duration", width: 14, right: true, chart: durationChart, grow: durationGrow},
			tracesOwn:      {title: "a column of your own", width: 16, right: true, hidden: true},
			tracesRank:     {title: "rank", width: 7, right: true, rank: 1, noOrder: true},
			tracesErrors:   {title: "errors", width: 6, right: true},
			tracesSpans:    {title: "spans", width: 6, right: true, rank: 1},
			tracesServices: {title: "services", width: 8, right: true, rank: 3},
			tracesStart:    {title: "started", width: 9, right: true},
			tracesState:    {title: "notes", width: 14, rank: 4, noOrder: true},
			tracesShape:    {title: "shape", width: 6, rank: 5, noOrder: true},
			tracesID:       {title: "trace", width: 8, rank: 2, noOrder: true},
		}},
	}
}

// barSteps are what fills a bar, times a power of ten: bars keep still while the list changes little.
var barSteps = [...]float64{10, 12, 15, 20, 25, 30, 40, 50, 60, 80}

// traceSort is what the engine sorts by for a column.
func traceSort(col int) aggregate.TraceSort {
	switch col {
	case tracesRoot:
		return aggregate.SortRoot
	case tracesDuration:
		return aggregate.SortDuration
	case tracesErrors:
		return aggregate.SortErrors
	case tracesSpans:
		return aggregate.SortSpans
	case tracesServices:
		return aggregate.SortServices
	case tracesOwn:
		return aggregate.SortColumn
	}
	return aggregate.SortStart
}

// order is what the engine sorts by, as the table says. Names begin with A, as in other tables.
func (s *Traces) order() (by aggregate.TraceSort, ascending bool) {
	o := s.table.sort
	return traceSort(o.column), o.ascending != (o.column == tracesRoot)
}

// Basis is what the list was taken from.
func (s *Traces) Basis() *basis { return &s.basis }

// Question asks for the list in the order of the screen.
func (s *Traces) Question(at Moment) Question {
	s.showOwn(at.Scope.Selection)
	q := aggregate.TracesQuery{Query: at.Query(), Selection: at.Scope.Selection, Limit: tracesLimit, Column: s.shown}
	q.Sort, q.Ascending = s.order()
	return func(ctx context.Context, e aggregate.Engine) (any, error) { return e.Traces(ctx, q) }
}

// Answer takes the list.
func (s *Traces) Answer(result any) {
	r, ok := result.(*aggregate.TraceList)
	if !ok {
		return
	}
	s.answer, s.basis = r, basisOf(r.Provenance)
	s.setRows(r.Rows)
}

// setRows takes the rows of the list.
func (s *Traces) setRows(rows []aggregate.TraceRow) {
	s.rows = make(map[model.TraceID]traceRow, len(rows))
	ids := make([]model.TraceID, len(rows))
	s.arriving, s.noted = 0, false
	for i := range rows {
		row := &rows[i]
		ids[i] = row.ID
		s.rows[row.ID] = newTraceRow(row)
		if !row.Settled {
			s.arriving++
		}
		s.noted = s.noted || isNoted(row)
	}
	s.full = fullBar(rows)
	s.table.setRows(ids)
}

// fullBar is the duration that fills a bar, ns, a step of barSteps: of the longest row, but twice what 95 % of the rows
// take at most. One row that took a thousand times as long as the others would leave all of these without a bar to be
// seen.
func fullBar(rows []aggregate.TraceRow) int64 {
	var d []int64
	for i := range rows {
		d = append(d, rows[i].Duration)
	}
	if len(d) == 0 {
		return 1
	}
	slices.Sort(d)
	most := min(float64(d[len(d)-1]), 2*float64(d[(len(d)-1)*95/100]))
	return int64(min(round.Up(most, barSteps[:]...), 1<<62)) // the next figure up may be more than an int64 holds
}

// durationBar draws how long a trace took; beyond what fills the bar, with an arrow at its end.
func (s *Traces) durationBar(c canvas.Area, ns int64, f *Frame) {
	bar(c, min(1, float64(ns)/float64(s.full)), f.Theme.Accent, f)
	if ns > s.full {
		c.Rune(c.W-1, 0, f.G.ArrowRight, f.Theme.Accent)
	}
}

// Draw draws the list and how many traces there are beyond it.
func (s *Traces) Draw(a canvas.Area, f *Frame) {
	if s.answer == nil {
		return
	}
	if len(s.table.keys) == 0 {
		switch in := f.Scope.Selection; {
		case in == nil || !in.ErrorsOnly:
			drawNothing(a, f, "no retained trace in this scope")
		case f.Scope.Focus.IsZero():
			drawWhy(a, f, "no retained trace in this scope whose root span failed", "/ error lists those in which any span did, esc goes back")
		default:
			drawWhy(a, f, "no retained trace in this scope with a failed span of these", "figures count every span, memory keeps a part of the traces; esc goes back")
		}
		return
	}
	s.table.cols[tracesDuration].title = "duration"
	if !f.Scope.Focus.IsZero() { // whose spans are a part of it
		s.table.cols[tracesDuration].title = "whole trace"
	}
	s.table.cols[tracesState].hidden = !s.noted && !f.Status.Live // while traces arrive, there will be notes
	body := a.Sub(0, 0, a.W, a.H-1)
	s.table.draw(body, f, func(row, col int, c canvas.Area) { s.cell(row, col, c, f) })
	w := pen{a: a.Row(a.H - 1), x: 1}
	if n := uint64(len(s.answer.Rows)); n < s.answer.Matched {
		w.lit("first ", f.Theme.Dim)
		w.counted(n, " of ", f.Theme.Dim)
	}
	w.number(s.answer.Matched, " trace", " traces", f.Theme.Dim)
	s.table.drawUnseen(&w, f)
	if s.arriving > 0 && s.answer.Matched == uint64(len(s.answer.Rows)) {
		w.lit(", ", f.Theme.Dim)
		w.counted(s.arriving, " still arriving", f.Theme.Dim)
	}
	s.basis.drawNote(w, f)
}

func (s *Traces) cell(row, col int, c canvas.Area, f *Frame) {
	r := s.rows[s.table.keys[row]]
	t := f.Theme
	var buf [24]byte
	switch col {
	case tracesRoot:
		serviceAndOperation(c, r.service, r.operation, seriesStyle(t, r.RootService), f)
	case tracesDuration:
		s.durationBar(c.Sub(0, 0, s.table.cols[tracesDuration].picture(c.W), 1), r.Duration, f)
		figureRight(c, num.Duration(buf[:0], r.Duration), t.Strong)
	case tracesRank:
		r.drawRank(c, f)
	case tracesErrors:
		if r.Errors == 0 {
			return // blank: what has failed is to be seen
		}
		b := num.Count(buf[:0], uint64(r.Errors))
		figureRight(c, b, t.Error)
		c.Rune(c.W-len(b)-2, 0, f.G.Error, t.Error)
	case tracesSpans:
		figureRight(c, num.Count(buf[:0], uint64(r.Spans)), t.Dim)
	case tracesServices:
		figureRight(c, num.Count(buf[:0], uint64(r.Services)), t.Dim)
	case tracesStart:
		if r.Kept == model.KeptPinned && s.table.x[tracesState] < 0 { // nothing else says it here
			c.Rune(0, 0, f.G.Pin, f.Theme.Info)
		}
		s.started(r.TraceRow, c, f)
	case tracesState:
		s.state(r, c, f)
	case tracesShape:
		c.Text(0, 0, r.shape, t.Dim)
	case tracesOwn:
		s.ownCell(r, c, f)
	case tracesID:
		c.Text(0, 0, r.id, t.Dim)
	}
}

// drawRank draws the rank within the root operation, as the waterfall does: among roots named by nothing but an HTTP
// method it is marked, and no judgement but for the extreme.
func (r *traceRow) drawRank(c canvas.Area, f *Frame) {
	if r.Percentile < 0 || mixtureOf(r.RootOperation, r.RootKind) == mixesNothing || r.RootKind == model.KindClient && r.Spans < 2 {
		rank(c, r.Percentile, f) // a client span alone may be a database's GET, which says what is done
		return
	}
	var buf [16]byte
	s := f.Theme.Faint
	if r.Percentile >= mixedRank {
		s = f.Theme.Warn
	}
	b := appendRank(append(buf[:0], '~'), r.Percentile)
	figureRight(c, b, s)
}

// started is an age in live mode, a clock time in files and frozen screens.
func (s *Traces) started(r *aggregate.TraceRow, c canvas.Area, f *Frame) {
	if f.Status.Live && !f.Paused {
		var buf [16]byte
		figureRight(c, age(buf[:0], f.Status.Now.UnixNano()-r.Start), f.Theme.Dim)
		return
	}
	var buf [16]byte
	figureRight(c, time.Unix(0, r.Start).AppendFormat(buf[:0], "15:04:05"), f.Theme.Dim)
}

// isNoted reports whether state has anything to say about a trace.
func isNoted(r *aggregate.TraceRow) bool {
	return r.Kept != model.KeptRecent || !r.Settled || r.Orphans > 0 || !r.Complete
}

// state says why the trace is kept and what is missing; nothing when it is recent and whole.
func (s *Traces) state(r traceRow, c canvas.Area, f *Frame) {
	t := f.Theme
	w := pen{a: c}
	if r.Kept != model.KeptRecent {
		w.text(r.kept, t.Info)
		w.blank(1)
	}
	switch {
	case !r.Settled:
		w.lit("arriving", t.Warn)
	case r.Orphans > 0:
		w.number(uint64(r.Orphans), " orphan", " orphans", t.Warn)
	case !r.Complete:
		w.lit("incomplete", t.Warn)
	}
}

// Key handles sorting and opening.
func (s *Traces) Key(k tea.KeyPressMsg, at Moment) Action {
	if s.table.key(k) {
		return Handled{}
	}
	if s.table.sortKey(k) {
		return Ask{} // the engine sorts, since only it has all rows
	}
	id, ok := s.table.selected()
	switch k.String() {
	case "enter", "l", "right":
		if ok {
			return OpenTrace{ID: id}
		}
	case "e":
		sc := at.Scope
		if sc.Selection != nil && sc.Selection.ErrorsOnly {
			return Say{Text: "these are the failed ones; esc goes back"}
		}
		sel := aggregate.Selection{}
		if sc.Selection != nil {
			sel = *sc.Selection
		}
		sel.ErrorsOnly = true
		sc.Selection = &sel
		return Drill{LensTraces, sc}
	case "p":
		if ok {
			s.table.move(s.table.at) // who acts on a row means to stay there
			return Pin{id, s.rows[id].Kept != model.KeptPinned}
		}
	case "y":
		if ok {
			s.table.move(s.table.at)
			return Copy{"trace id", id.String()}
		}
	case "a":
		return GroupBy{}
	case "c":
		x := s.table.choose()
		x.own = tracesOwn
		return x
	case "f":
		if ok {
			r := s.rows[id]
			return Narrow{"rootService = " + filter.Quote(r.RootService) + " && rootName = " + filter.Quote(r.RootOperation)}
		}
	}
	return Handled{}
}

// sortBy sorts the next answer.
func (s *Traces) sortBy(x sorting) {
	s.table.sort = x
	s.table.toTop()
}

// Mouse selects, sorts by a title, and opens by a double click.
func (s *Traces) Mouse(m Mouse, at Moment) Action {
	open, head := s.table.mouse(m)
	if open {
		id, _ := s.table.selected()
		return OpenTrace{ID: id}
	}
	if head >= 0 {
		if s.table.sortByTitle(head) {
			return Ask{}
		}
		return Say{Text: "the list cannot be sorted by this column"}
	}
	return Handled{}
}

// Keys are the bindings of the list.
func (s *Traces) Keys() []key.Binding { return s.keys }

func tracesKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "waterfall", "enter", "l", "right"),
		bind("e", "failed ones", "e"),
		bind("s S", "sort, reverse", "s", "S"),
		bind("a", "group by an attribute", "a"), bind("c", "columns", "c"),
		bind("f", "same root operation", "f"),
		bind("p", "pin", "p"), bind("y", "copy id", "y"),
	}, tableKeys())
}
