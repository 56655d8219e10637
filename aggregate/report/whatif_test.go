package report_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/report"
	"oteltop/model"
)

// Predictions for recorded requests stand beside what they took, and stay within what can be gained at most:
// the operation's part of the critical path.
func TestWhatIfOfRecordedRequests(t *testing.T) {
	lines := 200
	if testing.Short() {
		lines = 60
	}
	e := feed(whole(readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)))
	durations := map[string][]int64{}
	for _, row := range ask(t, e, report.ViewTraces, report.Options{}).Rows {
		root := row["root_service"].(string) + " " + row["root_operation"].(string)
		durations[root] = append(durations[root], integer(t, row, "duration_ns"))
	}
	for _, ds := range durations {
		slices.Sort(ds)
	}
	critical := map[string]int64{} // of an operation, over all requests, by kind summed
	calls := map[string]uint64{}
	for _, row := range ask(t, e, report.ViewProfile, report.Options{}).Rows {
		op := row["service"].(string) + "/" + row["operation"].(string)
		critical[op] += integer(t, row, "critical_ns")
		calls[op] += uint64(integer(t, row, "calls"))
	}
	predicted, gained, most, doubtful := 0, 0.0, 0.0, int64(0)
	for op, ns := range critical {
		sum := 0.0
		for _, row := range ask(t, e, report.ViewWhatIf, report.Options{Operation: op}).Rows {
			root := row["root_service"].(string) + " " + row["root_operation"].(string)
			n := integer(t, row, "requests")
			if int(n) != len(durations[root]) || integer(t, row, "p50_before_ns") != durations[root][(n-1)/2] {
				t.Errorf("%s: %d requests, median %d ns; want %d", root, n, integer(t, row, "p50_before_ns"), len(durations[root]))
			}
			for _, q := range []string{"p50", "p95", "p99"} {
				if integer(t, row, q+"_after_ns") > integer(t, row, q+"_before_ns") {
					t.Errorf("%s faster makes the %s of %s slower", op, q, root)
				}
			}
			g, _ := row["gained_mean_ns"].(interface{ Float64() (float64, error) }).Float64()
			m, _ := row["most_mean_ns"].(interface{ Float64() (float64, error) }).Float64()
			if g < 0 || g > m+1 {
				t.Errorf("%s gains %v of %v ns", root, g, m)
			}
			sum += m * float64(n)
			gained += g * float64(n)
			doubtful += integer(t, row, "doubtful_requests")
			predicted++
		}
		if rows := ask(t, e, report.ViewWhatIf, report.Options{Operation: op, Limit: 1}).Rows; len(rows) != 1 {
			t.Errorf("%s: %d rows of at most one", op, len(rows))
		}
		if math.Abs(sum-float64(ns)/2) > 1e3*float64(calls[op]) {
			t.Errorf("%s: at most %v ns are gained, half of %d expected", op, sum, ns)
		}
		most += sum
	}
	t.Logf("%d predictions; %.0f %% of what is on critical paths would be gained; %d requests with doubts", predicted, 100*gained/most, doubtful)
	if predicted < 20 || gained < .3*most {
		t.Errorf("%d predictions, %v of %v ns gained", predicted, gained, most)
	}
}

// Of a trace, each span on the critical path has no slack, and each other no drag.
func TestSlackOfARecordedTrace(t *testing.T) {
	e := feed(whole(readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", 40)))
	slack, drag, doubts := 0, 0, 0
	for _, row := range ask(t, e, report.ViewTraces, report.Options{Limit: 40}).Rows {
		id, err := model.ParseTraceID(row["trace_id"].(string))
		if err != nil {
			t.Fatal(err)
		}
		a := ask(t, e, report.ViewTrace, report.Options{ID: id})
		requireFields(t, "spans", a.Spans, "slack_ns drag_ns own_drag_ns doubt_after_id")
		ids := map[string]bool{}
		for _, s := range a.Spans {
			ids[s["span_id"].(string)] = true
		}
		for _, s := range a.Spans {
			left := int64(0)
			if s["slack_ns"] != nil {
				left = integer(t, s, "slack_ns")
			}
			if integer(t, s, "critical_ns") > 0 && (left != 0 || s["slack_ns"] == nil) || left > 0 && integer(t, s, "drag_ns") > 0 {
				t.Errorf("%v", s)
			}
			if own := integer(t, s, "own_drag_ns"); own < 0 || own != min(integer(t, s, "critical_ns"), integer(t, s, "drag_ns")) {
				t.Errorf("%v", s)
			}
			if left > 0 {
				slack++
			}
			if integer(t, s, "drag_ns") > 0 {
				drag++
			}
			if before, ok := s["doubt_after_id"].(string); ok {
				doubts++
				if !ids[before] || before == s["span_id"] {
					t.Errorf("%v", s)
				}
			}
		}
	}
	t.Logf("%d spans with slack, %d with drag, %d hops in doubt", slack, drag, doubts)
	if slack == 0 || drag == 0 {
		t.Errorf("%d spans with slack, %d with drag", slack, drag)
	}
}

func TestWhatIfOptions(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "0.25": .25, "2": 2} {
		o, err := report.ParseOptions(report.ViewWhatIf, url.Values{"factor": {text}})
		if err != nil || o.Factor == nil || *o.Factor != want {
			t.Errorf("%s: %+v, %v", text, o.Factor, err)
		}
	}
	if _, err := report.ParseOptions(report.ViewWhatIf, url.Values{"factor": {"half"}}); err == nil {
		t.Error("half is no number")
	}
	e := feed(shop())
	if err := report.Write(context.Background(), io.Discard, e, report.ViewWhatIf, report.Options{}); !errors.Is(err, aggregate.ErrWhatIf) {
		t.Errorf("what is faster? %v", err)
	}
	factor := -1.0
	if err := report.Write(context.Background(), io.Discard, e, report.ViewWhatIf, report.Options{Service: "web", Factor: &factor}); !errors.Is(err, aggregate.ErrWhatIf) {
		t.Errorf("backwards: %v", err)
	}
}

// Rows of every kind can be written as a table; means are durations too.
func TestTablesOfRecordedRequests(t *testing.T) {
	e := feed(whole(readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", 600)))
	for view, o := range map[report.View]report.Options{
		report.ViewCritical: {}, report.ViewProfile: {By: "service"}, report.ViewTail: {}, report.ViewWhatIf: {Service: "ts-travel2-service"},
	} {
		var out strings.Builder
		o.Text = true
		if err := report.Write(context.Background(), &out, e, view, o); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(out.String(), "\n"); lines < 3 || !strings.Contains(out.String(), "ms") {
			t.Errorf("%s:\n%s", view, out.String())
		}
	}
}
