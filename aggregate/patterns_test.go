package aggregate_test

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/patterns"
	"oteltop/aggregate/request/requesttest"
	"oteltop/feed/demo"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

func patternKinds() []findings.Kind {
	return []findings.Kind{findings.NPlusOne, findings.SerialCalls, findings.FanOut, findings.DuplicateCalls, findings.CallCycle, findings.CrossRegion}
}

// The demo's catalog reads items one by one for a while: that is the only pattern, its filter selects the requests
// that do so, and no others.
func TestPatternsFindTheFaultOfTheDemo(t *testing.T) {
	modeltest.Statistic(t)
	begin := time.Unix(1_700_000_000, 0)
	e := ringEngine(t, demo.Generate(demo.Options{Seed: 1, Origin: begin}, begin, begin.Add(10*time.Minute)))
	all, err := e.Findings(context.Background(), aggregate.FindingsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	found := slices.DeleteFunc(slices.Clone(all.Rows), func(f findings.Finding) bool { return !slices.Contains(patternKinds(), f.Kind) })
	if len(found) != 1 || found[0].Kind != findings.NPlusOne || !strings.HasPrefix(found[0].Title, "catalog shop.Catalog/ListCategory runs SELECT items 25 times one after the other: ") {
		t.Fatalf("%+v", found)
	}
	f := found[0]
	at := slices.IndexFunc(demo.Faults(), func(f demo.Fault) bool { return f.Name == "n-plus-one" })
	if fault := demo.Faults()[at]; f.Service != fault.Service || f.Harmed < 200 || f.Lost < 15e9 || f.Span == 0 || len(f.Traces) != findings.MaxTraces {
		t.Errorf("%+v of %+v", f, fault)
	}
	n, err := e.Count(context.Background(), aggregate.Query{Filter: parse(t, f.Select)})
	if err != nil || n.Traces < f.Harmed || n.Traces > f.Harmed+f.Harmed/20 { // of some, the calls took less than 50 ms
		t.Errorf("%s selects %d traces of %d, %v", f.Select, n.Traces, f.Harmed, err)
	}
}

// Negative control: not one row, and so no finding, in 2 × 10 minutes of the demo without faults (30,000 traces, 0 per 1,000).
func TestHealthyDemoHasNoPatterns(t *testing.T) {
	modeltest.Statistic(t)
	seeds := uint64(2) // 8 are quiet, too
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		e := ringEngine(t, healthyDemo(seed))
		if p, err := e.Patterns(context.Background(), aggregate.Query{}); err != nil || len(p.Rows) > 0 {
			t.Errorf("seed %d: %+v, %v", seed, p, err)
		}
	}
}

// Ten hours of recorded traces have one finding in 19,569 traces, and it is right: for each trip, the travel service
// asks the seat service what is left, one after the other. It costs 24.8 of 1,000 requests 50 ms and more. Two more
// patterns, of 14 requests together, are in the table only.
func TestPatternsOfRecordedTraffic(t *testing.T) {
	modeltest.Statistic(t)
	if testing.Short() {
		t.Skip("reads 484,000 spans")
	}
	e, ring := recordedEngine(t, "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz")
	p := patterns.New(ring.Names(), requesttest.Peer(ring))
	requesttest.Each(ring, p.Fold)
	var got []string
	for _, f := range p.Findings() {
		got = append(got, f.Title)
	}
	want := "ts-travel-service /api/v1/travelservice/trips/left calls ts-seat-service /api/v1/seatservice/seats/left_tickets 6 times one after the other: 196ms of 316ms"
	if !slices.Equal(got, []string{want}) {
		t.Errorf("%q", got)
	}
	r, err := e.Patterns(context.Background(), aggregate.Query{})
	if err != nil || len(r.Rows) != 3 || r.Rows[0].Harmed != 486 || r.Rows[0].Within != "TravelController.queryInfo" || r.Dropped != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// Requests, calls and times of every N+1 pattern of recorded traces are what looking at all decoded traces finds.
func TestPatternsAreWhatBruteForceFinds(t *testing.T) {
	for _, file := range []string{"ob-08-22-0710-recommendationservice-cpu_consumed.jsonl.gz", "tt-01-30-1306-travel-service-cpu_contention.jsonl.gz"} {
		e, ring := recordedEngine(t, filepath.Join(injections, file))
		p, err := e.Patterns(context.Background(), aggregate.Query{})
		if err != nil {
			t.Fatal(err)
		}
		got, want := map[string]string{}, map[string]string{}
		for i := range p.Rows {
			if r := &p.Rows[i]; r.Kind == patterns.NPlusOne {
				got[r.Service+" "+r.Operation+" > "+r.Call] = fmt.Sprint(r.Requests, r.CallsMax, r.Time)
			}
		}
		sums := map[string]*[3]int64{}
		ring.Snapshot().Traces(func(info *store.TraceInfo) bool {
			tr, _ := ring.Trace(info.ID)
			bruteRuns(tr, sums)
			return true
		})
		for k, s := range sums {
			want[k] = fmt.Sprint(s[0], s[1], s[2])
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(got) == 0 {
			t.Errorf("%s:\n%v, want\n%v", file, got, want)
		}
	}
}

// bruteCall is a call from a client span, by the name that tells it from others.
type bruteCall struct {
	*model.Span
	name string
}

// bruteSpan is the span of a node, nil for none.
func bruteSpan(tr *model.Trace, node int32) *model.Span {
	if node < 0 || tr.Tree.Nodes[node].Span < 0 {
		return nil
	}
	return &tr.Spans[tr.Tree.Nodes[node].Span]
}

// bruteCalls are the calls of a trace by the node that makes them, in order of start.
func bruteCalls(tr *model.Trace) map[int32][]bruteCall {
	nodes := tr.Tree.Nodes
	span := func(n int32) *model.Span { return bruteSpan(tr, n) }
	callers := map[int32][]bruteCall{}
	for i := range nodes {
		s := span(int32(i))
		if s == nil || s.Kind != model.KindClient {
			continue
		}
		up := nodes[i].Parent
		for span(up) != nil && (span(up).Kind == model.KindInternal || span(up).Kind == model.KindUnspecified) && span(nodes[up].Parent) != nil {
			up = nodes[up].Parent
		}
		if span(up) == nil {
			continue
		}
		name := s.Name
		if _, ok := s.Attribute("db.system"); !ok {
			for c := int32(i) + 1; c < nodes[i].End; c = nodes[c].End {
				if below := span(c); below != nil && below.Kind == model.KindServer {
					name = below.Name
					break
				}
			}
		}
		callers[up] = append(callers[up], bruteCall{s, name})
	}
	for _, calls := range callers {
		slices.SortStableFunc(calls, func(a, b bruteCall) int { return cmp.Compare(a.Start, b.Start) })
	}
	return callers
}

// bruteRun is the run that begins with the i-th of a caller's calls; nil where that one belongs to an earlier run.
func bruteRun(calls []bruteCall, i int) (run []bruteCall) {
	end := int64(0)
	between := map[string]bool{}
	starts := true // no run that this call belongs to began before
	for k, c := range calls {
		if c.name != calls[i].name {
			between[c.name] = true
			continue
		}
		if len(run) > 0 && (c.Start < end || len(between) > 1) {
			if k > i {
				break
			}
			run, end = nil, 0
		}
		clear(between)
		switch {
		case k < i:
			starts = false
		case k == i:
			starts = len(run) == 0
		}
		run, end = append(run, c), max(end, c.End-c.Duration()/100)
	}
	if !starts {
		return nil
	}
	return run
}

// bruteRuns adds the N+1 patterns of a trace: requests, most calls, time; by caller and call.
func bruteRuns(tr *model.Trace, sums map[string]*[3]int64) {
	found := map[string]bool{}
	for up, calls := range bruteCalls(tr) {
		for i := range calls {
			run := bruteRun(calls, i)
			total, failed := int64(0), 0
			for _, c := range run {
				total += c.Duration()
				if c.Status == model.StatusError {
					failed++
				}
			}
			if len(run) < 5 || total < max(50e6, tr.Duration()/20) || 2*failed > len(run) {
				continue
			}
			caller := bruteSpan(tr, up)
			k := caller.Resource.Service + " " + caller.Name + " > " + calls[i].name
			if sums[k] == nil {
				sums[k] = &[3]int64{}
			}
			if !found[k] {
				sums[k][0]++
			}
			found[k] = true
			sums[k][1] = max(sums[k][1], int64(len(run)))
			sums[k][2] += total
		}
	}
}

// wide is requests of one span that asks a database so many times, one after the other, 1 ms each.
func wide(tb testing.TB, first, traces, calls int, statement func(trace, call int) string) []byte {
	tb.Helper()
	text := func(key, value string) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
	}
	scope := &otlp.ScopeSpans{}
	for i := first; i < first+traces; i++ {
		start := uint64(1e18) + uint64(i)*1e6
		for k := range calls + 1 {
			span := &otlp.Span{
				TraceId: binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i)+1), SpanId: binary.BigEndian.AppendUint64(nil, uint64(k)+1),
				Name: "GET /cart", Kind: otlp.Span_SPAN_KIND_SERVER, StartTimeUnixNano: start, EndTimeUnixNano: start + uint64(calls+1)*1e6,
			}
			if k > 0 {
				span.Name, span.Kind, span.ParentSpanId = "SELECT item", otlp.Span_SPAN_KIND_CLIENT, binary.BigEndian.AppendUint64(nil, 1)
				span.StartTimeUnixNano, span.EndTimeUnixNano = start+uint64(k)*1e6, start+uint64(k+1)*1e6
				span.Attributes = []*common.KeyValue{text("db.system.name", "mysql"), text("server.address", "db"), text("db.query.text", statement(i, k))}
			}
			scope.Spans = append(scope.Spans, span)
		}
	}
	raw, err := proto.Marshal(&otlp.TracesData{ResourceSpans: []*otlp.ResourceSpans{{
		Resource: &resource.Resource{Attributes: []*common.KeyValue{text("service.name", "cart")}}, ScopeSpans: []*otlp.ScopeSpans{scope},
	}}})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// 100,000 calls of one request are one pattern; 100,000 statements that have nothing in common do not fit, and are
// counted.
func TestPatternsOfHostileTraces(t *testing.T) {
	modeltest.OneGoroutine(t)
	e := ringEngine(t, [][]byte{wide(t, 0, 1, 100_000, func(_, call int) string { return fmt.Sprintf("SELECT * FROM item WHERE id = %d", call) })})
	p, err := e.Patterns(context.Background(), aggregate.Query{})
	if err != nil || len(p.Rows) != 1 || p.Rows[0].CallsMax != 100_000 || p.Rows[0].PerCallerMax != 100_000 || p.Rows[0].Save != 99_999e6 {
		t.Errorf("%+v, %v", p, err)
	}
	letters := strings.NewReplacer("0", "g", "1", "h", "2", "i", "3", "j", "4", "k", "5", "l", "6", "m", "7", "n", "8", "o", "9", "p")
	e = ringEngine(t, [][]byte{wide(t, 0, 1, 100_000, func(_, call int) string { return letters.Replace(fmt.Sprintf("SELECT c%d FROM item", call)) })})
	p, err = e.Patterns(context.Background(), aggregate.Query{})
	if err != nil || p.Dropped < 100_000-1<<16 || !strings.Contains(p.Provenance.Note, "no room") {
		t.Errorf("%d rows, %d dropped, %s, %v", len(p.Rows), p.Dropped, p.Provenance.Note, err)
	}
}
