package themes

import "github.com/charmbracelet/colorprofile"

// Theme is every style and glyph that screens use, resolved for one colour profile. Immutable.
// Screens name what they mean (Error, Accent), never a colour.
type Theme struct {
	Name    string
	Dark    bool
	Profile colorprofile.Profile
	Glyphs  *Glyphs

	// Paper is the theme's own background and text colour. It is only painted when the terminal's
	// background is of the other kind, dark or light.
	Paper Style

	// Text by importance.
	Text   Style // body
	Strong Style // what the eye should find first
	Dim    Style // labels, units, secondary figures
	Faint  Style // what is read last: notes, blanks, placeholders
	Note   Style // sentences about figures: what they rest on, what they lack
	Accent Style // the tool's own voice: active lens, focus, prompts
	Title  Style // pane titles
	// AccentStrong is the accent on single glyphs: arrows, brackets, keys in running text.
	AccentStrong Style
	// Titles of a table's columns, and of the one that its rows are sorted by.
	ColumnTitle, ColumnSorted Style

	// Frame.
	Bar         Style // status line and footer background
	BarStrong   Style // figures on it
	BarDim      Style // labels on it
	Key         Style // a key in the footer and the help
	Tab         Style // lens names
	TabActive   Style
	Crumb       Style // breadcrumbs
	Border      Style // of panes; rules, grids and guides as well
	BorderFocus Style

	// Selection: applied as background (and attributes) over what is drawn.
	Selected     Style // row or cell under the cursor in the focused pane
	SelectedDim  Style // the same in a pane without focus
	SelectedBar  Style // bars and trends under the cursor, whose colours mean something; may be the zero Style
	Cursor       Style // selection on a heatmap: a colour that no ramp and no judgement has
	Brush        Style // a stretch of time that is being dragged over
	Window       Style // the part of a minimap that is shown; the zero Style where only its ends are marked
	Match        Style // search hits
	Input        Style // text being typed
	InputError   Style
	Placeholder  Style
	Toast        Style
	ToastProblem Style

	// Judgements. Never by colour alone: each has a glyph as well.
	OK, Warn, Error, Info Style
	WarnStrong            Style // with the selection
	WarnLine, ErrorLine   Style // of thin lines, by colour alone: their glyphs tell it as well

	// Things.
	Service, Database, Messaging, Inferred, User Style
	Critical                                     Style // the critical path
	Ghost                                        Style // the typical, baseline or expected thing behind the real one
	Up, Down                                     Style // worse, better against a baseline

	// Ramps, from little to much. Without colour they are empty and Glyphs.Shades carries the value.
	Heat      []Color // counts
	ErrorHeat []Color // error share
	// Percentile lines over a heatmap.
	P50, P95, P99 Style
	// Categories: services in a waterfall, by stable hash. Never empty; without colour all are Text.
	Series []Style
}

// Mono reports whether the theme has no colour at all.
func (t *Theme) Mono() bool { return t.Profile <= colorprofile.ASCII }

// Heats returns the ramp colour for v in [0,1]; ok is false without colour.
func (t *Theme) Heats(ramp []Color, v float64) (Color, bool) {
	if len(ramp) == 0 {
		return 0, false
	}
	return ramp[min(len(ramp)-1, max(0, int(v*float64(len(ramp)))))], true
}

// Glyphs are the characters that screens draw with: Unicode or ASCII, never mixed.
type Glyphs struct {
	ASCII bool

	Horizontal, Vertical, TopLeft, TopRight, BottomLeft, BottomRight,
	TeeLeft, TeeRight, TeeDown, TeeUp, Cross rune

	ArrowRight, ArrowLeft, ArrowUp, ArrowDown    rune
	Ellipsis                                     rune
	Bullet, Diamond                              rune
	Expanded, Collapsed                          rune
	Error, Warn, OK, Pin, Critical, Event        rune
	Service, Database, Messaging, Inferred, User rune
	Retry, Clock, Changed                        rune
	Bars                                         []rune // 9 heights, from blank to full
	Blocks                                       []rune // 9 left-filled widths, from blank to full
	Shades                                       []rune // 5 densities, from blank to full
	Track                                        rune   // empty part of a bar
	Double, Wave                                 rune   // lines told apart from Horizontal: p95, p99
}
