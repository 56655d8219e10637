package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/report"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestMain(m *testing.M) { modeltest.Run(m) }

// feed runs spans through store and rollups, as arriving in file order.
func feed(spans []*span) *aggregate.Memory {
	s := storetest.New(nil)
	e := enginetest.Over(s)
	for _, x := range spans {
		s.Add(x.fed)
	}
	s.Flush()
	return e
}

// answer is the JSON of a report, decoded without the types of the program.
type answer struct {
	View       string
	Provenance map[string]any
	Rows       []map[string]any
	Spans      []map[string]any
	Critical   []map[string]any `json:"critical_path"`
}

func ask(t testing.TB, e aggregate.Engine, v report.View, o report.Options) answer {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, e, v, o); err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	d := json.NewDecoder(&b)
	d.UseNumber()
	var a answer
	if err := d.Decode(&a); err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	if a.View != string(v) || a.Provenance == nil {
		t.Fatalf("%s: the answer says it is %q, from %v", v, a.View, a.Provenance)
	}
	return a
}

func integer(t testing.TB, row map[string]any, key string) int64 {
	t.Helper()
	n, err := row[key].(json.Number).Int64()
	if err != nil {
		t.Fatalf("%s: %v is not an integer", key, row[key])
	}
	return n
}

func wantInt(t testing.TB, where string, row map[string]any, key string, want int64) {
	t.Helper()
	if got := integer(t, row, key); got != want {
		t.Errorf("%s: %s is %d, want %d", where, key, got, want)
	}
}

// wantNear allows the histogram's error of 1.1 %, and half a ns of rounding.
func wantNear(t testing.TB, where string, row map[string]any, key string, want int64) {
	t.Helper()
	got := integer(t, row, key)
	if d := float64(got - want); d > .011*float64(want)+1 || d < -.011*float64(want)-1 {
		t.Errorf("%s: %s is %d, want %d ± 1.1 %%", where, key, got, want)
	}
}

func TestReportsAreWhatBruteForceFinds(t *testing.T) {
	for _, path := range singles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			spans := readSpans(t, path, 0)
			checkFile(t, feed(spans), spans)
		})
	}
	t.Run("stream", func(t *testing.T) {
		lines := 700
		if testing.Short() {
			lines = 100
		}
		spans := readSpans(t, fixtures+"/stream/tt-20230130-normal-1415-2400.jsonl.gz", lines)
		checkFile(t, feed(spans), spans)
	})
}

func checkFile(t *testing.T, e aggregate.Engine, spans []*span) {
	t.Helper()
	traces := map[string][]*span{}
	for _, s := range spans {
		traces[s.trace] = append(traces[s.trace], s)
	}
	for id := range traces {
		traces[id] = link(traces[id])
	}
	checkOperations(t, e, traces)
	checkServices(t, e, traces)
	checkEdges(t, e, traces)
	checkTraces(t, e, traces)
	checkHeatmap(t, e, traces)
	checkCoverage(t, e, spans, traces)
	for i, id := range sortedKeys(traces) {
		if i%(len(traces)/40+1) == 0 { // some 40 traces of each file
			checkTrace(t, e, id, traces[id])
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// figures is what a table shows of a set of spans.
type figures struct {
	durations []int64
	errors    int64
	self      int64
}

func (f *figures) add(s *span) {
	f.durations = append(f.durations, s.end-s.start)
	if s.failed {
		f.errors++
	}
}

func (f *figures) check(t *testing.T, where string, row map[string]any, total int64) {
	t.Helper()
	wantInt(t, where, row, "calls", int64(len(f.durations)))
	wantInt(t, where, row, "errors", f.errors)
	wantInt(t, where, row, "self_ns", f.self)
	wantNear(t, where, row, "p50_ns", nearestRank(f.durations, .5))
	wantNear(t, where, row, "p95_ns", nearestRank(f.durations, .95))
	wantNear(t, where, row, "p99_ns", nearestRank(f.durations, .99))
	wantNear(t, where, row, "max_ns", nearestRank(f.durations, 1))
	share, _ := row["time_share"].(json.Number).Float64()
	if want := float64(f.self) / max(float64(total), 1); share < want-1e-9 || share > want+1e-9 {
		t.Errorf("%s: time_share is %g, want %g", where, share, want)
	}
}

func checkOperations(t *testing.T, e aggregate.Engine, traces map[string][]*span) {
	want := map[string]*figures{}
	total := int64(0)
	for _, spans := range traces {
		for _, s := range spans {
			k := s.service + "\n" + s.name + "\n" + s.kind
			if want[k] == nil {
				want[k] = &figures{}
			}
			want[k].add(s)
			want[k].self += s.self()
			total += s.self()
		}
	}
	rows := ask(t, e, report.ViewOperations, report.Options{}).Rows
	if len(rows) != len(want) {
		t.Errorf("%d operations, want %d", len(rows), len(want))
	}
	for _, row := range rows {
		k := row["service"].(string) + "\n" + row["operation"].(string) + "\n" + row["kind"].(string)
		if want[k] == nil {
			t.Errorf("operation %q is made up", k)
			continue
		}
		want[k].check(t, k, row, total)
		delete(want, k)
	}
}

func checkServices(t *testing.T, e aggregate.Engine, traces map[string][]*span) {
	want := map[string]*figures{}
	total := int64(0)
	for _, spans := range traces {
		for _, s := range spans {
			if want[s.service] == nil {
				want[s.service] = &figures{}
			}
			if s.entry() {
				want[s.service].add(s)
			}
			want[s.service].self += s.self()
			total += s.self()
		}
	}
	rows := ask(t, e, report.ViewServices, report.Options{}).Rows
	for _, row := range rows {
		k := row["service"].(string)
		if want[k] == nil {
			t.Errorf("service %q is made up or there twice", k)
			continue
		}
		want[k].check(t, k, row, total)
		delete(want, k)
	}
	for k, f := range want { // a service without entry spans and without own time has nothing to show
		if len(f.durations) > 0 || f.self > 0 {
			t.Errorf("service %q is missing", k)
		}
	}
}

// checkEdges compares the edges between services exactly. What the other end of a call to a database, or
// of a call from outside, is named is a matter of attributes, so these are compared in total: by client,
// and by server.
func checkEdges(t *testing.T, e aggregate.Engine, traces map[string][]*span) {
	want := edgesOf(traces)
	services := map[string]bool{}
	for _, spans := range traces {
		for _, s := range spans {
			services[s.service] = true
		}
	}
	databases, users := map[string]int64{}, map[string]int64{}
	for _, row := range ask(t, e, report.ViewEdges, report.Options{}).Rows {
		k := edgeKey{row["client"].(string), row["server"].(string), row["kind"].(string)}
		switch {
		case k.kind == "database":
			databases[k.client] += integer(t, row, "calls")
			continue
		case k.kind == "inferred" && !services[k.client]:
			users[k.server] += integer(t, row, "calls")
			continue
		}
		w := want[k]
		if w == nil {
			if k.kind == "call" {
				t.Errorf("edge %v is made up", k)
			}
			continue
		}
		where := strings.Join([]string{k.client, k.server, k.kind}, " → ")
		wantInt(t, where, row, "calls", int64(w.calls))
		wantInt(t, where, row, "failed", int64(w.failed))
		wantNear(t, where, row, "client_p50_ns", nearestRank(w.client, .5))
		wantNear(t, where, row, "client_p95_ns", nearestRank(w.client, .95))
		wantNear(t, where, row, "server_p50_ns", nearestRank(w.server, .5))
		wantNear(t, where, row, "server_p95_ns", nearestRank(w.server, .95))
		delete(want, k)
	}
	for k, w := range want {
		switch {
		case k.kind == "database" && databases[k.client] != int64(w.calls):
			t.Errorf("%s: %d calls to databases, want %d", k.client, databases[k.client], w.calls)
		case k.kind == "inferred" && users[k.server] != int64(w.calls):
			t.Errorf("%s: %d calls by users, want %d", k.server, users[k.server], w.calls)
		case k.kind == "call" || k.kind == "messaging":
			t.Errorf("edge %v is missing", k)
		}
	}
}

// rootOf is the span that stands for a trace: its earliest root, else its earliest span.
func rootOf(spans []*span) (root *span, is bool) {
	for _, s := range spans {
		if s.parent == "" && (root == nil || s.start < root.start) {
			root = s
		}
	}
	if root != nil {
		return root, true
	}
	return spans[0], false
}

func checkTraces(t *testing.T, e aggregate.Engine, traces map[string][]*span) {
	rows := ask(t, e, report.ViewTraces, report.Options{}).Rows
	if len(rows) != len(traces) {
		t.Errorf("%d traces, want %d", len(rows), len(traces))
	}
	for _, row := range rows {
		checkTraceRow(t, row, traces[row["trace_id"].(string)])
	}
}

func checkTraceRow(t *testing.T, row map[string]any, spans []*span) {
	t.Helper()
	id := row["trace_id"].(string)
	if spans == nil {
		t.Errorf("trace %s is made up", id)
		return
	}
	services := map[string]bool{}
	errors, orphans, roots, dropped := int64(0), int64(0), 0, false
	start, end := int64(0), int64(0)
	for _, s := range spans {
		services[s.service] = true
		if s.failed {
			errors++
		}
		if s.orphan {
			orphans++
		} else if s.above == nil {
			roots++
		}
		dropped = dropped || s.dropped
		if s.start != 0 && (start == 0 || s.start < start) {
			start = s.start
		}
		end = max(end, s.end)
	}
	root, rooted := rootOf(spans)
	if row["root_service"] != root.service || row["root_operation"] != root.name {
		t.Errorf("trace %s: root is %v %v, want %s %s", id, row["root_service"], row["root_operation"], root.service, root.name)
	}
	duration := end - start
	if rooted {
		duration = root.end - root.start
	}
	wantInt(t, id, row, "start_unix_nano", start)
	wantInt(t, id, row, "duration_ns", duration)
	wantInt(t, id, row, "spans", int64(len(spans)))
	wantInt(t, id, row, "services", int64(len(services)))
	wantInt(t, id, row, "errors", errors)
	wantInt(t, id, row, "orphans", orphans)
	if want := roots == 1 && orphans == 0 && !dropped; row["complete"] != want {
		t.Errorf("trace %s: complete is %v, want %v", id, row["complete"], want)
	}
	if len(row["shape"].(string)) != 8 {
		t.Errorf("trace %s: shape is %q", id, row["shape"])
	}
}

func checkTrace(t *testing.T, e aggregate.Engine, id string, spans []*span) {
	t.Helper()
	trace, err := model.ParseTraceID(id)
	if err != nil {
		t.Fatal(err)
	}
	a := ask(t, e, report.ViewTrace, report.Options{ID: trace})
	checkTraceRow(t, a.Rows[0], spans)
	// Ids may be double: each is looked up with start, operation and kind.
	type key struct {
		id, name, kind string
		start          int64
	}
	left := map[key][]*span{}
	for _, s := range spans {
		k := key{s.id, s.service + s.name, s.kind, s.start}
		left[k] = append(left[k], s)
	}
	sections := mainRoot(spans).path()
	critical := map[string]int64{}
	for _, s := range sections {
		critical[s.id] += s.end - s.start
	}
	sums := map[string]int64{}
	for _, row := range a.Spans {
		k := key{row["span_id"].(string), row["service"].(string) + row["operation"].(string), row["kind"].(string), integer(t, row, "start_unix_nano")}
		if len(left[k]) == 0 {
			t.Errorf("trace %s: span %v is made up", id, k)
			continue
		}
		s := left[k][0]
		left[k] = left[k][1:]
		sums[s.id] += integer(t, row, "critical_ns")
		checkSpanRow(t, id+" "+s.id, row, s)
	}
	if len(a.Spans) != len(spans) {
		t.Errorf("trace %s: %d spans, want %d", id, len(a.Spans), len(spans))
	}
	if len(a.Critical) != len(sections) {
		t.Errorf("trace %s: %d sections on the critical path, want %d", id, len(a.Critical), len(sections))
		return
	}
	for i, row := range a.Critical {
		got := section{row["span_id"].(string), integer(t, row, "start_unix_nano"), integer(t, row, "end_unix_nano")}
		if got != sections[i] {
			t.Errorf("trace %s: section %d is %v, want %v", id, i, got, sections[i])
		}
	}
	for id, want := range critical {
		if sums[id] != want {
			t.Errorf("span %s: critical_ns is %d, want %d", id, sums[id], want)
		}
	}
}

func checkSpanRow(t *testing.T, where string, row map[string]any, s *span) {
	t.Helper()
	wantInt(t, where, row, "duration_ns", s.end-s.start)
	wantInt(t, where, row, "self_ns", s.self())
	if row["parent_id"] != s.parent || row["orphan"] != s.orphan || row["status"] == "error" != s.failed {
		t.Errorf("%s: parent %v, orphan %v, status %v", where, row["parent_id"], row["orphan"], row["status"])
	}
	depth := int64(0)
	for p := s; p != nil; p = p.above {
		if p != s {
			depth++
		}
		if p.orphan {
			depth++
		}
	}
	wantInt(t, where, row, "depth", depth)
}

func checkHeatmap(t *testing.T, e aggregate.Engine, traces map[string][]*span) {
	calls, errors, undated := int64(0), int64(0), int64(0)
	for _, spans := range traces {
		// The main root stands for its trace, also where it lost its parent to a cycle or never had one.
		root := mainRoot(spans)
		if root.start == 0 {
			undated++
			continue
		}
		calls++
		if root.failed {
			errors++
		}
	}
	for _, row := range ask(t, e, report.ViewHeatmap, report.Options{}).Rows {
		calls -= integer(t, row, "count")
		errors -= integer(t, row, "errors")
		spans := traces[row["trace_id"].(string)]
		if spans == nil {
			t.Errorf("a cell's exemplar %v is not retained", row["trace_id"])
			continue
		}
		root := mainRoot(spans)
		d := root.end - root.start
		low, high := integer(t, row, "duration_low_ns"), integer(t, row, "duration_high_ns")
		start, step := integer(t, row, "start_unix_nano"), integer(t, row, "step_ns")
		if d < low && low > 1 || d >= high || root.start < start || root.start >= start+step {
			t.Errorf("exemplar %s (%d ns at %d) is outside of its cell [%d, %d) × [%d, +%d)", root.trace, d, root.start, low, high, start, step)
		}
	}
	if calls != 0 || errors != 0 {
		t.Errorf("cells lack %d calls and %d errors (%d have no time)", calls, errors, undated)
	}
}

// mainRoot is the earliest root, else the earliest span whose parent link was cut, else the earliest span.
func mainRoot(spans []*span) *span {
	for _, s := range spans {
		if s.parent == "" && s.above == nil {
			return s
		}
	}
	for _, s := range spans {
		if s.cut {
			return s
		}
	}
	return spans[0]
}

func checkCoverage(t *testing.T, e aggregate.Engine, spans []*span, traces map[string][]*span) {
	orphans, complete := int64(0), int64(0)
	byRoots := map[string]int64{"no_root": 0, "one_root": 0, "several_roots": 0}
	for _, group := range traces {
		roots, lost, dropped := 0, int64(0), false
		for _, s := range group {
			if s.orphan {
				lost++
			} else if s.above == nil {
				roots++
			}
			dropped = dropped || s.dropped
		}
		orphans += lost
		if roots == 1 && lost == 0 && !dropped {
			complete++
		}
		byRoots[[]string{"no_root", "one_root", "several_roots"}[min(roots, 2)]]++
	}
	row := ask(t, e, report.ViewCoverage, report.Options{}).Rows[0]
	wantInt(t, "coverage", row, "stored", int64(len(spans)))
	wantInt(t, "coverage", row, "traces", int64(len(traces)))
	wantInt(t, "coverage", row, "orphans", orphans)
	wantInt(t, "coverage", row, "complete", complete)
	for k, want := range byRoots {
		wantInt(t, "coverage", row["traces_by_roots"].(map[string]any), k, want)
	}
}
