package stats

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns the q-value of each p-value: the smallest false discovery rate at which it
// would be among the discoveries (Benjamini & Hochberg 1995, step-up; monotone as in Yekutieli &
// Benjamini 1999). Order is that of p. Every comparison that was made has to be in p, not only those
// that are shown.
func BenjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	q, least := make([]float64, len(p)), 1.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(p))/float64(rank))
		q[i] = least
	}
	return q
}
