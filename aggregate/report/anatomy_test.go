package report_test

import (
	"fmt"
	"testing"

	"oteltop/aggregate/report"
)

// The gaps are those of the service map, which counts them as spans arrive; the parts are of those between hosts, and
// nothing is both.
func TestAnatomyOfRecordedCalls(t *testing.T) {
	lines := 300
	if testing.Short() {
		lines = 100
	}
	for _, file := range []string{fixtures + "/stream/tt-20230130-normal-1415-2400.jsonl.gz", fixtures + "/rca/ob-08-22-0543-emailservice-network_delay.jsonl.gz"} {
		e := feed(whole(readSpans(t, file, lines)))
		edges := map[string]map[string]any{}
		for _, row := range ask(t, e, report.ViewEdges, report.Options{}).Rows {
			if integer(t, row, "gap_calls") > 0 {
				edges[fmt.Sprint(row["client"], row["server"], row["kind"])] = row
			}
		}
		a := ask(t, e, report.ViewAnatomy, report.Options{})
		requireFields(t, "anatomy", a.Rows, "client server kind calls negative_gap_calls gap_p50_ns gap_p95_ns gap_p99_ns split_calls request_p50_ns request_p95_ns request_p99_ns "+
			"response_p50_ns response_p95_ns response_p99_ns request_longer_calls response_longer_calls undecided_calls clock_contradicting_calls messages corrected_messages early_messages "+
			"age_p50_ns age_p95_ns age_p99_ns wait_p50_ns wait_p95_ns wait_p99_ns clock_error_ns trace_id")
		checked := 0
		for _, row := range a.Rows {
			key := fmt.Sprint(row["client"], row["server"], row["kind"])
			edge := edges[key]
			if edge == nil {
				t.Errorf("%s: %v is no edge", file, key)
				continue
			}
			delete(edges, key)
			checked++
			count, gap := "calls", "gap"
			if row["kind"] == "messaging" {
				count, gap = "messages", "wait"
			} else {
				wantInt(t, key, row, "negative_gap_calls", integer(t, edge, "negative_gap_calls"))
			}
			wantInt(t, key, row, count, integer(t, edge, "gap_calls"))
			if integer(t, edge, "negative_gap_calls") == 0 && integer(t, row, "corrected_messages") == 0 {
				for _, q := range []string{"_p50_ns", "_p95_ns", "_p99_ns"} {
					wantInt(t, key, row, gap+q, integer(t, edge, "gap"+q))
				}
			}
			split := integer(t, row, "split_calls")
			if split > integer(t, row, "calls") || integer(t, row, "request_longer_calls")+integer(t, row, "response_longer_calls")+integer(t, row, "undecided_calls") != split || (row["request_p50_ns"] == nil) != (split == 0) {
				t.Errorf("%s: %v", key, row)
			}
		}
		for key := range edges {
			t.Errorf("%s: %s has no anatomy", file, key)
		}
		if checked == 0 {
			t.Errorf("%s: no edges", file)
		}
		t.Logf("%s: %d edges", file, checked)
	}
}
