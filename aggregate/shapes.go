// What requests do: clusters by call structure, and the typical trace of one.

package aggregate

import (
	"context"
	"errors"
	"fmt"

	"oteltop/aggregate/request"
	"oteltop/aggregate/shapes"
	"oteltop/model/store"
)

// maxTypical is how many traces of a shape are laid over each other: medians of more are the same.
const maxTypical = 20_000

// ErrNoShape means that no trace in scope has the shape.
var ErrNoShape = errors.New("no trace in scope has this shape")

// Shapes are what requests do, apart from how long it takes them (A20): one row per shape of a root
// operation, the most frequent first.
type Shapes struct {
	Provenance Provenance
	Rows       []shapes.Row
	Roots      int    // root operations
	Replaced   uint64 // shapes that were given up for others: not 0 where counts have an error
	Dropped    uint64 // traces of root operations beyond the bound
}

// Shape is the typical trace of one shape (A36), or of all that a scope has.
type Shape struct {
	Provenance      Provenance
	Row             shapes.Row // of the shape, of all shapes the most frequent; of several root operations, that of the most frequent
	Nodes           []shapes.Node
	Representatives []shapes.Exemplar
	Traces          uint64 // laid over each other
	Folded          uint64 // spans counted on the path above them, because of the bound on paths
}

// Shapes implements Engine. A focus narrows it to the traces with a subject span.
func (m *Memory) Shapes(ctx context.Context, q Query) (*Shapes, error) {
	return ask(ctx, m, questionOf("shapes", q), func() (*Shapes, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		c := &shapes.Census{}
		p, err := m.sweepFocus(ctx, s, q, c.Fold)
		if err != nil {
			return nil, err
		}
		out := &Shapes{Provenance: p, Rows: c.Rows(m.store.Names()), Roots: c.Roots(), Replaced: c.Replaced(), Dropped: c.Dropped}
		if out.Replaced > 0 {
			out.Provenance.Note = joinNotes("more shapes than are told apart: some counts have an error", out.Provenance.Note)
		}
		if out.Dropped > 0 {
			out.Provenance.Note = joinNotes(fmt.Sprintf("%d traces of further root operations are left out", out.Dropped), out.Provenance.Note)
		}
		return out, nil
	})
}

// Shape implements Engine.
func (m *Memory) Shape(ctx context.Context, q Query, shape string) (*Shape, error) {
	k := questionOf("shape", q)
	k.key = shape
	return ask(ctx, m, k, func() (*Shape, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		var traces []store.TraceInfo
		c := &shapes.Census{}
		p, err := m.sweepFocus(ctx, s, q, func(t *request.Trace) {
			c.Fold(t)
			if shape == "" || request.HasName(t.Shape(), shape) {
				traces = append(traces, t.TraceInfo)
			}
		})
		if err != nil {
			return nil, err
		}
		if len(traces) == 0 {
			return nil, ErrNoShape
		}
		out := &Shape{Provenance: p}
		for _, row := range c.Rows(m.store.Names()) {
			if shape == "" || request.HasName(row.Shape, shape) {
				out.Row = row
				break
			}
		}
		return out, m.lay(ctx, s, traces, out)
	})
}

// lay lays traces over each other.
func (m *Memory) lay(ctx context.Context, s *scope, traces []store.TraceInfo, out *Shape) error {
	step := (len(traces) + maxTypical - 1) / maxTypical
	x := shapes.NewTypical(len(traces) / step)
	t := &request.Trace{}
	out.Provenance.Spans = 0
	for i := 0; i < len(traces); i += step {
		if i%ctxEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t.Load(s.snap, m.store.Names(), &traces[i])
		x.Fold(t)
		out.Provenance.Spans += uint64(len(t.Spans))
	}
	if step > 1 {
		out.Provenance.Note = joinNotes(fmt.Sprintf("%d traces, evenly chosen from %d of the shape", x.Traces, len(traces)), out.Provenance.Note)
	}
	out.Provenance.Traces = x.Traces
	out.Provenance.From, out.Provenance.To = extentOf(traces)
	out.Nodes, out.Representatives = x.Nodes(m.store.Names()), x.Representatives()
	out.Traces, out.Folded = x.Traces, x.Folded()
	return nil
}
