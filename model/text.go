package model

import "fmt"

// Text is a string that is safe to draw on a terminal. Only Sanitise makes one, and the canvas of ui
// takes nothing else, so no span name can move a cursor (DESIGN principle 5).
type Text struct{ s string }

// String returns the safe text.
func (t Text) String() string { return t.s }

// Textf formats and sanitises the result.
func Textf(format string, args ...any) Text { return Sanitise(fmt.Sprintf(format, args...)) }
