// Views that a person keeps under a name in the configuration file.

package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// View is a way of looking that a person keeps under a name: a lens and its scope, but for fixed times.
// Empty fields are left open.
type View struct {
	Name      string        `toml:"name"`
	Lens      string        `toml:"lens"`            // a lens by its name, or a sheet by its own
	About     string        `toml:"about,omitempty"` // what a sheet is about: group by about
	Filter    string        `toml:"filter,omitempty"`
	Service   string        `toml:"service,omitempty"`
	Operation string        `toml:"operation,omitempty"`
	Kind      string        `toml:"kind,omitempty"`
	Client    string        `toml:"client,omitempty"` // with Server: an edge
	Server    string        `toml:"server,omitempty"`
	Last      time.Duration `toml:"-"`
	LastText  string        `toml:"last,omitempty"` // as a flag has it: 15m; empty: what is shown then
	Errors    bool          `toml:"errors,omitempty"`
}

// Errors of a View.
var (
	ErrViewName = errors.New("a view needs a name")
	ErrViewLens = errors.New("no such lens")
	ErrViewKind = errors.New("no such kind of span")
)

// Check completes a view that was read, and says what is wrong with it.
func (v *View) Check() error {
	if v.Name == "" {
		return ErrViewName
	}
	if _, _, ok := v.lens(); !ok {
		return fmt.Errorf("view %q: %w: %q", v.Name, ErrViewLens, v.Lens)
	}
	if _, err := v.filter(); err != nil {
		return fmt.Errorf("view %q: filter: %w", v.Name, err)
	}
	if _, ok := v.kind(); !ok {
		return fmt.Errorf("view %q: %w: %q", v.Name, ErrViewKind, v.Kind)
	}
	if v.LastText != "" {
		d, err := time.ParseDuration(v.LastText)
		if err != nil || d < 0 {
			return fmt.Errorf("view %q: last: %q is not a duration such as 15m", v.Name, v.LastText)
		}
		v.Last = d
	}
	return nil
}

// lens is the lens, or the sheet, that a view is seen through.
func (v *View) lens() (l Lens, sheet string, ok bool) {
	for l := range LensWaterfall {
		if strings.EqualFold(l.String(), v.Lens) {
			return l, "", true
		}
	}
	_, ok = sheetSpecs()[v.Lens]
	return LensSheet, v.Lens, ok
}

func (v *View) filter() (*filter.Expr, error) {
	if strings.TrimSpace(v.Filter) == "" {
		return nil, nil
	}
	return filter.Parse(v.Filter)
}

func (v *View) kind() (model.Kind, bool) {
	for k := model.KindUnspecified; k <= model.KindConsumer; k++ {
		if v.Kind == "" || k.String() == v.Kind {
			return k, true
		}
	}
	return 0, false
}

// open shows a view that was checked.
func (v View) open(a *App) tea.Cmd {
	s := Scope{Last: a.trail.here().scope.Last}
	if v.LastText != "" {
		s.Last = v.Last
	}
	s.Filter, _ = v.filter()
	kind, _ := v.kind()
	s.Focus = aggregate.Focus{Service: v.Service, Operation: v.Operation, Kind: kind, Client: v.Client, Server: v.Server}
	if v.Errors {
		s.Selection = &aggregate.Selection{ErrorsOnly: true}
	}
	l, sheet, _ := v.lens()
	if l == LensSheet {
		return a.act(OpenSheet{Name: sheet, About: v.About, Scope: s})
	}
	return a.act(Drill{l, s})
}

// viewOf is what a place would be kept as.
func viewOf(name string, p place) View {
	s := p.scope
	v := View{
		Name: name, Lens: strings.ToLower(p.lens.String()), Service: s.Focus.Service, Operation: s.Focus.Operation,
		Client: s.Focus.Client, Server: s.Focus.Server, Last: s.Last, Errors: s.Selection != nil && s.Selection.ErrorsOnly,
	}
	switch p.lens {
	case LensSheet:
		v.Lens, v.About = p.sheet.name, p.sheet.about
	case LensWaterfall: // its trace will be gone
		v.Lens = strings.ToLower(LensTraces.String())
	}
	if s.Filter != nil {
		v.Filter = s.Filter.String()
	}
	if s.Focus.Kind != model.KindUnspecified {
		v.Kind = s.Focus.Kind.String()
	}
	if s.Last > 0 {
		v.LastText = shortDuration(s.Last)
	}
	return v
}

// viewEntries are the kept views as entries of the palette, and the command that keeps another.
func (a *App) viewEntries() entries {
	var es entries
	for _, v := range a.o.Views {
		es = append(es, entry{"view", v.Name, v.Lens, v.open})
	}
	if a.o.KeepView == nil {
		return es
	}
	return append(es, entry{"command", "keep this view under a name", "", func(a *App) tea.Cmd {
		a.overlay = newViewName()
		return nil
	}})
}

// viewName asks for the name of a view.
type viewName struct{ in textinput.Model }

// viewNameMost is the longest name.
const viewNameMost = 60

func newViewName() *viewName {
	in := textinput.New()
	in.CharLimit = viewNameMost
	in.Focus()
	return &viewName{in}
}

func (n *viewName) key(a *App, k tea.KeyPressMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return nil, true
	case "enter":
		if name := strings.TrimSpace(n.in.Value()); name != "" {
			return a.keepView(viewOf(name, a.trail.here())), true
		}
		return nil, false
	}
	n.in, _ = n.in.Update(k)
	return nil, false
}

func (n *viewName) paste(_ *App, text string) tea.Cmd {
	n.in, _ = n.in.Update(tea.PasteMsg{Content: text})
	return nil
}

func (n *viewName) mouse(*App, MouseEvent, canvas.Target) (tea.Cmd, bool) { return nil, false }

func (n *viewName) draw(all canvas.Area, f *Frame) {
	in := panel(all, 64, 4, f, "keep this view as")
	drawInput(in.Row(0), &n.in, f)
	in.Lit(0, 1, "enter keeps it in the configuration file, esc does not", f.Theme.Dim)
}

// keepView keeps a view in the configuration file. One of the same name is replaced in the palette.
func (a *App) keepView(v View) tea.Cmd {
	where, err := a.o.KeepView(v)
	if err != nil {
		return a.say("not kept: "+err.Error(), true)
	}
	a.o.Views = slices.DeleteFunc(a.o.Views, func(o View) bool { return o.Name == v.Name })
	a.o.Views = append(a.o.Views, v)
	return a.say(fmt.Sprintf("kept %q in %s; : finds it", v.Name, where), false)
}
