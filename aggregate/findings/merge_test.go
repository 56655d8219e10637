package findings_test

import (
	"fmt"
	"slices"
	"testing"

	"oteltop/aggregate/findings"
)

func TestMerge(t *testing.T) {
	found := func(k findings.Kind, operation string, from int64, harmed, of uint64) findings.Finding {
		return findings.Finding{Kind: k, Service: "cart", Operation: operation, From: from, Harmed: harmed, Of: of}
	}
	got := findings.Merge(
		[]findings.Finding{found(findings.NPlusOne, "a", 0, 100, 100), found(findings.NPlusOne, "a", 0, 50, 100), found(findings.FanOut, "a", 0, 90, 100)},
		[]findings.Finding{found(findings.ErrorOrigin, "a", 0, 1, 100), found(findings.ErrorOrigin, "b", 0, 100, 100)},
		[]findings.Finding{found(findings.LatencyOutlier, "a", 0, 1, 10_000), found(findings.LatencyOutlier, "a", 7, 1, 10_000), found(findings.ShapeOutlier, "c", 0, 0, 0)},
	)
	var text string
	for _, f := range got {
		text += fmt.Sprintf("%s %s %d %.3f\n", f.Kind, f.Operation, f.From, f.Score)
	}
	// Of operation a and the whole scope the fourth, its latency outlier, is left out; and the second N+1.
	want := `error_origin b 0 0.500
error_origin a 0 0.050
n_plus_one a 0 0.030
fan_out a 0 0.028
latency_outlier a 7 0.002
shape_outlier c 0 0.000
`
	if text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
}

// Errors that began with a change stand before it; those of another service, of another time, or of no known
// time stay where they are; and a recovery is last.
func TestMergeErrorsExplainChanges(t *testing.T) {
	const second = int64(1e9)
	f := func(k findings.Kind, service string, from, to int64, harmed uint64, effect float64) findings.Finding {
		return findings.Finding{Kind: k, Service: service, Operation: string(k), From: from * second, To: to * second, Harmed: harmed, Of: 1000, Effect: effect}
	}
	got := findings.Merge([]findings.Finding{
		f(findings.Recovery, "stock", 400, 460, 900, 4),
		f(findings.Onset, "stock", 100, 160, 150, .25),
		f(findings.Onset, "pay", 300, 360, 150, .09),
		f(findings.ErrorOrigin, "stock", 103, 0, 60, 0),
		f(findings.ErrorOrigin, "pay", 0, 0, 10, 0),
		f(findings.ErrorGroup, "pay", 10, 20, 10, 0),
		func() findings.Finding { // errors that come and go, of the operation that a change was seen in
			x := f(findings.ErrorOrigin, "ship", 0, 0, 10, 0)
			x.Operation = string(findings.Onset)
			return x
		}(),
		f(findings.Onset, "ship", 600, 660, 150, .01),
		f(findings.ErrorGroup, "cart", 103, 0, 10, 0),
		f(findings.ClockSkew, "cart", 0, 0, 1000, 0),
	})
	var text string
	for _, f := range got {
		text += fmt.Sprintf("%s %s %.3f\n", f.Kind, f.Service, f.Score)
	}
	want := `error_origin stock 0.500
onset stock 0.500
onset pay 0.300
error_origin ship 0.100
onset ship 0.100
error_group cart 0.050
error_group pay 0.050
error_origin pay 0.050
clock_skew cart 0.010
recovery stock 0.005
`
	if text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
}

// A change that is said to be over has its recovery told: one of another service, or of another time, stays.
func TestMergeTellsAnEndOnce(t *testing.T) {
	const second = int64(1e9)
	recovery := func(service string, from int64) findings.Finding {
		return findings.Finding{Kind: findings.Recovery, Service: service, Operation: service, From: from * second, Harmed: 1, Of: 10}
	}
	onset := findings.Finding{Kind: findings.Onset, Service: "stock", Operation: "reserve", From: 100 * second, Harmed: 1, Of: 10}
	ended := onset
	ended.End(160 * second)
	for name, x := range map[string]struct {
		change findings.Finding
		found  findings.Finding
		kept   bool
	}{
		"its end":         {ended, recovery("stock", 150), false},
		"much later":      {ended, recovery("stock", 400), true},
		"another service": {ended, recovery("pay", 160), true},
		"it goes on":      {onset, recovery("stock", 160), true},
	} {
		got := findings.Merge([]findings.Finding{x.found, x.change})
		kept := slices.ContainsFunc(got, func(f findings.Finding) bool { return f.Kind == findings.Recovery })
		if kept != x.kept || got[0].Kind != findings.Onset || len(got) > 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
