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
//	app, keys, frame, screen            the program, what a screen is to it, and what it does for screens
//	pull, aside, progress               asking the engine, beside the screen too, and waits that are seen
//	pace, line                          what the terminal takes: bytes a second, and whether it keeps up
//	actions, writing                    what App does for screens: drills, copies, messages; files
//	scope, trail, crumbs, views         what is looked at, the way there, and what is kept of it
//	overlay                             what stands above: filterbar, palette, help, columns, expression, tour
//	table, panes, cells, spark, pen, wrap
//	                                    what screens are drawn with; styles are the theme's, none is made here
//	map, operations, latency, findings, traces, shapes, compare, coverage, waterfall
//	                                    a screen each. Companions say what part they hold: _draw, _keys, _mouse,
//	                                    _rows, or a part of the screen, as latency_explain
//	sheet, sheets_*                     answers to questions of the palette, all by one screen; one file for
//	                                    the sheets of one subject
//
// # How a lens is added
//
// Write a struct that implements Screen; if its answer takes longer than a frame may wait for, leave Question
// empty and implement asider, and lister where keys need rows. Add a constant to Lens and its names (scope.go,
// trail.go), its key (keys.go) and its constructor (screens.go). A question that a table can answer needs no lens:
// write a sheetSpec, add it to sheetSpecs, and its words to questions. Each screen has golden files at three sizes
// (golden_test.go: one line).
package ui
