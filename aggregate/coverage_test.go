package aggregate_test

import (
	"context"
	"maps"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/rollup"
	"oteltop/aggregate/trust"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// TestCoverageCountsWhatLinkingFinds recounts the quality of hostile traces from the linked traces.
func TestCoverageCountsWhatLinkingFinds(t *testing.T) {
	ctx := context.Background()
	r := modeltest.Rand(21)
	s := storetest.New(nil)
	roll := rollup.New(rollup.Options{Names: s.Names(), Find: s.Find})
	s.Observe(roll)
	var ids []model.TraceID
	for range 60 {
		spans := modeltest.Hostile(r, 1+r.IntN(25))
		ids = append(ids, spans[0].TraceID)
		if r.IntN(4) == 0 {
			spans[0].DroppedAttributes, spans[0].DroppedLinks = 3, 1
		}
		s.Add(spans...)
	}
	s.Flush()
	in := new(model.Intake)
	in.RefusedRequests[model.RefusedHost].Add(2)
	in.Requests[model.TransportHTTPJSON].Add(5)
	in.LogRecords.Add(7)
	e := aggregate.NewMemory(s, roll, in, aggregate.MemoryOptions{Log: func() []string { return []string{"hello"} }})
	c, err := e.Coverage(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want, orphans, complete := recount(s, ids)
	checkReasons(t, c, want)
	if c.Orphans != orphans || c.CompleteTraces != complete || c.Traces != uint64(len(ids)) {
		t.Errorf("%d orphans, %d of %d complete; want %d, %d", c.Orphans, c.CompleteTraces, c.Traces, orphans, complete)
	}
	var missing, byService, spans uint64
	for _, m := range c.MissingBy {
		missing += m.Orphans
	}
	for _, q := range c.Services {
		byService += q.Orphans
		spans += q.Spans
	}
	if missing != orphans || byService != orphans || spans != c.Stored {
		t.Errorf("orphans by side %d, by service %d, want %d; spans by service %d of %d", missing, byService, orphans, spans, c.Stored)
	}
	sameAsTrust(t, e, c)
	if c.Status.Refused != 2 || len(c.Status.RefusedBy) != 1 || c.Status.RefusedBy[0] != (aggregate.ReasonCount{Reason: "host", N: 2}) ||
		c.Status.Logs != 7 || c.Status.Requests[0].N != 5 || len(c.Log) != 1 {
		t.Errorf("intake: %+v", c.Status)
	}
	if share := float64(complete) / float64(len(ids)); c.Status.Complete != share {
		t.Errorf("complete share %g, want %g", c.Status.Complete, share)
	}
}

// recount counts traces as linking leaves them, one by one: by the names that coverage gives to reasons.
func recount(s *storetest.Store, ids []model.TraceID) (want map[string]uint64, orphans, complete uint64) {
	want = map[string]uint64{"unspecified_kind": 0}
	for _, id := range ids {
		x, _ := s.Trace(id)
		orphans += uint64(x.Orphans)
		if x.Complete() {
			complete++
		}
		want[[]string{"no_root", "one_root", "several_roots"}[min(x.Tree.Roots, 2)]]++
		for _, n := range x.Tree.Nodes {
			for name, flag := range map[string]model.NodeFlags{
				"negative_duration": model.NegativeDuration, "cycle": model.CycleCut, "duplicate_id": model.DuplicateID,
				"shared_id": model.SharedID, "async_tail": model.AsyncTail,
			} {
				if n.Flags&flag != 0 {
					want[name]++
				}
			}
		}
		for i := range x.Spans {
			want["attributes"] += uint64(x.Spans[i].DroppedAttributes)
			want["links"] += uint64(x.Spans[i].DroppedLinks)
			if x.Spans[i].Kind == model.KindUnspecified {
				want["unspecified_kind"]++
			}
		}
	}
	return want, orphans, complete
}

func checkReasons(t *testing.T, c *aggregate.Coverage, want map[string]uint64) {
	t.Helper()
	for _, list := range [][]aggregate.ReasonCount{c.RootCount, c.Quality, c.DroppedFields} {
		for _, x := range list {
			if w, ok := want[x.Reason]; ok && w != x.N {
				t.Errorf("%s: %d, want %d", x.Reason, x.N, w)
			}
			delete(want, x.Reason)
		}
	}
	if len(want) > 0 {
		t.Errorf("not counted: %v", want)
	}
}

// sameAsTrust compares what coverage and trust both count, of the same traces.
func sameAsTrust(t *testing.T, e aggregate.Engine, c *aggregate.Coverage) {
	t.Helper()
	x, err := e.Trust(context.Background(), aggregate.Query{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{"complete": x.Requests.Complete}
	for i := range x.Services {
		s := &x.Services[i]
		for name, p := range map[string]trust.Problem{"orphans": trust.Orphan, "negative_duration": trust.Negative, "outside_parent": trust.Outside, "unspecified_kind": trust.UnspecifiedKind, "duplicate_id": trust.DuplicateID} {
			got[name] += s.Count[p]
		}
		got["spans"] += s.Spans
	}
	want := map[string]uint64{"complete": c.CompleteTraces, "orphans": c.Orphans, "spans": c.Stored}
	for _, q := range c.Quality {
		if _, both := got[q.Reason]; both {
			want[q.Reason] = q.N
		}
	}
	if !maps.Equal(got, want) || want["outside_parent"] == 0 || want["complete"] == 0 {
		t.Errorf("trust counts %v, coverage %v", got, want)
	}
}

func TestStatusOfNothing(t *testing.T) {
	s := storetest.New(nil)
	e := aggregate.NewMemory(s, rollup.New(rollup.Options{Names: s.Names()}), nil, aggregate.MemoryOptions{Live: true})
	st, err := e.Status(context.Background())
	if err != nil || st.Oldest != 0 || st.Newest != 0 || st.Complete != -1 || !st.Live || st.RingSeconds != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

// The ring goes back to the first span that it holds, which may have happened long before it came.
func TestRingGoesBackToWhatHappened(t *testing.T) {
	e := ringEngine(t, healthyDemo(1)[:100])
	st, err := e.Status(t.Context())
	if err != nil || st.Evicted != 0 || st.Oldest >= st.Newest || st.RingSeconds != float64(st.Newest-st.Oldest)/1e9 {
		t.Errorf("%+v, %v", st, err)
	}
}
