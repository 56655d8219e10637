package shapes

import (
	"cmp"
	"slices"

	"oteltop/aggregate/hist"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxPerRoot is how many shapes of a root operation are told apart. More are of no use to a person, and
	// the error of a count, at most 1/512 of the operation's traces, is one that nobody sees.
	maxPerRoot = 512
	// maxShapes bounds the shapes of all root operations together, and so the memory: some 1.5 kB each, and
	// ten times as much where clocks that run wild spread durations over all bins.
	maxShapes = 8_192
	// maxRoots bounds the root operations: names made from ids have as many as there are traces.
	maxRoots = 4_096
	// maxThrough is how many services a row names: more than a line has room for.
	maxThrough = 12
	// maxVariants is how many variants of a shape are told apart.
	maxVariants = 64
)

// Census counts shapes by root operation. Not safe for concurrent use.
type Census struct {
	Traces  uint64 // counted
	Dropped uint64 // not counted: of root operations beyond the bound

	roots    map[uint32]*rootShapes
	shapes   int
	shaper   request.Shaper
	variants variants
}

// rootShapes are the shapes of one root operation.
type rootShapes = Frequent[tally]

// tally is what is counted of a shape.
type tally struct {
	duration    hist.Histogram
	spans       hist.Histogram
	failed      uint64
	services    []uint32 // of the newest trace: an operation of each, in order of start
	first, last int64
	slowest     int64
	exemplars   [exemplarKinds]model.TraceID
	failedAt    int64
	variants    map[uint64]struct{}
}

// The traces that a shape remembers.
const (
	newest = iota
	oldest
	slowest
	newestFailed
	exemplarKinds
)

// Exemplar is a trace of a shape with the reason why it is named.
type Exemplar struct {
	Trace model.TraceID
	Why   string
}

// Row is a shape of a root operation.
type Row struct {
	Root        store.Operation
	RootOp      uint32
	Shape       uint64
	Count       uint64  // traces; may be too large by CountError
	CountError  uint64  // 0 unless the root operation has more shapes than are told apart
	OfRoot      uint64  // traces of the root operation
	Share       float64 // Count / OfRoot
	ErrorShare  float64 // of the traces, those with a failed span
	Failed      uint64
	P50         int64 // of durations, ns; as all that follows of the traces known for certain
	P95, P99    int64
	Max         int64
	Spans       int      // median
	Services    int      // of the newest trace
	Through     []string // their names in the order in which the trace came to them, at most maxThrough
	Variants    int      // told apart by exact repeat counts and by serial or parallel order (k3)
	MoreVariant bool
	First, Last int64 // starts of the earliest and of the latest trace, Unix ns
	Exemplars   []Exemplar
}

// Fold counts a trace.
func (c *Census) Fold(t *request.Trace) {
	if c.roots == nil {
		c.roots = map[uint32]*rootShapes{}
	}
	r := c.roots[t.RootOp]
	if r == nil {
		if len(c.roots) >= maxRoots {
			c.Dropped++
			return
		}
		r = &rootShapes{}
		c.roots[t.RootOp] = r
	}
	room := len(r.counters) < maxPerRoot && (c.shapes < maxShapes || len(r.counters) == 0)
	counter, fresh := r.Count(t.Shape(), room, nil)
	if fresh && room {
		c.shapes++
	}
	c.Traces++
	counter.Of.add(t, c)
}

func (x *tally) add(t *request.Trace, c *Census) {
	d := t.Duration()
	x.duration.Add(d)
	x.spans.Add(int64(len(t.Spans)))
	if isLater(t.Start, t.ID, x.last, x.exemplars[newest]) {
		x.last, x.exemplars[newest] = t.Start, t.ID
		x.services = services(t, x.services[:0])
	}
	if x.exemplars[oldest].IsZero() || isLater(x.first, x.exemplars[oldest], t.Start, t.ID) {
		x.first, x.exemplars[oldest] = t.Start, t.ID
	}
	if isLater(d, t.ID, x.slowest, x.exemplars[slowest]) {
		x.slowest, x.exemplars[slowest] = d, t.ID
	}
	if t.Errors > 0 {
		x.failed++
		if isLater(t.Start, t.ID, x.failedAt, x.exemplars[newestFailed]) {
			x.failedAt, x.exemplars[newestFailed] = t.Start, t.ID
		}
	}
	if len(x.variants) < maxVariants {
		if x.variants == nil {
			x.variants = map[uint64]struct{}{}
		}
		x.variants[c.variants.of(t, func(op uint32) uint64 { return c.shaper.Operation(op, t.Names) })] = struct{}{}
	}
}

// isLater orders traces by a time, then by id, so that nothing depends on the order of arrival.
func isLater(a int64, idA model.TraceID, b int64, idB model.TraceID) bool {
	if idB.IsZero() {
		return true
	}
	return cmp.Or(cmp.Compare(a, b), idA.Compare(idB)) > 0
}

// services are an operation of each service of a trace, in depth-first order. Traces have few services, so
// that looking through them is cheaper than a map.
func services(t *request.Trace, out []uint32) []uint32 {
	seen := make([]uint32, 0, 16)
	for i := range t.Tree.Nodes {
		s := t.Span(int32(i))
		if s == nil || slices.Contains(seen, s.Service) {
			continue
		}
		seen = append(seen, s.Service)
		out = append(out, s.Op)
	}
	return out
}

// through are the names of the first services.
func through(operations []uint32, names store.Names) []string {
	var out []string
	for _, op := range operations[:min(maxThrough, len(operations))] {
		out = append(out, names.Operation(op).ServiceName)
	}
	return out
}

// Roots is how many root operations there are.
func (c *Census) Roots() int { return len(c.roots) }

// Replaced is how often a shape was given up for another: not 0 where counts have an error.
func (c *Census) Replaced() (n uint64) {
	for _, r := range c.roots {
		n += r.Replaced
	}
	return n
}

// Rows are all shapes, the most frequent first, then by root operation and shape.
func (c *Census) Rows(names store.Names) []Row {
	var rows []Row
	for op, r := range c.roots {
		for i := range r.counters {
			rows = append(rows, rowOf(&r.counters[i], op, names, r.N))
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Root.ServiceName, b.Root.ServiceName), cmp.Compare(a.Root.Name, b.Root.Name),
			cmp.Compare(a.Root.Kind, b.Root.Kind), cmp.Compare(a.Shape, b.Shape))
	})
	return rows
}

func rowOf(c *Counter[tally], op uint32, names store.Names, of uint64) Row {
	x := &c.Of
	at := func(q float64) int64 { return min(x.duration.Quantile(q), x.slowest) } // a bin reaches above it
	row := Row{
		Root: names.Operation(op), RootOp: op, Shape: c.Key, Count: c.Count, CountError: c.Error, OfRoot: of, Share: float64(c.Count) / float64(of),
		Failed: x.failed, ErrorShare: float64(x.failed) / float64(c.Known()),
		P50: at(.5), P95: at(.95), P99: at(.99), Max: x.slowest,
		Spans: int(x.spans.Quantile(.5)), Services: len(x.services), Through: through(x.services, names), Variants: len(x.variants), MoreVariant: len(x.variants) == maxVariants,
		First: x.first, Last: x.last,
	}
	why := [exemplarKinds]string{newest: "newest", oldest: "oldest", slowest: "slowest", newestFailed: "newest that failed"}
	for kind, id := range x.exemplars {
		if !id.IsZero() && !slices.ContainsFunc(row.Exemplars, func(e Exemplar) bool { return e.Trace == id }) {
			row.Exemplars = append(row.Exemplars, Exemplar{id, why[kind]})
		}
	}
	return row
}
