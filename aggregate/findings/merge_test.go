package findings_test

import (
	"fmt"
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
