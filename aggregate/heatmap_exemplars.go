// Traces that stand for the cells of a heatmap.

package aggregate

import (
	"context"

	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
)

func (h *Heatmap) chooseExemplars(v *rollup.View, s rollup.Steps, series []uint32, rows heatRows, retained func(model.TraceID) bool) {
	for cell, n := range h.Counts {
		if n == 0 {
			continue
		}
		first, per := rows.narrow(cell % rows.n())
		v.Exemplars(s, cell/rows.n(), series, first, per, func(id model.TraceID) bool {
			if retained == nil || retained(id) {
				h.Exemplars[cell] = id
				return false
			}
			return true
		})
	}
}

// fillExemplars gives every cell that has none a retained trace, where there is one.
func (m *Memory) fillExemplars(ctx context.Context, snap store.Snapshot, q Query, h *Heatmap) error {
	missing := 0
	for i, n := range h.Counts {
		if n > 0 && h.Exemplars[i].IsZero() {
			missing++
		}
	}
	if missing == 0 {
		return nil
	}
	s := &scope{snap: snap}
	if q.Filter != nil {
		matches, err := q.Filter.Scan(ctx, snap, m.store.Names())
		if err != nil {
			return err
		}
		s.matches = matches
	}
	return m.eachSubject(ctx, s, q.Focus, Selection{Window: q.Window}, func(t *store.TraceInfo, x subject) bool {
		if i, ok := h.cell(x); ok && h.Counts[i] > 0 && h.Exemplars[i].IsZero() {
			h.Exemplars[i] = t.ID
			missing--
		}
		return missing > 0
	})
}

// cell is the index of the cell that a subject falls into.
func (h *Heatmap) cell(x subject) (int, bool) {
	if h.Step == 0 || x.start < h.Start || x.duration >= h.RowHigh {
		return 0, false
	}
	column := int((x.start - h.Start) / h.Step)
	row := len(h.RowLow) - 1
	for row > 0 && h.RowLow[row] > x.duration {
		row--
	}
	return column*len(h.RowLow) + row, column < h.Columns
}
