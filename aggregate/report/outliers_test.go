package report_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/aggregate/report"
	"oteltop/model"
)

// unusual is 1000 requests that each ask a database; three wait long for it, and one of those that do not
// calls the mail service.
func unusual() []*span {
	rng := rand.New(rand.NewPCG(5, 6))
	web, mail := &model.Resource{Service: "web"}, &model.Resource{Service: "mail"}
	var out []*span
	for i := range int64(1000) {
		start := 1_700_000_000_000_000_000 + i*1e9
		wait := int64(20e6) + rng.Int64N(10e6)
		if i%400 == 100 {
			wait = 900e6 + i*1e6
		}
		root := model.Span{TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: "GET /", Kind: model.KindServer, Start: start, End: start + wait + 2e6, Resource: web}
		query := root
		query.ID, query.Parent, query.Name, query.Kind, query.Start, query.End = 2, 1, "SELECT", model.KindClient, start+1e6, start+1e6+wait
		out = append(out, &span{fed: root}, &span{fed: query})
		if i == 777 {
			send := query
			send.ID, send.Name, send.Resource = 3, "send", mail
			out = append(out, &span{fed: send})
		}
	}
	return out
}

func TestOutliersReport(t *testing.T) {
	e := feed(unusual())
	a := ask(t, e, report.ViewOutliers, report.Options{})
	requireFields(t, "outliers", a.Rows, "kind title root_service root_operation reason shape count of failed median_ns slowest_ns robust_z surprise_bits percentile q path path_ns path_usual_ns most trace_ids")
	if len(a.Rows) != 2 {
		t.Fatalf("%v", a.Rows)
	}
	slow, odd := a.Rows[0], a.Rows[1]
	wantInt(t, "slow", slow, "count", 3)
	wantInt(t, "slow", slow, "of", 1000)
	wantInt(t, "slow", slow, "slowest_ns", 1802e6)
	wantInt(t, "slow", slow, "path_ns", 1800e6)
	if slow["kind"] != "latency" || slow["path"] != "web GET / → web SELECT" || slow["shape"] == nil || slow["reason"] != nil {
		t.Errorf("slow: %v", slow)
	}
	wantInt(t, "odd", odd, "count", 1)
	if odd["kind"] != "shape" || odd["reason"] != "calls" || odd["title"] != "GET / calls send in mail from web, seen in 1 of 1000" || odd["q"] != nil {
		t.Errorf("odd: %v", odd)
	}
	// Both are findings; the filter of each selects its traces and no other.
	kinds := map[string]int{}
	for _, row := range ask(t, e, report.ViewFindings, report.Options{}).Rows {
		kind := row["kind"].(string)
		kinds[kind]++
		if !strings.HasSuffix(kind, "_outlier") {
			continue
		}
		if row["select"] == "" {
			t.Errorf("%s: no filter", kind)
			continue
		}
		selected := ask(t, e, report.ViewTraces, report.Options{Filter: expression(t, row["select"].(string))}).Rows
		if want := integer(t, row["evidence"].(map[string]any), "harmed_requests"); int64(len(selected)) != want {
			t.Errorf("%s: %s selects %d traces, want %d", kind, row["select"], len(selected), want)
		}
	}
	if kinds["latency_outlier"] != 1 || kinds["shape_outlier"] != 1 {
		t.Errorf("findings %v", kinds)
	}
	if n := len(ask(t, e, report.ViewOutliers, report.Options{Limit: 1}).Rows); n != 1 {
		t.Errorf("%d rows with a limit of 1", n)
	}
}
