package suspects

import (
	"math"

	"oteltop/aggregate/stats"
)

// welch is the two-sided p-value of Welch's t-test (1947): of a difference of two means with the sampling
// variances v and w, from n and m observations. 1 where nothing varies.
func welch(difference, v, w, n, m float64) float64 {
	if v+w <= 0 {
		return 1
	}
	freedom := (v + w) * (v + w) / (v*v/max(1, n-1) + w*w/max(1, m-1))
	return stats.Student(difference/math.Sqrt(v+w), freedom)
}
