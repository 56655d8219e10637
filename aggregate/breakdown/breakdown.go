// Package breakdown counts spans by the value of an attribute: calls, errors and durations of each.
package breakdown

import (
	"cmp"
	"slices"

	"oteltop/aggregate/attributes"
	"oteltop/aggregate/hist"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxValues is how many values are counted apart, some 10 MB with their histograms, and MaxRows how many
	// of them are listed; the rest is one row.
	maxValues = 10_000
	MaxRows   = 100
)

// Row is the spans that have one value.
type Row struct {
	Value         string
	Absent        bool // the spans that lack the attribute
	Other         bool // all values that are not listed
	Calls, Errors uint64
	P50, P95, P99 int64 // ns, within 1.1 %
	Max           int64 // ns
	Slowest       model.TraceID
}

// Fold counts spans. Not safe for concurrent use.
type Fold struct {
	reader *attributes.Reader
	groups map[attributes.Value]*group
	absent group
	limit  int
}

// group is the spans that have one value.
type group struct {
	latency       hist.Histogram
	calls, errors uint64
	max           int64
	slowest       model.TraceID
}

// New prepares to count spans of a snapshot by the attribute that the reader reads.
func New(r *attributes.Reader) *Fold {
	return &Fold{reader: r, groups: map[attributes.Value]*group{}, limit: maxValues}
}

// Add counts a span.
func (f *Fold) Add(p store.Place, trace model.TraceID, duration int64, failed bool) {
	g := &f.absent
	if v, _, ok := f.reader.Of(p); ok {
		if g = f.groups[v]; g == nil {
			if len(f.groups) >= f.limit {
				v = attributes.Other
			}
			if g = f.groups[v]; g == nil {
				g = &group{}
				f.groups[v] = g
			}
		}
	}
	g.add(trace, duration, failed)
}

func (g *group) add(trace model.TraceID, duration int64, failed bool) {
	g.latency.Add(duration)
	g.calls++
	if failed {
		g.errors++
	}
	if g.calls == 1 || duration > g.max {
		g.max, g.slowest = duration, trace
	}
}

func (g *group) merge(o *group) {
	g.latency.Merge(&o.latency)
	if o.calls > 0 && (g.calls == 0 || o.max > g.max) {
		g.max, g.slowest = o.max, o.slowest
	}
	g.calls += o.calls
	g.errors += o.errors
}

func (g *group) row() Row {
	q := func(q float64) int64 { return min(g.latency.Quantile(q), g.max) }
	return Row{Calls: g.calls, Errors: g.errors, P50: q(.5), P95: q(.95), P99: q(.99), Max: g.max, Slowest: g.slowest}
}

// Rows are the values by calls, then by text; then all others, then the spans without the attribute. values is
// how many there are.
func (f *Fold) Rows() (rows []Row, values int) {
	var others group
	for v, g := range f.groups {
		if v == attributes.Other {
			others.merge(g)
			continue
		}
		r := g.row()
		r.Value = f.reader.Text(v)
		rows = append(rows, r)
	}
	values = len(rows)
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Value, b.Value)) })
	if len(rows) > MaxRows {
		listed := map[string]struct{}{}
		for _, r := range rows[:MaxRows] {
			listed[r.Value] = struct{}{}
		}
		rows = rows[:MaxRows]
		for v, g := range f.groups {
			if _, ok := listed[f.reader.Text(v)]; !ok && v != attributes.Other {
				others.merge(g)
			}
		}
	}
	if others.calls > 0 {
		r := others.row()
		r.Other = true
		rows = append(rows, r)
	}
	if f.absent.calls > 0 {
		r := f.absent.row()
		r.Absent = true
		rows = append(rows, r)
	}
	return rows, values
}
