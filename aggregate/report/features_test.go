package report_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/model"
)

func featureOf(t *testing.T, text string) *features.Expr {
	t.Helper()
	x, err := features.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Counts and sums over recorded traces, their groups and the selected ones are those of counting by hand.
func TestFeaturesAreWhatBruteForceFinds(t *testing.T) {
	lines := 700
	if testing.Short() {
		lines = 150
	}
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)
	queries, waits, failing := map[string]int{}, map[string]int64{}, map[string]bool{}
	for _, s := range spans {
		queries[s.trace] += 0
		if s.database {
			queries[s.trace]++
		}
		if s.kind == "client" {
			waits[s.trace] = max(waits[s.trace], s.end-s.start)
		}
		failing[s.trace] = failing[s.trace] || s.failed
	}
	all, selected, bySelf := 0, 0, map[int]int{}
	for trace, n := range queries {
		all += n
		bySelf[n]++
		if failing[trace] {
			selected += n
		}
	}
	e := feed(spans)
	errors, err := filter.Parse("error")
	if err != nil {
		t.Fatal(err)
	}
	o := report.Options{Expr: featureOf(t, `count(span.db.system != "")`), By: "count(.db.system != nil)", Select: errors}
	rows := ask(t, e, report.ViewFeatures, o).Rows
	requireFields(t, "features", rows, "part value other n missing unit sum mean min p50 p90 p95 p99 max low high auc lower p trace_id")
	groups := 0
	for _, r := range rows {
		n := int(number(t, r, "n"))
		switch r["part"] {
		case "all":
			if n != len(queries) || int(number(t, r, "sum")) != all {
				t.Errorf("%v, want %d in %d traces", r, all, len(queries))
			}
		case "selected":
			if int(number(t, r, "sum")) != selected {
				t.Errorf("%v, want %d", r, selected)
			}
		case "group":
			groups += n
			if r["min"] != r["max"] && len(bySelf) <= 20 { // grouped by itself
				t.Errorf("%v", r)
			}
		}
	}
	if groups != len(queries) {
		t.Errorf("%d of %d traces are in groups", groups, len(queries))
	}
	most := int64(0)
	for _, w := range waits {
		most = max(most, w)
	}
	rows = ask(t, e, report.ViewFeatures, report.Options{Expr: featureOf(t, "max(duration where kind = client)")}).Rows
	if r := rows[0]; int64(number(t, r, "max")) != most || int(number(t, r, "n")) != len(waits) || int(number(t, r, "missing")) != len(queries)-len(waits) || r["unit"] != "ns" {
		t.Errorf("%v, want %d of %d", r, most, len(waits))
	}
}

// The calls of an attribute's values, and those without it, are those of counting by hand.
func TestBreakdownIsWhatBruteForceFinds(t *testing.T) {
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", 150)
	traces := map[string]byHand{}
	for _, s := range spans {
		if traces[s.trace].spans == nil {
			traces[s.trace] = byHand{map[string]*span{}}
		}
		traces[s.trace].spans[s.id] = s
	}
	type figure struct{ calls, failed, most int64 }
	want := map[string]*figure{}
	for _, h := range traces {
		for _, s := range h.spans {
			if s.service != "ts-order-service" || !h.entry(s) {
				continue
			}
			v, ok := s.fed.Attribute("k8s.pod.name")
			if !ok {
				for _, a := range s.fed.Resource.Attributes {
					if a.Key == "k8s.pod.name" {
						v = a.Value
					}
				}
			}
			f := want[v.String()]
			if f == nil {
				f = &figure{}
				want[v.String()] = f
			}
			f.calls++
			if s.failed {
				f.failed++
			}
			f.most = max(f.most, s.end-s.start)
		}
	}
	rows := ask(t, feed(spans), report.ViewBreakdown, report.Options{Service: "ts-order-service", By: "k8s.pod.name"}).Rows
	requireFields(t, "breakdown", rows, "value other calls errors error_share calls_per_second p50_ns p95_ns p99_ns max_ns calls_share trace_id")
	for _, r := range rows {
		value, _ := r["value"].(string)
		f := want[value]
		if f == nil || int64(number(t, r, "calls")) != f.calls || int64(number(t, r, "errors")) != f.failed || int64(number(t, r, "max_ns")) != f.most {
			t.Errorf("%v, want %+v", r, f)
		}
	}
	if len(rows) != len(want) || len(want) == 0 {
		t.Errorf("%d values, want %d", len(rows), len(want))
	}
}

// n traces of one session are one row, over the wire too.
func TestSessions(t *testing.T) {
	spans := shop()
	for _, s := range spans {
		if s.fed.Parent == 0 {
			s.fed.Attributes = append(s.fed.Attributes, model.Attribute{Key: "tenant", Value: model.StringValue("t1")})
		}
	}
	rows := ask(t, feed(spans), report.ViewSessions, report.Options{By: "tenant"}).Rows
	requireFields(t, "sessions", rows, "key value traces start_unix_nano end_unix_nano failed_traces errors retries worst_ns worst_trace_id verdict first_error "+
		"first_error_trace_id first_error_span_id first_error_unix_nano longest_gap_ns longest_gap_after_trace_id services trace_ids named_traces")
	if r := rows[0]; len(rows) != 1 || r["key"] != "tenant" || r["value"] != "t1" || number(t, r, "traces") != 2 || r["first_error"] != "payment pay" || number(t, r, "longest_gap_ns") != 59.9e9 {
		t.Errorf("%v", rows)
	}
}

// Over the wire the answers are the same, and what is missing or wrong is said with its status.
func TestColumnsOverTheWire(t *testing.T) {
	e := feed(shop())
	server := httptest.NewServer(report.Handler(e))
	defer server.Close()
	for v, o := range map[report.View]report.Options{
		report.ViewDependencies: {Service: "front", Operation: "GET /"},
		report.ViewFrequency:    {Service: "front"},
		report.ViewFeatures:     {Expr: featureOf(t, `sum(self where service = "front" && kind = client) / 2`), By: "count(error)"},
		report.ViewBreakdown:    {By: "no such key", Service: "payment", Operation: "pay"},
		report.ViewSessions:     {By: "tenant"},
	} {
		var here, there bytes.Buffer
		if err := report.Write(context.Background(), &here, e, v, o); err != nil {
			t.Fatalf("%s: %v", v, err)
		}
		if err := report.Fetch(context.Background(), &there, strings.TrimPrefix(server.URL, "http://"), "", v, o); err != nil || here.String() != there.String() {
			t.Errorf("%s: %v\n%s\n%s", v, err, here.String(), there.String())
		}
	}
	for path, says := range map[string]string{
		"dependencies":               "--service",
		"features":                   "no expression",
		"features?expr=count(":       `"column":6`,
		"features?expr=count()&by=(": `"column":`,
		"breakdown":                  "no attribute",
	} {
		answer, err := http.Get(server.URL + report.Path + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != 400 || !strings.Contains(string(text), says) {
			t.Errorf("%s: %d %s", path, answer.StatusCode, text)
		}
	}
}
