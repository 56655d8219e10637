package oracle_test

import (
	"fmt"
	"strings"
	"testing"

	"oteltop/aggregate/report"
)

// populations are the durations that percentiles are ranks in.
type populations struct {
	roots, operations map[string][]int64
}

func operationOf(s *span) string { return strings.Join([]string{s.service, s.name, s.kind}, "\n") }

// populations are of everything that was received, whatever the filter.
func (r *run) populations() populations {
	p := populations{map[string][]int64{}, map[string][]int64{}}
	for _, spans := range r.traces {
		root := mainRoot(spans)
		p.roots[operationOf(root)] = append(p.roots[operationOf(root)], root.duration())
		for _, s := range spans {
			p.operations[operationOf(s)] = append(p.operations[operationOf(s)], s.duration())
		}
	}
	return p
}

// opened is about how many traces of a large file are opened one by one.
const opened = 60

func (r *run) checkTraces(t *testing.T) {
	p := r.populations()
	a := r.ask(t, report.ViewTraces, "")
	if len(a.Rows) != len(r.scope) {
		t.Errorf("%d traces, want %d", len(a.Rows), len(r.scope))
	}
	ids := map[string]bool{}
	for i, x := range a.Rows {
		id := x.text("trace_id")
		if ids[id] || r.scope[id] == nil {
			t.Errorf("trace %q is made up, or there twice", id)
			continue
		}
		ids[id] = true
		r.checkTraceRow(t, x, p)
		if r.filter == nil && i%(len(a.Rows)/opened+1) == 0 {
			r.checkTrace(t, id, p)
		}
	}
}

func (r *run) checkTraceRow(t *testing.T, x row, p populations) {
	t.Helper()
	id := x.text("trace_id")
	spans := r.traces[id]
	services := map[string]bool{}
	errors, orphans, roots, whole := int64(0), int64(0), 0, true
	start, _ := extent(spans)
	for _, s := range spans {
		services[s.service] = true
		errors += one(s.failed())
		orphans += one(s.orphan)
		roots += int(one(s.root()))
		whole = whole && s.dropped == [3]uint64{}
	}
	root := mainRoot(spans)
	wantText(t, id, x, "root_service", root.service)
	wantText(t, id, x, "root_operation", root.name)
	wantText(t, id, x, "root_kind", root.kind)
	wantInt(t, id, x, "start_unix_nano", start)
	wantInt(t, id, x, "duration_ns", durationOf(spans))
	wantInt(t, id, x, "spans", int64(len(spans)))
	wantInt(t, id, x, "services", int64(len(services)))
	wantInt(t, id, x, "errors", errors)
	wantInt(t, id, x, "orphans", orphans)
	if want := roots == 1 && orphans == 0 && whole; x["complete"] != want {
		t.Errorf("trace %s: complete is %v, want %v", id, x["complete"], want)
	}
	if x["settled"] != true {
		t.Errorf("trace %s: a file that was read to its end has no open traces", id)
	}
	if of := p.roots[operationOf(root)]; root.parent == "" && len(of) >= 10 {
		wantRank(t, id, x, of, root.duration())
	} else if x["percentile"] != nil {
		t.Errorf("trace %s: percentile %v of %d calls", id, x["percentile"], len(of))
	}
}

// extent is from the earliest start to the latest end of a trace. A span without a time has neither.
func extent(spans []*span) (start, end int64) {
	for _, s := range spans {
		if s.start != 0 && (start == 0 || s.start < start) {
			start = s.start
		}
		end = max(end, s.end)
	}
	return start, end
}

// durationOf is that of a trace's root or, where no root was seen, of all its spans.
func durationOf(spans []*span) int64 {
	if root := mainRoot(spans); root.parent == "" {
		return root.duration()
	}
	start, end := extent(spans)
	return end - start
}

// checkTrace compares the view of a single trace.
func (r *run) checkTrace(t *testing.T, id string, p populations) {
	t.Helper()
	a := r.ask(t, report.ViewTrace, id)
	r.checkTraceRow(t, a.Rows[0], p)
	spans := r.traces[id]
	path := criticalPath(mainRoot(spans))
	own := map[string]int64{}
	for _, s := range path {
		own[s.span] += s.hi - s.lo
	}
	// Ids may be double, even of spans that start at the same time: everything that is shown tells them
	// apart, or they are the same in the report. Only the critical path speaks of ids.
	left, critical := map[string]int{}, map[string]int64{}
	for _, s := range spans {
		left[lineOf(s)]++
	}
	for _, x := range a.Spans {
		line := fmt.Sprintln(x["span_id"], x["parent_id"], x["service"], x["operation"], x["kind"], x["status"],
			x["start_unix_nano"], x["duration_ns"], x["self_ns"], x["depth"], x["orphan"])
		if left[line] == 0 {
			t.Errorf("trace %s: span is made up: %s", id, line)
		}
		left[line]--
		critical[x.text("span_id")] += x.int(t, "critical_ns")
		wantRank(t, id, x, p.operations[strings.Join([]string{x.text("service"), x.text("operation"), x.text("kind")}, "\n")], x.int(t, "duration_ns"))
	}
	for line, n := range left {
		if n > 0 {
			t.Errorf("trace %s: span is missing: %s", id, line)
		}
	}
	for span, ns := range critical {
		if own[span] != ns {
			t.Errorf("trace %s: span %s: critical_ns is %d, want %d", id, span, ns, own[span])
		}
	}
	checkPath(t, id, a.Critical, path)
}

func lineOf(s *span) string {
	return fmt.Sprintln(s.span, s.parent, s.service, s.name, s.kind, s.status, s.start, s.duration(), s.self(), s.depth(), s.orphan)
}

func checkPath(t *testing.T, id string, got []row, want []section) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("trace %s: %d sections on the critical path, want %d", id, len(got), len(want))
		return
	}
	for i, x := range got {
		g := section{x.text("span_id"), interval{x.int(t, "start_unix_nano"), x.int(t, "end_unix_nano")}}
		if g != want[i] {
			t.Errorf("trace %s: section %d is %v, want %v", id, i, g, want[i])
		}
	}
}
