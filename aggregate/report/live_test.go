package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/model"
)

// shop is a small scope: a shop's request with a failing payment, and one that has no payment.
func shop() []*span {
	second := int64(1_700_000_000_000_000_000)
	services := map[string]*model.Resource{}
	make := func(trace, id, parent uint64, service, name string, kind model.Kind, at, ms int64, failed bool) *span {
		r, ok := services[service]
		if !ok {
			r = &model.Resource{Service: service}
			services[service] = r
		}
		s := &span{fed: model.Span{
			TraceID: model.TraceID{Lo: trace}, ID: model.SpanID(id), Parent: model.SpanID(parent), Name: name, Kind: kind,
			Start: second + at*1e6, End: second + (at+ms)*1e6, Resource: r,
		}}
		if failed {
			s.fed.Status = model.StatusError
		}
		return s
	}
	return []*span{
		make(1, 1, 0, "front", "GET /", model.KindServer, 0, 100, true),
		make(1, 2, 1, "front", "pay", model.KindClient, 10, 80, true),
		make(1, 3, 2, "payment", "pay", model.KindServer, 20, 60, true),
		make(2, 4, 0, "front", "GET /\x1b[2J", model.KindServer, 60_000, 20, false),
	}
}

func TestHandler(t *testing.T) {
	server := httptest.NewServer(report.Handler(feed(shop())))
	defer server.Close()
	for _, c := range []struct {
		method, path, host string
		status             int
		holds              string
	}{
		{"GET", "/report/services", "", 200, `"service":"payment"`},
		{"GET", "/report/services?filter=" + url.QueryEscape(`service = nobody`), "", 200, `"rows":[]`},
		{"GET", "/report/traces?filter=error", "", 200, `"root_operation":"GET /"`},
		{"GET", "/report/traces?limit=1&format=text", "", 200, "TRACE ID"},
		{"GET", "/report/edges?sinse=30s", "", 400, "sinse: no such parameter: there are at, band"},
		{"GET", "/report/services?service=web", "", 400, "service: the view services does not take it"},
		{"GET", "/report/nosuch?sinse=30s", "", 404, "no such view"},
		{"GET", "/report/edges?since=30s", "", 200, `"rows":[{"client":"user"`},
		{"GET", "/report/trace?id=00000000000000000000000000000001", "", 200, `"critical_path":[{`},
		{"GET", "/report/trace?id=00000000000000000000000000000009", "", 404, "not retained"},
		{"GET", "/report/trace", "", 400, "needs the id"},
		{"GET", "/report/trace?id=xyz", "", 400, "id:"},
		{"GET", "/report/nothing", "", 404, "no such view"},
		{"GET", "/report/traces?filter=" + url.QueryEscape(`service = `), "", 400, `"column":11`},
		{"GET", "/report/traces?since=soon", "", 400, "since"},
		{"GET", "/report/traces?limit=-1", "", 400, "limit"},
		{"GET", "/report/traces?format=xml", "", 400, "format"},
		{"GET", "/report/explain", "", 400, "--select"},
		{"GET", "/report/explain?select=" + url.QueryEscape(`a = `), "", 400, `"column":5`},
		{"GET", "/report/compare", "", 400, "--at"},
		{"GET", "/report/compare?at=noon", "", 400, "not a time"},
		{"GET", "/report/compare?at=30s", "", 200, `"kind":"vanished_operation"`},
		{"GET", "/report/explain?select=error", "", 200, `"rows":[]`},
		{"POST", "/report/traces", "", 405, "read-only"},
		{"GET", "/report/traces", "evil.example", 403, "not a name of this machine"},
		{"GET", "/report/traces", "localhost:4318", 200, `"view":"traces"`},
		{"GET", "/report/traces", "[::1]:4318", 200, `"view":"traces"`},
	} {
		r, err := http.NewRequest(c.method, server.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != c.status || !strings.Contains(body.String(), c.holds) {
			t.Errorf("%s %s: %d %.300s\nwant %d with %s", c.method, c.path, response.StatusCode, body.String(), c.status, c.holds)
		}
	}
}

func TestFetchIsWrite(t *testing.T) {
	e := feed(shop())
	server := httptest.NewServer(report.Handler(e))
	defer server.Close()
	addr := strings.TrimPrefix(server.URL, "http://")
	f, err := filter.Parse(`service = "payment" && >1ms`)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []report.Options{{}, {Filter: f}, {Text: true}, {Limit: 1, Since: time.Hour}} {
		for _, v := range []report.View{report.ViewServices, report.ViewTraces, report.ViewEdges, report.ViewHeatmap} {
			var here, there bytes.Buffer
			if err := report.Write(context.Background(), &here, e, v, o); err != nil {
				t.Fatal(err)
			}
			if err := report.Fetch(context.Background(), &there, addr, "", v, o); err != nil {
				t.Fatal(err)
			}
			if here.String() != there.String() {
				t.Errorf("%s: here\n%s\nthere\n%s", v, here.String(), there.String())
			}
		}
	}
	if err := report.Fetch(context.Background(), new(bytes.Buffer), addr, "", "nothing", report.Options{}); err == nil || !strings.Contains(err.Error(), "no such view") {
		t.Errorf("the reason is lost: %v", err)
	}
}

// What is wrong with a request is bad usage, whoever finds it: the exit code says so.
func TestFetchTellsBadUsageFromFailure(t *testing.T) {
	server := httptest.NewServer(report.Handler(feed(shop())))
	defer server.Close()
	addr := strings.TrimPrefix(server.URL, "http://")
	// What the port answers that the handler is behind.
	gate := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"code":7,"message":"in words"}`)
		}))
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	for _, c := range []struct {
		addr  string
		view  report.View
		o     report.Options
		usage bool
		says  string
	}{
		{addr, report.ViewTrace, report.Options{}, true, "--id"},
		{addr, report.ViewExplain, report.Options{}, true, "--select"},
		{addr, report.ViewTrace, report.Options{ID: model.TraceID{Lo: 9}}, false, "not retained"},
		{"http://" + addr, report.ViewServices, report.Options{}, true, "host:port"},
		{"127.0.0.1:1", report.ViewServices, report.Options{}, false, "refused"},
		{gate(http.StatusUnauthorized), report.ViewServices, report.Options{}, true, "it demands a bearer token"},
		{gate(http.StatusForbidden), report.ViewServices, report.Options{}, true, "forbidden: in words"},
		{gate(http.StatusInternalServerError), report.ViewServices, report.Options{}, false, "in words"},
	} {
		err := report.Fetch(context.Background(), new(bytes.Buffer), c.addr, "", c.view, c.o)
		if err == nil || report.IsUsage(err) != c.usage || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s of %s: %v, bad usage %v", c.view, c.addr, err, report.IsUsage(err))
		}
	}
}

func TestTextIsSafeAndAligned(t *testing.T) {
	e := feed(shop())
	for _, v := range report.Views() {
		var b bytes.Buffer
		o := optionsOf(t, v)
		o.Text = true
		if err := report.Write(context.Background(), &b, e, v, o); err != nil {
			t.Fatalf("%s: %v", v, err)
		}
		if strings.ContainsRune(b.String(), '\x1b') || strings.Contains(b.String(), "%!") {
			t.Errorf("%s: not fit for a terminal: %q", v, b.String())
		}
		if !strings.Contains(b.String(), "\n# from r") {
			t.Errorf("%s does not say what it was computed from:\n%s", v, b.String())
		}
	}
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, e, report.ViewServices, report.Options{Text: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if column := strings.Index(lines[0], "CALLS"); column < 0 || lines[1][column] != '2' || !strings.Contains(lines[1], "  100ms  ") {
		t.Errorf("not aligned, or no units:\n%s", b.String())
	}
}

// TestUnitsOfTables: a number whose unit is another field of its row is shown in that unit, a share as one.
func TestUnitsOfTables(t *testing.T) {
	e := feed(canary())
	for _, c := range []struct {
		view   report.View
		expr   string
		cells  *regexp.Regexp
		absent *regexp.Regexp
	}{
		{report.ViewFeatures, "max(duration)", regexp.MustCompile(`(?m)^all .* ns +.*\d+ms `), regexp.MustCompile(`\d{7}\.0`)},
		{report.ViewFeatures, "count(error)", regexp.MustCompile(`(?m)^all .* 0\.0 `), regexp.MustCompile(`\dms`)},
		{report.ViewCritical, "", regexp.MustCompile(`(?m)^front GET /, back Get .* 9\.1% `), nil},
	} {
		o := report.Options{Text: true}
		if c.expr != "" {
			o.Expr = featureOf(t, c.expr)
		}
		var b bytes.Buffer
		if err := report.Write(context.Background(), &b, e, c.view, o); err != nil {
			t.Fatalf("%s: %v", c.view, err)
		}
		if text := b.String(); !c.cells.MatchString(text) || c.absent != nil && c.absent.MatchString(text) {
			t.Errorf("%s %s:\n%s", c.view, c.expr, text)
		}
	}
}

// optionsOf are what a view cannot do without.
func optionsOf(t *testing.T, v report.View) report.Options {
	t.Helper()
	o := report.Options{ID: model.TraceID{Lo: 1}, Service: "web", By: "key", Expr: featureOf(t, "count(error)")}
	if v == report.ViewSuspects {
		focus, err := report.ParsePeriod("30s..")
		if err != nil {
			t.Fatal(err)
		}
		o.Focus = &focus
	}
	if v == report.ViewCompare {
		at, err := report.ParseMoment("30s")
		if err != nil {
			t.Fatal(err)
		}
		o.At = &at
	}
	if v == report.ViewShape {
		o.Shape = ask(t, feed(shop()), report.ViewShapes, report.Options{}).Rows[0]["shape"].(string)
	}
	if v == report.ViewProfile {
		o.By = "category"
	}
	if v == report.ViewExplain {
		var err error
		if o.Select, err = filter.Parse("traceDuration > 1ms"); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// TestFieldNames pins the contract of DESIGN section 6: names may be added, never changed.
func TestFieldNames(t *testing.T) {
	e := feed(shop())
	names := map[report.View]string{
		report.ViewServices:   "service calls errors p50_ns p95_ns p99_ns",
		report.ViewOperations: "service operation kind calls errors p50_ns p95_ns p99_ns self_ns time_share",
		report.ViewEdges:      "client server kind calls failed client_p50_ns client_p95_ns server_p50_ns server_p95_ns client_p99_ns server_p99_ns gap_p50_ns gap_p95_ns gap_p99_ns answered_calls gap_calls negative_gap_calls",
		report.ViewTraces:     "trace_id root_service root_operation start_unix_nano duration_ns spans services errors complete orphans shape",
		report.ViewTrace:      "trace_id root_service root_operation start_unix_nano duration_ns spans services errors complete orphans shape",
		report.ViewHeatmap:    "start_unix_nano step_ns duration_low_ns duration_high_ns count errors trace_id",
		report.ViewCoverage:   "received stored evicted duplicate refused_by traces complete orphans memory_bytes",
	}
	for _, v := range report.Views() {
		a := ask(t, e, v, optionsOf(t, v))
		if want, ok := names[v]; ok { // the others need more traces to have rows: their own tests say
			requireFields(t, string(v), a.Rows, want)
		}
		if v == report.ViewTrace {
			requireFields(t, "spans", a.Spans, "span_id parent_id service operation kind status start_unix_nano duration_ns self_ns critical_ns depth orphan skew_ns percentile")
			requireFields(t, "critical_path", a.Critical, "span_id start_unix_nano end_unix_nano")
		}
		for _, name := range []string{"basis", "spans", "of", "from_unix_nano", "to_unix_nano"} {
			if _, ok := a.Provenance[name]; !ok {
				t.Errorf("%s: provenance lacks %s", v, name)
			}
		}
	}
}

func requireFields(t *testing.T, what string, rows []map[string]any, names string) {
	t.Helper()
	if len(rows) == 0 {
		t.Fatalf("%s: no rows", what)
	}
	for _, name := range strings.Fields(names) {
		if _, ok := rows[0][name]; !ok {
			text, _ := json.Marshal(rows[0])
			t.Errorf("%s lacks %s: %s", what, name, text)
		}
	}
}

func TestSinceCountsBackFromTheNewestSpan(t *testing.T) {
	e := feed(shop()) // the second trace starts a minute after the first
	if n := len(ask(t, e, report.ViewTraces, report.Options{Since: 30 * time.Second}).Rows); n != 1 {
		t.Errorf("%d traces in the last 30 s, want 1", n)
	}
	if n := len(ask(t, e, report.ViewTraces, report.Options{Since: 2 * time.Minute}).Rows); n != 2 {
		t.Errorf("%d traces in the last 2 min, want 2", n)
	}
}
