// Lens 6, Shapes: question, answer and order of the clusters of traces by call structure.

package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model"

	"charm.land/bubbles/v2/key"
)

// Shapes is what kinds of requests there are: a table of clusters of traces that make the same calls, and the
// typical trace of the one under the cursor. It is asked aside, because every trace has to be linked.
type Shapes struct {
	table  table[shapeID]
	answer *aggregate.Shapes
	rows   map[shapeID]*shapeRow
	scope  scopeID // that answer is about
	asked  scopeID

	tree    table[uint64]
	typical *typical // of shown; nil until it came, or when there is none any more
	shown   shapeID
	at      int // which of the representatives o opens
	basis   basis
	lay     panes // table and typical trace

	keys, treeKeys []key.Binding
}

// shapeID identifies a row from answer to answer.
type shapeID struct {
	service, operation string
	kind               model.Kind
	shape              uint64
}

func idOfShape(r *shapes.Row) shapeID {
	return shapeID{r.Root.ServiceName, r.Root.Name, r.Root.Kind, r.Shape}
}

// shapeRow is a row with its texts.
type shapeRow struct {
	*shapes.Row
	service, operation, name model.Text
	through                  []model.Text // services besides that of the root
}

func newShapeRow(r *shapes.Row) *shapeRow {
	x := &shapeRow{Row: r, service: model.Sanitise(r.Root.ServiceName), operation: model.Sanitise(r.Root.Name), name: model.Sanitise(request.ShapeName(r.Shape))}
	for _, s := range r.Through {
		if s != r.Root.ServiceName {
			x.through = append(x.through, model.Sanitise(s))
		}
	}
	return x
}

// Columns of the table.
const (
	shapesRoot = iota
	shapesTraces
	shapesShare
	shapesP50
	shapesP95
	shapesP99
	shapesErrors
	shapesSpans
	shapesServices
	shapesVariants
	shapesFirst
	shapesName
)

// shapeBar is the width of the bar in shapesShare, shapeRootLeast what root operations take at least.
const (
	shapeBar       = 8
	shapeRootLeast = 24
)

func newShapes() *Shapes {
	return &Shapes{
		keys: shapesKeys(), treeKeys: shapesTreeKeys(),
		table: table[shapeID]{sort: mostOf(shapesTraces), cols: []column{
			shapesRoot:     {title: "root operation", least: shapeRootLeast},
			shapesTraces:   {title: "traces", width: 6, right: true},
			shapesShare:    {title: "share", width: shapeBar + 6, right: true, chart: shapeBar},
			shapesP50:      {title: "p50", width: 6, right: true},
			shapesP95:      {title: "p95", width: 6, right: true, rank: 3},
			shapesP99:      {title: "p99", width: 6, right: true},
			shapesErrors:   {title: "errors", width: 7, right: true},
			shapesSpans:    {title: "spans", width: 5, right: true, rank: 1},
			shapesServices: {title: "services", width: 8, right: true, rank: 4},
			shapesVariants: {title: "variants", width: 8, right: true, rank: 6},
			shapesFirst:    {title: "first seen", width: 10, right: true, rank: 5},
			shapesName:     {title: "shape", width: 8, rank: 2},
		}},
		tree: table[uint64]{cols: typicalColumns()},
	}
}

// Basis is what the shapes were counted in.
func (s *Shapes) Basis() *basis { return &s.basis }

// Question: all that is shown is asked aside.
func (s *Shapes) Question(Moment) Question { return nil }

// Answer never comes.
func (s *Shapes) Answer(any) {}

// shapesAbout identifies what is asked, whatever time it is.
type shapesAbout struct {
	scope scopeID
	shape shapeID // zero: the first there is
}

// shapesAnswer is the list, and the typical trace of one of it.
type shapesAnswer struct {
	list    *aggregate.Shapes
	of      shapeID
	typical *typical // nil: no trace has the shape now
}

// Aside asks for the shapes, and for the typical trace of the one under the cursor.
func (s *Shapes) Aside(at Moment) (about any, q Question) {
	x := shapesAbout{scope: scopeOf(at)}
	if x.scope == s.scope {
		x.shape, _ = s.table.selected()
	}
	s.asked = x.scope
	query := at.Query()
	query.Baseline = aggregate.Window{}
	return x, func(ctx context.Context, e aggregate.Engine) (any, error) { return askShapes(ctx, e, query, x.shape) }
}

func askShapes(ctx context.Context, e aggregate.Engine, q aggregate.Query, of shapeID) (any, error) {
	list, err := e.Shapes(ctx, q)
	if err != nil {
		return nil, err
	}
	a := shapesAnswer{list: list, of: of}
	if of == (shapeID{}) && len(list.Rows) > 0 {
		a.of = idOfShape(&list.Rows[0])
	}
	if a.of == (shapeID{}) {
		return a, nil
	}
	x, err := e.Shape(ctx, q, request.ShapeName(a.of.shape))
	if errors.Is(err, aggregate.ErrNoShape) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	a.typical = newTypical(x)
	return a, nil
}

// Listed reports whether the list is of the scope that is shown.
func (s *Shapes) Listed() bool { return s.answer != nil && s.scope == s.asked }

// AsideAnswer takes the shapes.
func (s *Shapes) AsideAnswer(about, result any) {
	r, ok := result.(shapesAnswer)
	if !ok {
		return
	}
	x := about.(shapesAbout)
	if s.scope != x.scope {
		s.table.toTop()
	}
	if s.shown != r.of {
		s.at = 0
		s.tree.toTop()
	}
	s.scope, s.answer, s.typical, s.shown = x.scope, r.list, r.typical, r.of
	s.basis = basisOf(r.list.Provenance)
	s.rows = make(map[shapeID]*shapeRow, len(r.list.Rows))
	for i := range r.list.Rows {
		row := &r.list.Rows[i]
		s.rows[idOfShape(row)] = newShapeRow(row)
	}
	s.arrange()
	var nodes []uint64
	if s.typical != nil {
		s.at = min(s.at, max(0, len(s.typical.Representatives)-1))
		for i := range s.typical.rows {
			nodes = append(nodes, s.typical.rows[i].path)
		}
	}
	s.tree.setRows(nodes)
}

// arrange sorts the rows; ties by root and shape, so that rows do not jitter.
func (s *Shapes) arrange() {
	if s.answer == nil {
		return
	}
	ids := make([]shapeID, 0, len(s.answer.Rows))
	for i := range s.answer.Rows {
		ids = append(ids, idOfShape(&s.answer.Rows[i]))
	}
	by := s.table.sort
	slices.SortStableFunc(ids, func(a, b shapeID) int { // stable: the engine's order is by count, then by name
		return by.directed(compareShapes(s.rows[a], s.rows[b], by.column))
	})
	s.table.setRows(ids)
}

// compareShapes orders rows by a column, the largest first, texts from a.
func compareShapes(a, b *shapeRow, col int) int {
	switch col {
	case shapesRoot:
		return cmp.Or(strings.Compare(a.Root.ServiceName, b.Root.ServiceName), strings.Compare(a.Root.Name, b.Root.Name))
	case shapesShare:
		return cmp.Compare(b.Share, a.Share)
	case shapesP50:
		return cmp.Compare(b.P50, a.P50)
	case shapesP95:
		return cmp.Compare(b.P95, a.P95)
	case shapesP99:
		return cmp.Compare(b.P99, a.P99)
	case shapesErrors:
		return cmp.Compare(b.ErrorShare, a.ErrorShare)
	case shapesSpans:
		return cmp.Compare(b.Spans, a.Spans)
	case shapesServices:
		return cmp.Compare(b.Services, a.Services)
	case shapesVariants:
		return cmp.Compare(b.Variants, a.Variants)
	case shapesFirst:
		return cmp.Compare(b.First, a.First)
	case shapesName:
		return cmp.Compare(a.Shape, b.Shape)
	}
	return cmp.Compare(b.Count, a.Count)
}

// selected is the shape under the cursor, nil for none.
func (s *Shapes) selected() *shapeRow { return selectedOf(&s.table, s.rows) }

// current is the typical trace of the shape under the cursor, nil while it is not there.
func (s *Shapes) current() *typical {
	if id, ok := s.table.selected(); !ok || id != s.shown {
		return nil
	}
	return s.typical
}

// narrow is the scope of exactly the traces of a shape. The root stands first: it is quickly told.
func (r *shapeRow) narrow(s Scope) Scope {
	text := "shape = " + filter.Quote(r.name.String())
	if r.Root.ServiceName != "" && r.Root.Name != "" {
		text = "rootService = " + filter.Quote(r.Root.ServiceName) + " && rootName = " + filter.Quote(r.Root.Name) + " && " + text
	}
	s.Selection = nil
	s, _ = s.filtered(text) // it is one: its values are quoted
	return s
}
