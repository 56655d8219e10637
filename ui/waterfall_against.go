// Waterfall: the trace laid over the typical one of its operation or shape.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

const (
	// usualPresence is the share of the compared traces that make a call from which on its lack is told.
	usualPresence = .5
	// againstLeast is how many traces make a typical one, of which that on the screen is one.
	againstLeast = 3
	// deltaWidth is the room for a difference of durations, before its ratio.
	deltaWidth = 8
	// unusualDelta is the part of the typical duration that a difference is worth a colour from.
	unusualDelta = .1
)

// versus is what a trace is compared with.
type versus uint8

const (
	versusNothing versus = iota
	versusShape          // traces that make the same calls: what takes longer
	versusRoot           // all traces of the root operation: what is missing, what is too much
	versusKinds
)

// against is the typical trace that the one on the screen is laid over. It is made outside of the update loop.
type against struct {
	about   againstAbout
	typical *typical
	at      []int32 // per node: its row in the typical trace, −1: it has none
	first   []bool  // per node: the first of its path, which is where the typical one begins
	lacking [][]int32
	extra   int // spans that hardly any of the traces compared with has
	missing int // calls that most of them make and this does not
}

// againstAbout identifies what is compared with what.
type againstAbout struct {
	trace model.TraceID
	kind  versus
	nodes int // a trace that still arrives is laid over anew
}

// askTypical asks for the typical trace while a person wants to see it.
func (w *Waterfall) askTypical(at Moment) (about any, q Question) {
	if w.versus == versusNothing || !w.shows(at) || w.m.view.Row.RootOperation == "" {
		return nil, nil
	}
	x := againstAbout{w.m.t.ID, w.versus, len(w.m.t.Tree.Nodes)}
	if w.against != nil && w.against.about == x {
		return nil, nil
	}
	m, row := w.m, w.m.view.Row
	shape := ""
	if w.versus == versusShape {
		shape = row.Shape
	}
	query := aggregate.Query{}
	if f, err := filter.Parse("rootService = " + filter.Quote(row.RootService) + " && rootName = " + filter.Quote(row.RootOperation)); err == nil {
		query.Filter = f
	}
	return x, func(ctx context.Context, e aggregate.Engine) (any, error) {
		r, err := e.Shape(ctx, query, shape)
		if err != nil {
			return nil, err
		}
		return newAgainst(x, m, newTypical(r)), nil
	}
}

// compared is what the trace is laid over now, nil for nothing.
func (w *Waterfall) compared() *against {
	if x := w.answered(); x != nil && x.typical.Traces >= againstLeast {
		return x
	}
	return nil
}

// answered is what was found to compare the trace with, enough or not.
func (w *Waterfall) answered() *against {
	if w.against == nil || w.versus != w.against.about.kind || w.against.about.trace != w.m.t.ID || len(w.against.at) != len(w.m.t.Tree.Nodes) {
		return nil
	}
	return w.against
}

// newAgainst finds the place of every node in a typical trace, O(nodes).
func newAgainst(about againstAbout, m *traceModel, t *typical) *against {
	x := &against{about: about, typical: t, at: make([]int32, len(m.t.Tree.Nodes)), first: make([]bool, len(m.t.Tree.Nodes)), lacking: make([][]int32, len(t.rows))}
	rows := make(map[uint64]int32, len(t.rows))
	for i := range t.rows {
		rows[t.rows[i].path] = int32(i)
	}
	seen := make([]bool, len(t.rows))
	for i := range m.t.Tree.Nodes {
		n := &m.t.Tree.Nodes[i]
		above, ok := uint64(0), true
		if n.Parent >= 0 {
			if up := x.at[n.Parent]; up >= 0 {
				above = t.rows[up].path
			} else {
				ok = false // what is below something extra is extra
			}
		}
		x.at[i] = -1
		if ok {
			path := pathHash(above, "", "", 0)
			if n.Span >= 0 {
				s := &m.t.Spans[n.Span]
				path = pathHash(above, model.ServiceOf(s.Resource), s.Name, s.Kind)
			}
			if at, found := rows[path]; found {
				x.at[i], x.first[i] = at, !seen[at]
				seen[at] = true
			}
		}
		if x.isExtra(int32(i)) {
			x.extra++
		}
	}
	for i := range t.rows {
		r := &t.rows[i]
		if seen[i] || r.Parent < 0 || !seen[r.Parent] {
			continue // below what is missing itself nothing more is said
		}
		if above := t.rows[r.Parent].Presence; above > 0 && r.Presence/above >= usualPresence {
			x.lacking[r.Parent] = append(x.lacking[r.Parent], int32(i))
			x.missing++
		}
	}
	return x
}

// rarePresence is the share of the compared traces that have a call below which it counts as extra: with it
// and nothing else, this trace would not be told from them.
const rarePresence = .05

// isExtra reports whether hardly any of the traces compared with has such a call. Of one without a place that is
// unknown where the typical trace has not room for all.
func (x *against) isExtra(node int32) bool {
	at := x.at[node]
	if at < 0 {
		return x.typical.Folded == 0
	}
	return x.typical.rows[at].Presence < rarePresence
}

// row is the typical call of a node, nil for none.
func (x *against) row(node int32) *typicalRow {
	if x == nil || x.at[node] < 0 {
		return nil
	}
	return &x.typical.rows[x.at[node]]
}

// lacks are the calls that a node usually makes and did not.
func (x *against) lacks(node int32) []int32 {
	if x == nil || x.at[node] < 0 || !x.first[node] {
		return nil
	}
	return x.lacking[x.at[node]]
}

// compareNext goes from nothing to the shape, to all of the root operation, and back.
func (w *Waterfall) compareNext() Action {
	w.versus = (w.versus + 1) % versusKinds
	w.pane.stale()
	switch w.versus {
	case versusShape:
		return Ask{}
	case versusRoot:
		return Ask{}
	}
	w.against = nil
	return Say{Text: "compared with nothing; figures are ranks within each span's operation"}
}

// drawAgainst says what the trace is compared with.
func (w *Waterfall) drawAgainst(a canvas.Area, f *Frame) {
	p := pen{a: a, x: 1}
	x := w.answered()
	if x == nil {
		if f.AsideProblem != "" {
			drawProblem(&p, f)
			return
		}
		p.lit("laying the others over each other", f.Theme.Dim)
		p.rune(f.G.Ellipsis, f.Theme.Dim)
		return
	}
	p.lit("vs ", f.Theme.Dim)
	p.count(x.typical.Traces, f.Theme.Strong)
	if x.about.kind == versusShape {
		p.lit(" of its shape", f.Theme.Ghost)
	} else {
		p.lit(" of its root", f.Theme.Ghost)
	}
	if x.typical.Traces < againstLeast {
		p.lit(": too few", f.Theme.Warn)
		return
	}
	if x.extra > 0 {
		p.lit(" ", f.Theme.Dim)
		p.counted(uint64(x.extra), " extra", f.Theme.Up)
	}
	if x.missing > 0 {
		p.lit(" ", f.Theme.Dim)
		p.counted(uint64(x.missing), " missing", f.Theme.Warn)
	}
}

// drawDelta draws by how much a row differs from the typical one: its time, of groups how often.
func (w *Waterfall) drawDelta(a canvas.Area, r *waterfallRow, x *against, f *Frame) {
	t := f.Theme
	typical := x.row(r.node)
	if x.isExtra(r.node) {
		a.Rune(0, 0, '+', t.Up)
		a.Lit(3, 0, "extra", t.Up)
		return
	}
	if typical == nil {
		a.Rune(3, 0, '-', t.Faint)
		return
	}
	if len(x.lacks(r.node)) > 0 && r.group < 0 {
		a.Rune(0, 0, f.G.Inferred, t.Warn) // a call below it is missing; the details name it
	}
	var buf [32]byte
	if r.group >= 0 {
		b := append(num.Count(append(buf[:0], 'x'), uint64(w.m.groups[r.group].count)), " was "...)
		a.Figure(3, 0, appendTimes(b, typical.PerTrace), t.Text)
		return
	}
	d := w.m.head(r.node).Duration()
	b, s := appendSigned(buf[:0], d-typical.Duration.P50), deltaStyle(d, typical, t)
	if a.W < deltaWidth {
		return
	}
	figureRight(a.Sub(0, 0, deltaWidth, 1), b, s)
	if typical.Duration.P50 > 0 {
		drawRatio(a, deltaWidth+1, float64(d)/float64(typical.Duration.P50), s)
	}
}

// appendSigned appends a difference of durations with its sign.
func appendSigned(b []byte, ns int64) []byte {
	if ns < 0 {
		return num.Duration(append(b, '-'), -ns)
	}
	return num.Duration(append(b, '+'), ns)
}

// deltaStyle is loud for what lies outside of where four in five do, and differs by more than a little.
func deltaStyle(d int64, r *typicalRow, t *themes.Theme) themes.Style {
	small := unusualDelta * float64(r.Duration.P50)
	switch delta := float64(d - r.Duration.P50); {
	case d > r.Duration.P90 && delta > small:
		return t.Up
	case d < r.Duration.P10 && -delta > small:
		return t.Down
	}
	return t.Dim
}

// ghost draws where the typical call lies: a track where this one has nothing, and a mark where it ends.
func (p *barPen) ghost(a canvas.Area, node int32) {
	r := p.against.row(node)
	if r == nil || !p.against.first[node] || r.Duration.P50 == 0 || p.m.t.Root < 0 || !p.m.real(p.m.t.Root) {
		return
	}
	start := later(p.m.head(p.m.t.Root).Start, float64(r.Offset.P50)+p.c.shift(node))
	end := later(start, float64(r.Duration.P50))
	if end < p.r.lo || start > p.r.hi {
		return
	}
	s := p.f.Theme.Ghost.On(p.bg)
	from, to := max(0, int(p.r.column(start, a.W))), min(a.W-1, int(p.r.column(end, a.W)))
	for i := from; i <= to; i++ {
		if !p.filled(i) {
			a.Rune(i, 0, p.f.G.Double, s)
		}
	}
	if end < p.r.hi && p.filled(to) {
		if b := &p.cells[to]; b.kind >= barSelf && b.from == 0 && b.to == 1 && !p.f.Theme.Mono() {
			a.Rune(to, 0, p.g.median, p.f.Theme.Strong.On(p.ink(node).Fg))
		} else {
			a.Rune(to, 0, p.g.median, p.f.Theme.Strong.On(p.bg))
		}
	}
}
