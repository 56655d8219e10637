// The retained traces at one moment, and which of them a filter matches.

package aggregate

import (
	"context"
	"fmt"

	"oteltop/aggregate/filter"
	"oteltop/model/store"
)

// ctxEvery is after how many traces a scan looks whether it is still wanted.
const ctxEvery = 256

// scope is the retained traces at one moment and what a filter matches of them.
type scope struct {
	snap     store.Snapshot
	matches  *filter.Matches // nil: no filter, everything
	received uint64          // spans, so far
	traces   uint64          // retained
	spans    uint64          // retained
	evicted  uint64          // spans
	thinned  int             // the last sweep looked at every n-th trace only
}

// scope takes a snapshot and applies a filter.
func (m *Memory) scope(ctx context.Context, f *filter.Expr) (*scope, error) {
	c := m.store.Counters()
	s := &scope{snap: m.store.Snapshot(), received: c.Stored, traces: c.Traces, spans: c.Spans, evicted: c.Evicted}
	if f == nil {
		return s, ctx.Err()
	}
	matches, err := f.Scan(ctx, s.snap, m.store.Names())
	if err != nil {
		return nil, err
	}
	s.matches = matches
	return s, nil
}

// has reports whether the filter matches a trace.
func (s *scope) has(trace uint32) bool { return s.matches == nil || s.matches.Trace(trace) }

// provenance says that an answer comes from the retained traces.
func (s *scope) provenance() Provenance {
	return Provenance{Basis: BasisRing, Spans: s.spans, Traces: s.traces, Of: s.received, Note: s.note()}
}

func (s *scope) note() string {
	if s.evicted == 0 {
		return ""
	}
	return fmt.Sprintf("of retained traces: %d spans were evicted before", s.evicted)
}

// each calls yield for every trace that the filter matches.
func (s *scope) each(ctx context.Context, yield func(t *store.TraceInfo)) error {
	n := 0
	var err error
	s.snap.Traces(func(t *store.TraceInfo) bool {
		if n++; n%ctxEvery == 0 {
			if err = ctx.Err(); err != nil {
				return false
			}
		}
		if s.has(t.Index) {
			yield(t)
		}
		return true
	})
	return err
}

// contains reports whether a time lies in a window.
func (w Window) contains(t int64) bool { return t >= w.From && (w.To == 0 || t < w.To) }

// tracesWith reports which traces have a span of some classes.
func (s *scope) tracesWith(ctx context.Context, concerns func(c *store.Class) bool) (func(trace uint32) bool, error) {
	found := map[uint32]struct{}{}
	for _, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		wanted := make([]bool, seg.Classes())
		for c := range wanted {
			wanted[c] = concerns(seg.Class(uint32(c)))
		}
		last := ^uint32(0)
		seg.Records(wanted, func(_ int, r *store.Record) bool {
			if r.Trace != last {
				last = r.Trace
				found[r.Trace] = struct{}{}
			}
			return true
		})
	}
	return func(trace uint32) bool {
		_, ok := found[trace]
		return ok
	}, nil
}
