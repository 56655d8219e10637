// Lens 4, Findings: what is special about the requests that show the finding under the cursor, as Latency explains them.

package ui

import (
	"cmp"
	"context"

	"oteltop/aggregate"
	"oteltop/ui/canvas"

	tea "charm.land/bubbletea/v2"
)

// findingSpecial is the explanation that Enter on the finding under the cursor leads to, as far as there is room for it.
type findingSpecial struct {
	explained
	wanted  explainAbout // what is to be known; asked is what is shown until then
	of      findingID    // the finding that the rows are about, whenever it began
	done    explainAbout // what the last answer is about
	round   int          // of the list that it was asked after
	problem string       // why there is none; empty: there is one
	room    rect         // where it was drawn last, for the mouse
	frame   Frame        // scratch of draw
}

// specialAnswer is an explanation or, since the list is not to be without an answer because this has none, why there
// is none.
type specialAnswer struct {
	about   explainAbout
	of      findingID
	round   int
	result  *aggregate.Explanation
	problem string
}

func newFindingSpecial() findingSpecial {
	return findingSpecial{explained: newExplained(" special about the requests that the finding selects")}
}

// wants is what is to be explained of the finding under the cursor, and where Latency does; false: nothing, there is no
// room for it, or the trends are still to tell which place it is about.
func (s *Findings) wants(at Moment) (there Moment, about explainAbout, ok bool) {
	r := s.selected()
	if r == nil || s.trends == nil || !r.explains() || s.lay(at.W, at.H).special == (rect{}) {
		return at, about, false
	}
	there = at.with(r.explained(at.Scope, at.Newest()))
	return there, explainAbout{scopeOf(there), *there.Scope.Selection}, true
}

// asksElse reports whether something else is to be explained than was asked for last.
func (s *Findings) asksElse(at Moment) bool {
	_, about, ok := s.wants(at)
	return ok && about != s.special.wanted
}

// explanation asks what Latency asks when Enter leads there. What was said of the same finding, as it was a while
// ago, stays until the answer is there.
func (s *Findings) explanation(at Moment) (about explainAbout, q Question) {
	x := &s.special
	there, about, ok := s.wants(at)
	if x.wanted = about; !ok {
		x.asked = about
		return about, nil
	}
	_, explain := x.question(there, there.Scope.Selection)
	answer := specialAnswer{about: about, of: s.selected().subject(), round: s.round}
	if answer.of == x.of {
		x.asked = x.about
	}
	return about, func(ctx context.Context, e aggregate.Engine) (any, error) {
		result, err := explain(ctx, e)
		if err == nil {
			answer.result = result.(*aggregate.Explanation)
		} else if ctx.Err() == nil {
			answer.problem, err = err.Error(), nil
		}
		return answer, err
	}
}

// subject is the identity of a finding whenever it began, which more spans may tell better.
func (r *findingRow) subject() findingID {
	id := idOfFinding(r.Finding)
	id.from = 0
	return id
}

// known reports whether there is an answer that was asked for after a list.
func (x *findingSpecial) known(about explainAbout, round int) bool {
	return x.done == about && x.round == round
}

// answered takes an explanation. The cursor stays where the same finding is explained anew.
func (x *findingSpecial) answered(r *specialAnswer) {
	x.done, x.round, x.problem = r.about, r.round, r.problem
	if r.result == nil {
		return
	}
	if r.of == x.of {
		x.about = r.about
	}
	x.of, x.asked = r.of, r.about
	x.take(r.about, r.result)
}

// specialKey handles a key while the explanation has the keys; nil: it means what it means in the list.
func (s *Findings) specialKey(k tea.KeyPressMsg, at Moment) Action {
	act := s.special.key(k)
	only, narrows := act.(Narrow)
	r := s.selected()
	if !narrows || r == nil {
		return act
	}
	n, err := r.explained(at.Scope, at.Newest()).filtered(only.Expr)
	if err != nil {
		return Say{Text: err.Error(), Problem: true}
	}
	return Drill{LensLatency, n}
}

// specialMouse selects a row, and leads on by a double click.
func (s *Findings) specialMouse(m Mouse, at Moment) Action {
	if open, _ := s.special.table.mouse(m); open {
		return s.specialKey(tea.KeyPressMsg{Code: tea.KeyEnter}, at)
	}
	return Handled{}
}

// awaited reports whether there is room for an explanation and none to show in it.
func (x *findingSpecial) awaited() bool { return x.room != rect{} && x.current() == nil }

// draw draws it. What is asked aside is mostly the list: that it takes time or fails is said of that.
func (x *findingSpecial) draw(a canvas.Area, f *Frame, focused bool) {
	x.frame = *f
	x.frame.Aside, x.frame.AsideProblem = 0, x.problem
	if x.awaited() {
		x.frame.Aside, x.frame.AsideProblem = f.Aside, cmp.Or(x.problem, f.AsideProblem)
	}
	x.explained.draw(a, &x.frame, focused)
}
