package stats

import (
	"cmp"
	"slices"
)

// Spearman is the rank correlation of two samples of the same length (Spearman 1904), −1…1, with tied values at
// the mean of their ranks; 0 where one does not vary.
func Spearman(x, y []float64) float64 { return Pearson(midranks(x), midranks(y)) }

// midranks are the ranks of values, tied ones at the mean of theirs.
func midranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	ranks := make([]float64, len(x))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && x[order[to]] == x[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranks[i] = float64(from+to-1)/2 + 1
		}
		from = to
	}
	return ranks
}
