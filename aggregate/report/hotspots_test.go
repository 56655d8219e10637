package report_test

import (
	"encoding/json"
	"testing"

	"oteltop/aggregate/report"
)

// Services and edges of a recorded file have the calls and traces that counting them by hand gives.
func TestHotspotsAreWhatBruteForceFinds(t *testing.T) {
	lines := 700
	if testing.Short() {
		lines = 100
	}
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)
	traces := map[string][]*span{}
	for _, s := range spans {
		traces[s.trace] = append(traces[s.trace], s)
	}
	type figure struct{ calls, traces int64 }
	edges, nodes, inner := map[string]*figure{}, map[string]int64{}, map[string]int64{}
	for id := range traces {
		passed, in, out, used := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		byID := map[string]*span{}
		for _, s := range traces[id] {
			byID[s.id] = s
		}
		for _, s := range traces[id] {
			passed[s.service] = true
			p := byID[s.parent]
			if p == nil || p.service == s.service {
				continue
			}
			key := p.service + " → " + s.service
			if edges[key] == nil {
				edges[key] = &figure{}
			}
			edges[key].calls++
			used[key], in[s.service], out[p.service] = true, true, true
		}
		for key := range used {
			edges[key].traces++
		}
		for name := range passed {
			nodes[name]++
			if in[name] && out[name] {
				inner[name]++
			}
		}
	}
	a := ask(t, feed(spans), report.ViewHotspots, report.Options{})
	requireFields(t, "hotspots", a.Rows, "node kind edge traces trace_share calls failed call_share inner_traces betweenness_share fan_in fan_out critical_ns critical_share "+
		"failing_share healthy_share more_at_least_share q chokepoint")
	services, between := 0, 0
	for _, row := range a.Rows {
		name, _ := row["node"].(string)
		switch edge, _ := row["edge"].(string); row["kind"] {
		case "service":
			services++
			wantInt(t, name, row, "traces", nodes[name])
			if n, _ := row["inner_traces"].(json.Number).Int64(); n != inner[name] {
				t.Errorf("%s: inner in %d traces, want %d", name, n, inner[name])
			}
		case "edge":
			if want := edges[edge]; want != nil {
				between++
				wantInt(t, edge, row, "calls", want.calls)
				wantInt(t, edge, row, "traces", want.traces)
			}
		}
	}
	if services != len(nodes) || between != len(edges) || between == 0 {
		t.Errorf("%d services and %d edges, want %d and %d", services, between, len(nodes), len(edges))
	}
}
