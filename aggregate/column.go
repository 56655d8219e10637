// Values of an expression over traces: to list, to sort and to select by them.

package aggregate

import (
	"cmp"
	"context"
	"fmt"

	"oteltop/aggregate/features"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// columnReader works out a column of a person's own for the traces of a scope. Not safe for concurrent use.
type columnReader struct {
	*features.Evaluator
	m      *Memory
	s      *scope
	loaded *loadedTrace
}

// loadedTrace is the trace that was looked into last, which several columns may share.
type loadedTrace struct {
	request.Trace
	isLoaded bool
}

func (m *Memory) readColumn(ctx context.Context, s *scope, x *features.Expr) (*columnReader, error) {
	e, err := x.Prepare(ctx, s.snap, m.store.Names())
	if err != nil {
		return nil, err
	}
	return &columnReader{Evaluator: e, m: m, s: s, loaded: &loadedTrace{}}, nil
}

// sharing makes the reader look into the same traces as another one.
func (r *columnReader) sharing(o *columnReader) { r.loaded = o.loaded }

// cell is the value of the expression for a trace. A trace without a span that the expression counts is not loaded.
func (r *columnReader) cell(info *store.TraceInfo) features.Cell {
	if c, ok := r.Untouched(info.Index); ok {
		return c
	}
	if t := r.loaded; !t.isLoaded || t.Index != info.Index {
		t.Load(r.s.snap, r.m.store.Names(), info)
		t.isLoaded = true
	}
	return r.Cell(&r.loaded.Trace)
}

// keepColumn removes the traces whose value in a column is not one of those asked for.
func (m *Memory) keepColumn(ctx context.Context, s *scope, traces map[uint32]store.TraceInfo, in ColumnRange) error {
	x, err := features.Parse(in.Expr)
	if err != nil {
		return fmt.Errorf("column %q: %w", in.Expr, err)
	}
	r, err := m.readColumn(ctx, s, x)
	if err != nil {
		return err
	}
	n := 0
	for index, info := range traces {
		if n++; n%ctxEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if c := r.cell(&info); !in.Holds(&c) {
			delete(traces, index)
		}
	}
	return nil
}

// columnOf works out a column of traces, by their index.
func (m *Memory) columnOf(ctx context.Context, s *scope, traces []store.TraceInfo, x *features.Expr) (map[uint32]features.Cell, error) {
	if x == nil {
		return nil, nil
	}
	r, err := m.readColumn(ctx, s, x)
	if err != nil {
		return nil, err
	}
	cells := make(map[uint32]features.Cell, len(traces))
	for i := range traces {
		if i%ctxEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		cells[traces[i].Index] = r.cell(&traces[i])
	}
	return cells, nil
}

// compareCells orders cells: numbers before texts, each by their value.
func compareCells(a, b *features.Cell) int {
	return cmp.Or(cmp.Compare(b.Sort, a.Sort), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Text, b.Text))
}
