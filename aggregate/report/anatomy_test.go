package report_test

import (
	"fmt"
	"os"
	"path/filepath"
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

// What a client receives from its broker is as old as the messages that it links to. What it links to of its own
// service it sends, and a client without a broker receives nothing.
func TestAgeOfWhatAClientReceives(t *testing.T) {
	const spans = `{"resourceSpans":[
		{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"spans":[
			{"traceId":"00000000000000000000000000000001","spanId":"00000000000000a1","name":"send","kind":4,"startTimeUnixNano":"1000000000","endTimeUnixNano":"1001000000"}]}]},
		{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"b"}}]},"scopeSpans":[{"spans":[
			{"traceId":"00000000000000000000000000000002","spanId":"00000000000000b1","name":"create","kind":4,"startTimeUnixNano":"1010000000","endTimeUnixNano":"1011000000"},
			{"traceId":"00000000000000000000000000000002","spanId":"00000000000000b2","name":"receive","kind":3,"startTimeUnixNano":"1050000000","endTimeUnixNano":"1060000000",
			 "attributes":[{"key":"messaging.system","value":{"stringValue":"kafka"}},{"key":"messaging.destination.name","value":{"stringValue":"orders"}}],
			 "links":[{"traceId":"00000000000000000000000000000001","spanId":"00000000000000a1"},{"traceId":"00000000000000000000000000000002","spanId":"00000000000000b1"}]},
			{"traceId":"00000000000000000000000000000002","spanId":"00000000000000b3","name":"poll","kind":3,"startTimeUnixNano":"1070000000","endTimeUnixNano":"1080000000",
			 "links":[{"traceId":"00000000000000000000000000000001","spanId":"00000000000000a1"}]}]}]}]}`
	path := filepath.Join(t.TempDir(), "receive.json")
	if err := os.WriteFile(path, []byte(spans), 0o600); err != nil {
		t.Fatal(err)
	}
	a := ask(t, open(t, path), report.ViewAnatomy, report.Options{})
	if len(a.Rows) != 1 || a.Rows[0]["client"] != "a" || a.Rows[0]["server"] != "b" || a.Rows[0]["kind"] != "messaging" || integer(t, a.Rows[0], "messages") != 1 {
		t.Fatalf("%v", a.Rows)
	}
	if age := integer(t, a.Rows[0], "age_p50_ns"); age < 49e6 || age > 51e6 || a.Rows[0]["gap_p50_ns"] != nil || a.Rows[0]["clock_error_ns"] != nil {
		t.Errorf("%v", a.Rows[0])
	}
}
