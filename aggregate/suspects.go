// Which services account for a change.

package aggregate

import (
	"context"
	"fmt"
	"slices"

	"oteltop/aggregate/suspects"
	"oteltop/model/store"
)

const (
	// defaultSuspects is how many suspects are named when the query leaves it open.
	defaultSuspects = 10
	// maxCompared is how many traces of each side are compared: by then sampling error is far below what
	// anybody would act on, and the time that an answer takes stays bounded.
	maxCompared = 10_000
)

// SuspectsQuery asks which service is behind the difference between two stretches of time: Window, in which
// something is wrong, and Baseline, in which nothing was. A trace belongs to the stretch in which it starts.
type SuspectsQuery struct {
	Query
	Limit int // default 10
}

// Suspects is services by how much of a change they account for, see package suspects.
type Suspects struct {
	Provenance Provenance
	Rows       []suspects.Suspect // the likeliest first; those with score 0 may be there by chance
	// Baseline and Focus are how many traces were compared, of how many there are.
	Baseline, BaselineOf int
	Focus, FocusOf       int
}

// Suspects implements Engine.
func (m *Memory) Suspects(ctx context.Context, q SuspectsQuery) (*Suspects, error) {
	k := questionOf("suspects", q.Query)
	k.limit = q.Limit
	return ask(ctx, m, k, func() (*Suspects, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		out := &Suspects{Provenance: s.provenance()}
		c := suspects.New(m.store.Names())
		before, err := s.startedIn(ctx, q.Baseline)
		if err != nil {
			return nil, err
		}
		after, err := s.startedIn(ctx, q.Window)
		if err != nil {
			return nil, err
		}
		out.BaselineOf, out.FocusOf = len(before), len(after)
		if out.Baseline, err = s.addTo(ctx, c, suspects.Baseline, before); err != nil {
			return nil, err
		}
		if out.Focus, err = s.addTo(ctx, c, suspects.Focus, after); err != nil {
			return nil, err
		}
		out.Rows = c.Rank(positive(q.Limit, defaultSuspects))
		if err := s.appeared(ctx, out.Rows, before, after); err != nil {
			return nil, err
		}
		p := &out.Provenance
		p.Traces, p.Spans = uint64(out.Baseline+out.Focus), c.Spans()
		p.From, p.To = extentOf(slices.Concat(before, after))
		p.Note = joinNotes(out.note(), p.Note)
		p.count(c.Dropped(), "%d observations of operations found no room and were not compared")
		return out, nil
	})
}

func (x *Suspects) note() string {
	note := fmt.Sprintf("%d traces of the baseline, %d of the focus", x.Baseline, x.Focus)
	if x.Baseline < x.BaselineOf || x.Focus < x.FocusOf {
		note += fmt.Sprintf(", evenly chosen from %d and %d", x.BaselineOf, x.FocusOf)
	}
	return note
}

// startedIn is the traces that start in a window, in order of start.
func (s *scope) startedIn(ctx context.Context, w Window) ([]store.TraceInfo, error) {
	var found []store.TraceInfo
	err := s.each(ctx, func(t *store.TraceInfo) {
		if w.contains(t.Start) {
			found = append(found, *t)
		}
	})
	sortByStart(found)
	return found, err
}

// addTo adds traces to a side, every n-th where there are too many, and says how many.
func (s *scope) addTo(ctx context.Context, c *suspects.Comparison, side suspects.Side, from []store.TraceInfo) (added int, err error) {
	step := (len(from) + maxCompared - 1) / maxCompared
	var spans []store.Settled
	for i := 0; i < len(from); i += step {
		if added%ctxEvery == 0 && ctx.Err() != nil {
			return added, ctx.Err()
		}
		spans = s.snap.Spans(from[i].Index, spans[:0])
		c.Add(side, from[i].ID, spans)
		added++
	}
	return added, nil
}
