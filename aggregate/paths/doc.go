// Package paths says where the time of many requests goes (ANALYSES A09, A11, A12): it merges their
// critical paths and self times by call path, and takes apart why the slow ones are slower.
//
//	Request (linked spans, self times, critical path) ─▶ Tree.Fold ─▶ Tree: one node per call path
//	                                                  └▶ Costs.Fold ─▶ Costs: one entry per operation
//	Tree with a fast and a slow cohort ─▶ Decompose ─▶ what the difference consists of
//
// The critical path of a request is cut into sections that cover its root exactly (A10), so exclusive
// times over all nodes add up to the time of all requests to the nanosecond: shares are a partition, not
// an estimate. Self times are work: where calls run side by side their sum exceeds the latency.
//
// Sources: CRISP (Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice Architectures",
// USENIX ATC 2022) for aggregation by call path, Lightstep's and Canopy's latency contribution for the
// share. Memory is bounded, and what the bounds folded together is counted.
package paths
