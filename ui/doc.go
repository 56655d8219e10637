// Package ui is the program that a person sees: lenses over one scope, drawn on a cell canvas.
//
//	tick or key ─▶ App.ask ─▶ Cmd: Engine.Status + Screen.Question ─▶ answerMsg ─▶ Screen.Answer ─▶ next tick
//	                      └─▶ Cmd: asider.Aside ─────────────────────▶ asideMsg ──▶ asider.AsideAnswer
//	key, mouse  ─▶ overlay, screen or App ─▶ Action ─▶ App.act
//	dirty       ─▶ frame + Screen.Draw on the canvas ─▶ one string
//
// App is the only tea.Model; screens are plain structs that it calls. The receiver never waits for any of
// this: the program pulls answers and schedules the next pull after it has shown the last one.
//
// # From a key to a frame
//
// App.Update gives a key to App.key (keys.go). An overlay takes all of them; else the screen is asked whether one
// of Screen.Keys matches, and Screen.Key changes its own state and returns an Action, which App.act (actions.go)
// does: most change the place in the drill (trail.go) and ask again (pull.go). What no screen takes is App's own.
// Keys that come before the screen has its rows wait for them (typeahead.go). Update leaves App dirty, and View
// draws once: the frame (frame.go), the screen in its area, an overlay above. Answers are immutable; whatever text
// they bring is made fit for the screen when they arrive, so that a frame allocates nothing.
//
// # Which file is what
//
// The screens, by the key that leads to them. Companions begin with the name of their screen and say what part of it
// they hold: _draw, _keys, _mouse, _rows, or a part that one sees, as latency_explain.
//
//	1 map          who calls whom; _plan decides the form by the room there is, _held keeps it, _graph indexes the
//	               answer, _lines joins edges, _story is what stands beside or below, _focus the form that always fits
//	2 operations   the table of operations, or of services
//	3 latency      the heatmap; _select what is selected in it, _explain what is special about that, _spread the
//	               distribution beside it
//	4 findings     what is worth a look, ranked
//	5 traces       one row for each retained trace; _column is the one a person makes of an expression
//	6 shapes       clusters of traces by call structure; _typical the trace in the middle of one
//	7 compare      what changed from a baseline; _pair a trace of before beside one of now
//	8 coverage     how far the other screens can be trusted
//	  waterfall    a trace; _model is worked out once, _rows says which rows there are, _tree, _bar and _figures draw
//	               a row from left to right, _pane and _detail are about the span under the cursor, _session is about
//	               what the same user did before and after
//	  sheet        the answer to a question of the palette, as a table; sheets lists them, sheets_* make them, a file
//	               for a subject
//
// Above a screen stand overlays (overlay): filterbar, palette, help, columns, expression, and the naming of views.
// The tour stands below it, empty in its place where nothing came yet.
//
// The program itself:
//
//	app, screen, screens      the model, what a screen is to it, and which there are
//	keys, mouse, actions, writing
//	                          what is pressed, what App does because of it, and files that it writes
//	scope, trail, crumbs, landing
//	                          what is looked at, the way there, and where a file with one trace begins
//	pull, pause, aside, progress, typeahead
//	                          asking the engine, in the frame's time and beside it, or not; waits that are seen and
//	                          cancelled; keys that came before their rows
//	frame, basis, toast, theme
//	                          the lines around a screen, what its figures were computed from, messages, and colours
//	line, pace, repaint, doze what the terminal takes: whether it keeps up, how many bytes a second, when to send all, and
//	                          sleep while there is nothing to send
//
// What screens are drawn with: table and sort, panes, cells and text (figures, in tables and in sentences), spark and
// trend (series), pen and wrap (sentences), and below this package canvas, layout (of graphs) and num. Styles are the
// theme's: none is made while drawing.
//
// Names are exported where App, a screen and an overlay meet, though all of them are of this package: App, Screen, the
// Actions and what they hold. main needs no more than Run, Options and what Options are made of.
//
// # How a lens is added
//
// Write a struct that implements Screen; if its answer takes longer than a frame may wait for, leave Question
// empty and implement asider, and lister where keys need rows. Add a constant to Lens and its names (scope.go,
// trail.go), its key (keys.go) and its constructor (screens.go). A question that a table can answer needs no lens:
// write a sheetSpec, add it to sheetSpecs, and its words to questions. Each screen has golden files at three sizes
// (golden_test.go: one line).
package ui
