package oracle_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/model/modeltest"
)

const (
	// fixtures is where recorded traces are, seen from this package.
	fixtures = "../../../../shared/fixtures"
	// full is the environment variable that makes the tests read all of the large files: minutes, and
	// two GB of memory for the oracle.
	full = "OTELTOP_ORACLE_FULL"
)

// Of the large files, the first requests are read unless full is set: 60,063 make up the stream.
const (
	sampled      = 700
	sampledShort = 150
)

// fixture is the plain bytes of a file, at most limit lines of it where that is not 0.
func fixture(t testing.TB, path string, limit int) []byte {
	t.Helper()
	var text []byte
	for line := range modeltest.Lines(t, path, limit) {
		text = append(append(text, line...), '\n')
	}
	return text
}

// matching are the files of a pattern. All of them have at least one span.
func matching(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(fixtures, pattern))
	if err != nil || len(paths) == 0 {
		t.Skip("no recorded traces at ", fixtures)
	}
	return paths
}

func TestMain(m *testing.M) { modeltest.Run(m) }

func sample() int {
	switch {
	case os.Getenv(full) != "":
		return 0
	case testing.Short():
		return sampledShort
	}
	return sampled
}

func TestSingleTraces(t *testing.T) {
	for _, path := range matching(t, "single/*/*.jsonl") {
		t.Run(filepath.Base(path), func(t *testing.T) { open(t, fixture(t, path, 0)).check(t) })
	}
}

// TestStream reads hours of a system's traffic, as its processes sent it: children before parents, a
// trace in many requests, the last traces cut off. TestFaults does the same with the recorded faults, of
// which all but one are left to full.
func TestStream(t *testing.T) {
	for _, path := range matching(t, "stream/*.jsonl.gz") {
		r := open(t, fixture(t, path, sample()))
		t.Logf("%d spans, %d traces", len(r.spans), len(r.traces))
		r.check(t)
		checkFilters(t, r, streamFilters)
	}
}

func TestFaults(t *testing.T) {
	paths := matching(t, "rca/*.jsonl.gz")
	if os.Getenv(full) == "" {
		paths = paths[:1]
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) { open(t, fixture(t, path, sample())).check(t) })
	}
}

// TestCriticalPaths compares with the sections that jaeger-ui's authors expect.
func TestCriticalPaths(t *testing.T) {
	folder := filepath.Join(fixtures, "peers/critical-path")
	var cases []struct {
		File, TraceID string
		Sections      []struct {
			SpanID string
			Start  string `json:"start_unix_nano"`
			End    string `json:"end_unix_nano"`
		}
		Exclusive map[string]int64 `json:"exclusive_ns_by_span"`
	}
	if err := json.Unmarshal(fixture(t, filepath.Join(folder, "expected.json"), 0), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 9 {
		t.Errorf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			r := open(t, fixture(t, filepath.Join(folder, c.File), 0))
			r.check(t)
			var want []section
			for _, s := range c.Sections {
				lo, _ := strconv.ParseInt(s.Start, 10, 64)
				hi, _ := strconv.ParseInt(s.End, 10, 64)
				want = append(want, section{s.SpanID, interval{lo, hi}})
			}
			slices.SortFunc(want, func(a, b section) int { return int(a.lo - b.lo) })
			a := r.ask(t, report.ViewTrace, c.TraceID)
			checkPath(t, c.TraceID, a.Critical, want)
			for _, x := range a.Spans {
				wantInt(t, x.text("span_id"), x, "critical_ns", c.Exclusive[x.text("span_id")])
			}
		})
	}
}

// filtered is a filter and what it says, in Go.
type filtered struct {
	expr string
	is   func(s *span, trace []*span) bool
}

var (
	streamFilters = []filtered{
		{`service = "ts-order-service"`, func(s *span, _ []*span) bool { return s.service == "ts-order-service" }},
		{`status = error`, func(s *span, _ []*span) bool { return s.failed() }},
		{`kind = client && duration > 100ms`, func(s *span, _ []*span) bool { return s.kind == "client" && s.duration() > 100e6 }},
		{`parentId = nil && duration > 200ms`, func(s *span, _ []*span) bool { return s.parent == "" && s.duration() > 200e6 }},
		{`traceDuration <= 20ms || name =~ "POST.*"`, func(s *span, trace []*span) bool {
			return durationOf(trace) <= 20e6 || strings.HasPrefix(s.name, "POST")
		}},
	}
	shopFilters = []filtered{
		{`service = frontend && status = error`, func(s *span, _ []*span) bool { return s.service == "frontend" && s.failed() }},
		{`kind = server && duration >= 5ms`, func(s *span, _ []*span) bool { return s.kind == "server" && s.duration() >= 5e6 }},
		{`span.rpc.system = "grpc"`, func(s *span, _ []*span) bool { return s.attributes["rpc.system"] == "grpc" }},
		{`.rpc.system != "grpc"`, func(s *span, _ []*span) bool { return s.has("rpc.system") && s.attributes["rpc.system"] != "grpc" }},
		{`.rpc.system = nil`, func(s *span, _ []*span) bool { _, ok := s.resource["rpc.system"]; return !ok && !s.has("rpc.system") }},
		{`rootService != loadgenerator`, func(_ *span, trace []*span) bool { return mainRoot(trace).service != "loadgenerator" }},
		{`name !~ ".*a.*"`, func(s *span, _ []*span) bool { return !strings.Contains(s.name, "a") }},
	}
)

func TestFilters(t *testing.T) {
	r := open(t, fixture(t, filepath.Join(fixtures, "single/otel/oteltui-astronomy-shop-startup-incident.jsonl"), 0))
	checkFilters(t, r, shopFilters)
}

// checkFilters compares all views of the traces that have a span that matches.
func checkFilters(t *testing.T, r *run, filters []filtered) {
	t.Helper()
	for _, f := range filters {
		t.Run(f.expr, func(t *testing.T) {
			expr, err := filter.Parse(f.expr)
			if err != nil {
				t.Fatal(err)
			}
			narrow := &run{data: r.data, engine: r.engine, filter: expr, scope: map[string][]*span{}}
			for id, spans := range r.traces {
				if slices.ContainsFunc(spans, func(s *span) bool { return f.is(s, spans) }) {
					narrow.scope[id] = spans
				}
			}
			if n := len(narrow.scope); n == 0 || n == len(r.traces) {
				t.Errorf("matches %d of %d traces: proves nothing", n, len(r.traces))
			}
			narrow.check(t)
		})
	}
}
