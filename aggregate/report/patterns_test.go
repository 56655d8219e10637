package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// The recorded seats are asked for one trip after the other.
func TestPatternsView(t *testing.T) {
	spans := readSpans(t, fixtures+"/rca/tt-01-30-1306-travel-service-cpu_contention.jsonl.gz", 0)
	e := feed(spans)
	rows := ask(t, e, report.ViewPatterns, report.Options{}).Rows
	requireFields(t, "patterns", rows, "kind title service operation operation_kind within call peer protocol statement path requests harmed_requests of_requests request_share "+
		"calls_p50 calls_p95 calls_max per_caller_p50 per_caller_p95 per_caller_max width straggler_ratio grows_rho grows_p sourced_share independent cache across_services served_here "+
		"time_ns critical_ns save_ns time_p50_ns save_p50_ns request_p50_ns select trace_ids span_ids")
	r := rows[0]
	if r["kind"] != "n_plus_one" || r["service"] != "ts-travel-service" || r["peer"] != "ts-seat-service" || r["within"] != "TravelController.queryInfo" {
		t.Fatalf("%v", r)
	}
	wantInt(t, "seats", r, "calls_p50", 6)
	if a, b, c := integer(t, r, "time_ns"), integer(t, r, "critical_ns"), integer(t, r, "save_ns"); a < b || b < c || c <= 0 {
		t.Errorf("time %d, critical %d, save %d", a, b, c)
	}
	of := map[string]bool{} // traces in which the caller has a call to the seats
	for _, s := range spans {
		if s.name == "/api/v1/seatservice/seats/left_tickets" {
			of[s.trace] = true
		}
	}
	if n := integer(t, r, "of_requests"); n < integer(t, r, "requests") || n > int64(len(of)) {
		t.Errorf("of %d requests, the seats are asked in %d", n, len(of))
	}
	expr, err := filter.Parse(r["select"].(string))
	if err != nil {
		t.Fatal(err)
	}
	selected := map[string]bool{}
	for _, row := range ask(t, e, report.ViewTraces, report.Options{Filter: expr}).Rows {
		selected[row["trace_id"].(string)] = true
	}
	for _, id := range r["trace_ids"].([]any) {
		if !selected[id.(string)] {
			t.Errorf("%s does not select %s", r["select"], id)
		}
	}
	if n := len(ask(t, e, report.ViewPatterns, report.Options{Limit: 1}).Rows); n != 1 {
		t.Errorf("%d rows, one is wanted", n)
	}
}

// Whatever is in a statement, the filter that selects it can be read.
func TestPatternsSelectByAnyStatement(t *testing.T) {
	var b strings.Builder
	b.WriteString("web GET server 0..1000\n")
	for range 6 {
		b.WriteString(" web query client 0..1 db.statement=x\n")
	}
	spans := modeltest.Spans(t, b.String())
	for i := range spans[1:] {
		s := &spans[i+1]
		s.Start, s.End = s.Start+int64(i)*20e6, s.Start+int64(i)*20e6+19e6
		s.Attributes[0].Value = model.StringValue("SELECT \"a\\b\"\n FROM `t` WHERE c = ? } >> {")
	}
	var fed []*span
	for i := range spans {
		fed = append(fed, &span{fed: spans[i]})
	}
	e := feed(fed)
	rows := ask(t, e, report.ViewPatterns, report.Options{}).Rows
	if len(rows) != 1 {
		t.Fatalf("%v", rows)
	}
	expr, err := filter.Parse(rows[0]["select"].(string))
	if err != nil {
		t.Fatalf("%s: %v", rows[0]["select"], err)
	}
	if n := len(ask(t, e, report.ViewTraces, report.Options{Filter: expr}).Rows); n != 1 {
		t.Errorf("%s selects %d traces", rows[0]["select"], n)
	}
}

// Kinds of requests together cost what all spans do.
func TestCostsView(t *testing.T) {
	lines := 700
	if testing.Short() {
		lines = 100
	}
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)
	traces := map[string][]*span{}
	for _, s := range spans {
		traces[s.trace] = append(traces[s.trace], s)
	}
	var self, calls int64
	for _, in := range traces {
		for _, s := range link(in) {
			self += s.self()
			if s.kind == "client" || s.kind == "producer" {
				calls++
			}
		}
	}
	rows := ask(t, feed(spans), report.ViewCosts, report.Options{}).Rows
	requireFields(t, "costs", rows, "kind service operation operation_kind requests errors spans calls calls_p50 calls_p95 self_ns self_share self_p50_ns self_p95_ns duration_ns bytes "+
		"sized_requests bytes_p50 bytes_p95 measure values sum p50 p95 p99 min max latency_rho latency_q trace_id")
	sums := map[string]int64{}
	share := 0.0
	for _, row := range rows {
		for _, key := range []string{"requests", "spans", "calls", "self_ns"} {
			sums[key] += integer(t, row, key)
		}
		x, _ := row["self_share"].(json.Number).Float64()
		share += x
	}
	if sums["requests"] != int64(len(traces)) || sums["spans"] != int64(len(spans)) || sums["calls"] != calls || sums["self_ns"] != self || share < .999 || share > 1.001 {
		t.Errorf("%v and shares of %g, want %d requests, %d spans, %d calls, %d ns", sums, share, len(traces), len(spans), calls, self)
	}
	sized := ask(t, feed(readSpans(t, fixtures+"/single/otel/oteltui-astronomy-shop-startup-incident.jsonl", 0)), report.ViewCosts, report.Options{}).Rows
	found := 0
	for _, row := range sized {
		if row["kind"] == "size" && row["measure"] == "http_request_body_bytes" {
			found++
			if integer(t, row, "min") > integer(t, row, "p50") || integer(t, row, "p50") > integer(t, row, "max") || integer(t, row, "sum") < integer(t, row, "max") {
				t.Errorf("%v", row)
			}
		}
	}
	if found == 0 {
		t.Error("the recording of the shop has request bodies")
	}
}
