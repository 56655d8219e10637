// The subject spans of a scope by time and duration.

package aggregate

import (
	"oteltop/aggregate/hist"
	"oteltop/aggregate/rollup"
	"oteltop/model"
)

// HeatmapQuery asks for a heatmap of at most Columns columns; the step is chosen from the store's time
// buckets (2 s or more) and the rows from the data.
type HeatmapQuery struct {
	Query
	Columns int
	MaxRows int // rows are √2 apart; doubled to factor 2 when there would be more
}

// Heatmap is counts by time column and duration row: cell (c, r) is at index c*len(RowLow)+r.
type Heatmap struct {
	Provenance Provenance
	Start      int64   // Unix ns of the first column
	Step       int64   // ns per column
	Columns    int     // columns
	RowLow     []int64 // lower bound of each row, ns, ascending; row r ends where r+1 starts
	RowHigh    int64   // end of the last row, ns
	Counts     []uint64
	Errors     []uint64
	Exemplars  []model.TraceID // one per cell that can be opened now; zero id where none is retained
	P50        []int64         // per column, ns; 0 where the column is empty
	P95        []int64
	P99        []int64
	Whole      Quantiles // of all columns together
	Total      uint64
	ErrorTotal uint64
}

// Defaults of a heatmap whose query leaves its size open.
const (
	heatmapColumns = 120
	heatmapRows    = 48 // √2 rows: 24 octaves, 1 ms to 4.6 h
)

// heatmapOf answers Engine.Heatmap from a view. retained says whether a trace can be opened now; the
// first exemplar of a cell for which it does stands for the cell. nil: every exemplar counts as
// retained.
//
// Rows are √2 wide, or 2 where there would be more than MaxRows of them. Cells are exact sums of
// histogram bins, so that they add up to the calls that tables show, and quantiles come from the same
// bins.
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
	low, high, ok := heatRange(columns)
	if !ok {
		return h
	}
	shift := hist.RowShift
	if high>>shift-low>>shift+1 > positive(q.MaxRows, heatmapRows) {
		shift = hist.OctaveShift
	}
	rows := heatRows{first: low >> shift, n: high>>shift - low>>shift + 1, shift: shift}
	h.lay(rows)
	var whole hist.Histogram
	for i := range columns {
		h.fill(i, &columns[i], rows)
		whole.Merge(&columns[i].All)
	}
	h.Whole = Quantiles{whole.Quantile(.5), whole.Quantile(.95), whole.Quantile(.99)}
	h.chooseExemplars(v, steps, series, rows, retained)
	h.Provenance.Spans = h.Total
	return h
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

// heatRows is the rows of a heatmap: n rows of 2^shift bins, from row number first.
type heatRows struct{ first, n, shift int }

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
	h.RowLow = make([]int64, rows.n)
	for r := range h.RowLow {
		h.RowLow[r] = hist.RowLow(rows.first+r, rows.shift)
	}
	h.RowHigh = hist.RowLow(rows.first+rows.n, rows.shift)
	h.Counts = make([]uint64, h.Columns*rows.n)
	h.Errors = make([]uint64, h.Columns*rows.n)
	h.Exemplars = make([]model.TraceID, h.Columns*rows.n)
}

func (h *Heatmap) fill(column int, c *rollup.Column, rows heatRows) {
	c.All.Coarsen(rows.shift, func(row int, n int64) {
		h.Counts[column*rows.n+row-rows.first] = uint64(n)
		h.Total += uint64(n)
	})
	c.Failed.Coarsen(rows.shift, func(row int, n int64) {
		// Errors can only be outside the rows when a call was taken back but its error not yet.
		if r := row - rows.first; r >= 0 && r < rows.n {
			h.Errors[column*rows.n+r] = uint64(n)
			h.ErrorTotal += uint64(n)
		}
	})
	h.P50[column], h.P95[column], h.P99[column] = c.All.Quantile(.5), c.All.Quantile(.95), c.All.Quantile(.99)
}

func (h *Heatmap) chooseExemplars(v *rollup.View, s rollup.Steps, series []uint32, rows heatRows, retained func(model.TraceID) bool) {
	const narrow = hist.RowShift // exemplars are kept by √2 row
	per := 1 << (rows.shift - narrow)
	for cell, n := range h.Counts {
		if n == 0 {
			continue
		}
		row := (rows.first + cell%rows.n) << (rows.shift - narrow)
		v.Exemplars(s, cell/rows.n, series, row, per, func(id model.TraceID) bool {
			if retained == nil || retained(id) {
				h.Exemplars[cell] = id
				return false
			}
			return true
		})
	}
}
