// Lens 2, Operations: a table of operations, or of services, with rate, errors, percentiles and trend.

package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Operations is the table of operations, or of services: which is busy, failing, slow, or eats the time.
type Operations struct {
	table     table[operationID]
	byService bool
	answer    *aggregate.Operations
	rows      map[operationID]operationRow
	most      float64 // the largest share of time: a full bar
	basis     basis
	keys      []key.Binding
	hasDelta  bool
}

// operationRow is a row with its names, fit for the screen.
type operationRow struct {
	*aggregate.OperationRow
	service, operation model.Text
}

// operationID identifies a row.
type operationID struct {
	service, operation string
	kind               model.Kind
}

// Columns of the table.
const (
	operationsName = iota
	operationsKind
	operationsRate
	operationsErrors
	operationsP50
	operationsP95
	operationsP99
	operationsShare
	operationsTrend
	operationsDelta
)

// shareBar is the width of the bar in operationsShare.
const shareBar = 5

func newOperations() *Operations {
	return &Operations{
		keys: operationsKeys(),
		table: table[operationID]{sort: mostOf(operationsShare), cols: []column{
			operationsName:   {title: "operation", least: 26},
			operationsKind:   {title: "kind", width: 8, rank: 4},
			operationsRate:   {title: "rate", width: 7, right: true},
			operationsErrors: {title: "errors", width: 8, right: true},
			operationsP50:    {title: "p50", width: 6, right: true, rank: 2},
			operationsP95:    {title: "p95", width: 6, right: true},
			operationsP99:    {title: "p99", width: 6, right: true, rank: 1},
			operationsShare:  {title: "time", width: 11, right: true, rank: 3, chart: shareBar},
			operationsTrend:  {title: "trend of rate", width: 16, rank: 5, chart: 16, noOrder: true},
			operationsDelta:  {title: "p95 vs before", width: 13, right: true, hidden: true},
		}},
	}
}

// Basis is what the table was computed from.
func (o *Operations) Basis() *basis { return &o.basis }

// Question asks for the table of the scope.
func (o *Operations) Question(at Moment) Question {
	q := at.Query()
	return func(ctx context.Context, e aggregate.Engine) (any, error) { return e.Operations(ctx, q) }
}

// Answer takes the table.
func (o *Operations) Answer(result any) {
	if r, ok := result.(*aggregate.Operations); ok {
		o.answer, o.basis = r, basisOf(r.Provenance)
		o.arrange()
	}
}

// arrange sorts the rows and hands them to the table.
func (o *Operations) arrange() {
	if o.answer == nil {
		return
	}
	rows := o.answer.Rows
	if o.byService {
		rows = o.answer.Services
	}
	o.rows = make(map[operationID]operationRow, len(rows))
	ids := make([]operationID, 0, len(rows))
	o.hasDelta, o.most = false, 0
	for i := range rows {
		r := &rows[i]
		id := idOfOperation(r)
		o.rows[id] = operationRow{r, model.Sanitise(r.Service), model.Sanitise(r.Operation)}
		ids = append(ids, id)
		o.hasDelta = o.hasDelta || r.Delta != nil
		o.most = max(o.most, r.TimeShare)
	}
	by := o.table.sort
	slices.SortFunc(ids, func(a, b operationID) int {
		c := compareOperations(o.rows[a].OperationRow, o.rows[b].OperationRow, by.column)
		return cmp.Or(by.directed(c), a.compare(b))
	})
	o.table.setRows(ids)
}

func idOfOperation(r *aggregate.OperationRow) operationID {
	return operationID{r.Service, r.Operation, r.Kind}
}

func (a operationID) compare(b operationID) int {
	return cmp.Or(strings.Compare(a.service, b.service), strings.Compare(a.operation, b.operation), cmp.Compare(a.kind, b.kind))
}

// compareOperations orders rows by a column, the most first, texts from a.
func compareOperations(a, b *aggregate.OperationRow, column int) int {
	switch column {
	case operationsName:
		return idOfOperation(a).compare(idOfOperation(b))
	case operationsKind:
		return cmp.Compare(b.Kind, a.Kind)
	case operationsRate:
		return cmp.Compare(b.RED.Calls, a.RED.Calls)
	case operationsErrors:
		return cmp.Compare(b.RED.ErrorShare(), a.RED.ErrorShare())
	case operationsP50:
		return cmp.Compare(b.RED.P50, a.RED.P50)
	case operationsP95:
		return cmp.Compare(b.RED.P95, a.RED.P95)
	case operationsP99:
		return cmp.Compare(b.RED.P99, a.RED.P99)
	case operationsDelta:
		return cmp.Compare(p95Ratio(b), p95Ratio(a))
	}
	return cmp.Compare(b.Self, a.Self)
}

func p95Ratio(r *aggregate.OperationRow) float64 {
	if r.Delta == nil {
		return 0
	}
	return r.Delta.P95Ratio
}

// Draw draws the table and a line about the selected row and the basis of the figures.
func (o *Operations) Draw(a canvas.Area, f *Frame) {
	if o.answer == nil {
		return
	}
	title := canvas.Literal("operation")
	if o.byService {
		title = "service"
	}
	o.table.cols[operationsName].title = title
	o.table.cols[operationsDelta].hidden = !o.hasDelta
	o.table.cols[operationsKind].hidden = o.byService // a service has none
	if len(o.table.keys) == 0 {
		if o.byService && len(o.answer.Rows) > 0 {
			drawWhy(a, f, "the scope is a part of one service", "o lists its operations, esc goes back")
			return
		}
		if f.Scope.Focus.Server != "" && f.Scope.Filter == nil {
			drawWhy(a, f, "no span of the called side in this scope", "3 shows the calls to it, 5 the requests with them, esc goes back")
			return
		}
		drawNothing(a, f, "no operation in this scope")
		return
	}
	body := a.Sub(0, 0, a.W, a.H-1)
	o.table.draw(body, f, func(row, col int, c canvas.Area) { o.cell(row, col, c, f) })
	w := pen{a: a.Row(a.H - 1), x: 1}
	n := uint64(len(o.table.keys))
	if o.byService {
		w.number(n, " service", " services", f.Theme.Dim)
		w.lit(" (figures over entry spans)", f.Theme.Dim)
	} else {
		w.number(n, " operation", " operations", f.Theme.Dim)
	}
	o.table.drawUnseen(&w, f)
	o.basis.drawNote(w, f)
}

func (o *Operations) cell(row, col int, c canvas.Area, f *Frame) {
	r := o.rows[o.table.keys[row]]
	t := f.Theme
	var buf [24]byte
	switch col {
	case operationsName:
		serviceAndOperation(c, r.service, r.operation, seriesStyle(t, r.Service), f)
	case operationsKind:
		c.Lit(0, 0, kindText(r.Kind), t.Dim)
	case operationsRate:
		figureRight(c, num.Rate(buf[:0], r.RED.Rate), t.Text)
	case operationsErrors:
		errorShare(c, r.RED.ErrorShare(), f)
	case operationsP50:
		duration(c, r.RED.P50, t.Dim, f)
	case operationsP95:
		duration(c, r.RED.P95, t.Strong, f)
	case operationsP99:
		duration(c, r.RED.P99, t.Text, f)
	case operationsShare:
		b := num.Share(buf[:0], r.TimeShare)
		if o.most > 0 { // of the largest: in a system of many operations all would be slivers of the whole
			bar(c.Sub(0, 0, shareBar, 1), r.TimeShare/o.most, t.Accent, f)
		}
		figureRight(c, b, t.Text)
	case operationsTrend:
		sparkRow(c, &r.Trend, f)
	case operationsDelta:
		if r.Delta != nil {
			ratioCell(c, r.Delta.P95Ratio, f)
		}
	}
}

// Key handles sorting, grouping and drilling.
func (o *Operations) Key(k tea.KeyPressMsg, at Moment) Action {
	if o.table.key(k) {
		return Handled{}
	}
	if o.table.sortKey(k) {
		o.arrange()
		return Handled{}
	}
	switch k.String() {
	case "o":
		o.byService = !o.byService
		o.table.toTop()
		o.arrange()
	case "enter", "l", "right":
		return o.drill(at, LensLatency, false)
	case "T":
		return o.drill(at, LensTraces, false)
	case "e":
		return o.drill(at, LensTraces, true)
	case "a":
		return GroupBy{}
	case "c":
		return o.table.choose()
	case "f":
		if id, ok := o.table.selected(); ok {
			return Narrow{operationFilter(id)}
		}
	case "y":
		if id, ok := o.table.selected(); ok {
			what := "operation"
			if id.operation == "" {
				what = "service"
			}
			return Copy{what, strings.TrimSpace(id.service + " " + id.operation)}
		}
	}
	return Handled{}
}

// pointsAt is the row under the cursor.
func (o *Operations) pointsAt() aggregate.Focus {
	id, _ := o.table.selected()
	return aggregate.Focus{Service: id.service, Operation: id.operation, Kind: id.kind}
}

// sortBy sorts the rows anew.
func (o *Operations) sortBy(s sorting) {
	o.table.sort = s
	o.table.toTop()
	o.arrange()
}

func operationFilter(id operationID) string {
	s := "service = " + filter.Quote(id.service)
	if id.operation != "" {
		s += " && name = " + filter.Quote(id.operation)
	}
	return s
}

// drill narrows to the selected row.
func (o *Operations) drill(at Moment, l Lens, errors bool) Action {
	id, ok := o.table.selected()
	if !ok {
		return nil
	}
	s := at.Scope
	s.Focus = aggregate.Focus{Service: id.service, Operation: id.operation, Kind: id.kind}
	s.Selection = nil
	if r := o.rows[id]; errors && r.RED.Errors == 0 {
		what := "requests to " + id.service
		if id.operation != "" {
			what = "spans " + id.operation + " of " + id.service
		}
		return sayNoneFailed(r.RED.Calls, what)
	}
	if errors {
		s.Selection = &aggregate.Selection{ErrorsOnly: true}
	}
	return Drill{l, s}
}

// Mouse selects, sorts by a title, and drills by a double click.
func (o *Operations) Mouse(m Mouse, at Moment) Action {
	open, head := o.table.mouse(m)
	if open {
		return o.drill(at, LensLatency, false)
	}
	if head >= 0 && o.table.sortByTitle(head) {
		o.arrange()
	}
	return Handled{}
}

// Keys are the bindings of the table.
func (o *Operations) Keys() []key.Binding {
	other := "by service"
	if o.byService {
		other = "by operation"
	}
	o.keys[groupingBinding].SetHelp("o", other)
	return o.keys
}

// groupingBinding is the place in operationsKeys of the key that changes what rows are.
const groupingBinding = 3

func operationsKeys() []key.Binding {
	return slices.Concat([]key.Binding{
		bind("enter", "latency", "enter", "l", "right"),
		bind("T", "traces", "T"), bind("e", "failed traces", "e"),
		groupingBinding: bind("o", "by service", "o"),
		bind("s S", "sort, reverse", "s", "S"),
		bind("a", "group by an attribute", "a"), bind("c", "columns", "c"),
		bind("f", "filter by it", "f"), bind("y", "copy", "y"),
	}, tableKeys())
}
