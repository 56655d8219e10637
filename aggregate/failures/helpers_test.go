package failures_test

import (
	"cmp"
	"slices"
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// each yields the settled traces of a store in order of their start, as sweeps do.
func each(s *storetest.Store, yield func(t *request.Trace)) {
	s.Flush()
	snap := s.Snapshot()
	var infos []store.TraceInfo
	snap.Traces(func(info *store.TraceInfo) bool {
		infos = append(infos, *info)
		return true
	})
	slices.SortStableFunc(infos, func(a, b store.TraceInfo) int { return cmp.Compare(a.Start, b.Start) })
	var t request.Trace
	for i := range infos {
		t.Load(snap, s.Names(), &infos[i])
		yield(&t)
	}
}

func stored(spans ...model.Span) *storetest.Store {
	s := storetest.New(nil)
	s.Add(spans...)
	return s
}

func called(s *storetest.Store) func(*store.Settled) string {
	return func(x *store.Settled) string { return s.Names().Peer(x.Peer) }
}

func origins(s *storetest.Store) *failures.OriginsResult {
	f := failures.NewOrigins(s.Names(), called(s))
	each(s, f.Add)
	return f.Result()
}

func groups(s *storetest.Store) *failures.GroupsResult {
	f := failures.NewGroups(s.Names())
	each(s, f.Add)
	return f.Result()
}

func retries(s *storetest.Store) *failures.RetriesResult {
	f := failures.NewRetries(s.Names(), called(s))
	each(s, f.Add)
	return f.Result()
}

func drawn(t *testing.T, drawing string) *storetest.Store {
	t.Helper()
	return stored(modeltest.Spans(t, drawing)...)
}
