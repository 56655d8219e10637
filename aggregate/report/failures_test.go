package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/report"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// What errors do at operations and where they begin is what following every span of a recorded file by hand gives.
func TestFailuresAreWhatBruteForceFinds(t *testing.T) {
	lines := 700
	if testing.Short() {
		lines = 100
	}
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)
	want, requests := failuresByHand(spans)
	x := feed(spans)
	a := ask(t, x, report.ViewOrigins, report.Options{})
	requireFields(t, "origins", a.Rows, "service operation kind peer error_type type_source errors requests user_visible_requests absorbed_requests async_requests lost_requests roots "+
		"mean_length mean_hops max_hops mean_depth saved_requests gaining_requests saved_least_ns saved_most_ns saved_work_ns first_unix_nano last_unix_nano verdict select trace_ids")
	begin := map[string]int64{}
	for _, row := range a.Rows {
		least, most := integer(t, row, "saved_least_ns"), integer(t, row, "saved_most_ns")
		if least < 0 || least > most || integer(t, row, "gaining_requests") > integer(t, row, "saved_requests") || integer(t, row, "saved_requests") > integer(t, row, "requests") {
			t.Errorf("%v", row)
		}
		n, _ := row["errors"].(json.Number).Int64()
		begin[fmt.Sprint(row["service"], row["operation"], row["kind"])] += n
	}
	checked := 0
	for key, c := range want {
		if begin[key] != c.self {
			t.Errorf("%s: %d errors begin, want %d", key, begin[key], c.self)
		}
	}
	for _, row := range operationsOf(t, x) {
		key := fmt.Sprint(row["service"], row["operation"], row["kind"])
		c := want[key]
		if c == nil {
			t.Fatalf("%s is not in the file", key)
		}
		checked++
		wantInt(t, key, row, "spans", c.spans)
		wantInt(t, key, row, "self", c.self)
		wantInt(t, key, row, "propagated", c.propagated)
		wantInt(t, key, row, "stopped", c.stopped)
	}
	failing := 0
	for _, c := range want {
		if c.self+c.propagated+c.stopped > 0 {
			failing++
		}
	}
	if checked != failing || failing == 0 {
		t.Errorf("%d operations, want %d of %d", checked, failing, len(want))
	}
	got := map[string]int64{}
	g := ask(t, x, report.ViewErrors, report.Options{})
	requireFields(t, "errors", g.Rows, "service operation kind error_type type_source message errors begin requests failed_requests of_requests request_share first_unix_nano last_unix_nano change over "+
		"since_unix_nano before_share after_share more_at_least_share q trend select trace_ids")
	for _, row := range g.Rows {
		n, _ := row["requests"].(json.Number).Int64()
		got[fmt.Sprint(row["service"], row["operation"], row["kind"])] += n
	}
	for key := range got { // one type each: every error of the file is a 500
		if got[key] != int64(len(requests[key])) {
			t.Errorf("%s: errors in %d requests, want %d", key, got[key], len(requests[key]))
		}
	}
	maps.DeleteFunc(requests, func(_ string, of map[string]bool) bool { return len(of) == 0 })
	if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(requests))) {
		t.Errorf("errors of %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(requests)))
	}
}

// roleCounts is what errors did at the spans of an operation.
type roleCounts struct{ spans, self, propagated, stopped int64 }

// errorsByHand are the spans that hand an error to their parent, directly or because they only pass it on, and those
// that one is handed to.
func errorsByHand(spans []*span) (hands, handed map[*span]bool) {
	byID := map[string]*span{}
	for _, s := range spans {
		byID[s.trace+s.id] = s
	}
	hands, handed = map[*span]bool{}, map[*span]bool{}
	for _, s := range spans {
		if !s.failed {
			continue
		}
		hands[s] = true
		for up := byID[s.trace+s.parent]; up != nil && !up.failed && up.kind == "internal" && up.service == s.service; up = byID[up.trace+up.parent] {
			if above := byID[up.trace+up.parent]; above == nil || above.service != up.service {
				break
			}
			hands[up] = true
		}
	}
	for s := range hands {
		handed[byID[s.trace+s.parent]] = true
	}
	return hands, handed
}

// failuresByHand follows every error upwards. By service, operation and kind it counts what errors did, and lists the
// traces in which they are errors.
func failuresByHand(spans []*span) (want map[string]*roleCounts, requests map[string]map[string]bool) {
	hands, handed := errorsByHand(spans)
	want = map[string]*roleCounts{}
	requests = map[string]map[string]bool{}
	for _, s := range spans {
		key := fmt.Sprint(s.service, s.name, s.kind)
		if want[key] == nil {
			want[key], requests[key] = &roleCounts{}, map[string]bool{}
		}
		c := want[key]
		c.spans++
		switch {
		case s.failed && handed[s]:
			c.propagated++
		case s.failed:
			c.self++
		case handed[s] && !hands[s]:
			c.stopped++
		}
		if s.failed {
			requests[key][s.trace] = true
		}
	}
	return want, requests
}

// What ran in failed calls is what adding up nanoseconds by hand gives: of the span where an error begins, or of its
// client's where that failed too, everything below it, without the time in which only callees ran.
func TestWorkOfErrorsIsWhatBruteForceFinds(t *testing.T) {
	lines := 400
	if testing.Short() {
		lines = 100
	}
	spans := whole(readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines))
	_, handed := errorsByHand(spans)
	below := map[*span][]*span{}
	byID := map[string]*span{}
	for _, s := range spans {
		byID[s.trace+s.id] = s
	}
	for _, s := range spans {
		if up := byID[s.trace+s.parent]; s.parent != "" {
			below[up] = append(below[up], s)
		}
	}
	gone := map[string]map[*span]bool{} // by operation: spans that would not have been
	for _, s := range spans {
		if !s.failed || handed[s] {
			continue
		}
		top := s
		if up := byID[s.trace+s.parent]; s.kind == "server" && up != nil && up.failed && up.kind == "client" {
			top = up
		}
		if top.parent == "" {
			continue // the request itself
		}
		key := fmt.Sprint(s.service, s.name, s.kind)
		if gone[key] == nil {
			gone[key] = map[*span]bool{}
		}
		for list := []*span{top}; len(list) > 0; list = list[1:] {
			gone[key][list[0]] = true
			list = append(list, below[list[0]]...)
		}
	}
	got := map[string]int64{}
	for _, row := range ask(t, feed(spans), report.ViewOrigins, report.Options{}).Rows {
		got[fmt.Sprint(row["service"], row["operation"], row["kind"])] += integer(t, row, "saved_work_ns")
	}
	total := int64(0)
	for key, of := range gone {
		want := int64(0)
		for s := range of {
			want += selfByHand(s, below[s])
		}
		total += want
		if got[key] != want {
			t.Errorf("%s: %d ns, want %d", key, got[key], want)
		}
		delete(got, key)
	}
	for key, ns := range got {
		if ns != 0 {
			t.Errorf("%s: %d ns, want none", key, ns)
		}
	}
	if total == 0 {
		t.Error("no error took any time")
	}
}

// selfByHand is the time of a span in which none of its children ran, child by child.
func selfByHand(s *span, children []*span) int64 {
	free := [][2]int64{{s.start, s.end}}
	for _, c := range children {
		var left [][2]int64
		for _, f := range free {
			if s.kind == "producer" && c.kind == "consumer" || c.end <= f[0] || c.start >= f[1] {
				left = append(left, f)
				continue
			}
			if c.start > f[0] {
				left = append(left, [2]int64{f[0], c.start})
			}
			if c.end < f[1] {
				left = append(left, [2]int64{c.end, f[1]})
			}
		}
		free = left
	}
	own := int64(0)
	for _, f := range free {
		own += f[1] - f[0]
	}
	return own
}

func TestRetriesView(t *testing.T) {
	a := askSpans(t, modeltest.Spans(t, `
		web GET server 0..100
		  web POST client 5..15 error url.full=http://cart:80/x
		    cart "POST /x" server 6..14 error
		  web POST client 25..35 url.full=http://cart:80/x
		    cart "POST /x" server 26..34`), report.ViewRetries)
	requireFields(t, "retries", a.Rows, "client operation kind callee callee_operation attempts logical_calls retries redirects authentication_resends other_resends amplification_ratio "+
		"peak_amplification_ratio peak_unix_nano retried_calls recovered_calls most_attempts failed_attempts_ns backoff_ns wasted_ns requests failed_requests first_unix_nano last_unix_nano storm_ratio storm_path select trace_ids")
	if len(a.Rows) != 1 {
		t.Fatalf("%v", a.Rows)
	}
	row := a.Rows[0]
	for field, want := range map[string]int64{
		"attempts": 2, "logical_calls": 1, "retries": 1, "amplification_ratio": 2, "recovered_calls": 1, "most_attempts": 2, "failed_attempts_ns": 10e6, "backoff_ns": 10e6, "wasted_ns": 20e6, "requests": 1,
		"failed_requests": 0, "first_unix_nano": modeltest.Base + 25e6,
	} {
		wantInt(t, "retries", row, field, want)
	}
	if row["client"] != "web" || row["callee"] != "cart" || row["callee_operation"] != "POST /x" || row["storm_ratio"] != nil || row["peak_unix_nano"] != nil {
		t.Errorf("%v", row)
	}
}

// A trace with errors says where they begin; one without says nothing.
func TestVerdictOfATrace(t *testing.T) {
	spans := modeltest.Spans(t, `
		web GET server 0..100 error
		  cart load server 5..15 error error.type=timeout
		trace 2
		web GET server 200..300`)
	var list []*span
	for i := range spans {
		list = append(list, &span{fed: spans[i]})
	}
	e := feed(list)
	for id, want := range map[uint64]any{1: "origin: cart load (timeout) → propagated 1 hop → user-visible", 2: nil} {
		var b bytes.Buffer
		if err := report.Write(context.Background(), &b, e, report.ViewTrace, report.Options{ID: model.TraceID{Lo: id}}); err != nil {
			t.Fatal(err)
		}
		var x map[string]any
		if err := json.Unmarshal(b.Bytes(), &x); err != nil || x["verdict"] != want {
			t.Errorf("trace %d: %v, %v; want %v", id, x["verdict"], err, want)
		}
	}
}

// askSpans is the answer of a view about spans.
func askSpans(t *testing.T, spans []model.Span, v report.View) answer {
	t.Helper()
	var list []*span
	for i := range spans {
		list = append(list, &span{fed: spans[i]})
	}
	return ask(t, feed(list), v, report.Options{})
}

// operationsOf is the table of operations of the view origins.
func operationsOf(t *testing.T, e aggregate.Engine) []map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, e, report.ViewOrigins, report.Options{}); err != nil {
		t.Fatal(err)
	}
	var x struct{ Operations, Chains, Depths []map[string]any }
	d := json.NewDecoder(&b)
	d.UseNumber()
	if err := d.Decode(&x); err != nil {
		t.Fatal(err)
	}
	requireFields(t, "operations", x.Operations, "service operation kind spans errors self propagated stopped affected resilience_share")
	requireFields(t, "depths", x.Depths, "depth self propagated stopped of_length")
	return x.Operations
}
