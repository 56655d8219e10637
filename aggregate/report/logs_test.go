package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/report"
	"oteltop/aggregate/rollup"
	"oteltop/feed/otlpjson"
	"oteltop/model/logbook"
)

// What services logged stands with the spans of the view trace, in time order and without secrets.
func TestTraceHasItsLogs(t *testing.T) {
	const id = "00000000000000000000000000000001"
	req, err := otlpjson.LogsToProto(nil, []byte(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},"scopeLogs":[{"logRecords":[
		{"traceId":"`+id+`","spanId":"00000000000000aa","timeUnixNano":"9","severityNumber":17,"body":{"stringValue":"GET https://me:hunter2@shop.example/ failed"}},
		{"traceId":"`+id+`","timeUnixNano":"4","severityText":"notice","eventName":"begin"},
		{"traceId":"00000000000000000000000000000002","timeUnixNano":"5","body":{"stringValue":"of another"}}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	book := logbook.New(1 << 20)
	if _, err := book.Append(req); err != nil {
		t.Fatal(err)
	}
	s := storetest.New(nil)
	r := rollup.New(rollup.Options{Names: s.Names(), Find: s.Find})
	s.Observe(r)
	for _, x := range shop() {
		s.Add(x.fed)
	}
	s.Flush()
	e := aggregate.NewMemory(s, r, nil, aggregate.MemoryOptions{Logs: book})
	o := optionsOf(t, report.ViewTrace)
	if got := o.ID.String(); got != id {
		t.Fatalf("the shop's trace is %s", got)
	}
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, e, report.ViewTrace, o); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Logs []map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Logs) != 2 {
		t.Fatalf("%v", d.Logs)
	}
	first, second := d.Logs[0], d.Logs[1]
	if first["severity"] != "notice" || first["span_id"] != "" || first["event"] != "begin" || first["time_unix_nano"] != 4.0 {
		t.Errorf("%v", first)
	}
	if second["severity"] != "ERROR" || second["service"] != "cart" || second["span_id"] != "00000000000000aa" || second["body"] != "GET https://[masked]@shop.example/ failed" {
		t.Errorf("%v", second)
	}
	b.Reset()
	o.Text = true
	if err := report.Write(context.Background(), &b, e, report.ViewTrace, o); err != nil || !strings.Contains(b.String(), "[masked]@shop.example") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// Coverage says what became of every log record, a repeated one among them.
func TestCoverageCountsLogs(t *testing.T) {
	req, err := otlpjson.LogsToProto(nil, []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[
		{"traceId":"00000000000000000000000000000001","timeUnixNano":"4","body":{"stringValue":"a"}},{"timeUnixNano":"5","body":{"stringValue":"of no trace"}}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	book := logbook.New(1 << 20)
	for range 2 {
		if _, err := book.Append(req); err != nil {
			t.Fatal(err)
		}
	}
	s := storetest.New(nil)
	e := aggregate.NewMemory(s, rollup.New(rollup.Options{Names: s.Names(), Find: s.Find}), nil, aggregate.MemoryOptions{Logs: book})
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, e, report.ViewCoverage, report.Options{}); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Rows []struct {
			By map[string]uint64 `json:"log_records_by"`
		}
	}
	want := map[string]uint64{"retained": 1, "evicted": 0, "untraced": 2, "refused": 0, "duplicate": 1}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil || len(d.Rows) != 1 || !maps.Equal(d.Rows[0].By, want) {
		t.Errorf("%v %v, want %v", d, err, want)
	}
}
