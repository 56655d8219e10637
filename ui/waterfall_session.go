// Waterfall: the requests of the same session, before and after the one that is shown.

package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/sessions"
	"oteltop/model"
	"oteltop/ui/num"
)

const (
	// neighboursMost is how many requests of a session are asked for, the first ones.
	neighboursMost = 1000
	// neighboursShown is how many before and after are listed in the details.
	neighboursShown = 3
	// neighboursRefresh is how often a session that may go on is asked for again.
	neighboursRefresh = 10 * time.Second
)

// neighbours are the retained requests of the session that a trace is of.
type neighbours struct {
	of         model.TraceID
	key, value string // the attribute that tells the session
	rows       []aggregate.TraceRow
	at         int // the trace among rows; −1: it is not
	asked      time.Time
}

// neighboursAbout identifies a question for neighbours.
type neighboursAbout struct{ of model.TraceID }

// sessionOf is the attribute that says whose session a trace is of: of the surest key that any span has, the value of
// the first that has it, and that is the root if the root does. Empty without.
func sessionOf(t *model.Trace) (key, value string) {
	for _, k := range sessions.Keys() {
		for i := range t.Tree.Nodes {
			n := t.Tree.Nodes[i].Span
			if n < 0 {
				continue
			}
			s := &t.Spans[n]
			if v, _ := model.Lookup(s.Attributes, k); v.String() != "" {
				return k, v.String()
			}
			if v, _ := model.Lookup(model.AttributesOf(s.Resource), k); v.String() != "" {
				return k, v.String()
			}
		}
	}
	return "", ""
}

// askNeighbours asks for the requests of the session, once, and now and then while it may go on.
func (w *Waterfall) askNeighbours(at Moment) (about any, q Question) {
	m := w.m
	if !w.shows(at) || m.sessionKey == "" {
		return nil, nil
	}
	if x := w.session(); x != nil && (!at.Status.Live || at.Status.Now.Sub(x.asked) < neighboursRefresh) {
		return nil, nil
	}
	f, err := filter.Parse("." + m.sessionKey + " = " + filter.Quote(m.sessionValue))
	if err != nil {
		return nil, nil
	}
	query := aggregate.TracesQuery{Query: aggregate.Query{Filter: f}, Sort: aggregate.SortStart, Ascending: true, Limit: neighboursMost}
	now, id := at.Status.Now, m.t.ID
	return neighboursAbout{id}, func(ctx context.Context, e aggregate.Engine) (any, error) {
		l, err := e.Traces(ctx, query)
		if err != nil {
			return nil, err
		}
		x := &neighbours{key: m.sessionKey, value: m.sessionValue, rows: l.Rows, asked: now}
		return x.around(id), nil
	}
}

// around are the same requests, seen from one of them.
func (x *neighbours) around(id model.TraceID) *neighbours {
	y := *x
	y.of, y.at = id, slices.IndexFunc(x.rows, func(r aggregate.TraceRow) bool { return r.ID == id })
	return &y
}

// turn keeps what is known of a session when another of its requests is shown.
func (w *Waterfall) turn() {
	x := w.near
	if x == nil || x.of == w.m.t.ID || x.key != w.m.sessionKey || x.value != w.m.sessionValue {
		return
	}
	if y := x.around(w.m.t.ID); y.at >= 0 {
		w.near = y
	}
}

// session is the neighbours of the trace that is shown; nil: not known, or it names no session.
func (w *Waterfall) session() *neighbours {
	if w.near == nil || w.m == nil || w.near.of != w.m.t.ID {
		return nil
	}
	return w.near
}

// neighbour opens the request of the session before or after this.
func (w *Waterfall) neighbour(by int) Action {
	x := w.session()
	switch {
	case w.m.sessionKey == "":
		return Say{Text: "no span names a session: none has session.id, user.id or enduser.id", Problem: true}
	case x == nil:
		return Say{Text: "the requests of its session are not known yet", Problem: true}
	case len(x.rows) == 1:
		return Say{Text: "no other request of its session is retained"}
	case x.at < 0:
		return Say{Text: "it is not among the first " + plural(len(x.rows), "retained request") + " of its session", Problem: true}
	}
	to := x.at + by
	if to < 0 || to >= len(x.rows) {
		end := "last"
		if by < 0 {
			end = "first"
		}
		return Say{Text: fmt.Sprintf("this is the %s of %s of its session", end, plural(len(x.rows), "retained request"))}
	}
	return TurnToTrace{x.rows[to].ID}
}

// sessionItem says in the header which request of its session the trace is.
func sessionItem(x *neighbours) headItem {
	return item(4, toneAccent, "%d of %d of its session", x.at+1, len(x.rows))
}

// neighbours lists the requests of the session around this one; Enter opens them.
func (d *detail) neighbours(x *neighbours) {
	if x == nil || x.at < 0 {
		return
	}
	if len(x.rows) == 1 {
		d.title("Session")
		d.prose(toneDim, "no other retained request has %s %s", x.key, d.unmasked(x.key, x.value))
		return
	}
	d.title("Session, %d of %s", x.at+1, plural(len(x.rows), "request"))
	d.prose(toneDim, "%s %s", x.key, d.unmasked(x.key, x.value))
	this := &x.rows[x.at]
	for i := max(0, x.at-neighboursShown); i < min(len(x.rows), x.at+neighboursShown+1); i++ {
		if i == x.at {
			continue
		}
		r := &x.rows[i]
		when := string(num.Duration(nil, r.Start-this.Start)) + " after"
		if i < x.at {
			when = string(num.Duration(nil, this.Start-r.Start)) + " before"
		}
		text := fmt.Sprintf("%s %s %s", num.Duration(nil, r.Duration), r.RootService, r.RootOperation)
		if r.Errors > 0 {
			text += ", " + plural(r.Errors, "error")
		}
		d.entry(paneEntry{kind: entryLink, key: when, text: text, link: &model.Link{TraceID: r.ID}}, 0)
	}
}
