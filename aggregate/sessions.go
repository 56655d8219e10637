// Traces put together by user or by flow of messages.

package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/sessions"
)

// defaultSessions is how many sessions are listed when the query leaves it open.
const defaultSessions = 100

// SessionsQuery asks for the sessions of the traces in scope.
type SessionsQuery struct {
	Query
	By    string // an attribute that tells sessions, before session.id, user.id and enduser.id; empty: none
	Limit int    // default 100, those that failed most, then the slowest
}

// Sessions is traces put together by user or by flow of messages, see package sessions.
type Sessions struct {
	Provenance Provenance
	sessions.Result
}

// Sessions implements Engine.
func (m *Memory) Sessions(ctx context.Context, q SessionsQuery) (*Sessions, error) {
	k := questionOf("sessions", q.Query)
	k.key, k.limit = q.By, q.Limit
	return ask(ctx, m, k, func() (*Sessions, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		traces, err := m.tracesIn(ctx, s, TracesQuery{Query: q.Query})
		if err != nil {
			return nil, err
		}
		found, err := sessions.Find(ctx, s.snap, m.store.Names(), traces, q.By)
		if err != nil {
			return nil, err
		}
		out := &Sessions{Provenance: s.provenance(), Result: *found}
		p := &out.Provenance
		p.Spans, p.Traces = 0, uint64(len(traces))
		for i := range traces {
			p.Spans += uint64(traces[i].Spans)
		}
		p.From, p.To = extentOf(traces)
		out.Sessions = found.Sessions[:min(len(found.Sessions), positive(q.Limit, defaultSessions))]
		out.note()
		return out, nil
	})
}

// note says what is not in the rows.
func (s *Sessions) note() {
	p := &s.Provenance
	if len(s.Sessions) < s.Total {
		p.AddNote(fmt.Sprintf("of %[2]d sessions the %[1]d that failed most, then the slowest", len(s.Sessions), s.Total))
	}
	p.count(uint64(s.Without), "%d traces name no session")
	p.count(uint64(s.Ambiguous), "%d traces are linked to several sessions and in none")
	p.count(s.Lost, "%d values are beyond the bounds")
}
