package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"oteltop/aggregate/report"
	"oteltop/model"
)

// Every count of the view quality of recorded files, and how much of a request its spans explain, is what counting by
// hand finds.
func TestQualityIsWhatBruteForceFinds(t *testing.T) {
	lines := 500
	if testing.Short() {
		lines = 100
	}
	for _, path := range []string{"stream/tt-20230130-normal-1415-2400.jsonl.gz", "single/otel/oteltui-astronomy-shop-startup-incident.jsonl", "single/zipkin/smartthings-oauth-authorization.jsonl"} {
		spans := readSpans(t, fixtures+"/"+path, lines)
		e := feed(spans)
		a := ask(t, e, report.ViewQuality, report.Options{})
		requireFields(t, "quality", a.Rows, "service spans score_share clients known_clients answered_clients answered_share client_without_peer servers root_servers servers_with_client with_client_share "+
			"orphans entries entry_orphans caller_missing_share inner inner_orphans own_missing_share unique_ids duplicate_id negative_duration outside_parent unspecified_kind unspecified_share "+
			"no_service_name no_version dropped_attributes dropped_events dropped_links exemplars")
		want, dropped := qualityByHand(spans), map[string]int64{} // spans of which fields were dropped
		for _, s := range spans {
			dropped[s.service] += one(s.fed.DroppedAttributes+s.fed.DroppedEvents+s.fed.DroppedLinks > 0)
		}
		for _, row := range a.Rows {
			name, _ := row["service"].(string)
			for key, n := range want[name] {
				wantInt(t, path+" "+name, row, key, n)
			}
			delete(want, name)
			score := 1 - float64(dropped[name])/float64(max(integer(t, row, "spans"), 1))
			for key, of := range map[string]string{"orphans": "", "negative_duration": "spans", "outside_parent": "spans", "duplicate_id": "spans", "unspecified_kind": "spans"} {
				whole := integer(t, row, "entries") + integer(t, row, "inner")
				if of != "" {
					whole = integer(t, row, of)
				}
				score *= 1 - float64(integer(t, row, key))/float64(max(whole, 1))
			}
			if known := integer(t, row, "known_clients"); known > 0 {
				score *= float64(integer(t, row, "answered_clients")) / float64(known)
			}
			if got := number(t, row, "score_share"); math.Abs(got-score) > 1e-9 {
				t.Errorf("%s %s: a score of %v, by hand %v", path, name, got, score)
			}
			refs := row["exemplars"].(map[string]any)
			if list, _ := refs["orphan"].([]any); (integer(t, row, "orphans") > 0) != (len(list) > 0) {
				t.Errorf("%s: %v orphans, of which %v are named", name, row["orphans"], list)
			}
		}
		if len(want) > 0 {
			t.Errorf("%s: not listed: %v", path, want)
		}
	}
}

// qualityByHand counts what does not depend on how twins of one id are told apart.
func qualityByHand(spans []*span) map[string]map[string]int64 {
	byID, twins := map[string]*span{}, map[string]int64{}
	for _, s := range spans {
		byID[s.trace+s.id] = s
		twins[s.trace+s.id]++
	}
	want := map[string]map[string]int64{}
	for _, s := range spans {
		q := want[s.service]
		if q == nil {
			q = map[string]int64{}
			want[s.service] = q
		}
		q["spans"]++
		q["clients"] += one(s.kind == "client")
		q["servers"] += one(s.kind == "server")
		q["root_servers"] += one(s.kind == "server" && s.parent == "")
		q["unspecified_kind"] += one(s.kind == "unspecified")
		q["orphans"] += one(s.parent != "" && byID[s.trace+s.parent] == nil)
		_, versioned := model.Lookup(s.fed.Resource.Attributes, "service.version")
		q["no_version"] += one(!versioned)
		q["negative_duration"] += one(s.fed.End < s.fed.Start)
		q["dropped_attributes"] += int64(s.fed.DroppedAttributes)
		q["dropped_events"] += int64(s.fed.DroppedEvents)
		q["dropped_links"] += int64(s.fed.DroppedLinks)
		p := byID[s.trace+s.parent]
		if len(twins) == len(spans) { // no twins
			q["servers_with_client"] += one(s.kind == "server" && p != nil && p.kind == "client")
			q["entries"] += one(s.parent != "" && (s.kind == "server" || s.kind == "consumer"))
			q["inner"] += one(s.parent != "" && s.kind != "server" && s.kind != "consumer")
			q["unique_ids"]++
			q["outside_parent"] += one(p != nil && !(p.kind == "producer" && s.kind == "consumer") && (s.end < p.start || s.start >= p.end && s.start > p.start))
		}
	}
	return want
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// The share of a request that its spans cover, and their durations by the root's, as counting by hand gives them.
func TestTraceTrustIsWhatBruteForceFinds(t *testing.T) {
	spans := readSpans(t, fixtures+"/single/otel/oteltui-astronomy-shop-startup-incident.jsonl", 0)
	traces := map[string][]*span{}
	for _, s := range spans {
		traces[s.trace] = append(traces[s.trace], s)
	}
	e := feed(spans)
	checked := 0
	for id, all := range traces {
		var root *span
		roots := 0
		for _, s := range all {
			if s.parent == "" {
				root = s
				roots++
			}
		}
		if roots != 1 || root.end == root.start {
			continue
		}
		checked++
		sum, covered, end := int64(0), int64(0), root.start
		slices.SortFunc(all, func(a, b *span) int { return int(a.start - b.start) })
		for _, s := range all {
			if s == root {
				continue
			}
			sum += s.end - s.start
			from, to := max(s.start, end), min(s.end, root.end)
			covered += max(0, to-from)
			end = max(end, to)
		}
		trace, err := model.ParseTraceID(id)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := report.Write(context.Background(), &b, e, report.ViewTrace, report.Options{ID: trace}); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Trust struct {
				Coverage float64 `json:"coverage_share"`
				Ratio    float64 `json:"duration_ratio"`
				Gap      int64   `json:"blind_gap_ns"`
			}
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		d := float64(root.end - root.start)
		if got.Trust.Coverage != float64(covered)/d || got.Trust.Ratio != float64(sum)/d || got.Trust.Gap < 0 || float64(got.Trust.Gap) > d {
			t.Errorf("%s: %+v, want %g and %g", id, got.Trust, float64(covered)/d, float64(sum)/d)
		}
	}
	if checked < 100 {
		t.Errorf("%d traces were checked", checked)
	}
}

func TestTrustReports(t *testing.T) {
	spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", 300)
	e := feed(spans)
	skew := ask(t, e, report.ViewSkew, report.Options{Limit: 3})
	requireFields(t, "skew", skew.Rows, "client_host server_host client_services server_services calls used_calls contradicting_calls offset_ns half_width_ns low_ns high_ns adjusts latest_unix_nano trace_ids")
	if len(skew.Rows) != 3 {
		t.Errorf("%d rows", len(skew.Rows))
	}
	sampling := ask(t, e, report.ViewSampling, report.Options{})
	requireFields(t, "sampling", sampling.Rows, "service operation kind seen estimated probability_share with_threshold malformed_threshold least_probability_share most_probability_share "+
		"traces mixed_traces partly_traces client_started_traces remote_started_traces headless_traces leaf_started_share refused evicted mixed_trace_ids leaf_trace_ids")
	wantInt(t, "sampling", sampling.Rows[0], "seen", int64(len(spans)))
	sum := int64(0)
	for _, row := range sampling.Rows[1:] {
		sum += integer(t, row, "seen")
	}
	if sum != int64(len(spans)) || fmt.Sprint(sampling.Rows[0]["estimated"]) != fmt.Sprint(len(spans)) {
		t.Errorf("%d spans by operation, %v estimated; want %d", sum, sampling.Rows[0]["estimated"], len(spans))
	}
	coverage := ask(t, e, report.ViewCoverage, report.Options{})
	requireFields(t, "coverage", coverage.Rows, "measured_traces single_span_traces coverage_p5_share coverage_p50_share duration_ratio_p5 duration_ratio_p50 blind_gap_p50_ns blind_gap_p95_ns "+
		"blind_gap_max_ns least_covered largest_blind_gaps")
	for _, v := range []report.View{report.ViewSkew, report.ViewSampling, report.ViewQuality, report.ViewGaps, report.ViewCoverage} {
		var b bytes.Buffer
		if err := report.Write(context.Background(), &b, e, v, report.Options{Text: true}); err != nil || b.Len() == 0 {
			t.Errorf("%s: %v", v, err)
		}
	}
}

// Context that is lost between two services is said in one sentence.
func TestGapsReport(t *testing.T) {
	var spans []*span
	add := func(trace, id, parent, service string, kind model.Kind, start, end int64) {
		traceID, _ := model.ParseTraceID(trace)
		spanID, _ := model.ParseSpanID(id)
		x := model.Span{TraceID: traceID, ID: spanID, Name: "work", Kind: kind, Resource: &model.Resource{Service: service}, Start: start, End: end}
		if parent != "" {
			x.Parent, _ = model.ParseSpanID(parent)
		}
		if kind == model.KindClient {
			x.Attributes = []model.Attribute{{Key: "server.address", Value: model.StringValue("cart:8080")}}
		}
		spans = append(spans, &span{fed: x})
	}
	for i := range int64(1240) {
		at := int64(1e18) + i*1e9
		web, cart := fmt.Sprintf("%032x", 2*i+1), fmt.Sprintf("%032x", 2*i+2)
		add(web, "0000000000000001", "", "web", model.KindServer, at, at+50e6)
		add(web, "0000000000000002", "0000000000000001", "web", model.KindClient, at+5e6, at+45e6)
		add(cart, "0000000000000003", "", "cart", model.KindServer, at+10e6, at+40e6)
	}
	e := feed(spans)
	a := ask(t, e, report.ViewGaps, report.Options{Limit: 1})
	requireFields(t, "gaps", a.Rows, "client server context_lost lost_share calls unanswered failed matched by_chance_share server_roots server_roots_matched client_traces server_traces sentence")
	row := a.Rows[0]
	if row["sentence"] != "trace context is lost between web and cart: 100% of 1240 calls start a trace of their own" || row["context_lost"] != true || fmt.Sprint(row["by_chance_share"]) != "0" {
		t.Errorf("%v", row)
	}
	f := ask(t, e, report.ViewFindings, report.Options{})
	if i := slices.IndexFunc(f.Rows, func(r map[string]any) bool { return r["kind"] == "propagation_gap" }); i < 0 {
		t.Errorf("%v", f.Rows)
	}
}
