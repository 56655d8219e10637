// Package bounded counts what others send in memory and numbers that stay bounded, whatever they send.
package bounded

import "math"

// Entry is the entry of a key, made where there are fewer than most; beyond that it is one that nobody else
// sees, and dropped counts it.
func Entry[K comparable, V any](m map[K]*V, key K, most int, dropped *uint64) *V {
	v, ok := m[key]
	if ok {
		return v
	}
	v = new(V)
	if len(m) < most {
		m[key] = v
	} else {
		*dropped++
	}
	return v
}

// Sum adds what is not negative, and stays at the largest number where hostile ones overflow.
func Sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
