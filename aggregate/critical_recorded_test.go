package aggregate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/store"
)

const fixtures = "../../shared/fixtures"

// spent is the time of an operation, ns.
type spent struct{ critical, self int64 }

// spentBy adds up what decoded traces say, one by one, and the durations of their roots.
func spentBy(ring *store.Ring) (by map[aggregate.Step]spent, total int64) {
	by = map[aggregate.Step]spent{}
	ring.Snapshot().Traces(func(info *store.TraceInfo) bool {
		t, ok := ring.Trace(info.ID)
		if !ok {
			return true
		}
		root := rollup.MainRoot(&t.Tree)
		if root < 0 || t.Tree.Nodes[root].Span < 0 {
			return true
		}
		own := model.CriticalTimes(t.PathOf(root), len(t.Tree.Nodes), nil)
		total += t.Heads[t.Tree.Nodes[root].Span].Duration()
		for i := root; i < t.Tree.Nodes[root].End; i++ {
			s := &t.Spans[t.Tree.Nodes[i].Span]
			key := aggregate.Step{Service: model.ServiceOf(s.Resource), Operation: s.Name, Kind: s.Kind}
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
			if w := want[row.Step]; row.Critical != w.critical || row.Self != w.self {
				t.Errorf("%s: %v takes %d and %d ns, want %+v", path, row.Step, row.Critical, row.Self, w)
			}
			delete(want, row.Step)
		}
		for step := range want {
			t.Errorf("%s: nothing is known of %v", path, step)
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
		want := map[aggregate.Step]int64{}
		ring.Snapshot().Traces(func(info *store.TraceInfo) bool {
			tr, _ := ring.Trace(info.ID)
			for i := range tr.Spans {
				s := &tr.Spans[i]
				want[aggregate.Step{Service: model.ServiceOf(s.Resource), Operation: s.Name, Kind: s.Kind}] += c.Exclusive[s.ID.String()]
			}
			return true
		})
		x, err := e.Critical(context.Background(), aggregate.CriticalQuery{})
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		for _, row := range x.Operations {
			if row.Critical != want[row.Step] {
				t.Errorf("%s: %v takes %d ns, want %d", c.File, row.Step, row.Critical, want[row.Step])
			}
			got += row.Critical
		}
		if got == 0 || got != x.Total {
			t.Errorf("%s: %d of %d ns", c.File, got, x.Total)
		}
	}
}
