package features

import (
	"context"
	"math"
	"strconv"

	"oteltop/aggregate/attributes"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// Cell is the value of an expression for one trace.
type Cell struct {
	Sort   Sort
	Number float64
	Text   string // of a number that was sent as an attribute likewise
}

// Sort says what a Cell holds.
type Sort uint8

// The sorts.
const (
	Missing Sort = iota
	Number
	Text
)

// maxDistinct bounds the texts that distinct tells apart in one trace.
const maxDistinct = 10_000

// Evaluator works out an expression for the traces of one snapshot. Not safe for concurrent use.
type Evaluator struct {
	expr      *Expr
	ordinals  map[store.Segment]int
	matches   []*filter.Matches    // by term, nil: all spans
	readers   []*attributes.Reader // by term, of attributes
	tallies   []tally
	uncounted uint64 // texts beyond maxDistinct
}

// tally is what one term has seen of the trace at hand.
type tally struct {
	n           uint64
	sum         float64
	least, most float64
	first, last Cell
	distinct    map[string]struct{}
}

// Prepare scans a snapshot for the filters of an expression.
func (e *Expr) Prepare(ctx context.Context, snap store.Snapshot, names store.Names) (*Evaluator, error) {
	segments := snap.Segments()
	v := &Evaluator{expr: e, ordinals: make(map[store.Segment]int, len(segments)), tallies: make([]tally, len(e.terms))}
	for i, s := range segments {
		v.ordinals[s] = i
	}
	for i := range e.terms {
		t := &e.terms[i]
		var m *filter.Matches
		var r *attributes.Reader
		if t.where != nil {
			var err error
			if m, err = t.where.Scan(ctx, snap, names); err != nil {
				return nil, err
			}
		}
		if t.value == attribute {
			r = attributes.New(segments, t.key)
		}
		v.matches, v.readers = append(v.matches, m), append(v.readers, r)
	}
	return v, ctx.Err()
}

// Lost is how many values were beyond the bounds: of attributes they were taken as one, and distinct, which counts
// at most 10,000 for a trace, left them out.
func (v *Evaluator) Lost() (n uint64) {
	n = v.uncounted
	for _, r := range v.readers {
		if r != nil {
			n += r.Lost
		}
	}
	return n
}

// Untouched is the cell of a trace of which no span counts, without looking into it; ok is false where some
// may.
func (v *Evaluator) Untouched(trace uint32) (c Cell, ok bool) {
	for _, m := range v.matches {
		if m == nil || m.Trace(trace) {
			return Cell{}, false
		}
	}
	v.reset()
	return v.root(), true
}

func (v *Evaluator) reset() {
	for i := range v.tallies {
		d := v.tallies[i].distinct
		clear(d)
		v.tallies[i] = tally{distinct: d}
	}
}

// Cell is the value for a trace of the snapshot.
func (v *Evaluator) Cell(t *request.Trace) Cell {
	v.reset()
	for i := range v.expr.terms {
		if m := v.matches[i]; m == nil || m.Trace(t.Index) {
			v.fold(t, i)
		}
	}
	return v.root()
}

// root is the whole expression. Numbers beyond all bounds are missing.
func (v *Evaluator) root() Cell {
	c := v.node(v.expr.root)
	if c.Sort == Number && !isFinite(c.Number) {
		return Cell{}
	}
	return c
}

func isFinite(n float64) bool { return !math.IsInf(n, 0) && !math.IsNaN(n) }

// fold looks at the spans of a trace for one term.
func (v *Evaluator) fold(t *request.Trace, i int) {
	x, y, m := &v.expr.terms[i], &v.tallies[i], v.matches[i]
	var times []int64
	switch x.value {
	case self:
		times = t.Self()
	case critical:
		times = t.Critical()
	}
	for n := range t.Tree.Nodes {
		node := int32(n)
		if t.Span(node) == nil {
			continue
		}
		if m != nil {
			if p := t.Place(node); !m.Span(v.ordinals[p.Segment], p.Index) {
				continue
			}
		}
		if times != nil {
			v.add(y, x.function, Cell{Sort: Number, Number: float64(times[node])})
		} else if c := v.value(t, x, i, node); c.Sort != Missing {
			v.add(y, x.function, c)
		}
	}
}

// value is what a term looks at of one span.
func (v *Evaluator) value(t *request.Trace, x *term, i int, node int32) Cell {
	s := t.Span(node)
	switch x.value {
	case duration:
		return Cell{Sort: Number, Number: float64(s.Duration())}
	case depth:
		return Cell{Sort: Number, Number: float64(t.Tree.Nodes[node].Depth)}
	case service:
		return Cell{Sort: Text, Text: t.Names.Service(s.Service)}
	case name:
		return Cell{Sort: Text, Text: t.Names.Operation(s.Op).Name}
	case kind:
		return Cell{Sort: Text, Text: s.Kind.String()}
	case status:
		return Cell{Sort: Text, Text: s.Status.String()}
	case attribute:
		r := v.readers[i]
		id, _, ok := r.Of(t.Place(node))
		if !ok {
			return Cell{}
		}
		if n, ok := r.Number(id); ok && isFinite(n) {
			return Cell{Number, n, r.Text(id)}
		}
		return Cell{Sort: Text, Text: r.Text(id)}
	}
	return Cell{Sort: Number}
}

func (v *Evaluator) add(y *tally, f function, c Cell) {
	if f.numeric() && c.Sort != Number {
		return
	}
	if y.n == 0 {
		y.first, y.least, y.most = c, c.Number, c.Number
	}
	y.n++
	y.last = c
	y.sum += c.Number
	y.least, y.most = min(y.least, c.Number), max(y.most, c.Number)
	if f == distinct {
		if y.distinct == nil {
			y.distinct = map[string]struct{}{}
		}
		text := c.text()
		if _, known := y.distinct[text]; !known && len(y.distinct) == maxDistinct {
			v.uncounted++
		} else {
			y.distinct[text] = struct{}{}
		}
	}
}

// text is the cell as a text.
func (c Cell) text() string {
	if c.Sort == Number && c.Text == "" {
		return strconv.FormatFloat(c.Number, 'g', -1, 64)
	}
	return c.Text
}

// result is what a term says of the trace at hand.
func (v *Evaluator) result(i int) Cell {
	x, y := &v.expr.terms[i], &v.tallies[i]
	number := func(n float64) Cell { return Cell{Sort: Number, Number: n} }
	switch {
	case x.function == countSpans:
		return number(float64(y.n))
	case x.function == distinct:
		return number(float64(len(y.distinct)))
	case x.function == sum && (y.n > 0 || x.value.isTime()):
		return number(y.sum)
	case y.n == 0:
		return Cell{}
	}
	switch x.function {
	case least:
		return number(y.least)
	case most:
		return number(y.most)
	case mean:
		return number(y.sum / float64(y.n))
	case first:
		return y.first
	}
	return y.last
}

// node evaluates a part of the expression.
func (v *Evaluator) node(n *node) Cell {
	switch n.op {
	case opNumber:
		return Cell{Sort: Number, Number: n.number}
	case opTerm:
		return v.result(n.term)
	}
	a, b := v.node(n.left), v.node(n.right)
	if a.Sort != Number || b.Sort != Number {
		return Cell{}
	}
	c := Cell{Sort: Number}
	switch n.op {
	case opAdd:
		c.Number = a.Number + b.Number
	case opSubtract:
		c.Number = a.Number - b.Number
	case opMultiply:
		c.Number = a.Number * b.Number
	default:
		if b.Number == 0 {
			return Cell{}
		}
		c.Number = a.Number / b.Number
	}
	return c
}
