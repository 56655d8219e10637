// What an answer was computed from, in words: every lens says it at the right of its tab line.

package ui

import (
	"cmp"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// basis says in words what an answer was computed from. It is made when the answer arrives.
type basis struct {
	long, medium, short model.Text
	note                model.Text // what a reader must know besides; mostly empty
}

// noteLeast is the least room in which the beginning of a note says anything.
const noteLeast = 12

func basisOf(p aggregate.Provenance) basis {
	if p.Of == 0 && p.Spans == 0 {
		return basis{} // nothing came yet
	}
	b := basis{note: model.Sanitise(p.Note)}
	over := ""
	if p.From > 0 && p.To > p.From {
		over = string(num.Duration(nil, p.To-p.From))
	}
	switch {
	case p.Basis == aggregate.BasisRing:
		b.long = model.Textf("n=%s spans of %s retained traces, %s received", num.Count(nil, p.Spans), num.Count(nil, p.Traces), num.Count(nil, p.Of))
		b.short = model.Textf("n=%s of %s", num.Count(nil, p.Spans), num.Count(nil, p.Of))
		b.medium = model.Textf("%s spans", b.short)
	case p.Spans == 0: // rollups do not count the spans of a part of the time
		b.long = model.Textf("every span of %s, %s received in all", cmp.Or(over, "this time"), num.Count(nil, p.Of))
		b.short = model.Sanitise("every span")
		b.medium = model.Textf("every span of %s", cmp.Or(over, "this time"))
		return b
	default:
		b.long = model.Textf("n=%s from all spans received", num.Count(nil, p.Spans))
		b.short = model.Textf("n=%s", num.Count(nil, p.Spans))
		b.medium = model.Textf("%s spans", b.short)
	}
	if over != "" {
		b.long = model.Textf("%s, over %s", b.long, over)
		b.medium = model.Textf("%s  %s", b.medium, over)
	}
	return b
}

// draw writes the basis at the right of a line of which the first columns are taken, in as many words as
// there is room for.
func (b *basis) draw(r canvas.Area, taken int, f *Frame) {
	for _, text := range [...]model.Text{b.long, b.medium, b.short} {
		if canvas.Width(text)+taken+2 <= r.W {
			r.Right(r.W-1, 0, text, f.Theme.Dim)
			return
		}
	}
}

// drawNote writes at the right of what a pen has written what must be known besides.
func (b *basis) drawNote(w pen, f *Frame) {
	room := w.a.W - w.x - 3
	if b.note == (model.Text{}) || room < noteLeast {
		return
	}
	room = min(room, canvas.Width(b.note)+2)
	w.x = w.a.W - 1 - room
	w.rune(f.G.Bullet, f.Theme.Warn)
	w.a.Cut(w.x+1, 0, room-2, b.note, f.G.Ellipsis, f.Theme.Note)
}
