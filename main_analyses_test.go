package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// requests is a line of OTLP JSON with n requests; each asks the stock so often, and every tenth has the
// flag and is slow.
func requests(batch, n, calls int) string {
	var front, stock []string
	span := func(trace, id, parent, kind, from, to int, attribute string) string {
		above := ""
		if parent > 0 {
			above = fmt.Sprintf(`"parentSpanId":"%016x",`, parent)
		}
		return fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x",%s"name":"GET","kind":%d,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[%s]}`,
			batch<<20+trace, id, above, kind, 1_700_000_000_000_000_000+int64(batch)*1e12+int64(trace)*1e9+int64(from)*1e6, 1_700_000_000_000_000_000+int64(batch)*1e12+int64(trace)*1e9+int64(to)*1e6, attribute)
	}
	for i := 1; i <= n; i++ {
		flag, length := "off", 50
		if i%10 == 0 {
			flag, length = "on", 500
		}
		front = append(front, span(i, 1, 0, 2, 0, length, fmt.Sprintf(`{"key":"flag","value":{"stringValue":"%s"}}`, flag)))
		for k := range calls {
			stock = append(stock, span(i, 2+k, 1, 2, 1+10*k, 9+10*k, ""))
		}
	}
	resource := func(name string, spans []string) string {
		return fmt.Sprintf(`{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s"}}]},"scopeSpans":[{"spans":[%s]}]}`, name, strings.Join(spans, ","))
	}
	return fmt.Sprintf(`{"resourceSpans":[%s,%s]}`+"\n", resource("front", front), resource("stock", stock))
}

// rowsOf runs a report that has to succeed.
func rowsOf(t *testing.T, args ...string) []map[string]any {
	t.Helper()
	code, out, problem := outcome(t, append([]string{"report"}, args...)...)
	var d struct{ Rows []map[string]any }
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 || len(d.Rows) == 0 {
		t.Fatalf("%v: exit code %d, %v, errors %q\n%.300s", args, code, err, problem, out)
	}
	return d.Rows
}

func TestExplainAndCompareFiles(t *testing.T) {
	t.Parallel()
	before, after := fileOf(t, "before.jsonl", requests(1, 100, 1)), fileOf(t, "after.jsonl", requests(2, 100, 3))
	both := fileOf(t, "both.jsonl", requests(1, 100, 1)+requests(2, 100, 3))

	x := rowsOf(t, "explain", "--select", "traceDuration > 200ms", before)[0]
	if x["key"] != "flag" || x["value"] != "on" || x["selected"] != 10.0 || x["selected_total"] != 10.0 || x["baseline"] != 0.0 || x["baseline_total"] != 90.0 {
		t.Errorf("explain: %v", x)
	}
	for _, args := range [][]string{
		{"compare", before, after},
		{"compare", "--at", "500s", both},
		{"compare", "--at", "2023-11-14T22:35:00Z", both},
	} {
		x := rowsOf(t, args...)[0]
		if x["kind"] != "calls" || x["service"] != "stock" || x["before"] != 1.0 || x["after"] != 3.0 || x["traces_before"] != 100.0 {
			t.Errorf("%v: %v", args, x)
		}
	}
}

func TestBadUsageOfExplainAndCompare(t *testing.T) {
	t.Parallel()
	file := fileOf(t, "one.jsonl", requests(1, 3, 1))
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"explain", file}, 2, "--select"},
		{[]string{"explain", "--select", "duration >", file}, 2, "--select: column"},
		{[]string{"explain", "--select", "error", "--baseline", "a =", file}, 2, "--baseline: column"},
		{[]string{"compare", file}, 2, "two files"},
		{[]string{"compare", file, "/nonexistent/x.jsonl"}, 1, "/nonexistent/x.jsonl"},
		{[]string{"compare", "/nonexistent/x.jsonl", file}, 1, "/nonexistent/x.jsonl"},
		{[]string{"compare", "--at", "noon", file}, 2, "--at"},
	} {
		code, _, problem := outcome(t, append([]string{"report"}, c.args...)...)
		if code != c.code || !strings.Contains(problem, c.says) {
			t.Errorf("%v: exit code %d, want %d with %q: %q", c.args, code, c.code, c.says, problem)
		}
	}
}
