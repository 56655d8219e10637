// Lens 8, Coverage: how far the figures can be trusted; questions, answers and keys.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/ui/num"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Coverage says how far all other figures can be trusted: a list of checks, what is lost or doubtful first, and a
// pane for each kind of them, whose rows lead to where it is seen. Counters come with every refresh; what takes a
// look at every request is asked aside.
//
//	Coverage ──────────────────────┐
//	Trust, Gaps, Skew, Sampling ───┴─▶ checksOf ─▶ the list; a pane each ─▶ Enter: traces, a trace, a lens
type Coverage struct {
	panes [coverPanes]coverPane
	at    coverID // has the keys
	shown coverID // stands below the checks where not all have room
	fast  *aggregate.Coverage
	slow  *coverageDepth // nil before; may be of another time than fast, never of another scope; parts may be missing
	asked scopeID
	basis basis
	lay   [coverPanes]rect
	said  prose
	keys  []key.Binding
	inner []key.Binding
}

// coverID names a pane.
type coverID uint8

// The panes, in the order of Tab.
const (
	coverChecks coverID = iota
	coverServices
	coverProblems
	coverHops
	coverClocks
	coverSampling
	coverSpans
	coverRoom
	coverLog
	coverPanes
)

// level is how worrying a row is.
type level uint8

const (
	plain level = iota
	good
	doubtful
	bad
)

// coverageDepth is what is asked aside, of one scope: parts that are nil were not asked yet.
type coverageDepth struct {
	scope    scopeID
	trust    *aggregate.Trust
	gaps     *aggregate.Gaps
	skew     *aggregate.Skew
	sampling *aggregate.Sampling
}

// coverPart is a part of what is asked aside.
type coverPart uint8

// The parts, those first that most checks wait for.
const (
	partTrust coverPart = iota
	partGaps
	partSkew
	partSampling
	coverParts
)

// missing is the first part that is not there; coverParts: none is missing.
func (x *coverageDepth) missing() coverPart {
	switch {
	case x == nil || x.trust == nil:
		return partTrust
	case x.gaps == nil:
		return partGaps
	case x.skew == nil:
		return partSkew
	case x.sampling == nil:
		return partSampling
	}
	return coverParts
}

// ask asks for a part.
func (x *coverageDepth) ask(ctx context.Context, e aggregate.Engine, q aggregate.Query, p coverPart) (err error) {
	switch p {
	case partTrust:
		x.trust, err = e.Trust(ctx, q)
	case partGaps:
		x.gaps, err = e.Gaps(ctx, q)
	case partSkew:
		x.skew, err = e.Skew(ctx, q)
	case partSampling:
		x.sampling, err = e.Sampling(ctx, q)
	}
	return err
}

func newCoverage() *Coverage {
	return &Coverage{panes: newCoverPanes(), shown: coverServices, keys: coverageKeys(), inner: coveragePaneKeys()}
}

// Basis is everything that was received.
func (c *Coverage) Basis() *basis { return &c.basis }

// Question asks for the counters of everything: they have no scope.
func (c *Coverage) Question(Moment) Question {
	return func(ctx context.Context, e aggregate.Engine) (any, error) { return e.Coverage(ctx) }
}

// Answer takes the counters.
func (c *Coverage) Answer(result any) {
	r, ok := result.(*aggregate.Coverage)
	if !ok {
		return
	}
	c.fast = r
	c.basis.long = model.Textf("n=%s spans, everything since the start", num.Count(nil, r.Received))
	c.basis.medium = model.Textf("n=%s spans since the start", num.Count(nil, r.Received))
	c.basis.short = model.Textf("n=%s", num.Count(nil, r.Received))
	c.panes[coverSpans].set(spanRows(r), "")
	c.panes[coverRoom].set(roomRows(r), roomSum(r))
	c.panes[coverLog].set(logRows(r), "")
	c.check()
}

// coverAbout is what is asked aside: a part that is missing, or all of them again.
type coverAbout struct {
	scope scopeID
	part  coverPart
}

// Aside asks what takes a look at every request of the scope: one part after the other, so that each check appears
// as soon as its answer is there, and from then on all of them at once.
func (c *Coverage) Aside(at Moment) (about any, q Question) {
	query, scope := at.Query(), scopeOf(at)
	query.Baseline = aggregate.Window{}
	if c.slow != nil && c.slow.scope != scope {
		c.slow = nil
		for id := range c.panes {
			if c.panes[id].isDeep {
				c.panes[id].clear()
			}
		}
		c.check()
	}
	c.asked = scope
	first, last := c.slow.missing(), c.slow.missing()
	if first == coverParts {
		first, last = 0, coverParts-1
	}
	return coverAbout{scope, last}, func(ctx context.Context, e aggregate.Engine) (any, error) {
		x := &coverageDepth{scope: scope}
		for p := first; p <= last; p++ {
			if err := x.ask(ctx, e, query, p); err != nil {
				return nil, err
			}
		}
		return x, nil
	}
}

// Lacks reports whether a part was not asked for yet.
func (c *Coverage) Lacks() bool { return c.slow.missing() < coverParts }

// AsideAnswer takes the parts that came, and keeps the others.
func (c *Coverage) AsideAnswer(_, result any) {
	x, ok := result.(*coverageDepth)
	if !ok || x.scope != c.asked {
		return
	}
	all := coverageDepth{scope: x.scope}
	if c.slow != nil {
		all = *c.slow
	}
	if x.trust != nil {
		all.trust = x.trust
		c.panes[coverServices].set(serviceRows(x.trust), serviceSum(x.trust))
		c.panes[coverProblems].set(problemRows(x.trust), explainedSum(x.trust))
	}
	if x.gaps != nil {
		all.gaps = x.gaps
		c.panes[coverHops].set(hopRows(x.gaps))
	}
	if x.skew != nil {
		all.skew = x.skew
		c.panes[coverClocks].set(clockRows(x.skew))
	}
	if x.sampling != nil {
		all.sampling = x.sampling
		c.panes[coverSampling].set(samplingRows(x.sampling))
	}
	c.slow = &all
	c.check()
}

// check draws the conclusions from what is known.
func (c *Coverage) check() {
	if c.fast == nil {
		return
	}
	rows := checksOf(c.fast, c.slow)
	c.panes[coverChecks].set(rows, checkSum(rows))
	c.follow()
}

// Key moves in the pane that has the keys, drills from it, and goes to another.
func (c *Coverage) Key(k tea.KeyPressMsg, at Moment) Action {
	switch k.String() {
	case "tab":
		c.focus((c.at + 1) % coverPanes)
		return Handled{}
	case "shift+tab":
		c.focus((c.at + coverPanes - 1) % coverPanes)
		return Handled{}
	case "esc":
		if c.at == coverChecks {
			return nil
		}
		c.focus(coverChecks)
		return Handled{}
	}
	p := &c.panes[c.at]
	act := p.list.Key(k, at)
	c.follow()
	return c.act(act)
}

// act goes to a pane, and leaves every other action to App.
func (c *Coverage) act(a Action) Action {
	if to, ok := a.(toPane); ok {
		c.focus(to.id)
		return Handled{}
	}
	return a
}

// toPane goes to another pane of the coverage. It never leaves the screen.
type toPane struct{ id coverID }

func (toPane) action() {}

// focus gives the keys to a pane.
func (c *Coverage) focus(id coverID) {
	if c.at = id; id != coverChecks {
		c.shown = id
	}
}

// follow shows the pane that the check under the cursor is about.
func (c *Coverage) follow() {
	if c.at != coverChecks {
		return
	}
	if r := c.panes[coverChecks].list.selected(); r != nil {
		if to, ok := r.drill(Scope{}).(toPane); ok {
			c.shown = to.id
		}
	}
}

// Mouse selects in the pane that is hit, and drills by a double click.
func (c *Coverage) Mouse(m Mouse, at Moment) Action {
	for id := range c.panes {
		if !c.lay[id].has(m.X, m.Y) {
			continue
		}
		if m.Event == Click || m.Event == Double {
			c.focus(coverID(id))
		}
		p := &c.panes[id]
		if coverID(id) == coverChecks && m.Target.Kind == headTarget {
			return Handled{} // it has no titles to sort by
		}
		act := p.list.Mouse(m, at)
		c.follow()
		return c.act(act)
	}
	return Handled{}
}

// Keys are the bindings of the pane that has the keys.
func (c *Coverage) Keys() []key.Binding {
	if c.at == coverChecks {
		return c.keys
	}
	return c.inner
}

func coverageKeys() []key.Binding {
	return append([]key.Binding{
		bind("enter", "its rows", "enter", "l", "right"),
		bind("o", "example trace", "o"),
		bind("tab", "next part", "tab", "shift+tab"),
		bind("y", "copy", "y"),
	}, tableKeys()...)
}

func coveragePaneKeys() []key.Binding {
	return append([]key.Binding{
		bind("enter", "show where", "enter", "l", "right"),
		bind("o", "example trace", "o"),
		bind("tab", "next part", "tab", "shift+tab"),
		bind("s S", "sort, reverse", "s", "S"),
		bind("y", "copy", "y"),
		bind("esc", "the checks", "esc"),
	}, tableKeys()...)
}
