// Soak runs the real oteltop, sends it the worst that it must survive, and prints what it took: a
// recorded stream ten times over with new ids, an hour's load compressed in time, and every bomb of the
// protocol's list many times at once. It fails when resident memory went over budget plus the stated
// constant, when a span is unaccounted for, or when the program did not survive. See README.md.
//
//	stream, bombs ─▶ client ─OTLP/gRPC, OTLP/HTTP─▶ oteltop serve ─▶ /report/coverage, /proc/PID/status
package main
