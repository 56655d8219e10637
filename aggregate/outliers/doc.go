// Package outliers finds requests that are unlike their own kind (ANALYSES A21, A22): those that take far
// longer than requests which do the same, and those that do something which hardly any other does.
//
//	request.Trace ─▶ Latency.Fold ─▶ Slow: few groups, each with the call path that took the time
//	              └▶ Structure.Fold ─▶ Odd: few groups, each with the reason in words
//
// Both are about requests, that is main roots; a slow call inside is found as the path that made requests
// slow. Both keep, per root operation, counts and a few of the most extreme traces, in bounded memory.
//
// A trace is a latency outlier by the definition of ANALYSES 3.2, which flags 0.02 % of healthy log-normal
// requests: one or two of 10,000. What is worth a look by itself (the Findings of both) has to be more than
// chance among all that was looked at as well (Bonferroni), and large or extreme.
//
// Measured on recorded traffic without faults, findings per 1,000 traces (recorded_test.go holds them to it):
// Train Ticket 0.15 latency and 0.10 shape, normal minutes of 26 fault injections 0.09 and 0, all of them
// about requests that did stand out (10 to 100 times the median; calls made by 2 or 3 of 19,569). In the
// demo without faults 1.1 and 0: one request in 200 is slow there on purpose. A search of fewer traces finds more of
// a thousand, for there are slow ones in all traffic and they make one finding: eighths of the stream 0.4 and 0.25.
package outliers
