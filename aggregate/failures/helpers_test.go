package failures_test

import (
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// each yields the traces of a store in order of their start, as sweeps do.
func each(s store.Store, yield func(t *request.Trace)) {
	requesttest.Ordered(s, requesttest.ByStart, yield)
}

func origins(s *storetest.Store) *failures.OriginsResult {
	f := failures.NewOrigins(s.Names(), requesttest.Peer(s))
	each(s, f.Add)
	return f.Result()
}

func groups(s *storetest.Store) *failures.GroupsResult {
	f := failures.NewGroups(s.Names())
	each(s, f.Add)
	return f.Result()
}

func retries(s *storetest.Store) *failures.RetriesResult {
	f := failures.NewRetries(s.Names(), requesttest.Peer(s))
	each(s, f.Add)
	return f.Result()
}

func drawn(t *testing.T, drawing string) *storetest.Store {
	t.Helper()
	return storetest.Of(modeltest.Spans(t, drawing)...)
}
