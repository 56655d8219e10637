// Package trust says how complete traces are, and how good the spans of each service (ANALYSES A30).
//
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Result ─▶ per service what is wrong with its spans, with examples
//	                                          └─▶ how much of requests their spans explain
package trust
