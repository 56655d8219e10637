package aggregate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/failures"
	"oteltop/aggregate/findings"
	"oteltop/feed/demo"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// failureFindings are those of the kinds that package failures finds.
func failureFindings(t *testing.T, e *aggregate.Memory) []findings.Finding {
	t.Helper()
	x, err := e.Findings(context.Background(), aggregate.FindingsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(x.Rows), func(f findings.Finding) bool {
		return !slices.Contains([]findings.Kind{findings.ErrorOrigin, findings.ErrorGroup, findings.Retries, findings.RetryStorm}, f.Kind)
	})
}

// The demo's inventory fails reservations for a minute, and its shipping quotes, which the checkout tries up to four times:
// three findings, each at the service to blame, and filters that select exactly the requests that they speak of.
func TestFailuresOfTheDemo(t *testing.T) {
	modeltest.Statistic(t)
	begin := time.Unix(1_800_000_000, 0)
	e := ringEngine(t, demo.Generate(demo.Options{Seed: 3, Origin: begin}, begin, begin.Add(10*time.Minute)))
	ctx := context.Background()
	found := failureFindings(t, e)
	// By the changes that they explain: what is sent again and again costs more.
	want := []string{
		"error_origin shipping errors of POST /checkout and POST /api/checkout begin in shipping POST /quotes (CarrierUnavailable): 59 of 2190 requests fail, 163 meet it; over after 59.2s",
		"error_origin inventory errors of POST /checkout and POST /api/checkout begin in inventory POST /reservations (StockLockTimeout): 148 of 2190 requests fail, all reach the user; over after 59.6s",
		"retries shipping checkout sends POST /quotes to shipping up to 4 times: 162 of 2037 calls are retried, 59 fail all the same, 15.7s lost",
	}
	var got []string
	for i := range found {
		f := &found[i]
		got = append(got, fmt.Sprintf("%s %s %s", f.Kind, f.Service, f.Title))
		n, err := e.Count(ctx, aggregate.Query{Filter: parse(t, f.Select)})
		if err != nil || n.Traces != f.Harmed || f.Of != 15_000 || f.Failed > f.Harmed || len(f.Traces) != findings.MaxTraces {
			t.Errorf("%s selects %d traces of %d harmed, %v", f.Select, n.Traces, f.Harmed, err)
		}
		v, err := e.Trace(ctx, f.Traces[0])
		if err != nil || !slices.ContainsFunc(v.Trace.Spans, func(s model.Span) bool { return s.ID == f.Span }) {
			t.Errorf("%s: span %s is not in trace %s, %v", f.Kind, f.Span, f.Traces[0], err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, fault := range []int{4, 0} { // the timetable: a finding says when
		f, x := &found[i], demo.Faults()[fault]
		if at := time.Unix(0, f.From).Sub(begin); at < x.Start || at > x.Start+5*time.Second {
			t.Errorf("%s begins at %s, want %s", x.Name, at, x.Start)
		}
		if end := time.Unix(0, f.To).Sub(begin); f.To != 0 && (end < x.End-5*time.Second || end > x.End+5*time.Second) {
			t.Errorf("%s ends at %s, want %s", x.Name, end, x.End)
		}
	}
	o, err := e.Origins(ctx, aggregate.Query{})
	if err != nil || o.Verdicts[0] != "origin: inventory POST /reservations (StockLockTimeout) → propagated 2 hops → user-visible" {
		t.Errorf("%q, %v", o.Verdicts, err)
	}
	// Reservations that wait for a lock are most of what their requests take.
	if x := o.Rows[0].Saving; x.Requests == 0 || x.Requests > o.Rows[0].Traces || x.Least <= 0 || x.Most < x.Least || x.Work <= 0 {
		t.Errorf("%+v", x)
	}
	v, err := e.Trace(ctx, o.Rows[0].Exemplars[0].Trace)
	if err != nil || v.Verdict != o.Verdicts[0] {
		t.Errorf("%q, %v", v.Verdict, err)
	}
}

// Negative control: of 2 × 10 minutes of the demo without faults (30,000 traces) there is no finding, 0 per 1,000.
func TestHealthyDemoHasNoFailures(t *testing.T) {
	modeltest.Statistic(t)
	seeds := uint64(2)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		if found := failureFindings(t, ringEngine(t, healthyDemo(seed))); len(found) > 0 {
			t.Errorf("seed %d: %+v", seed, found)
		}
	}
}

// Ten hours of recorded traffic without an injected fault, which has errors all the same, have 2 findings in 19,569 traces,
// 0.1 per 1,000: of logins 37 of 1606 fail after none of 1058, and of bookings 41 % after 13 %. Nothing is tried again.
func TestFailuresOfRecordedTraffic(t *testing.T) {
	modeltest.Statistic(t)
	if testing.Short() {
		t.Skip("reads 484,000 spans")
	}
	e, _ := recordedEngine(t, "../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz")
	found := failureFindings(t, e)
	if len(found) > 2 {
		t.Errorf("%+v", found)
	}
	for _, f := range found {
		if f.Kind != findings.ErrorGroup || f.Q > .01 || f.Harmed < 30 {
			t.Errorf("%+v", f)
		}
	}
	r, err := e.Retries(context.Background(), aggregate.Query{})
	if err != nil || len(r.Rows) != 0 {
		t.Errorf("%+v, %v", r.Rows, err)
	}
}

// A recording of an outage: cart and ads are down, and proxies that set no status are in between.
func TestFailuresOfARecordedOutage(t *testing.T) {
	e, _ := recordedEngine(t, "../../shared/fixtures/single/otel/oteltui-astronomy-shop-startup-incident.jsonl")
	var titles []string
	for _, f := range failureFindings(t, e) {
		titles = append(titles, f.Title)
	}
	for _, want := range []string{
		"errors of POST begin in frontend POST (500): 15 of 21 requests fail, all reach the user",
		"errors of HTTP POST begin in frontend grpc.oteldemo.CartService/AddItem to cartservice:7070 (UNAVAILABLE): 11 of 15 requests fail, all reach the user",
		"loadgenerator GET to frontend-proxy (ConnectionError) fails: 13 of 62 requests fail, all reach the user",
	} {
		if !slices.Contains(titles, want) {
			t.Errorf("%q is not among\n%s", want, strings.Join(titles, "\n"))
		}
	}
}

// A focus narrows rows, a window and a baseline what is looked at.
func TestScopeOfFailures(t *testing.T) {
	begin := time.Unix(1_800_000_000, 0)
	e := ringEngine(t, demo.Generate(demo.Options{Seed: 3, Origin: begin}, begin, begin.Add(3*time.Minute)))
	ctx := context.Background()
	at := func(d time.Duration) int64 { return begin.Add(d).UnixNano() }
	burst := aggregate.Window{From: at(time.Minute), To: at(2 * time.Minute)}
	change := func(q aggregate.Query) failures.Change {
		q.Focus = aggregate.Focus{Service: "inventory"}
		g, err := e.ErrorGroups(ctx, q)
		if err != nil || len(g.Rows) > 1 {
			t.Fatalf("%+v, %v", g, err)
		}
		if len(g.Rows) == 0 {
			return ""
		}
		return g.Rows[0].Change
	}
	if c := change(aggregate.Query{Window: burst, Baseline: aggregate.Window{To: burst.From}}); c != failures.New {
		t.Errorf("against the minute before: %s", c)
	}
	if c := change(aggregate.Query{Window: aggregate.Window{From: burst.To}, Baseline: burst}); c != failures.Steady {
		t.Errorf("against the burst: %s", c)
	}
	if c := change(aggregate.Query{Window: aggregate.Window{To: burst.From}}); c != "" {
		t.Errorf("before: %s", c)
	}
	for service, want := range map[string]int{"inventory": 1, "web": 0} {
		o, err := e.Origins(ctx, aggregate.Query{Focus: aggregate.Focus{Service: service}})
		if err != nil || len(o.Rows) != want || len(o.Verdicts) != want {
			t.Errorf("%s: %+v, %v", service, o, err)
		}
	}
}
