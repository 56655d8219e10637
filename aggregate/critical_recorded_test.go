package aggregate_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/store"
)

const fixtures = "../../shared/fixtures"

// spent is the time of an operation, ns.
type spent struct{ critical, self int64 }

// spentBy adds up what decoded traces say, one by one, and the durations of their roots.
func spentBy(ring *store.Ring) (by map[model.Place]spent, total int64) {
	by = map[model.Place]spent{}
	ring.Snapshot().Traces(func(info *store.TraceInfo) bool {
		t, ok := ring.Trace(info.ID)
		if !ok {
			return true
		}
		root := t.Tree.MainRoot()
		if root < 0 || t.Tree.Nodes[root].Span < 0 {
			return true
		}
		own := model.CriticalTimes(t.PathOf(root), len(t.Tree.Nodes), nil)
		total += t.Heads[t.Tree.Nodes[root].Span].Duration()
		for i := root; i < t.Tree.Nodes[root].End; i++ {
			s := &t.Spans[t.Tree.Nodes[i].Span]
			key := model.Place{Service: model.ServiceOf(s.Resource), Operation: s.Name, Kind: s.Kind}
			x := by[key]
			x.critical += own[i]
			x.self += t.Self[i]
			by[key] = x
		}
		return true
	})
	return by, total
}

// Whatever was recorded, aggregating is adding up: paths cover all requests to the nanosecond.
func TestCriticalOfRecordedTraces(t *testing.T) {
	paths, _ := filepath.Glob(fixtures + "/single/*/*.jsonl")
	peers, _ := filepath.Glob(fixtures + "/peers/critical-path/*.jsonl")
	if len(paths) == 0 {
		t.Skip("recorded traces are not here")
	}
	for _, path := range append(paths, peers...) {
		e, ring := recordedEngine(t, path)
		c, err := e.Critical(context.Background(), aggregate.CriticalQuery{})
		if err != nil {
			t.Fatal(err)
		}
		want, total := spentBy(ring)
		sum := int64(0)
		for i := range c.Paths {
			sum += c.Paths[i].Exclusive
		}
		if c.Odd > 0 || c.Folded > 0 || c.Total != total || sum != total {
			t.Errorf("%s: paths take %d of %d ns, want %d; %d odd, %d folded", path, sum, c.Total, total, c.Odd, c.Folded)
		}
		for _, row := range c.Operations {
			if w := want[row.Place]; row.Critical != w.critical || row.Self != w.self {
				t.Errorf("%s: %v takes %d and %d ns, want %+v", path, row.Place, row.Critical, row.Self, w)
			}
			delete(want, row.Place)
		}
		requireSums(t, path, e, c)
		for step := range want {
			t.Errorf("%s: nothing is known of %v", path, step)
		}
	}
}

// requireSums compares costs by service and by category with those by operation.
func requireSums(t *testing.T, path string, e *aggregate.Memory, operations *aggregate.Critical) {
	t.Helper()
	ask := func(by aggregate.CostBy) []aggregate.CostRow {
		c, err := e.Critical(context.Background(), aggregate.CriticalQuery{By: by})
		if err != nil {
			t.Fatal(err)
		}
		return c.Operations
	}
	want := map[string]spent{}
	total := spent{}
	for _, row := range operations.Operations {
		x := want[row.Service]
		want[row.Service] = spent{x.critical + row.Critical, x.self + row.Self}
		total = spent{total.critical + row.Critical, total.self + row.Self}
	}
	for _, row := range ask(aggregate.ByService) {
		if w := want[row.Service]; w != (spent{row.Critical, row.Self}) || row.Operation != "" {
			t.Errorf("%s: %s takes %d and %d ns, want %+v", path, row.Service, row.Critical, row.Self, w)
		}
		delete(want, row.Service)
	}
	for _, row := range ask(aggregate.ByCategory) {
		total = spent{total.critical - row.Critical, total.self - row.Self}
	}
	if len(want) != 0 || total != (spent{}) {
		t.Errorf("%s: %+v and %+v are left", path, want, total)
	}
}

// Old and new names of attributes put a call in the same category.
func TestCostsByCategory(t *testing.T) {
	for _, key := range []string{"db.system", "db.system.name"} {
		s := storetest.New(nil)
		e := enginetest.Over(s)
		web := &model.Resource{Service: "web"}
		add := func(id, parent model.SpanID, kind model.Kind, from, to int64, attributes ...model.Attribute) {
			s.Add(model.Span{
				TraceID: model.TraceID{Lo: 1}, ID: id, Parent: parent, Name: "x", Kind: kind, Start: 1e18 + from, End: 1e18 + to,
				Resource: web, Scope: &model.Scope{}, Attributes: attributes,
			})
		}
		add(1, 0, model.KindServer, 0, 100)
		add(2, 1, model.KindClient, 10, 40, model.Attribute{Key: key, Value: model.StringValue("postgresql")}, model.Attribute{Key: "server.address", Value: model.StringValue("pg")})
		add(3, 1, model.KindClient, 40, 60)
		add(4, 1, model.KindProducer, 60, 65)
		add(5, 1, model.KindInternal, 70, 80)
		s.Flush()
		c, err := e.Critical(context.Background(), aggregate.CriticalQuery{By: aggregate.ByCategory})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, row := range c.Operations {
			got[row.Category] = row.Critical
		}
		if want := map[string]int64{"server": 35, "database": 30, "call": 20, "internal": 10, "messaging": 5}; !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
		if _, err := e.Critical(context.Background(), aggregate.CriticalQuery{By: "colour"}); !errors.Is(err, aggregate.ErrCostBy) {
			t.Error(err)
		}
	}
}

// The public cases of critical paths, put together as if they were one system's requests.
func TestCriticalOfPublicCases(t *testing.T) {
	text, err := os.ReadFile(fixtures + "/peers/critical-path/expected.json")
	if err != nil {
		t.Skipf("public cases are not here: %v", err)
	}
	var cases []struct {
		File      string
		Exclusive map[string]int64 `json:"exclusive_ns_by_span"`
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) < 9 {
		t.Fatal(err, len(cases))
	}
	for _, c := range cases {
		e, ring := recordedEngine(t, filepath.Join(fixtures, "peers/critical-path", c.File))
		want := map[model.Place]int64{}
		ring.Snapshot().Traces(func(info *store.TraceInfo) bool {
			tr, _ := ring.Trace(info.ID)
			for i := range tr.Spans {
				s := &tr.Spans[i]
				want[model.Place{Service: model.ServiceOf(s.Resource), Operation: s.Name, Kind: s.Kind}] += c.Exclusive[s.ID.String()]
			}
			return true
		})
		x, err := e.Critical(context.Background(), aggregate.CriticalQuery{})
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		for _, row := range x.Operations {
			if row.Critical != want[row.Place] {
				t.Errorf("%s: %v takes %d ns, want %d", c.File, row.Place, row.Critical, want[row.Place])
			}
			got += row.Critical
		}
		if got == 0 || got != x.Total {
			t.Errorf("%s: %d of %d ns", c.File, got, x.Total)
		}
	}
}
