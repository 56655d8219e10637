// The waterfall of a trace: question, answer, and the state of the screen.

package ui

import (
	"context"
	"errors"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
)

const (
	// settledRefresh is how often a trace that is complete is asked for again: late spans and new figures
	// of its population are rare, and decoding 100 k spans four times a second is not free.
	settledRefresh = 3 * time.Second
	// visitsMax is how many traces keep their folds, zoom and selection for when a person comes back.
	visitsMax = 16
)

// Waterfall shows one trace: its tree, when each span ran, and how unusual that is. The answer is prepared
// once (traceModel); what a person did to it is a visit; a frame then costs the rows it shows.
//
//	TraceView ─▶ traceModel ─(folding)─▶ rows ─▶ Draw: tree │ bars │ figures, details
type Waterfall struct {
	m      *traceModel // nil until the first answer
	basis  basis
	gone   model.TraceID
	asked  time.Time    // Status.Now at the last question
	filter *filter.Expr // of the last question
	*visit
	visits []*visit // the most recent last

	rows  []waterfallRow
	at    int             // row of the selection
	home  timeRange       // what the bars show before any zoom
	all   timeRange       // every span of the focus
	steps []model.Section // the critical path of the focus
	path  pathIndex       // the same by node

	pane    pane
	search  search
	drag    dragging
	mini    minimap
	lay     waterfallLayout
	bars    barPen
	heads   [2][]headItem
	section int  // of the critical path, that c went to last
	jump    bool // the cursor went to a span wherever that is, and the rows are to follow

	keys, typingKeys []key.Binding
	versus           versus
	against          *against    // that what versus names is like; maybe of another trace: see compared
	near             *neighbours // maybe of another trace: see session
	skewed           bool
	reveal           bool // masked values are shown
}

// visit is what a person did to one trace.
type visit struct {
	trace   model.TraceID
	sel     rowKey
	chosen  bool // sel was set
	fold    folding
	zoom    timeRange
	zoomed  bool
	top     int // first row drawn
	touched bool
	jumped  model.SpanID // the span that App asked for and that was gone to
	about   aim          // whose span was gone to
	from    []rowKey     // spans whose links within the trace were followed, the last one last
}

func newWaterfall() *Waterfall {
	return &Waterfall{visit: &visit{fold: newFolding()}, pane: newPane(), keys: waterfallBindings(), typingKeys: typingBindings()}
}

// traceGone is the answer for a trace that is not retained (any more).
type traceGone struct{ id model.TraceID }

// Basis is the spans of the trace, and those that their durations are ranked among.
func (w *Waterfall) Basis() *basis { return &w.basis }

func traceBasis(v *aggregate.TraceView) basis {
	n := num.Count(nil, uint64(len(v.Trace.Spans)))
	return basis{
		long:   model.Textf("n=%s of this trace, ranks among %s received", n, num.Count(nil, v.Provenance.Of)),
		medium: model.Textf("n=%s spans of this trace", n),
		short:  model.Textf("n=%s", n),
	}
}

// Question asks for the trace of the place; a settled one only now and then.
func (w *Waterfall) Question(at Moment) Question {
	id, f := at.Trace, at.Scope.Filter
	if w.m != nil && w.m.t.ID == id && w.filter == f && w.m.view.Row.Settled && at.Status.Now.Sub(w.asked) < settledRefresh {
		return nil
	}
	w.asked, w.filter = at.Status.Now, f
	return func(ctx context.Context, e aggregate.Engine) (any, error) {
		v, err := e.Trace(ctx, id)
		if errors.Is(err, aggregate.ErrNoTrace) {
			return traceGone{id}, nil
		}
		if err != nil || v.Trace == nil {
			return nil, err
		}
		a := waterfallAnswer{view: v, filter: f}
		if f != nil {
			a.matched, _ = f.Match(v.Trace)
		}
		return a, nil
	}
}

// waterfallAnswer is a trace with the spans that match the scope's filter, as indices into its spans.
type waterfallAnswer struct {
	view    *aggregate.TraceView
	filter  *filter.Expr
	matched []int
}

// Aside asks for the typical trace while a person wants to see it, else for the requests of the same session.
func (w *Waterfall) Aside(at Moment) (about any, q Question) {
	if about, q = w.askTypical(at); q != nil {
		return about, q
	}
	return w.askNeighbours(at)
}

// AsideAnswer takes either.
func (w *Waterfall) AsideAnswer(_, result any) {
	switch r := result.(type) {
	case *against:
		w.against = r
	case *neighbours:
		w.near = r
		w.heads = headItems(w.m, w.session())
	}
	w.pane.stale()
}

// Answer takes a trace. Selection, folds and zoom stay with their spans.
func (w *Waterfall) Answer(result any) {
	switch v := result.(type) {
	case traceGone:
		w.gone = v.id
	case waterfallAnswer:
		w.gone = model.TraceID{}
		w.show(v)
	}
}

// show replaces the trace, or refreshes it.
func (w *Waterfall) show(a waterfallAnswer) {
	v := a.view
	same := w.m != nil && w.m.t.ID == v.Trace.ID
	line := w.at - w.visitOf(v.Trace.ID).top
	w.m, w.basis = newTraceModel(v), traceBasis(v)
	w.m.match(a.filter, a.matched)
	w.turn()
	w.heads = headItems(w.m, w.session())
	w.mini.stale()
	w.search.stale()
	w.pane.stale()
	w.relist()
	if same && w.touched {
		w.top = max(0, w.at-line)
	}
}

// visitOf makes the visit of a trace the current one.
func (w *Waterfall) visitOf(id model.TraceID) *visit {
	if w.visit.trace == id {
		return w.visit
	}
	for i, v := range w.visits {
		if v.trace == id {
			w.visits = append(append(w.visits[:i:i], w.visits[i+1:]...), v)
			w.visit = v
			return v
		}
	}
	w.visit = &visit{trace: id, fold: newFolding()}
	if w.visits = append(w.visits, w.visit); len(w.visits) > visitsMax {
		w.visits = w.visits[1:]
	}
	return w.visit
}

// relist lists the rows again after a fold or an answer and puts the cursor back on its span.
func (w *Waterfall) relist() {
	focus := int32(-1)
	for len(w.fold.focus) > 0 {
		if focus = w.m.find(w.fold.focus[len(w.fold.focus)-1]); focus >= 0 {
			break
		}
		w.fold.focus = w.fold.focus[:len(w.fold.focus)-1]
	}
	w.rows = w.m.rows(&w.fold, focus, w.rows)
	end := int32(len(w.m.t.Tree.Nodes))
	w.steps, w.path = w.m.t.Sections, w.m.path
	if focus >= 0 {
		end = w.m.t.Tree.Nodes[focus].End
		w.steps = w.m.t.PathOf(focus)
		w.path = indexPath(w.steps, len(w.m.t.Tree.Nodes))
	}
	w.home, w.all = w.clock().extents(max(0, focus), end)
	w.mini.stale()
	w.locate()
}

// locate finds the row of the selection; where it is hidden, the nearest row above that shows it.
func (w *Waterfall) locate() {
	if !w.chosen {
		w.at = 0
		if len(w.rows) > 0 {
			w.sel = w.m.rowKey(w.rows[0])
		}
		return
	}
	for i := range w.rows {
		if w.m.rowKey(w.rows[i]) == w.sel {
			w.at = i
			return
		}
	}
	if n := w.m.find(w.sel.spanKey); n >= 0 {
		w.at = w.rowAt(n)
	}
	w.put(w.at)
}

// rowAt is the last row that starts at the node or before: the node's own, or the fold that hides it.
func (w *Waterfall) rowAt(node int32) int {
	lo, hi := 0, len(w.rows)
	for lo < hi {
		if mid := (lo + hi) / 2; w.rows[mid].node <= node {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return max(0, lo-1)
}

// put moves the cursor to a row.
func (w *Waterfall) put(row int) {
	if len(w.rows) == 0 {
		w.at = 0
		return
	}
	w.at = max(0, min(row, len(w.rows)-1))
	if k := w.m.rowKey(w.rows[w.at]); k != w.sel {
		w.sel = k
		w.pane.stale()
	}
	w.chosen = true
}

// choose selects a span wherever it is, opening what hides it.
func (w *Waterfall) choose(node int32) {
	w.m.reveal(&w.fold, node)
	w.sel, w.chosen, w.touched, w.jump = rowKey{w.m.key(node), false}, true, true, true
	w.pane.stale()
	w.relist()
}

// selected is the row under the cursor, nil when there is none.
func (w *Waterfall) selected() *waterfallRow {
	if w.m == nil || w.at >= len(w.rows) {
		return nil
	}
	return &w.rows[w.at]
}

// pointsAt is the operation of the span under the cursor.
func (w *Waterfall) pointsAt() aggregate.Focus {
	r := w.selected()
	if r == nil || !w.m.real(r.node) {
		return aggregate.Focus{}
	}
	sp := w.m.span(r.node)
	return aggregate.Focus{Service: w.m.service(r.node), Operation: sp.Name, Kind: sp.Kind}
}

// clock is the times that are shown.
func (w *Waterfall) clock() clock { return clock{w.m.t, w.skewed} }

// view is the range that the bars show.
func (w *Waterfall) view() timeRange {
	if w.zoomed {
		return w.zoom
	}
	return w.home
}

// shows reports whether the trace of the place is the one at hand.
func (w *Waterfall) shows(at Moment) bool { return w.m != nil && w.m.t.ID == at.Trace }

// arrive follows a drill or a link to a span: once for each place, so that the cursor can leave again. A
// drill that names no span is about the span that its scope means, wherever in the trace that is.
func (w *Waterfall) arrive(at Moment) {
	if to := aimOf(at.Scope); at.Span == 0 && to != w.about && to.filter == w.m.filter {
		w.about = to
		if n := w.m.subject(at.Scope); n >= 0 {
			w.choose(n)
		}
	}
	if at.Span == w.jumped {
		return
	}
	w.jumped = at.Span
	if n := w.m.findSpan(at.Span); at.Span != 0 && n >= 0 {
		w.choose(n)
	}
}
