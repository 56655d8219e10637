// Lens 6, Shapes: the typical trace of a shape, as rows with the spread of each call.

package ui

import (
	"hash/maphash"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/shapes"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// typical is the typical trace of a shape, made fit for the screen once per answer.
type typical struct {
	*aggregate.Shape
	rows     []typicalRow
	end      int64 // where the time axis ends, ns
	duration int64 // median of the root, ns; 0 unknown
	services []model.Text
	whys     []model.Text // of Representatives
	ids      []model.Text
}

// typicalRow is a call path in the typical trace.
type typicalRow struct {
	shapes.Node
	path               uint64 // identity
	service, operation model.Text
	inside             bool // of the service of the call above
}

// isMissing reports whether the row stands for parents that were never seen.
func (r *typicalRow) isMissing() bool { return r.Operation.Name == "" && r.Operation.ServiceName == "" }

// pathSeed makes identities of call paths; they need to be the same in one process only.
var pathSeed = maphash.MakeSeed()

// pathHash is the identity of a call path: the one above it and an operation.
func pathHash(above uint64, service, operation string, kind model.Kind) uint64 {
	var h maphash.Hash
	h.SetSeed(pathSeed)
	maphash.WriteComparable(&h, above)
	maphash.WriteComparable(&h, kind)
	maphash.WriteComparable(&h, service)
	maphash.WriteComparable(&h, operation)
	return h.Sum64()
}

// newTypical prepares a typical trace. It is called outside of the update loop.
func newTypical(x *aggregate.Shape) *typical {
	t := &typical{Shape: x, rows: make([]typicalRow, len(x.Nodes))}
	seen := map[string]bool{}
	for i := range x.Nodes {
		n := &x.Nodes[i]
		r := typicalRow{Node: *n, service: model.Sanitise(n.Operation.ServiceName), operation: model.Sanitise(n.Operation.Name)}
		above := uint64(0)
		if n.Parent >= 0 {
			above = t.rows[n.Parent].path
			r.inside = x.Nodes[n.Parent].Operation.ServiceName == n.Operation.ServiceName
		}
		r.path = pathHash(above, n.Operation.ServiceName, n.Operation.Name, n.Operation.Kind)
		if r.isMissing() {
			r.operation = model.Sanitise("(missing parent)")
		} else if s := n.Operation.ServiceName; !seen[s] {
			seen[s] = true
			t.services = append(t.services, r.service)
		}
		t.rows[i] = r
		t.end = max(t.end, n.Offset.P50+n.Duration.P90)
		if n.Parent < 0 && t.duration == 0 {
			t.duration = n.Duration.P50
		}
	}
	for _, e := range x.Representatives {
		t.whys, t.ids = append(t.whys, model.Sanitise(e.Why)), append(t.ids, model.Sanitise(shortID(e.Trace)))
	}
	return t
}

// criticalShare is the median own time of a path on the critical path, as a share of the median duration.
func (t *typical) criticalShare(r *typicalRow) float64 {
	if t.duration <= 0 {
		return 0
	}
	return float64(r.Critical.P50) / float64(t.duration)
}

// line is the row as text: indented, with its figures.
func (r *typicalRow) line() string {
	var b strings.Builder
	b.WriteString(strings.Repeat("  ", r.Depth) + r.service.String() + "  " + r.operation.String())
	if r.PerTrace > 1 {
		b.WriteString("  " + string(appendTimes(nil, r.PerTrace)))
	}
	b.WriteString("  p50 " + durationText(r.Duration.P50) + " (p10 " + durationText(r.Duration.P10) + ", p90 " + durationText(r.Duration.P90) + ")")
	b.WriteString("  self " + durationText(r.Self.P50) + "  in " + shareText(r.Presence) + "  errors " + shareText(r.ErrorShare))
	return b.String()
}

// appendTimes appends how often a call is made: x3, x2.4.
func appendTimes(b []byte, n float64) []byte {
	if n == float64(uint64(n)) {
		return num.Count(append(b, 'x'), uint64(n))
	}
	return num.Ratio(b, n)
}

// Columns of the typical trace.
const (
	typicalPath = iota
	typicalBar
	typicalDuration
	typicalSpread
	typicalSelf
	typicalCritical
	typicalPresence
	typicalErrors
)

// typicalPathLeast and typicalPathMost bound the width of the tree, which is a share of the room.
const typicalPathLeast, typicalPathMost = 24, 60

func typicalColumns() []column {
	return []column{
		typicalPath:     {title: "call", width: typicalPathLeast},
		typicalBar:      {title: "", least: 18},
		typicalDuration: {title: "p50", width: 6, right: true},
		typicalSpread:   {title: "p10-p90", width: 13, right: true, rank: 4},
		typicalSelf:     {title: "self", width: 6, right: true, rank: 3},
		typicalCritical: {title: "crit", width: 5, right: true, rank: 1},
		typicalPresence: {title: "in", width: 5, right: true},
		typicalErrors:   {title: "errors", width: 7, right: true, rank: 2},
	}
}

// typicalPen draws the bars of typical traces: where a call begins and how long it takes in the median, and
// how far that spreads. What nine in ten take is solid, the spread from p10 to the median half so, from there
// to p90 light; a faint line leads from the p10 of the start to the bar.
type typicalPen struct {
	t ticks
	f *Frame
}

// spreadGlyphs are what bars are made of: as far as p10, as far as the median, as far as p90.
func spreadGlyphs(f *Frame) (low, middle, high rune) {
	if f.G.ASCII {
		return '#', '=', '-'
	}
	return '█', '▓', '░'
}

// row draws a bar.
func (p *typicalPen) row(a canvas.Area, r *typicalRow) {
	p.t.grid(a, 0, p.f)
	if r.isMissing() || r.Duration.P90 == 0 && r.Offset.P50 == 0 && r.Depth > 0 {
		return
	}
	ink := seriesStyle(p.f.Theme, r.Operation.ServiceName)
	low, middle, high := spreadGlyphs(p.f)
	at := func(ns int64) int { return max(0, min(a.W-1, int(p.t.r.column(ns, a.W)))) }
	x := at(r.Offset.P50)
	for i := at(r.Offset.P10); i < x; i++ {
		a.Rune(i, 0, p.f.G.Horizontal, p.f.Theme.Faint)
	}
	full, half, end := at(r.Offset.P50+r.Duration.P10), at(r.Offset.P50+r.Duration.P50), at(r.Offset.P50+r.Duration.P90)
	for i := x; i <= max(x, end); i++ {
		switch {
		case i < full || i == x && full >= half:
			a.Rune(i, 0, low, ink)
		case i < half || i == x:
			a.Rune(i, 0, middle, ink)
		case i == half && half < end:
			a.Rune(i, 0, p.f.G.Vertical, p.f.Theme.Strong)
		default:
			a.Rune(i, 0, high, ink)
		}
	}
}
