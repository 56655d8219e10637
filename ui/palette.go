// The palette: a fuzzy finder over questions, lenses, views, attributes, services, operations and commands.

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

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/sahilm/fuzzy"
)

// paletteRows are the lines of the palette: all questions are seen at once where the screen is high enough.
const paletteRows = 38

// questionKind is the kind of entries that are questions.
const questionKind = "question"

// entry is a thing that the palette can go to or do.
type entry struct {
	kind string // "question", "lens", "view", "service", "operation", "command", "attribute", "theme", "trace"
	name string // what is matched and shown
	note string // figures or key, quiet
	do   func(a *App) tea.Cmd
}

// entries implements fuzzy.Source.
type entries []entry

func (e entries) String(i int) string { return e[i].name }
func (e entries) Len() int            { return len(e) }

// palette is the fuzzy finder over services, operations, lenses and commands.
type palette struct {
	in    textinput.Model
	all   entries
	texts []entryTexts // of all

	questions int // how many: they are the first of all

	matches fuzzy.Matches
	sel     int
	names   namesState // of services and operations
}

// namesState says how far the services and operations are: they come after the palette opened.
type namesState uint8

const (
	namesAsked namesState = iota
	namesThere
	namesFailed
)

// entryTexts is an entry as it is shown: made once, so that a frame allocates nothing for hostile names.
type entryTexts struct {
	kind, name, note model.Text
	isAsTyped        bool // nothing of the name had to be made fit: what is matched is what stands there
}

// write makes the texts of all entries.
func (p *palette) write() {
	p.texts = make([]entryTexts, len(p.all))
	for i := range p.all {
		e := &p.all[i]
		t := entryTexts{kind: model.Sanitise(e.kind), name: model.Sanitise(e.name), note: model.Sanitise(e.note)}
		t.isAsTyped = t.name.String() == e.name
		p.texts[i] = t
	}
}

type itemsMsg struct{ ops *aggregate.Operations }

// openPalette opens at once with what is known and asks for services and operations meanwhile.
func (a *App) openPalette() tea.Cmd {
	in := textinput.New()
	p := &palette{in: in, all: a.fixedEntries()}
	p.questions = slices.IndexFunc(p.all, func(e entry) bool { return e.kind != questionKind })
	p.in.Focus() // its command blinks a cursor that is not drawn: each blink would be a frame
	p.write()
	p.match()
	a.overlay = p
	e, q := a.o.Engine, Scope{Last: a.trail.here().scope.Last}.Query(a.moment().Newest())
	return func() tea.Msg {
		ops, err := e.Operations(context.Background(), q)
		if err != nil {
			return itemsMsg{}
		}
		return itemsMsg{ops}
	}
}

// fixedEntries are those that do not depend on data.
func (a *App) fixedEntries() entries {
	es := a.questions()
	for _, l := range a.keys.lenses {
		es = append(es, entry{"lens", l.Lens.String(), l.Key.Help().Key, func(a *App) tea.Cmd { return a.show(l.Lens) }})
	}
	es = append(es, a.viewEntries()...)
	es = append(es, a.groupEntries()...)
	es = append(es, entry{"command", "a column of your own in Traces, such as count(error)", "traces", openColumn},
		entry{"command", "histogram of an expression over traces, such as sum(self where error)", "answer", openHistogram})
	for _, b := range a.keys.global() {
		k := b.Keys()[0]
		es = append(es, entry{"command", b.Help().Desc, b.Help().Key, func(a *App) tea.Cmd { return a.globalKey(press(k)) }})
	}
	for _, n := range themes.Names() {
		es = append(es, entry{"theme", "theme " + n, "", func(a *App) tea.Cmd {
			a.o.Theme = n
			a.retheme(n, a.theme.Dark)
			return nil
		}})
	}
	return es
}

// press makes the key message that a binding's key name stands for.
func press(k string) tea.KeyPressMsg {
	switch k {
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	return tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
}

// itemsArrived adds services and operations, after the questions: they are what is looked for most.
func (a *App) itemsArrived(m itemsMsg) {
	p, ok := a.overlay.(*palette)
	if !ok {
		return
	}
	if p.names = namesThere; m.ops == nil {
		p.names = namesFailed
		return
	}
	var es entries
	for _, r := range m.ops.Services {
		f := aggregate.Focus{Service: r.Service}
		es = append(es, entry{"service", r.Service, note(r), goTo(f)})
	}
	for _, r := range m.ops.Rows {
		f := aggregate.Focus{Service: r.Service, Operation: r.Operation, Kind: r.Kind}
		es = append(es, entry{"operation", r.Service + " · " + r.Operation, note(r), goTo(f)})
	}
	p.all = slices.Insert(p.all, p.questions, es...)
	p.write()
	p.match()
}

func note(r aggregate.OperationRow) string {
	n := fmt.Sprintf("%s  p95 %s", num.Rate(nil, r.RED.Rate), num.Duration(nil, r.RED.P95))
	if r.RED.Errors > 0 {
		n += fmt.Sprintf("  %s errors", num.Share(nil, r.RED.ErrorShare()))
	}
	return n
}

// goTo focuses; from Coverage and the waterfall, which have no focus, it goes to Latency.
func goTo(f aggregate.Focus) func(a *App) tea.Cmd {
	return func(a *App) tea.Cmd {
		p := a.trail.here()
		l := p.lens
		if l == LensWaterfall || l == LensCoverage || l == LensMap {
			l = LensLatency
		}
		s := p.scope
		s.Focus, s.Selection = f, nil
		return a.act(Drill{l, s})
	}
}

func (p *palette) key(a *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		return p.choose(a)
	case "down", "ctrl+n", "tab":
		p.sel = min(p.sel+1, max(0, len(p.matches)-1))
		return nil, false
	case "up", "ctrl+p", "shift+tab":
		p.sel = max(p.sel-1, 0)
		return nil, false
	case "pgdown":
		p.sel = min(p.sel+10, max(0, len(p.matches)-1))
		return nil, false
	case "pgup":
		p.sel = max(p.sel-10, 0)
		return nil, false
	}
	p.in, _ = p.in.Update(k)
	p.match()
	return nil, false
}

func (p *palette) paste(_ *App, text string) tea.Cmd {
	p.in, _ = p.in.Update(tea.PasteMsg{Content: strings.TrimSpace(text)})
	p.match()
	return nil
}

func (p *palette) mouse(a *App, ev MouseEvent, t canvas.Target) (tea.Cmd, bool) {
	switch ev {
	case WheelUp:
		p.sel = max(p.sel-3, 0)
	case WheelDown:
		p.sel = min(p.sel+3, max(0, len(p.matches)-1))
	case Click, Double:
		if i := int(t.Index); i >= 0 && i < len(p.matches) {
			p.sel = i
			return p.choose(a)
		}
	}
	return nil, false
}

// choose does the selected entry; text that is a trace id opens the trace, other text that matches
// nothing becomes a filter.
func (p *palette) choose(a *App) (tea.Cmd, bool) {
	text := strings.TrimSpace(p.in.Value())
	if id, ok := traceIn(text); ok {
		a.overlay = nil
		return a.act(OpenTrace{ID: id}), true
	}
	if len(p.matches) == 0 {
		if text == "" {
			return nil, true
		}
		return a.narrow(text), true
	}
	do := p.all[p.matches[p.sel].Index].do
	a.overlay = nil
	cmd := do(a)
	return cmd, a.overlay == nil // the command may have opened another overlay
}

// traceIn finds a trace id in text: alone, or in a W3C traceparent.
func traceIn(text string) (model.TraceID, bool) {
	text = strings.TrimSpace(text)
	if parts := strings.Split(text, "-"); len(parts) == 4 {
		text = parts[1]
	}
	if len(text) != 32 {
		return model.TraceID{}, false
	}
	id, err := model.ParseTraceID(text)
	return id, err == nil && !id.IsZero()
}

func (p *palette) draw(all canvas.Area, f *Frame) {
	t := f.Theme
	in := panel(all, 84, paletteRows, f, "go to, or do")
	in.Lit(0, 0, ":", t.Accent)
	drawInput(in.Sub(2, 0, in.W-2, 1), &p.in, f)
	if p.in.Value() == "" {
		in.Lit(3, 0, "a question, service, operation, lens, command, or a trace id", t.Placeholder)
	}
	in.Repeat(0, 1, in.W, f.G.Horizontal, t.Border)
	p.drawListing(in, f)
	rows := in.Sub(0, 2, in.W, in.H-2)
	if len(p.matches) == 0 {
		if p.names == namesAsked {
			rows.Lit(0, 0, "none so far: services and operations are being asked for", t.Dim)
			return
		}
		rows.Lit(0, 0, "no such name: enter uses the text as a filter", t.Dim)
		return
	}
	first := max(0, p.sel-rows.H+1)
	for y := 0; y < rows.H && first+y < len(p.matches); y++ {
		p.drawRow(rows.Row(y), first+y, y == 0 || p.kindOf(first+y) != p.kindOf(first+y-1), t)
	}
	if len(p.matches) > rows.H && p.names == namesThere {
		p.drawPlace(in.Row(1), first, rows.H, f)
	}
}

// drawPlace says on the line below the input which of the entries are seen.
func (p *palette) drawPlace(r canvas.Area, first, height int, f *Frame) {
	const room = len(" 1234–1234 of 1234 ")
	w := pen{a: r, x: max(0, r.W-room)}
	w.lit(" ", f.Theme.Dim)
	w.count(uint64(first+1), f.Theme.Dim)
	w.lit("–", f.Theme.Dim)
	w.count(uint64(min(first+height, len(p.matches))), f.Theme.Dim)
	w.lit(" of ", f.Theme.Dim)
	w.count(uint64(len(p.matches)), f.Theme.Dim)
	w.lit(" ", f.Theme.Dim)
}

// drawListing says on the line below the input that services and operations are not among the names.
func (p *palette) drawListing(in canvas.Area, f *Frame) {
	var words canvas.Literal
	switch p.names {
	case namesThere:
		return
	case namesAsked:
		words = " asking for services and operations "
	case namesFailed:
		words = " services and operations are not known: the question failed "
	}
	in.Lit(max(0, in.W-len(words)-1), 1, words, f.Theme.Warn)
}

// kindOf is the kind of a row.
func (p *palette) kindOf(i int) string { return p.all[p.matches[i].Index].kind }

// drawRow draws an entry: what it is, where the one above is something else, its name with the matched characters
// marked, its figures.
func (p *palette) drawRow(r canvas.Area, i int, named bool, t *themes.Theme) {
	m := p.matches[i]
	e := &p.texts[m.Index]
	if named {
		r.Text(0, 0, e.kind, t.Faint)
	}
	nameW := r.W - 11 - canvas.Width(e.note) - 1
	r.Cut(11, 0, nameW, e.name, t.Glyphs.Ellipsis, t.Text)
	if e.isAsTyped {
		for _, at := range m.MatchedIndexes { // byte offsets
			if x := ansi.StringWidth(e.name.String()[:at]); x < nameW-1 {
				r.Sub(11+x, 0, 1, 1).Tint(t.Match)
			}
		}
	}
	r.Right(r.W, 0, e.note, t.Dim)
	r.Target(canvas.Target{Kind: overlayTarget, Index: int32(i)})
	if i == p.sel {
		r.Tint(t.Selected)
	}
}
