package ui

import (
	"oteltop/ui/canvas"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

type blank struct{}

func (blank) Question(Moment) Question               { return nil }
func (blank) Answer(any)                             {}
func (blank) Draw(a canvas.Area, f *Frame)           {}
func (blank) Key(k tea.KeyPressMsg, m Moment) Action { return nil }
func (blank) Mouse(m Mouse, at Moment) Action        { return nil }
func (blank) Keys() []key.Binding                    { return nil }
