// Package model holds what a trace is: identifiers, spans as a person or an analysis sees them, the
// sanitised text type, and the linking of spans into trees with self time and critical path.
//
// Spans at rest live in the compact form of subpackage store (the ring), log records in subpackage logbook;
// subpackage wire walks OTLP bytes without copying them. model imports the standard library only.
//
//	OTLP bytes ─▶ wire.Fields ─▶ store.Ring ─▶ Trace (decoded, linked, immutable) ─▶ aggregate, ui
package model
