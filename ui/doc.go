// Package ui is the program that a person sees: lenses over one scope, drawn on a cell canvas.
//
//	tick or key ─▶ App.ask ─▶ Cmd: Engine.Status + Screen.Question ─▶ answerMsg ─▶ Screen.Answer ─▶ next tick
//	key, mouse  ─▶ overlay, screen or App ─▶ Action ─▶ App.act
//	dirty       ─▶ frame + Screen.Draw on the canvas ─▶ one string
//
// App is the only tea.Model; screens are plain structs that it calls. The receiver never waits for any of
// this: the program pulls answers and schedules the next pull after it has shown the last one.
package ui
