// Lens 8, Coverage: rows of the counters of this program: spans, bounds, log.

package ui

import (
	"slices"
	"strconv"
	"strings"

	"oteltop/aggregate"
	"oteltop/ui/num"
)

// counter is a count of the program: what it counts, and what that means.
type counter struct {
	label string
	n     uint64
	note  string
	level level // when it is not 0
	drill func(s Scope) Action
}

// row makes a row of a counter; a level is for something to be there at all.
func (c counter) row() coverRow {
	l := c.level
	if c.n == 0 {
		l = plain
	}
	drill := c.drill
	if drill == nil {
		drill = func(Scope) Action { return Say{Text: c.label + ": " + c.note} }
	}
	return coverRow{level: l, sheetRow: sheetRow{
		id: c.label, cells: []sheetCell{textCell(c.label), figureCell(cellCount, float64(c.n)), dimCell(c.note)},
		say: sayf("%s %s: %s", countText(c.n), c.label, c.note), drill: drill,
	}}
}

// toLog shows the program's messages, in which refusals are said.
func toLog(Scope) Action { return toPane{coverLog} }

// allTraces shows the retained traces of the scope.
func allTraces(s Scope) Action {
	s.Selection = nil
	return Drill{LensTraces, s}
}

// spanRows is what became of what arrived: what was refused and is odd first, then the balance received = stored +
// duplicate, stored = retained + evicted.
func spanRows(v *aggregate.Coverage) []coverRow {
	counts := []counter{
		{"received", v.Received, "valid or not", plain, allTraces},
		{"stored", v.Stored, "counted in rates and percentiles", plain, allTraces},
		{"duplicate", v.Duplicate, "sent twice, counted once", plain, nil},
		{"retained", v.Retained, partText(v.Retained, v.Stored) + " of what was stored can be opened", plain, allTraces},
		{"evicted", v.Evicted, "still in the figures of every view without a filter", plain, nil},
		{"late", v.Late, "came after their trace had settled; figures were corrected", plain, nil},
		{"id collisions", v.IDCollisions, "different spans under one id, both kept", doubtful, nil},
		{"overflowed", v.Overflowed, "counted under \"(other)\": too many names, or too long", bad, nil},
	}
	for _, r := range v.Status.RefusedBy {
		counts = append(counts, counter{"refused: " + spaced(r.Reason), r.N, "spans or requests that were not taken; the log says more", bad, toLog})
	}
	for _, r := range v.DroppedFields {
		counts = append(counts, counter{"SDKs dropped " + r.Reason, r.N, "by the limits that the SDK was given", doubtful, nil})
	}
	for _, r := range v.Quality {
		drill := func(Scope) Action { return toPane{coverProblems} }
		l := doubtful
		if r.Reason == "async_tail" || r.Reason == "shared_id" { // ways to work, not faults
			l = plain
		}
		counts = append(counts, counter{spaced(r.Reason), r.N, strangeness(r.Reason), l, drill})
	}
	counts = append(counts, counter{"orphans", v.Orphans, "their parent never came", doubtful, toTraces(orphanCondition(""))})
	for _, r := range v.Status.Requests {
		counts = append(counts, counter{"requests: " + spaced(r.Reason), r.N, "by this transport", plain, nil})
	}
	counts = append(counts,
		counter{"logs", v.Status.Logs, logText(&v.LogRecords), plain, nil},
		counter{"metrics", v.Status.Metrics, "received, not shown: only traces are", plain, nil},
		counter{"connections", uint64(max(0, v.Connections)), "open now", plain, nil},
	)
	return worstFirst(counts)
}

// logText says what became of log records.
func logText(l *aggregate.LogRecords) string {
	if *l == (aggregate.LogRecords{}) {
		return "received; those of a trace are shown with its spans"
	}
	b := append(num.Count(nil, l.Retained), " shown with the spans of their trace"...)
	for _, x := range []struct {
		n   uint64
		why string
	}{{l.Untraced, " of no trace"}, {l.Duplicate, " sent twice"}, {l.Evicted, " evicted"}, {l.Refused, " larger than 64 KiB"}} {
		if x.n > 0 {
			b = append(num.Count(append(b, ", "...), x.n), x.why...)
		}
	}
	return string(b)
}

// worstFirst makes the rows of counters: what is bad, what is doubtful, the others as they come. Of those that worry
// nobody but name a fault, only what there is.
func worstFirst(counts []counter) []coverRow {
	var rows []coverRow
	for _, c := range counts {
		if c.n > 0 || c.level == plain {
			rows = append(rows, c.row())
		}
	}
	slices.SortStableFunc(rows, func(a, b coverRow) int { return int(max(b.level, good)) - int(max(a.level, good)) })
	return rows
}

func partText(part, whole uint64) string {
	if whole == 0 {
		return "-"
	}
	return shareText(float64(part) / float64(whole))
}

// strangeness says what a reason of doubtful quality means.
func strangeness(reason string) string {
	switch reason {
	case "negative_duration":
		return "ended before they started"
	case "cycle":
		return "parents that are their own descendants; cut"
	case "duplicate_id":
		return "the same id twice in a trace"
	case "shared_id":
		return "client and server under one id, as Zipkin does"
	case "async_tail":
		return "ended after their parent"
	case "outside_parent":
		return "ran wholly before or after their parent"
	case "missing_service_name":
		return "their resource has no service.name"
	case "unspecified_kind":
		return "their instrumentation sets no kind"
	}
	return ""
}

// boundNotes say what it means that a bound is reached.
var boundNotes = map[string]string{
	"ring_bytes": "the oldest traces make room for new ones (--memory)", "operations": "further names count under \"(other)\"",
	"services": "spans of further ones count under \"(other)\"", "peers": "calls to further ones count under \"(other)\"",
	"name_length_bytes": "spans with longer names count under \"(other)\"", "names_bytes": "further names count under \"(other)\"",
	"rollup_bytes": "operations folded into \"(other)\"", "edges": "calls that are on no edge of the map",
	"heatmap_exemplars": "cells without a trace to open", "links": "links to traces that are forgotten", "undated_spans": "outside of every bucket of time",
	"log_bytes": "older log records, or larger than 64 KiB",
}

// roomRows are the bounds of the program and the traces that it keeps.
func roomRows(v *aggregate.Coverage) []coverRow {
	var rows []coverRow
	for i := range v.Bounds {
		rows = append(rows, boundRow(&v.Bounds[i]))
	}
	retained := "retained"
	if v.Status.Live { // how long files took to read says nothing
		retained += ", over " + string(ringSpan(nil, &v.Status))
	}
	counts := []counter{
		{"traces", v.Traces, retained, plain, allTraces},
		{"still open", v.OpenTraces, "spans may yet arrive", plain, allTraces},
		{"complete", v.CompleteTraces, partText(v.CompleteTraces, v.Traces) + ": one root, no missing parent, nothing dropped", plain, allTraces},
		{"evicted traces", v.EvictedTraces, "to make room for newer ones", plain, nil},
		{"on the shelf", v.ShelfTraces, "outlived the ring", plain, allTraces},
	}
	for _, r := range v.Shelved {
		counts = append(counts, counter{"kept: " + spaced(r.Reason), r.N, "outlived the ring", plain, allTraces})
	}
	for _, r := range v.RootCount {
		drill := allTraces
		if r.Reason == "no_root" {
			drill = func(s Scope) Action { return toTraces("!{ parentId = nil }")(s) }
		}
		counts = append(counts, counter{spaced(r.Reason), r.N, partText(r.N, v.Traces) + " of traces", plain, drill})
	}
	for _, c := range counts {
		r := c.row()
		r.cells = []sheetCell{r.cells[0], textCell(countText(c.n)), dimCell(""), r.cells[2]}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b coverRow) int { return int(b.level) - int(a.level) })
	return rows
}

// boundRow is a limit of the program: how full it is, and what was lost to it.
func boundRow(b *aggregate.Bound) coverRow {
	figure := func(n int64) string { return countText(uint64(max(0, n))) }
	if strings.HasSuffix(b.Name, "_bytes") {
		figure = func(n int64) string { return string(num.Bytes(nil, n)) }
	}
	label := spaced(strings.TrimSuffix(b.Name, "_bytes"))
	l, fill, note := plain, 0.0, boundNotes[b.Name]
	if b.Max > 0 {
		fill = float64(b.Used) / float64(b.Max)
		note += ", at most " + figure(b.Max)
	}
	if b.Lost > 0 {
		note = countText(b.Lost) + " lost: " + note
	}
	if costly(b) {
		l = bad
	}
	full := dimCell("")
	if b.Max > 0 {
		full = sheetCell{kind: cellShare, n: fill, bar: min(1, fill)}
	}
	return coverRow{level: l, sheetRow: sheetRow{
		id: "bound " + b.Name, cells: []sheetCell{textCell(label), textCell(figure(b.Used)), full, dimCell(note)},
		say:   sayf("%s: %s %s", label, figure(b.Used), note),
		drill: func(Scope) Action { return Say{Text: label + ": " + note} },
	}}
}

// logRows are the messages of the program, the newest first.
func logRows(v *aggregate.Coverage) []coverRow {
	var rows []coverRow
	for i := len(v.Log) - 1; i >= 0; i-- {
		message := v.Log[i]
		rows = append(rows, coverRow{sheetRow: sheetRow{
			id: strconv.Itoa(i) + message, cells: []sheetCell{textCell(message)}, say: sayf("%s", message),
			drill: func(Scope) Action { return Copy{"message", message} },
		}})
	}
	return rows
}
