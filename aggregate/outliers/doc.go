// Package outliers finds requests that are unlike their own kind (ANALYSES A21, A22): those that take far
// longer than requests which do the same, and those that do something which hardly any other does.
//
//	request.Trace ─▶ Latency.Fold ─▶ Slow: few groups, each with the call path that took the time
//	              └▶ Structure.Fold ─▶ Odd: few groups, each with the reason in words
//
// Both are about requests, that is main roots; a slow call inside is found as the path that made requests
// slow. Both keep, per root operation, counts and a few of the most extreme traces, in bounded memory.
//
// A trace is a latency outlier by the definition of ANALYSES 3.2, which at 10,000 requests finds one or two
// among healthy ones. What is worth a look by itself (the Findings of both) has to be more than chance among
// all that was looked at as well: its family-wise error (Bonferroni) is below 5 %. The tests measure it on
// recorded traffic without faults; see falseAlarms there.
package outliers
