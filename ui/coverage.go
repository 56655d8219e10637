package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Coverage says how far all other figures can be trusted: what was received, refused, evicted, what is
// incomplete and who sends it, how full every bound is, and the program's own messages.
type Coverage struct {
	sections []section     // of the last answer; nil before
	page     *coveragePage // nil: must be laid out again
	basis    basis
	top      int
	lines    int // of the longest column as drawn last
	room     int
	keys     []key.Binding
}

func newCoverage() *Coverage {
	return &Coverage{keys: []key.Binding{
		bind("↑↓ pgup/pgdn", "scroll", "up", "down", "k", "j", "pgup", "pgdown", "g", "G", "home", "end"),
	}}
}

// Basis is everything that was received.
func (c *Coverage) Basis() *basis { return &c.basis }

// Question asks for the coverage of everything: it has no scope.
func (c *Coverage) Question(Moment) Question {
	return func(ctx context.Context, e aggregate.Engine) (any, error) { return e.Coverage(ctx) }
}

// Answer takes the coverage.
func (c *Coverage) Answer(result any) {
	if r, ok := result.(*aggregate.Coverage); ok {
		c.sections, c.page = sectionsOf(r), nil
		c.basis.long = model.Textf("n=%s spans, everything since the start", num.Count(nil, r.Received))
		c.basis.medium = model.Textf("n=%s spans since the start", num.Count(nil, r.Received))
		c.basis.short = model.Textf("n=%s", num.Count(nil, r.Received))
	}
}

// fact is a line: a label, a figure, and what it means.
type fact struct {
	label string
	value string
	note  string
	level level
}

// level is how worrying a fact is.
type level uint8

const (
	plain level = iota
	good
	doubtful
	bad
)

// section is a titled group of facts.
type section struct {
	title string
	facts []fact
}

// sectionsOf are what is shown of an answer, most important first.
func sectionsOf(v *aggregate.Coverage) []section {
	return []section{
		{"Spans received", accounts(v)},
		{"Refused", reasons(v.Status.RefusedBy, bad)},
		{"Requests by transport", reasons(v.Status.Requests, plain)},
		{"Traces retained", retained(v)},
		{"Missing parents", missing(v)},
		{"Quality", quality(v)},
		{"Services with gaps", gaps(v)},
		{"Bounds", bounds(v)},
		{"Log", logLines(v)},
	}
}

// accounts is the balance: received = stored + duplicate + refused; stored = retained + evicted.
func accounts(v *aggregate.Coverage) []fact {
	n := func(x uint64) string { return string(num.Count(nil, x)) }
	worry := func(x uint64, l level) level {
		if x == 0 {
			return plain
		}
		return l
	}
	return []fact{
		{"received", n(v.Received), "valid or not", plain},
		{"stored", n(v.Stored), "counted in rates and percentiles", plain},
		{"duplicate", n(v.Duplicate), "sent twice, counted once", plain},
		{"retained", n(v.Retained), share(v.Retained, v.Stored) + " of what was stored can be opened", plain},
		{"evicted", n(v.Evicted), "still in the figures of every view without a filter", plain},
		{"late", n(v.Late), "came after their trace had settled; figures were corrected", plain},
		{"id collisions", n(v.IDCollisions), "different spans under one id, both kept", worry(v.IDCollisions, doubtful)},
		{"overflowed", n(v.Overflowed), "counted under \"(other)\": too many names", worry(v.Overflowed, bad)},
		{"logs", n(v.Status.Logs), "received, not shown", plain},
		{"metrics", n(v.Status.Metrics), "received, not shown", plain},
		{"connections", n(uint64(max(0, v.Connections))), "open now", plain},
	}
}

func share(part, whole uint64) string {
	if whole == 0 {
		return "-"
	}
	return string(num.Share(nil, float64(part)/float64(whole)))
}

func reasons(rs []aggregate.ReasonCount, l level) []fact {
	var fs []fact
	for _, r := range rs {
		if r.N > 0 {
			fs = append(fs, fact{strings.ReplaceAll(r.Reason, "_", " "), string(num.Count(nil, r.N)), "", l})
		}
	}
	if len(fs) == 0 {
		fs = append(fs, fact{label: "none", level: good})
	}
	return fs
}

// strangeness says what a reason of doubtful quality means.
func strangeness(reason string) string {
	switch reason {
	case "negative_duration":
		return "ended before they started"
	case "cycle":
		return "parents that are their own descendants; cut"
	case "duplicate_id":
		return "the same id twice in a trace"
	case "shared_id":
		return "client and server under one id, as Zipkin does"
	case "async_tail":
		return "ended after their parent"
	case "outside_parent":
		return "ran wholly before or after their parent"
	case "missing_service_name":
		return "their resource has no service.name"
	case "unspecified_kind":
		return "their instrumentation sets no kind"
	case "attributes", "events", "links":
		return "dropped by the SDK's limits"
	}
	return ""
}

// quality counts what is odd about spans, and what SDKs dropped of them.
func quality(v *aggregate.Coverage) []fact {
	var fs []fact
	for _, r := range slices.Concat(v.Quality, v.DroppedFields) {
		if r.N > 0 {
			fs = append(fs, fact{strings.ReplaceAll(r.Reason, "_", " "), string(num.Count(nil, r.N)), strangeness(r.Reason), doubtful})
		}
	}
	if len(fs) == 0 {
		fs = append(fs, fact{label: "none", note: "nothing odd about any span", level: good})
	}
	return fs
}

func retained(v *aggregate.Coverage) []fact {
	n := func(x uint64) string { return string(num.Count(nil, x)) }
	fs := []fact{
		{"traces", n(v.Traces), fmt.Sprintf("that arrived over %s", num.Duration(nil, int64(v.Status.RingSeconds)*1e9)), plain},
		{"still open", n(v.OpenTraces), "spans may yet arrive", plain},
		{"complete", n(v.CompleteTraces), share(v.CompleteTraces, v.Traces) + ": one root, no missing parent, nothing dropped", completeness(v)},
		{"evicted traces", n(v.EvictedTraces), "to make room for newer ones", plain},
		{"on the shelf", n(v.ShelfTraces), "outlived the ring", plain},
	}
	for _, r := range v.Shelved {
		if r.N > 0 {
			fs = append(fs, fact{"  " + r.Reason, n(r.N), "", plain})
		}
	}
	for _, r := range v.RootCount {
		fs = append(fs, fact{strings.ReplaceAll(r.Reason, "_", " "), n(r.N), share(r.N, v.Traces), plain})
	}
	return fs
}

func completeness(v *aggregate.Coverage) level {
	switch s := v.Status.Complete; {
	case s < 0:
		return plain
	case s >= 0.95:
		return good
	case s >= 0.7:
		return doubtful
	}
	return bad
}

// missingMost is how many sides of missing parents are listed; the rest is one line.
const missingMost = 10

func missing(v *aggregate.Coverage) []fact {
	if v.Orphans == 0 {
		return []fact{{label: "none", note: "every parent was seen", level: good}}
	}
	fs := []fact{{"orphans", string(num.Count(nil, v.Orphans)), "spans whose parent never came, by the child's side:", doubtful}}
	var rest uint64
	for i, m := range v.MissingBy {
		if i >= missingMost {
			rest += m.Orphans
			continue
		}
		fs = append(fs, fact{"  " + m.Service, string(num.Count(nil, m.Orphans)),
			fmt.Sprintf("%s, %s of these", m.Kind, share(m.Orphans, m.Spans)), doubtful})
	}
	if n := len(v.MissingBy) - missingMost; n > 0 {
		fs = append(fs, fact{"  others", string(num.Count(nil, rest)), "of " + plural(n, "side") + " more", doubtful})
	}
	return fs
}

// gaps lists services that send something less than whole.
func gaps(v *aggregate.Coverage) []fact {
	var fs []fact
	for _, s := range v.Services {
		var what []string
		add := func(n uint64, name string) {
			if n > 0 {
				what = append(what, string(num.Count(nil, n))+" "+name)
			}
		}
		add(s.Orphans, "orphans")
		add(s.UnspecifiedKind, "without kind")
		add(s.Negative, "negative durations")
		add(s.DroppedFields, "with dropped fields")
		if s.NoVersion {
			what = append(what, "no service.version")
		}
		if s.NoInstance {
			what = append(what, "no instance, host or pod")
		}
		if len(what) > 0 {
			fs = append(fs, fact{s.Service, string(num.Count(nil, s.Spans)), strings.Join(what, ", "), doubtful})
		}
	}
	if len(fs) == 0 {
		fs = append(fs, fact{label: "none", level: good})
	}
	return fs
}

func bounds(v *aggregate.Coverage) []fact {
	var fs []fact
	for _, b := range v.Bounds {
		figure := func(n int64) string { return string(num.Count(nil, uint64(max(0, n)))) }
		if strings.HasSuffix(b.Name, "_bytes") {
			figure = func(n int64) string { return string(num.Bytes(nil, n)) }
		}
		f := fact{strings.ReplaceAll(strings.TrimSuffix(b.Name, "_bytes"), "_", " "), figure(b.Used), "", plain}
		if b.Max > 0 {
			f.note = "of " + figure(b.Max)
		}
		if b.Lost > 0 {
			f.note = strings.TrimPrefix(f.note+fmt.Sprintf("; %s lost to it", num.Count(nil, b.Lost)), "; ")
			f.level = bad
		}
		fs = append(fs, f)
	}
	return fs
}

func logLines(v *aggregate.Coverage) []fact {
	var fs []fact
	for i := len(v.Log) - 1; i >= 0; i-- {
		fs = append(fs, fact{note: v.Log[i]})
	}
	if len(fs) == 0 {
		fs = append(fs, fact{note: "no messages"})
	}
	return fs
}

// coverageColumn is the least width of a column of sections.
const coverageColumn = 58

// coveragePage is the sections of an answer, broken into lines for a width.
type coveragePage struct {
	width    int // of the area
	column   int // of each column
	cols     int
	sections []pageSection
	total    int // lines of all, with the blank ones between sections
}

// pageSection is a section as it is drawn.
type pageSection struct {
	title model.Text
	lines []pageLine
}

// pageLine is a fact as it is drawn, or a further line of its note. A line without a label is a message.
type pageLine struct {
	label, value, note model.Text
	level              level
}

// layCoverage breaks sections into lines for an area of a width.
func layCoverage(ss []section, width int) *coveragePage {
	p := &coveragePage{width: width, cols: max(1, width/coverageColumn)}
	p.column = width / p.cols
	for _, s := range ss {
		lines := pageLines(s.facts, p.column-1-noteColumn)
		p.sections = append(p.sections, pageSection{model.Sanitise(s.title), lines})
		p.total += len(lines) + 2
	}
	return p
}

// Draw flows the sections into as many columns as there is room for, and scrolls them together.
func (c *Coverage) Draw(a canvas.Area, f *Frame) {
	if c.sections == nil {
		return
	}
	if c.page == nil || c.page.width != a.W {
		c.page = layCoverage(c.sections, a.W)
	}
	p := c.page
	per := p.total/p.cols + 4
	col, y := 0, 0
	c.lines, c.room = 0, a.H
	c.top = max(0, c.top)
	for i := range p.sections {
		s := &p.sections[i]
		if y > 0 && y+len(s.lines) > per && col < p.cols-1 {
			col, y = col+1, 0
		}
		c.drawSection(a.Sub(col*p.column, 0, p.column-1, a.H), y-c.top, s, f)
		y += len(s.lines) + 2
		c.lines = max(c.lines, y)
	}
	if c.lines-c.top > a.H {
		a.Rune(a.W-1, a.H-1, f.G.ArrowDown, f.Theme.Accent)
	}
}

// Where the parts of a fact stand.
const (
	valueEnd   = 31
	noteColumn = 33
)

// pageLines gives what of a note does not fit into width columns lines of its own, with neither label nor
// value.
func pageLines(fs []fact, width int) []pageLine {
	var ls []pageLine
	for _, ft := range fs {
		l := pageLine{model.Sanitise(ft.label), model.Sanitise(ft.value), model.Sanitise(ft.note), ft.level}
		if ft.label == "" {
			ls = append(ls, l)
			continue
		}
		for i, note := range wrapWords(ft.note, width) {
			if i > 0 {
				l = pageLine{label: model.Sanitise(" ")}
			}
			l.note = model.Sanitise(note)
			ls = append(ls, l)
		}
	}
	return ls
}

func (c *Coverage) drawSection(a canvas.Area, y int, s *pageSection, f *Frame) {
	t := f.Theme
	x := 1 + a.Text(1, y, s.title, t.Title)
	a.Repeat(x+1, y, a.W-x-2, f.G.Horizontal, t.Faint)
	for i := range s.lines {
		l := &s.lines[i]
		r := a.Row(y + 1 + i)
		if y+1+i < 0 {
			continue
		}
		style, glyph := factStyle(l.level, t)
		if l.label == (model.Text{}) {
			r.Cut(2, 0, r.W-2, l.note, f.G.Ellipsis, t.Text)
			continue
		}
		if glyph != 0 {
			r.Rune(1, 0, glyph, style)
		}
		r.Cut(3, 0, 20, l.label, f.G.Ellipsis, t.Text)
		r.Right(valueEnd, 0, l.value, style)
		r.Cut(noteColumn, 0, r.W-noteColumn, l.note, f.G.Ellipsis, t.Dim)
	}
}

func factStyle(l level, t *themes.Theme) (themes.Style, rune) {
	switch l {
	case good:
		return t.OK, t.Glyphs.OK
	case doubtful:
		return t.Warn, t.Glyphs.Warn
	case bad:
		return t.Error, t.Glyphs.Error
	}
	return t.Strong, 0
}

// Key scrolls.
func (c *Coverage) Key(k tea.KeyPressMsg, _ Moment) Action {
	by := map[string]int{"down": 1, "j": 1, "up": -1, "k": -1, "pgdown": c.room - 1, "pgup": 1 - c.room, "g": -1 << 20, "home": -1 << 20, "G": 1 << 20, "end": 1 << 20}[k.String()]
	c.scroll(by)
	return Handled{}
}

func (c *Coverage) scroll(by int) { c.top = max(0, min(c.top+by, c.lines-c.room)) }

// Mouse scrolls by the wheel.
func (c *Coverage) Mouse(m Mouse, _ Moment) Action {
	switch m.Event {
	case WheelUp:
		c.scroll(-wheelRows)
	case WheelDown:
		c.scroll(wheelRows)
	}
	return Handled{}
}

// Keys are the bindings of the page.
func (c *Coverage) Keys() []key.Binding { return c.keys }
