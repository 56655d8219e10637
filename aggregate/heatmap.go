// The subject spans of a scope by time and duration.

package aggregate

import (
	"context"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
)

// HeatmapQuery asks for a heatmap of at most Columns columns; the step is chosen from the store's time
// buckets (2 s or more) and the rows from the data: of its window, and of the baseline's where there is one.
type HeatmapQuery struct {
	Query
	Columns int
	MaxRows int  // rows are √2 apart; doubled to factor 2 when there would be more
	Linear  bool // rows are equally high instead, at most MaxRows of them from 0 on; the last may be Beyond
}

// Heatmap is counts by time column and duration row: cell (c, r) is at index c*len(RowLow)+r.
type Heatmap struct {
	Provenance Provenance
	Start      int64   // Unix ns of the first column
	Step       int64   // ns per column
	Columns    int     // columns
	RowLow     []int64 // lower bound of each row, ns, ascending; row r ends where r+1 starts
	RowHigh    int64   // end of the last row, ns
	Beyond     bool    // the last row of a linear map holds all that took longer than the others go
	Counts     []uint64
	Errors     []uint64
	Exemplars  []model.TraceID // one per cell that can be opened now; zero id where none is retained
	P50        []int64         // per column, ns; 0 where the column is empty
	P95        []int64
	P99        []int64
	Whole      Quantiles // of all columns together
	Total      uint64
	ErrorTotal uint64

	Before      []uint64 // of the baseline: by row; nil without one
	BeforeTotal uint64
}

// Defaults of a heatmap whose query leaves its size open.
const (
	heatmapColumns = 120
	heatmapRows    = 48 // √2 rows: 24 octaves, 1 ms to 4.6 h
	linearBulk     = 2  // times the 99th percentile: so far a linear map goes in equal rows
)

// Heatmap implements Engine. Exemplars are traces that are retained now: those that the rollups
// remember, else any retained trace with a subject span in the cell.
func (m *Memory) Heatmap(ctx context.Context, q HeatmapQuery) (*Heatmap, error) {
	k := questionOf("heatmap", q.Query)
	k.columns, k.rows, k.linear = q.Columns, q.MaxRows, q.Linear
	return ask(ctx, m, k, func() (*Heatmap, error) {
		v, err := m.view(ctx, q.Query)
		if err != nil {
			return nil, err
		}
		snap := m.store.Snapshot()
		retained := map[model.TraceID]struct{}{}
		snap.Traces(func(t *store.TraceInfo) bool {
			retained[t.ID] = struct{}{}
			return true
		})
		h := heatmapOf(v, q, func(id model.TraceID) bool {
			_, ok := retained[id]
			return ok
		})
		if err := m.fillExemplars(ctx, snap, q.Query, h); err != nil {
			return nil, err
		}
		return h, m.completeProvenance(ctx, q.Query, &h.Provenance)
	})
}

// heatmapOf answers Engine.Heatmap from a view. retained says whether a trace can be opened now; the
// first exemplar of a cell for which it does stands for the cell. nil: every exemplar counts as
// retained.
//
// Cells are exact sums of histogram bins, so that they add up to the calls that tables show, and quantiles come
// from the same bins.
func heatmapOf(v *rollup.View, q HeatmapQuery, retained func(model.TraceID) bool) *Heatmap {
	series := subjectSeries(v, q.Focus)
	window := rollupWindow(q.Window)
	steps := v.Steps(window, positive(q.Columns, heatmapColumns))
	h := &Heatmap{
		Provenance: rollupProvenance(v, q.Window),
		Start:      steps.Start, Step: steps.Step, Columns: steps.Columns,
		P50: make([]int64, steps.Columns), P95: make([]int64, steps.Columns), P99: make([]int64, steps.Columns),
	}
	columns := v.Heat(window, steps, series)
	before := heatBefore(v, q, series)
	low, high, ok := heatRange(columns)
	if !ok {
		return h
	}
	if l, u, some := before.Range(); some {
		low, high = min(low, l), max(high, u)
	}
	var whole hist.Histogram
	for i := range columns {
		whole.Merge(&columns[i].All)
	}
	h.Whole = whole.Quantiles()
	rows := newHeatRows(low, high, positive(q.MaxRows, heatmapRows))
	if q.Linear {
		bulk := hist.Bin(linearBulk * h.Whole.P99)
		rows = linearHeatRows(bulk, high, positive(q.MaxRows, heatmapRows))
		h.Beyond = bulk < high && rows.n() > 1
	}
	h.lay(rows)
	for i := range columns {
		h.fill(i, &columns[i], rows)
	}
	if q.Baseline != (Window{}) {
		h.Before = make([]uint64, rows.n())
		before.Each(func(bin int, n int64) {
			h.Before[rows.of(bin)] += uint64(n)
			h.BeforeTotal += uint64(n)
		})
	}
	h.chooseExemplars(v, steps, series, rows, retained)
	h.Provenance.Spans = h.Total
	return h
}

// heatBefore is what the baseline of a query took, all of it together; nothing without one.
func heatBefore(v *rollup.View, q HeatmapQuery, series []uint32) *hist.Histogram {
	all := new(hist.Histogram)
	if q.Baseline == (Window{}) {
		return all
	}
	window := rollupWindow(q.Baseline)
	if steps := v.Steps(window, 1); steps.Columns > 0 {
		all = &v.Heat(window, steps, series)[0].All
	}
	return all
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// subjectSeries are the series of a scope's subject spans (see Focus).
func subjectSeries(v *rollup.View, f Focus) []uint32 {
	name := newNamer(v.Names)
	return v.Series(func(s *rollup.Subject) bool {
		switch {
		case f.Client != "" || f.Server != "":
			if s.Measure != rollup.MeasureCall {
				return false
			}
			e := name.edge(v.Edges[s.Edge])
			return e.client == f.Client && e.server == f.Server
		case f.Operation != "":
			return inFocus(v, f, s)
		case f.Service != "":
			return (s.Measure == rollup.MeasureEntry || s.Entry()) && inFocus(v, f, s)
		}
		return s.Measure == rollup.MeasureRoot
	})
}

func heatRange(columns []rollup.Column) (low, high int, ok bool) {
	for i := range columns {
		l, h, some := columns[i].All.Range()
		switch {
		case !some:
		case !ok:
			low, high, ok = l, h, true
		default:
			low, high = min(low, l), max(high, h)
		}
	}
	return low, high, ok
}

// lay makes room for the cells.
func (h *Heatmap) lay(rows heatRows) {
	n := rows.n()
	h.RowLow, h.RowHigh = rows.lows(), hist.Low(rows.bounds[n])
	h.Counts = make([]uint64, h.Columns*n)
	h.Errors = make([]uint64, h.Columns*n)
	h.Exemplars = make([]model.TraceID, h.Columns*n)
}

func (h *Heatmap) fill(column int, c *rollup.Column, rows heatRows) {
	n := rows.n()
	c.All.Each(func(bin int, calls int64) {
		h.Counts[column*n+rows.of(bin)] += uint64(calls)
		h.Total += uint64(calls)
	})
	c.Failed.Each(func(bin int, calls int64) {
		// Errors can only be outside the rows when a call was taken back but its error not yet.
		if rows.has(bin) {
			h.Errors[column*n+rows.of(bin)] += uint64(calls)
			h.ErrorTotal += uint64(calls)
		}
	})
	h.P50[column], h.P95[column], h.P99[column] = quantiles(&c.All)
}
