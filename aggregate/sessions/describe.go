package sessions

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// describe works out the sessions that are kept.
func (g *grouping) describe(ctx context.Context, snap store.Snapshot, names store.Names) error {
	of := make([]int32, len(g.traces)) // session of each trace, −1 for none
	for i := range of {
		of[i] = -1
	}
	for s := range g.groups {
		for _, m := range g.groups[s].members {
			of[m] = int32(s)
		}
	}
	failed, services, err := g.scan(ctx, snap, of)
	if err != nil {
		return err
	}
	loaded := &request.Trace{}
	for s := range g.groups {
		x := g.session(&g.groups[s], failed)
		for _, id := range services[s] {
			x.Services = append(x.Services, names.Service(id))
		}
		slices.Sort(x.Services)
		for _, m := range g.groups[s].members {
			if err := ctx.Err(); err != nil {
				return err
			}
			t := &g.traces[m]
			if x.First != nil && t.Start > x.First.At {
				break // nothing that began later is earlier
			}
			if t.Errors > 0 {
				loaded.Load(snap, names, t)
				x.First = earlier(x.First, firstError(loaded))
			}
		}
		g.result.Sessions = append(g.result.Sessions, x)
	}
	return nil
}

// scan finds which traces have a root that failed, and which services each session touched.
func (g *grouping) scan(ctx context.Context, snap store.Snapshot, of []int32) (failed []bool, services [][]uint32, err error) {
	failed, services = make([]bool, len(g.traces)), make([][]uint32, len(g.groups))
	type touch struct {
		session int32
		service uint32
	}
	seen, last := map[touch]struct{}{}, touch{session: -1}
	for _, s := range snap.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		classes := make([]*store.Class, s.Classes())
		for c := range classes {
			classes[c] = s.Class(uint32(c))
		}
		s.Records(nil, func(_ int, r *store.Record) bool {
			t, ok := g.index.of(r.Trace)
			if !ok || of[t] < 0 {
				return true
			}
			c := classes[r.Class]
			if r.Parent == 0 && c.Status == model.StatusError {
				failed[t] = true
			}
			if k := (touch{of[t], c.Service}); k != last {
				last = k
				if _, twice := seen[k]; !twice {
					seen[k] = struct{}{}
					services[k.session] = append(services[k.session], k.service)
				}
			}
			return true
		})
	}
	return failed, services, nil
}

// session sums up a group.
func (g *grouping) session(x *group, failed []bool) Session {
	s := Session{Key: KeyFlow, Count: len(x.members), Start: g.traces[x.members[0]].Start}
	if x.key >= 0 {
		s.Key, s.Value = g.keys[x.key], g.reader.Text(x.value)
	} else {
		s.Value = g.traces[x.members[0]].ID.String()
	}
	lastFailed := map[uint32]bool{}
	var before model.TraceID // the trace that ended last so far
	for n, m := range x.members {
		t := &g.traces[m]
		r := Ref{t.ID, t.Start, t.RootDur, failed[m]}
		if gap := t.Start - s.End; n > 0 && gap > s.Gap {
			s.Gap, s.GapAfter = gap, before
		}
		if t.End > s.End || n == 0 {
			s.End, before = t.End, t.ID
		}
		if t.HasRoot {
			if lastFailed[t.RootOp] {
				s.Retries++
			}
			lastFailed[t.RootOp] = r.Failed
		}
		if r.Failed {
			s.Failed++
		}
		s.Errors += t.Errors
		if n == 0 || r.Duration > s.Worst.Duration {
			s.Worst = r
		}
		if n < MaxTraces {
			s.Traces = append(s.Traces, r)
		}
	}
	return s
}

// firstError is the earliest span with an error that has no error below it that it may come from (A15).
func firstError(t *request.Trace) *Origin {
	caused := make([]bool, len(t.Tree.Nodes))
	var first *Origin
	for i := len(t.Tree.Nodes) - 1; i >= 0; i-- { // children before parents
		s := t.Span(int32(i))
		if s == nil || s.Status != model.StatusError {
			continue
		}
		if p := t.Parent(int32(i)); p >= 0 {
			caused[p] = true
		}
		if !caused[i] {
			o := t.Names.Operation(s.Op)
			first = earlier(first, &Origin{t.ID, s.ID, o.ServiceName, o.Name, o.Kind, s.Start})
		}
	}
	return first
}

func earlier(a, b *Origin) *Origin {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case cmp.Or(cmp.Compare(b.At, a.At), b.Trace.Compare(a.Trace), cmp.Compare(b.Span, a.Span)) < 0:
		return b
	}
	return a
}
