package oracle_test

import (
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/report"
)

// check compares every view of a run.
func (r *run) check(t *testing.T) {
	t.Helper()
	r.checkOperations(t)
	r.checkServices(t)
	r.checkEdges(t)
	r.checkTraces(t)
	r.checkHeatmap(t)
	if r.filter == nil {
		r.checkCoverage(t)
	}
}

// table is what a table shows of a set of spans.
type table struct {
	durations    []int64
	errors, self int64
}

func (f *table) add(s *span) {
	f.durations = append(f.durations, s.duration())
	if s.failed() {
		f.errors++
	}
}

// check compares a row. seconds is the time that the data covers, total the self time of all of it.
func (f *table) check(t *testing.T, where string, x row, seconds float64, total int64) {
	t.Helper()
	slices.Sort(f.durations)
	n := len(f.durations)
	wantInt(t, where, x, "calls", int64(n))
	wantInt(t, where, x, "errors", f.errors)
	wantInt(t, where, x, "self_ns", f.self)
	wantFloat(t, where, x, "error_share", float64(f.errors)/max(float64(n), 1))
	wantFloat(t, where, x, "time_share", float64(f.self)/max(float64(total), 1))
	wantFloat(t, where, x, "calls_per_second", float64(n)/seconds)
	wantQuantile(t, where, x, "p50_ns", f.durations, .5)
	wantQuantile(t, where, x, "p95_ns", f.durations, .95)
	wantQuantile(t, where, x, "p99_ns", f.durations, .99)
	wantQuantile(t, where, x, "max_ns", f.durations, 1)
}

// seconds is how long the data of an answer lasts, at least 1, by its provenance.
func (a answer) seconds(t testing.TB) float64 {
	t.Helper()
	return max(float64(a.Provenance.int(t, "to_unix_nano")-a.Provenance.int(t, "from_unix_nano"))/1e9, 1)
}

// checkExtent compares the provenance of rollups with the first and last start. Spans without a time have
// none.
func (r *run) checkExtent(t *testing.T, a answer) {
	t.Helper()
	from, to := int64(0), int64(0)
	for _, spans := range r.scope {
		for _, s := range spans {
			if s.start == 0 {
				continue
			}
			if from == 0 || s.start < from {
				from = s.start
			}
			to = max(to, s.start)
		}
	}
	if r.filter == nil {
		wantInt(t, "provenance", a.Provenance, "from_unix_nano", from)
		wantInt(t, "provenance", a.Provenance, "to_unix_nano", to)
		wantInt(t, "provenance", a.Provenance, "spans", int64(len(r.spans)))
	}
	wantInt(t, "provenance", a.Provenance, "of", int64(len(r.spans)))
}

func (r *run) checkOperations(t *testing.T) {
	want := map[string]*table{}
	total := int64(0)
	for _, spans := range r.scope {
		for _, s := range spans {
			f := entryOf(want, strings.Join([]string{s.service, s.name, s.kind}, "\n"))
			f.add(s)
			self := s.self()
			f.self += self
			total += self
		}
	}
	a := r.ask(t, report.ViewOperations, "")
	r.checkExtent(t, a)
	for _, x := range a.Rows {
		k := strings.Join([]string{x.text("service"), x.text("operation"), x.text("kind")}, "\n")
		if want[k] == nil {
			t.Errorf("operation %q is made up, or there twice", k)
			continue
		}
		want[k].check(t, k, x, a.seconds(t), total)
		delete(want, k)
	}
	for k := range want {
		t.Errorf("operation %q is missing", k)
	}
}

func (r *run) checkServices(t *testing.T) {
	want := map[string]*table{}
	total := int64(0)
	for _, spans := range r.scope {
		for _, s := range spans {
			f := entryOf(want, s.service)
			if s.entry() {
				f.add(s)
			}
			self := s.self()
			f.self += self
			total += self
		}
	}
	a := r.ask(t, report.ViewServices, "")
	for _, x := range a.Rows {
		k := x.text("service")
		if want[k] == nil {
			t.Errorf("service %q is made up, or there twice", k)
			continue
		}
		want[k].check(t, k, x, a.seconds(t), total)
		delete(want, k)
	}
	for k, f := range want { // without entry spans and without own time there is nothing to show
		if len(f.durations) > 0 || f.self > 0 {
			t.Errorf("service %q is missing", k)
		}
	}
}

func entryOf[K comparable, V any](m map[K]*V, k K) *V {
	v := m[k]
	if v == nil {
		v = new(V)
		m[k] = v
	}
	return v
}

func (r *run) checkEdges(t *testing.T) {
	want := mapOf(r.data, r.scope).edges
	a := r.ask(t, report.ViewEdges, "")
	for _, x := range a.Rows {
		k := edgeKey{x.text("client"), x.text("server"), x.text("kind")}
		c := want[k]
		if c == nil {
			t.Errorf("edge %v with %v calls is made up, or there twice", k, x["calls"])
			continue
		}
		delete(want, k)
		where := strings.Join([]string{k.client, k.server, k.kind}, " → ")
		wantInt(t, where, x, "calls", c.n)
		wantInt(t, where, x, "failed", c.failed)
		wantFloat(t, where, x, "calls_per_second", float64(c.n)/a.seconds(t))
		for _, side := range []struct {
			name string
			ds   []int64
		}{{"client", c.client}, {"server", c.server}, {"gap", c.gap}} {
			ds := sorted(side.ds)
			wantQuantile(t, where, x, side.name+"_p50_ns", ds, .5)
			wantQuantile(t, where, x, side.name+"_p95_ns", ds, .95)
		}
	}
	for k, c := range want {
		t.Errorf("edge %v is missing: %d calls", k, c.n)
	}
}

// checkHeatmap recounts every cell: the main roots that start and last what it says.
func (r *run) checkHeatmap(t *testing.T) {
	a := r.ask(t, report.ViewHeatmap, "")
	left := 0
	for _, spans := range r.scope {
		if mainRoot(spans).start > 0 { // what has no time has no cell
			left++
		}
	}
	in := func(x row, s *span) bool {
		start, d := x.int(t, "start_unix_nano"), max(s.duration(), 1)
		return s.start >= start && s.start < start+x.int(t, "step_ns") && d >= x.int(t, "duration_low_ns") && d < x.int(t, "duration_high_ns")
	}
	byStep := map[int64][]*span{}
	step := int64(1)
	if len(a.Rows) > 0 {
		step = a.Rows[0].int(t, "step_ns")
	}
	for _, spans := range r.scope {
		root := mainRoot(spans)
		byStep[root.start/step] = append(byStep[root.start/step], root)
	}
	for _, x := range a.Rows {
		n, errors := int64(0), int64(0)
		for _, root := range byStep[x.int(t, "start_unix_nano")/step] {
			if in(x, root) {
				n++
				if root.failed() {
					errors++
				}
			}
		}
		wantInt(t, "heatmap", x, "count", n)
		wantInt(t, "heatmap", x, "errors", errors)
		left -= int(n)
		if spans := r.scope[x.text("trace_id")]; spans == nil || !in(x, mainRoot(spans)) {
			t.Errorf("the exemplar %q is not in its cell %v", x["trace_id"], x)
		}
	}
	if left != 0 {
		t.Errorf("%d traces are in no cell of the heatmap, or in two", left)
	}
}

func (r *run) checkCoverage(t *testing.T) {
	want := map[string]int64{"received": int64(r.received), "stored": int64(len(r.spans)), "duplicate": int64(r.duplicate),
		"evicted": 0, "refused": 0, "retained_spans": int64(len(r.spans)), "traces": int64(len(r.traces)), "open_traces": 0}
	roots, quality, dropped := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, spans := range r.traces {
		n, lost, whole := 0, int64(0), true
		for _, s := range spans {
			if s.root() {
				n++
			}
			lost += one(s.orphan)
			whole = whole && s.dropped == [3]uint64{}
			r.countQuality(s, quality)
			for i, name := range []string{"attributes", "events", "links"} {
				dropped[name] += int64(s.dropped[i])
			}
		}
		want["orphans"] += lost
		want["complete"] += one(n == 1 && lost == 0 && whole)
		roots[[]string{"no_root", "one_root", "several_roots"}[min(n, 2)]]++
	}
	x := r.ask(t, report.ViewCoverage, "").Rows[0]
	for k, n := range want {
		wantInt(t, "coverage", x, k, n)
	}
	for field, counts := range map[string]map[string]int64{"traces_by_roots": roots, "quality": quality, "dropped_by_sdk": dropped} {
		got, _ := x[field].(map[string]any)
		for k := range got {
			wantInt(t, "coverage "+field, row(got), k, counts[k])
			delete(counts, k)
		}
		for k, n := range counts {
			if n != 0 {
				t.Errorf("coverage %s lacks %s: %d", field, k, n)
			}
		}
	}
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

func (r *run) countQuality(s *span, quality map[string]int64) {
	quality["negative_duration"] += one(s.negative)
	quality["cycle"] += one(s.cut)
	quality["duplicate_id"] += one(s.twin)
	quality["shared_id"] += one(s.shared)
	quality["async_tail"] += one(s.up != nil && s.end > s.up.end)
	// Outside: no moment in common, where a moment at the very start or end of the parent is one. Producers do not wait.
	quality["outside_parent"] += one(s.up != nil && !(s.up.kind == "producer" && s.kind == "consumer") && (s.end < s.up.start || s.start >= s.up.end && s.start > s.up.start))
	_, named := s.resource["service.name"]
	quality["missing_service_name"] += one(!named)
	quality["unspecified_kind"] += one(s.kind == "unspecified")
}
