package growth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"oteltop/model/modeltest"
)

// TestPanelsOfNothing judges many series together, as a search does, in none of which anything grows: the share of
// searches that find something is what a person sees.
//
// Measured of 100 searches of 60 places each: at most 2 %; 65 and 83 % of the latter
// two before the series of a search were asked together how alike neighbours are.
func TestPanelsOfNothing(t *testing.T) {
	modeltest.OneGoroutine(t)
	searches := 100
	if testing.Short() {
		searches = 40
	}
	rng := rand.New(rand.NewPCG(7, 3))
	for _, x := range []struct {
		name           string
		phi, deviation float64
		windows        int
		most           float64 // share of the searches
	}{
		{"windows alike", 0, .05, 30, .05},
		{"few requests", 0, .25, 12, .05},
		{"neighbours correlate", .6, .1, 30, .05},
		{"neighbours correlate strongly", .8, .2, 60, .05},
	} {
		found := 0
		for range searches {
			var panel []Series
			for i := range 60 {
				s := series(operation(fmt.Sprint("service ", i/4), fmt.Sprint("operation ", i)), noisy(rng, x.windows, x.phi, x.deviation, flat), constant(1))
				for w, y := range noisy(rng, x.windows, x.phi, 2*x.deviation, flat) {
					s.Windows[w].P95 = 2 * math.Exp(y)
					s.Windows[w].Self = s.Windows[w].Mean // what grows does so by itself
				}
				panel = append(panel, s)
			}
			rows, _ := Judge(panel)
			if len(Alarms(rows)) > 0 {
				found++
			}
		}
		share := float64(found) / float64(searches)
		t.Logf("%s: %d of %d searches, %.3f", x.name, found, searches, share)
		if share > x.most+2*math.Sqrt(x.most/float64(searches)) {
			t.Errorf("%s: %d of %d searches have an alarm", x.name, found, searches)
		}
	}
}
