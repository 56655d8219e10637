package aggregate_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/explain"
	"oteltop/feed/files/filestest"
	"oteltop/model"
	"oteltop/model/store"
)

// injections is recorded traces with faults that were injected, seen from this package.
const injections = "../../shared/fixtures/rca"

// recordedEngine reads a file of recorded traces.
func recordedEngine(t *testing.T, path string) (*aggregate.Memory, *store.Ring) {
	t.Helper()
	ring := store.New(store.Options{})
	e := enginetest.Over(ring)
	filestest.Fill(t, ring, path)
	return e, ring
}

// Where a service was kept busy, its own time grew: it is among the first three that a comparison names.
func TestCompareFindsInjectedFaults(t *testing.T) {
	looked := 0
	for _, c := range filestest.Injections(t, injections) {
		if !slices.Contains([]string{
			"ob-08-22-0353-frontend-cpu_contention", "ob-08-22-0635-productcatalogservice-cpu_consumed",
			"ob-08-22-0710-recommendationservice-cpu_consumed", "tt-01-30-1306-travel-service-cpu_contention",
		}, c.ID) {
			continue
		}
		looked++
		e, _ := recordedEngine(t, c.Path)
		x, err := e.Compare(context.Background(), aggregate.CompareQuery{At: c.From.UnixNano()})
		if err != nil {
			t.Fatal(err)
		}
		var services []string
		for _, k := range x.Changes {
			if k.Origin && !slices.Contains(services, k.Service) {
				services = append(services, k.Service)
			}
		}
		if at := slices.Index(services, c.Cause); at < 0 || at >= 3 {
			t.Errorf("%s: %s is not among the first three of %v", c.ID, c.Cause, services)
		}
	}
	if looked != 4 {
		t.Errorf("%d of 4 cases are labelled", looked)
	}
}

// Every count of an explanation of recorded traces is what decoding all of them finds.
func TestExplainCountsAreThoseOfDecodedTraces(t *testing.T) {
	e, ring := recordedEngine(t, filepath.Join(injections, "ob-08-22-0710-recommendationservice-cpu_consumed.jsonl.gz"))
	x, err := e.Explain(context.Background(), aggregate.ExplainQuery{Select: parse(t, "traceDuration > 1s"), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var selected, rest []*model.Trace
	roots := map[string]bool{}
	rootOf := func(tr *model.Trace) *model.Span { return &tr.Spans[tr.Tree.Nodes[tr.Root].Span] }
	key := func(s *model.Span) string { return fmt.Sprint(s.Resource.Service, s.Name, s.Kind) }
	ring.Snapshot().Traces(func(info *store.TraceInfo) bool {
		tr, ok := ring.Trace(info.ID)
		if !ok {
			t.Fatal("a trace is gone")
		}
		if tr.Duration() > 1e9 {
			selected = append(selected, tr)
			roots[key(rootOf(tr))] = true
		} else {
			rest = append(rest, tr)
		}
		return true
	})
	rest = slices.DeleteFunc(rest, func(tr *model.Trace) bool { return !roots[key(rootOf(tr))] })
	if x.Selected != len(selected) || x.Baseline != len(rest) || len(selected) < 20 {
		t.Fatalf("%d against %d traces, want %d against %d", x.Selected, x.Baseline, len(selected), len(rest))
	}
	checked := 0
	for i := range x.Rows {
		r := &x.Rows[i]
		if r.Numeric || r.Error > 0 || r.Key == explain.KeyPath {
			continue
		}
		checked++
		if n, m := countHaving(selected, r), countHaving(rest, r); n != r.Selected || m != r.Baseline {
			t.Errorf("%s %s %s=%q: %d and %d traces, want %d and %d", r.Scope, r.Service, r.Key, r.Value, r.Selected, r.Baseline, n, m)
		}
	}
	if checked == 0 {
		t.Errorf("nothing to check in %d rows: %s", len(x.Rows), x.Provenance.Note)
	}
}

// countHaving counts the traces that a row speaks of.
func countHaving(traces []*model.Trace, r *explain.Row) (n uint64) {
	for _, tr := range traces {
		present, has := false, false
		for i := range tr.Spans {
			s := &tr.Spans[i]
			attributes := s.Attributes
			if r.Scope == explain.ScopeResource || r.Scope == explain.ScopeTrace && r.Operation == "" {
				attributes = s.Resource.Attributes
			}
			if r.Scope == explain.ScopeTrace && (s.Resource.Service != r.Service || r.Operation != "" && s.Name != r.Operation) {
				continue
			}
			for _, a := range attributes {
				if a.Key == r.Key {
					present = true
					has = has || a.Value.String() == r.Value
				}
			}
		}
		if r.Absent && !present || !r.Absent && has {
			n++
		}
	}
	return n
}
