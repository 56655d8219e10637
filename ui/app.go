// App, the only tea.Model: its state, its messages, and how the program runs.

package ui

import (
	"context"
	"os"
	"time"

	"oteltop/aggregate"
	"oteltop/themes"
	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

const (
	// DefaultRefresh is how often screens ask for new figures: at most 4 a second keeps an SSH line under
	// the byte budgets of DESIGN section 8 and is as fast as a person can read figures.
	DefaultRefresh = 250 * time.Millisecond
	// minWidth and minHeight are the least room in which every screen says something useful.
	minWidth, minHeight = 60, 15
	// frameRows are the rows that the frame takes: status, breadcrumbs, lenses; footer.
	frameRows = 4
)

// Options are what main decides.
type Options struct {
	Engine  aggregate.Engine
	Theme   string                // a name of themes.Names, or "auto": by the terminal's background
	Profile *colorprofile.Profile // nil: detected
	Out     *os.File              // the terminal; nil: what the program's options say
	ASCII   bool
	Mouse   bool
	Refresh time.Duration // 0: DefaultRefresh
	Last    time.Duration // length of the first window; 0: everything
	Source  Source
	// Baselines are what Compare offers to compare with besides what it finds by itself, the last one first.
	Baselines []SavedBaseline
	Now       func() time.Time // nil: time.Now
	// Views are what the palette offers by name. KeepView keeps another one and says where; nil: none can be.
	Views    []View
	KeepView func(View) (where string, err error)
	// Tour begins with a guided drill.
	Tour bool
	// StartDemo, when not nil, is offered in the empty state.
	StartDemo func()
}

// Source says where spans come from, for the status line and the empty state.
type Source struct {
	GRPC, HTTP []string // bound addresses
	Files      []string
	Banner     string // stays on screen: "listening on 0.0.0.0 without authentication"
	// Progress is the share of the files read so far; nil when there are none.
	Progress func() float64
	// Problem is why a source ended early; empty while it has not.
	Problem func() string
}

// App is the program: the only tea.Model. Owned by the update loop.
type App struct {
	o       Options
	keys    keyMap
	theme   *themes.Theme
	profile colorprofile.Profile
	canvas  *canvas.Canvas
	w, h    int

	screens [lenses]Screen
	trail   trail
	overlay overlay // nil: none
	status  *aggregate.Status
	pull    pull
	pace    pace
	line    line
	aside   aside
	writing writing
	ahead   typeAhead
	toast   toast
	pause   pause
	mouse   bool
	tour    *tour // nil: none is taken
	landed  bool  // it was looked at whether files hold a single trace
	click   lastClick
	night   bool // the terminal's background is dark, as far as it told

	gate     *gate // nil: none before the terminal
	watching bool  // an overdueMsg is on its way
	leaving  bool  // to quit when the terminal has answered

	dirty bool
	frame Frame // of the last drawing
	view  tea.View

	// later and rest make commands that wait, rest until something arrives; tests replace them, so that they need not.
	later func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
	rest  func(tea.Msg) tea.Cmd
}

// New makes the program's model. It asks nothing before Init.
func New(o Options) *App {
	if o.Refresh <= 0 {
		o.Refresh = DefaultRefresh
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &App{o: o, keys: newKeyMap(), canvas: canvas.New(0, 0), status: &aggregate.Status{Complete: -1}, mouse: o.Mouse, night: true, dirty: true, later: tea.Tick}
	a.rest = a.untilArrival
	if o.Out != nil {
		a.gate = newGate(o.Out, o.Now)
	}
	a.profile = colorprofile.TrueColor
	if o.Profile != nil {
		a.profile = *o.Profile
	}
	a.retheme(o.Theme, true)
	a.screens = newScreens(&a.o)
	if o.Tour {
		a.toggleTour()
	}
	a.trail = newTrail(place{lens: LensMap, scope: Scope{Last: o.Last}})
	return a
}

// Init asks the terminal what it is and the engine for the first figures.
func (a *App) Init() tea.Cmd {
	return tea.Batch(
		tea.RequestBackgroundColor,
		// Bubble Tea does not query this mode over SSH, where it matters most (TERMINAL.md).
		func() tea.Msg { return tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset} },
		a.ask(),
	)
}

// Update handles one message, and sees to it that a question which it led to is not waited for unseen.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.update(msg)
	if w, f := a.watch(), a.probeLine(); w != nil || f != nil {
		cmd = tea.Batch(cmd, w, f)
	}
	return a, cmd
}

// update only dispatches.
func (a *App) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tickMsg:
		return a.tick(m)
	case answerMsg:
		return a.answer(m)
	case overdueMsg:
		return a.overdue()
	case repaintMsg:
		return a.repaint(m)
	case uv.PrimaryDeviceAttributesEvent:
		return a.answered()
	case quitMsg:
		return tea.Quit
	}
	wasDirty := a.dirty // what the line has no room for yet
	a.dirty = true
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		return a.key(m)
	case tea.PasteMsg:
		return a.paste(m.Content)
	case tea.MouseMsg:
		return a.mouseEvent(m)
	case onlyTrace:
		return a.landOn(m)
	case asideMsg:
		return a.asideAnswered(m)
	case writtenMsg:
		return a.written(m)
	case countMsg:
		a.counted(m)
	case itemsMsg:
		a.itemsArrived(m)
	case toastMsg:
		return a.toasted(m)
	case toastExpired:
		if m.id == a.toast.id {
			a.toast.text = ""
		}
	default:
		cmd, ok := a.terminalTold(msg)
		a.dirty = ok || wasDirty
		return cmd
	}
	return nil
}

// terminalTold takes note of what the terminal says of itself; false for everything else.
func (a *App) terminalTold(msg tea.Msg) (tea.Cmd, bool) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		return a.sized(m.Width, m.Height), true
	case tea.ColorProfileMsg:
		if a.o.Profile == nil {
			a.profile = m.Profile
			a.retheme(a.theme.Name, a.theme.Dark)
		}
	case tea.BackgroundColorMsg:
		a.background(m.IsDark())
	case uv.DarkColorSchemeEvent:
		a.background(true)
	case uv.LightColorSchemeEvent:
		a.background(false)
	default:
		return nil, false
	}
	return nil, true
}

// sized asks anew where the terminal has another size: columns and rows are the engine's, at once and while frozen
// too.
func (a *App) sized(w, h int) tea.Cmd {
	was := [2]int{a.w, a.h}
	if a.w, a.h = w, h; was == [2]int{w, h} {
		return nil
	}
	ask := a.ask()
	if w > was[0] {
		return tea.Batch(ask, a.repaintLater())
	}
	return ask
}

// View returns the last frame; it draws only when something changed since, and the terminal has room for it.
func (a *App) View() tea.View {
	if !a.dirty || a.line.full {
		return a.view
	}
	a.dirty = false
	a.draw()
	v := tea.NewView(a.canvas.Encode())
	if n := frameBytes(a.view.Content, v.Content); n > 0 {
		a.pace.sent(n, a.byteRate(), a.o.Now())
		a.line.sent = true
		if a.gate != nil {
			a.gate.open()
		}
	}
	v.AltScreen = true
	v.WindowTitle = "oteltop"
	if a.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	a.view = v
	return v
}

// moment is what screens get to know about now.
func (a *App) moment() Moment {
	p := a.trail.here()
	m := Moment{Status: a.status, W: a.w, H: max(0, a.h-frameRows-a.tourHeight()), Trace: p.trace, Span: p.span, Sheet: p.sheet}
	if a.pause.on {
		m.Frozen = a.pause.at
	}
	return m.with(p.scope)
}

// screen is the one that is shown.
func (a *App) screen() Screen { return a.screens[a.trail.here().lens] }

// framesPerSecond bounds how long a key waits for the next frame: 25 ms of the 50 that it may take to be
// answered. At 20 keys measured 25 ms slower.
const (
	framesPerSecond = 40
	frameTime       = time.Second / framesPerSecond
)

// QuitPatience is how long the screen may take to end in order before it is ended at once.
const QuitPatience = 2 * time.Second

// Run shows the program until the person quits or ctx ends. around may put something around the model,
// which sees all of its messages and frames.
func Run(ctx context.Context, o Options, around func(tea.Model) tea.Model, more ...tea.ProgramOption) error {
	// ctx asks the program to quit and only then kills it: one that is killed closes its input while
	// that is still being read.
	kill, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	opts := append([]tea.ProgramOption{tea.WithContext(kill), tea.WithFPS(framesPerSecond)}, more...)
	a := New(o)
	if a.gate != nil {
		opts = append(opts, tea.WithOutput(a.gate), tea.WithFilter(a.gate.filter))
		defer context.AfterFunc(kill, a.gate.rouse)()
	}
	if o.Profile != nil {
		opts = append(opts, tea.WithColorProfile(*o.Profile))
	}
	p := tea.NewProgram(around(a), opts...)
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(QuitPatience, cancel)
		defer late.Stop()
		p.Quit()
		p.Wait()
	})
	defer stop()
	_, err := p.Run()
	return err
}
