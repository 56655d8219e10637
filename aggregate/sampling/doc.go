// Package sampling says what the spans that arrived stand for (ANALYSES A31): with which probability each was kept,
// as its trace state tells (D7), how many there were about, and where traces are not sampled as a whole.
//
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Result ─▶ seen n, ≈N: by operation, and in all
package sampling
