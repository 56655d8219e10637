package ui

import (
	"testing"

	"oteltop/model"
)

// A correction that was measured says to how much it is known; one that a trace suggests does not.
func TestSkewBadge(t *testing.T) {
	for want, c := range map[string][2]int64{
		"+5.00ms +-300us": {5e6, 3e5}, "-5.00ms +-300us": {-5e6, 3e5}, "+5.00ms": {5e6, model.SkewUnknown}, "+5.00ms +-0": {5e6, 0},
	} {
		if got := string(appendSkew(nil, c[0], c[1])); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	x := &model.Trace{SkewHalf: []int64{7, model.SkewUnknown}}
	if skewHalf(x, 0) != 7 || skewHalf(x, 1) != model.SkewUnknown || skewHalf(&model.Trace{}, 0) != model.SkewUnknown {
		t.Error("halves are mixed up")
	}
}
