// Where errors begin, what kinds there are, and what is retried.

package aggregate

import (
	"context"
	"fmt"
	"slices"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// Origins is where errors begin, see package failures.
type Origins struct {
	Provenance Provenance
	failures.OriginsResult
	Verdicts []string // parallel to Rows: what the first exemplar comes down to
}

// ErrorGroups is errors by operation and type, see package failures.
type ErrorGroups struct {
	Provenance Provenance
	failures.GroupsResult
}

// Retries is what is sent again, see package failures.
type Retries struct {
	Provenance Provenance
	failures.RetriesResult
}

// maxOrdered is from how many requests the order of calls is learned: what holds in so many is seldom contradicted in
// the others, and it takes half as long as the rest of the question.
const maxOrdered = 20_000

// maxVerdicts is for how many origins an exemplar is judged: those that a screen or a reader gets to.
const maxVerdicts = 100

// Origins implements Engine. A focus narrows the rows to errors that begin there.
func (m *Memory) Origins(ctx context.Context, q Query) (*Origins, error) {
	return ask(ctx, m, questionOf("origins", q), func() (*Origins, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		f := failures.NewOrigins(m.store.Names(), newNamer(m.store.Names()).called)
		saved := f.Savings()
		p, err := m.sweep(ctx, s, q.Window, 0, f.Add)
		if err != nil {
			return nil, err
		}
		if err := m.save(ctx, s, q, saved); err != nil {
			return nil, err
		}
		p.count(saved.Left, "of %d errors, and those of traces that are too large, it is not worked out what they cost")
		out := &Origins{Provenance: p, OriginsResult: *f.Result()}
		out.Provenance.failureNote(out.Undecoded, out.Dropped)
		out.Rows = slices.DeleteFunc(out.Rows, func(o failures.Origin) bool { return !q.Focus.about(o.Service, o.Operation, o.Kind) })
		return out, m.judgeExemplars(ctx, s, out)
	})
}

// save works out what errors cost, where there are any: how calls wait for each other is learned from requests of the
// scope, healthy ones too, evenly chosen, and then the traces with errors are looked at once more.
func (m *Memory) save(ctx context.Context, s *scope, q Query, saved *failures.Savings) error {
	if !saved.Any() {
		return nil
	}
	scan, err := m.requests(ctx, Query{Filter: q.Filter, Window: q.Window})
	if err != nil {
		return err
	}
	step := max(1, (len(scan.traces)+maxOrdered-1)/maxOrdered)
	for i := 0; i*step < len(scan.traces); i++ {
		scan.traces[i] = scan.traces[i*step]
	}
	scan.traces = scan.traces[:(len(scan.traces)+step-1)/step]
	ordered, err := scan.order(ctx)
	if err != nil {
		return err
	}
	wanted := saved.Wanted()
	_, err = m.sweepWanted(ctx, s, q.Window, 0, func(trace uint32) bool { return wanted[trace] }, func(t *request.Trace) { saved.Add(t, ordered) })
	return err
}

// verdict is what a trace with errors comes down to.
func (m *Memory) verdict(s *scope, info *store.TraceInfo) string {
	var t request.Trace
	t.Load(s.snap, m.store.Names(), info)
	if v, ok := failures.NewOrigins(m.store.Names(), newNamer(m.store.Names()).called).Verdict(&t); ok {
		return v.String()
	}
	return ""
}

// judgeExemplars fills in the verdicts.
func (m *Memory) judgeExemplars(ctx context.Context, s *scope, out *Origins) error {
	f := failures.NewOrigins(m.store.Names(), newNamer(m.store.Names()).called)
	judged := map[model.TraceID]string{}
	for i := range out.Rows[:min(len(out.Rows), maxVerdicts)] {
		for _, x := range out.Rows[i].Exemplars[:min(len(out.Rows[i].Exemplars), 1)] {
			judged[x.Trace] = ""
		}
	}
	var t request.Trace
	err := s.each(ctx, func(info *store.TraceInfo) {
		if _, wanted := judged[info.ID]; wanted {
			t.Load(s.snap, m.store.Names(), info)
			if v, ok := f.Verdict(&t); ok {
				judged[info.ID] = v.String()
			}
		}
	})
	out.Verdicts = make([]string, len(out.Rows))
	for i := range out.Rows {
		if len(out.Rows[i].Exemplars) > 0 {
			out.Verdicts[i] = judged[out.Rows[i].Exemplars[0].Trace]
		}
	}
	return err
}

// ErrorGroups implements Engine. With a baseline, what is new is so against that window; without, against
// everything before the moment from which the group is clearest. A focus narrows the rows.
func (m *Memory) ErrorGroups(ctx context.Context, q Query) (*ErrorGroups, error) {
	return ask(ctx, m, questionOf("errors", q), func() (*ErrorGroups, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		f := failures.NewGroups(m.store.Names())
		add := f.Add
		w := q.Window
		if b := q.Baseline; b != (Window{}) {
			f.Turn(q.Window.From)
			w.From = min(b.From, w.From)
			add = func(t *request.Trace) {
				if b.contains(t.Start) || q.Window.contains(t.Start) {
					f.Add(t)
				}
			}
		}
		p, err := m.sweep(ctx, s, w, 0, add)
		if err != nil {
			return nil, err
		}
		out := &ErrorGroups{Provenance: p, GroupsResult: *f.Result()}
		out.Provenance.failureNote(out.Undecoded, out.Dropped)
		out.Rows = slices.DeleteFunc(out.Rows, func(g failures.ErrorGroup) bool { return !q.Focus.about(g.Service, g.Operation, g.Kind) })
		return out, nil
	})
}

// Retries implements Engine. A focus narrows the rows to calls from or to it.
func (m *Memory) Retries(ctx context.Context, q Query) (*Retries, error) {
	return ask(ctx, m, questionOf("retries", q), func() (*Retries, error) {
		f := failures.NewRetries(m.store.Names(), newNamer(m.store.Names()).called)
		p, err := m.sweepQuery(ctx, q, f.Add)
		if err != nil {
			return nil, err
		}
		out := &Retries{Provenance: p, RetriesResult: *f.Result()}
		out.Provenance.failureNote(0, out.Dropped)
		out.Rows = slices.DeleteFunc(out.Rows, func(r failures.RetryRow) bool {
			return q.Focus.Server != "" && (r.Client != q.Focus.Client || r.Callee != q.Focus.Server) ||
				!q.Focus.about(r.Client, r.Operation, r.Kind) && (q.Focus.Operation != "" || q.Focus.Service != r.Callee)
		})
		return out, nil
	})
}

// about reports whether an operation is in the focus, as far as it is on a service or an operation.
func (f Focus) about(service, operation string, kind model.Kind) bool {
	return f.Service == "" || f.Service == service && (f.Operation == "" || f.Operation == operation && (f.Kind == 0 || f.Kind == kind))
}

// failureNote says what the bounds of package failures left out.
func (p *Provenance) failureNote(undecoded, dropped uint64) {
	if undecoded > 0 {
		p.AddNote(fmt.Sprintf("of %d errors only attributes were looked at", undecoded))
	}
	if dropped > 0 {
		p.AddNote(fmt.Sprintf("%d times there was no room for another error, edge or kind of them", dropped))
	}
}
