package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/report"
)

// byHand is a trace in which every call is looked up by walking up from it.
type byHand struct {
	spans map[string]*span
}

// entry is D4, told anew.
func (h byHand) entry(s *span) bool {
	p := h.spans[s.parent]
	return p == nil || s.kind == "server" || s.kind == "consumer" || p.service != s.service
}

// above are the services of the calls above a span, nearest first; the span itself is not among them.
func (h byHand) above(s *span) []string {
	var out []string
	for p := h.spans[s.parent]; p != nil; p = h.spans[p.parent] {
		if h.entry(p) {
			out = append(out, p.service)
		}
	}
	return out
}

// Callees, amplification, callers, routes and frequencies of recorded traces are what walking up from every
// span finds.
func TestDependenciesAreWhatBruteForceFinds(t *testing.T) {
	lines := 700
	if testing.Short() {
		lines = 150
	}
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)
	traces := map[string]byHand{}
	for _, s := range spans {
		if traces[s.trace].spans == nil {
			traces[s.trace] = byHand{map[string]*span{}}
		}
		traces[s.trace].spans[s.id] = s
	}
	e := feed(spans)
	for _, focal := range []string{"ts-travel-service", "ts-basic-service", "mysql"} {
		calls, caused := 0, 0
		below, callers, routes, present := map[string]int{}, map[string]int{}, map[string]int{}, map[string]map[string]bool{}
		call := func(h byHand, s *span, name string, above []string) {
			if name == focal {
				calls++
				caller := "(outside)"
				if len(above) > 0 {
					caller = above[0]
				} else if s.parent != "" {
					caller = "(not seen)"
				}
				callers[caller]++
				way := slices.Clone(above)
				slices.Reverse(way)
				routes[strings.Join(append(way, name), " > ")]++
			}
			if slices.Contains(above, focal) {
				caused++
				below[name]++
				for p := h.spans[s.parent]; p != nil; p = h.spans[p.parent] {
					if h.entry(p) && p.service == focal {
						if present[name] == nil {
							present[name] = map[string]bool{}
						}
						present[name][p.trace+p.id] = true
					}
				}
			}
		}
		for _, h := range traces {
			for _, s := range h.spans {
				above := h.above(s)
				if h.entry(s) {
					call(h, s, s.service, above)
				}
				if s.kind == "client" && s.database { // these have no server below them
					if h.entry(s) {
						above = append([]string{s.service}, above...)
					}
					call(h, s, "mysql", above)
				}
			}
		}
		checkDependencies(t, ask(t, e, report.ViewDependencies, report.Options{Service: focal}).Rows, focal, calls, caused, below, callers, routes)
		for _, row := range ask(t, e, report.ViewFrequency, report.Options{Service: focal}).Rows {
			name, _ := row["service"].(string)
			if row["operation"] == "" && number(t, row, "present_calls") != float64(len(present[name])) {
				t.Errorf("%s: %v calls have %s, want %d", focal, row["present_calls"], name, len(present[name]))
			}
		}
	}
}

func checkDependencies(t *testing.T, rows []map[string]any, focal string, calls, caused int, below, callers, routes map[string]int) {
	t.Helper()
	requireFields(t, "dependencies", rows, "direction service operation kind calls errors traces distance direct_calls amplification focal_share caused_calls routes nested_calls cycle callers route trace_id")
	if r := rows[0]; r["direction"] != "focal" || number(t, r, "calls") != float64(calls) || number(t, r, "caused_calls") != float64(caused) || calls == 0 {
		t.Errorf("%s: %v, want %d calls that cause %d", focal, r, calls, caused)
	}
	got := map[string]map[string]int{"downstream": {}, "caller": {}, "route": {}}
	for _, r := range rows {
		direction, _ := r["direction"].(string)
		name, _ := r["service"].(string)
		if direction == "route" {
			name, _ = r["route"].(string)
		}
		if to := got[direction]; to != nil && r["operation"] == "" {
			to[name] = int(number(t, r, "calls"))
		}
		if direction == "downstream" && number(t, r, "amplification") != number(t, r, "calls")/float64(calls) {
			t.Errorf("%s: %v", focal, r)
		}
	}
	for direction, want := range map[string]map[string]int{"downstream": below, "caller": callers, "route": routes} {
		if fmt.Sprint(got[direction]) != fmt.Sprint(want) {
			t.Errorf("%s of %s:\n%v, want\n%v", direction, focal, got[direction], want)
		}
	}
}

// An operation is the one that serves, not the client's span of the same name.
func TestDependenciesOfAnOperation(t *testing.T) {
	rows := ask(t, feed(shop()), report.ViewDependencies, report.Options{Service: "payment", Operation: "pay"}).Rows
	if r := rows[0]; number(t, r, "calls") != 1 || number(t, r, "errors") != 1 || number(t, r, "routes") != 1 {
		t.Errorf("%v", r)
	}
	rows = ask(t, feed(shop()), report.ViewFrequency, report.Options{Service: "front"}).Rows
	requireFields(t, "frequency", rows, "service operation kind distance focal_calls present_calls present_share lower_share upper_share rare mean p95 max histogram trace_id")
	if r := rows[0]; r["service"] != "payment" || number(t, r, "focal_calls") != 2 || number(t, r, "present_share") != .5 || fmt.Sprint(r["histogram"]) != "[0: 1 1: 1]" {
		t.Errorf("%v", r)
	}
}
