// Package round finds round figures: what axes are divided by, rows are high, and full bars stand for.
package round

import "math"

// Up is the least round figure that is not below least: one of the steps, times 1, 10, 100, …. The steps ascend, and
// the last is less than ten times the first. It is the first step where least is below that, or is no number, and +Inf
// where no round figure is as large.
func Up(least float64, steps ...float64) float64 {
	if math.IsNaN(least) {
		return steps[0]
	}
	for unit := 1.; ; unit *= 10 { // ends at the latest where unit has grown to +Inf
		for _, step := range steps {
			if step*unit >= least {
				return step * unit
			}
		}
	}
}
