package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model/modeltest"
)

func TestWaterfallMethodsAloneMixCalls(t *testing.T) {
	for name, want := range map[string]mixture{
		"shop  POST  client 0..5":                                   mixesCalls,
		"shop  get  client 0..5":                                    mixesCalls,
		`shop  "HTTP GET"  client 0..5`:                             mixesCalls,
		"shop  HTTP  client 0..5":                                   mixesCalls,
		"shop  GET  server 0..5":                                    mixesRequests,
		"shop  GET /cart  client 0..5":                              mixesNothing,
		"shop  GET  client 0..5 db.system=redis":                    mixesNothing,
		"shop  GET  client 0..5 db.system.name=redis server.port=1": mixesNothing,
		"shop  GET  internal 0..5":                                  mixesNothing,
		"shop  getItem  client 0..5":                                mixesNothing,
		"shop  https  client 0..5":                                  mixesNothing,
	} {
		m := newTraceModel(waterfallView(modeltest.Trace(t, strings.ReplaceAll(name, `"`, ""))))
		if got := m.mixture(0); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// A call to a slow service is no slow call of that name: it is not judged by quick ones to others.
func TestWaterfallRanksAmongMixedCallsAreNotJudged(t *testing.T) {
	v := waterfallView(modeltest.Trace(t, `
shop  POST /checkout  server 0..100
  shop  POST  client 5..88 server.address=payments
  shop  POST /named  client 90..98
`))
	for i := range v.Context {
		v.Context[i] = aggregate.SpanContext{N: 4120, Percentile: 99.4, Median: 2e6, P95: 50e6}
	}
	s := newWaterfallScene(t, v, 200, 60)
	s.press("down")
	text := s.text()
	rows := strings.Split(text, "\n")
	row := func(name string) string {
		for _, r := range rows {
			if strings.Contains(r, name) {
				return r
			}
		}
		t.Fatalf("no row of %s:\n%s", name, text)
		return ""
	}
	up := string(s.f.G.ArrowUp)
	if r := row("POST → payments"); strings.Contains(r, up) || !strings.Contains(r, "~p99.4") || strings.ContainsRune(r, '╎') {
		t.Errorf("judged among all calls of the name:\n%s", r)
	}
	if r := row("POST /named  "); !strings.Contains(r, up) || strings.Contains(r, "~") {
		t.Errorf("a name that says what it calls is not judged:\n%s", r)
	}
	for _, want := range []string{"of all 4120 POST sent by", "whatever they call", "v compares"} {
		if !strings.Contains(text, want) {
			t.Errorf("the details do not say %q:\n%s", want, text)
		}
	}
	v.Context[1].Percentile = 99.95
	s.w.Answer(waterfallAnswer{view: v})
	text = s.text()
	rows = strings.Split(text, "\n")
	if r := row("POST → payments"); strings.Count(r, up) != 1 || !strings.Contains(r, "~p99.9") || !strings.Contains(text, "whatever they call") {
		t.Errorf("slower than nearly all calls of the name:\n%s", text)
	}
	s.press("down")
	if text := s.text(); strings.Contains(text, "whatever they call") {
		t.Errorf("said of a name that says what it calls:\n%s", text)
	}
}
