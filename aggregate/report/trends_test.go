package report_test

import (
	"math"
	"testing"

	"oteltop/aggregate/report"
)

// TestTrendsReport: what takes longer from two thirds of the time on is a step, and whoever waits for it says so.
func TestTrendsReport(t *testing.T) {
	spans := slowing()
	for i, s := range spans { // squeezed into 30 s
		late := s.fed.Start - spans[0].fed.Start
		spans[i].fed.Start -= late / 10 * 9
		spans[i].fed.End -= late / 10 * 9
	}
	a := ask(t, feed(spans), report.ViewTrends, report.Options{})
	if len(a.Rows) != 0 {
		t.Errorf("30 s are enough: %v", a.Rows)
	}
	// Each request 40 times: enough for windows.
	var many []*span
	for k := range 40 {
		for _, s := range slowing() {
			s.fed.TraceID.Hi = uint64(k)
			s.fed.Start += int64(k) * 1e6
			s.fed.End += int64(k) * 1e6
			many = append(many, s)
		}
	}
	a = ask(t, feed(many), report.ViewTrends, report.Options{Limit: 4})
	requireFields(t, "trends", a.Rows, "service operation kind shape quantile before_ns after_ns growth_ratio p50_growth_ratio p95_growth_ratio step_unix_nano law "+
		"doubling_ns self_share because_service because_operation lost_ns p q windows window_ns calls from_unix_nano to_unix_nano tail_exponent")
	row := a.Rows[0]
	if len(a.Rows) != 4 || row["service"] != "cart" || row["operation"] != "/cart" || row["kind"] != "server" || row["shape"] != "step" ||
		row["law"] != nil || row["because_service"] != nil {
		t.Fatalf("%v", a.Rows)
	}
	if late := integer(t, row, "step_unix_nano") - (spans[0].fed.Start + 200e9); math.Abs(float64(late)) > float64(integer(t, row, "window_ns")) {
		t.Errorf("the step is %d ns late", late)
	}
	wantInt(t, "trends", row, "calls", 12000)
	for _, r := range a.Rows[1:] {
		if r["because_service"] != "cart" || r["because_operation"] != "/cart" {
			t.Errorf("%v", r)
		}
	}
}
