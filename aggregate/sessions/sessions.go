package sessions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"oteltop/aggregate/attributes"
	"oteltop/aggregate/prose"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// idle is the pause after which a user who comes back begins another session.
	idle = 30 * time.Minute
	// MaxSessions is how many sessions are told apart, the worst; MaxTraces how many traces each
	// names, the first ones.
	MaxSessions = 2000
	MaxTraces   = 200
)

// Session is traces that belong together.
type Session struct {
	Key, Value string
	Count      int   // traces
	Start, End int64 // Unix ns, of all of them
	Failed     int   // traces whose root has status error
	Errors     int   // spans with status error
	Retries    int   // traces with the root operation of one before that failed
	Worst      Ref   // the one that took longest
	Services   []string
	First      *Origin // the earliest error that no error below explains; nil without errors
	Gap        int64   // longest time without any of the traces, ns
	GapAfter   model.TraceID
	Traces     []Ref // by start, at most MaxTraces
}

// Ref is a trace of a session.
type Ref struct {
	ID       model.TraceID
	Start    int64 // Unix ns
	Duration int64 // of its root, ns
	Failed   bool
}

// Origin is where an error began.
type Origin struct {
	Trace     model.TraceID
	Span      model.SpanID
	Service   string
	Operation string
	Kind      model.Kind
	At        int64 // start of the span, Unix ns
}

// Verdict says what went wrong first, and where most time passed without anything.
func (s *Session) Verdict() string {
	text := "no errors"
	if s.First != nil {
		text = fmt.Sprintf("%s %s failed first, %s in", s.First.Service, s.First.Operation, prose.Duration(s.First.At-s.Start))
	}
	if s.Gap > 0 {
		text += ", longest pause " + prose.Duration(s.Gap)
	}
	return text
}

// Result is the sessions of some traces.
type Result struct {
	Sessions  []Session // those with most failed traces first, then those with errors, then the slowest
	Total     int       // of which Sessions are the worst
	Failing   int       // of Total, those with an error in any of their traces
	Without   int       // traces without a value and without links
	Ambiguous int       // traces without a value, linked to traces of several sessions
	Lost      uint64    // values beyond the bounds
}

// compareSessions orders sessions, the one first that somebody looks for who was told that users have trouble. They
// come ordered by their errors already; of those that fail equally often the slowest is first.
func compareSessions(a, b Session) int {
	hasErrors := func(s *Session) int { return min(s.Errors, 1) }
	return cmp.Or(cmp.Compare(b.Failed, a.Failed), cmp.Compare(hasErrors(&b), hasErrors(&a)), cmp.Compare(b.Worst.Duration, a.Worst.Duration))
}

// ordinals are the positions of traces by their index in a snapshot, one more; 0: not asked for.
type ordinals []int32

func newOrdinals(traces []store.TraceInfo) ordinals {
	last := uint32(0)
	for i := range traces {
		last = max(last, traces[i].Index)
	}
	o := make(ordinals, last+1)
	for i := range traces {
		o[traces[i].Index] = int32(i) + 1
	}
	return o
}

func (o ordinals) of(index uint32) (int32, bool) {
	if int(index) >= len(o) || o[index] == 0 {
		return 0, false
	}
	return o[index] - 1, true
}

// Find puts traces together, by an attribute of the reader's choice before session.id where by is not
// empty. It returns ctx's error when that ends.
func Find(ctx context.Context, snap store.Snapshot, names store.Names, traces []store.TraceInfo, by string) (*Result, error) {
	traces = slices.Clone(traces)
	slices.SortFunc(traces, func(a, b store.TraceInfo) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), a.ID.Compare(b.ID))
	})
	g := &grouping{traces: traces, index: newOrdinals(traces), keys: keys(by), reader: attributes.New(snap.Segments(), keys(by)...)}
	var err error
	if g.votes, err = votes(ctx, snap.Segments(), g.reader, g.index, len(traces)); err != nil {
		return nil, err
	}
	g.flows = newFlows(len(traces))
	if err := g.flows.read(ctx, snap, traces, g.index); err != nil {
		return nil, err
	}
	g.group()
	g.keepWorst()
	if err := g.describe(ctx, snap, names); err != nil {
		return nil, err
	}
	slices.SortStableFunc(g.result.Sessions, compareSessions)
	g.result.Lost = g.reader.Lost
	for i := range g.votes {
		g.result.Lost += g.votes[i].lost
	}
	return &g.result, nil
}
