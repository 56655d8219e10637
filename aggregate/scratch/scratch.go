// Package scratch keeps working memory from trace to trace: a fold over many traces allocates for the largest of them
// only, and not for each.
package scratch

// Resized returns a slice of n elements, in the memory of s where that suffices. It holds whatever was there.
func Resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2) // the next trace may be a little larger
	}
	return s[:n]
}

// Cleared is Resized with all elements zero.
func Cleared[T any](s []T, n int) []T {
	s = Resized(s, n)
	clear(s)
	return s
}
