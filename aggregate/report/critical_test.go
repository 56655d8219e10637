package report_test

import (
	"math"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/report"
	"oteltop/model"
)

// The merged critical paths of recorded requests are the sums of the single ones.
func TestCriticalIsWhatBruteForceFinds(t *testing.T) {
	lines := 200
	if testing.Short() {
		lines = 60
	}
	e := feed(whole(readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)))
	c := addUp(t, e)
	c.checkCritical(t, ask(t, e, report.ViewCritical, report.Options{}))
	c.checkProfile(t, ask(t, e, report.ViewProfile, report.Options{}))
}

// costs are what single traces cost, added up.
type costs struct {
	paths      map[string]*figure // by call path
	operations map[string]*figure // by service, operation and kind
	total      int64              // durations of requests, ns
	work       int64              // self times, ns
}

// figure is what a call path or an operation costs; times in ns. present requests have it at all, requests wait for it.
type figure struct{ exclusive, self, calls, requests, present int64 }

// addUp adds up what the view trace says of each trace.
func addUp(t *testing.T, e aggregate.Engine) *costs {
	t.Helper()
	c := &costs{paths: map[string]*figure{}, operations: map[string]*figure{}}
	for _, row := range ask(t, e, report.ViewTraces, report.Options{}).Rows {
		id, err := model.ParseTraceID(row["trace_id"].(string))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{}
		seen, waited := map[string]bool{}, map[string]bool{}
		all := ask(t, e, report.ViewTrace, report.Options{ID: id}).Spans
		for i, s := range all { // depth first: parents come before their children
			step := s["service"].(string) + " " + s["operation"].(string)
			above, isBelow := names[s["parent_id"].(string)]
			if i > 0 && !isBelow {
				continue // of another root, or without its parent
			}
			path := strings.TrimPrefix(above+" > "+step, " > ")
			names[s["span_id"].(string)] = path
			if i == 0 {
				c.total += integer(t, s, "duration_ns")
			}
			for _, at := range []struct {
				of  map[string]*figure
				key string
			}{{c.paths, path}, {c.operations, step + " " + s["kind"].(string)}} {
				x := at.of[at.key]
				if x == nil {
					x = &figure{}
					at.of[at.key] = x
				}
				x.exclusive += integer(t, s, "critical_ns")
				x.self += integer(t, s, "self_ns")
				x.calls++
			}
			c.work += integer(t, s, "self_ns")
			seen[path] = true
			waited[path] = waited[path] || integer(t, s, "critical_ns") > 0
		}
		for path := range seen {
			c.paths[path].present++
			if waited[path] {
				c.paths[path].requests++
			}
		}
	}
	return c
}

func (c *costs) checkCritical(t *testing.T, a answer) {
	t.Helper()
	requireFields(t, "critical", a.Rows, "path service operation kind depth traces requests present_requests share exclusive_ns inclusive_ns self_ns calls critical_calls trace_ids")
	sum, shares := int64(0), 0.0
	for _, row := range a.Rows {
		var steps []string
		for _, s := range row["path"].([]any) {
			steps = append(steps, s.(string))
		}
		path := strings.Join(steps, " > ")
		want := c.paths[path]
		if want == nil {
			t.Errorf("nobody has taken the path %s", path)
			continue
		}
		wantInt(t, path, row, "exclusive_ns", want.exclusive)
		wantInt(t, path, row, "self_ns", want.self)
		wantInt(t, path, row, "calls", want.calls)
		wantInt(t, path, row, "requests", want.requests)
		wantInt(t, path, row, "present_requests", want.present)
		sum += want.exclusive
		share, _ := row["share"].(interface{ Float64() (float64, error) }).Float64()
		shares += share
	}
	if len(a.Rows) != len(c.paths) || sum != c.total || math.Abs(shares-1) > 1e-9 {
		t.Errorf("%d paths, want %d; %d of %d ns; shares sum to %v", len(a.Rows), len(c.paths), sum, c.total, shares)
	}
}

func (c *costs) checkProfile(t *testing.T, p answer) {
	t.Helper()
	work := c.work
	requireFields(t, "profile", p.Rows, "service operation kind calls errors requests critical_ns latency_share self_ns work_share self_p50_ns self_p95_ns self_p99_ns")
	for _, row := range p.Rows {
		key := row["service"].(string) + " " + row["operation"].(string) + " " + row["kind"].(string)
		want := c.operations[key]
		if want == nil {
			t.Errorf("nobody has called %s", key)
			continue
		}
		wantInt(t, key, row, "critical_ns", want.exclusive)
		wantInt(t, key, row, "self_ns", want.self)
		wantInt(t, key, row, "calls", want.calls)
		work -= want.self
	}
	if len(p.Rows) != len(c.operations) || work != 0 {
		t.Errorf("%d operations, want %d; %d ns of work are missing", len(p.Rows), len(c.operations), work)
	}
}

// whole leaves out the traces that lack a span: the view trace has no critical path for what hangs below a
// parent that was never seen.
func whole(spans []*span) (kept []*span) {
	ids, torn := map[string]bool{"": true}, map[string]bool{}
	for _, s := range spans {
		ids[s.trace+s.id] = true
	}
	for _, s := range spans {
		torn[s.trace] = torn[s.trace] || s.parent != "" && !ids[s.trace+s.parent]
	}
	for _, s := range spans {
		if !torn[s.trace] {
			kept = append(kept, s)
		}
	}
	return kept
}
