package report_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"oteltop/aggregate/report"
	"oteltop/model"
)

// orders is n requests, one a second from the start on, in which a shop asks a stock service so often.
func orders(seed uint64, start int64, n, calls int) []*span {
	rng := rand.New(rand.NewPCG(seed, 3))
	shop, stock := &model.Resource{Service: "shop"}, &model.Resource{Service: "stock"}
	var out []*span
	for i := range n {
		at := start + int64(i)*1e9
		id := model.TraceID{Hi: seed, Lo: uint64(i) + 1}
		root := model.Span{TraceID: id, ID: 1, Name: "POST /order", Kind: model.KindServer, Start: at, Resource: shop}
		now := at + 1e6 + rng.Int64N(1e6)
		for k := range model.SpanID(calls) {
			client := model.Span{TraceID: id, ID: 2 + 2*k, Parent: 1, Name: "Reserve", Kind: model.KindClient, Start: now, Resource: shop}
			server := model.Span{TraceID: id, ID: 3 + 2*k, Parent: client.ID, Name: "Reserve", Kind: model.KindServer, Start: now + 1e5, Resource: stock}
			server.End = server.Start + 2e6 + rng.Int64N(2e6)
			client.End = server.End + 1e5
			now = client.End
			out = append(out, &span{fed: client}, &span{fed: server})
		}
		root.End = now + 1e6
		out = append(out, &span{fed: root})
	}
	return out
}

const orderStart = 1_700_000_000_000_000_000

func checkLoop(t *testing.T, a answer) {
	t.Helper()
	requireFields(t, "compare", a.Rows, "kind service operation span_kind client before after unit ratio traces_before traces_after lower q sure origin critical_delta_ns critical_delta_share path why trace_id trace_id_before")
	first := a.Rows[0]
	for key, want := range map[string]string{"kind": "calls", "service": "stock", "operation": "Reserve", "client": "shop", "unit": "calls_per_trace"} {
		if first[key] != want {
			t.Errorf("%s is %v, want %s: %v", key, first[key], want, first)
		}
	}
	wantInt(t, "compare", first, "before", 1)
	wantInt(t, "compare", first, "after", 4)
	wantInt(t, "compare", first, "ratio", 4)
	wantInt(t, "compare", first, "traces_before", 200)
}

// Two batches that differ by a loop, from two engines and from one.
func TestCompareReport(t *testing.T) {
	before, after := orders(1, orderStart, 200, 1), orders(2, orderStart+300e9, 200, 4)
	saved, err := report.Before(context.Background(), feed(before), report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkLoop(t, ask(t, feed(after), report.ViewCompare, report.Options{Saved: saved}))

	both := feed(append(before, after...))
	for _, text := range []string{"250s", "-250s", "2023-11-14T22:17:30Z"} {
		at, err := report.ParseMoment(text)
		if err != nil {
			t.Fatal(err)
		}
		checkLoop(t, ask(t, both, report.ViewCompare, report.Options{At: &at}))
	}
	limited := report.Options{Saved: saved, Limit: 1}
	if n := len(ask(t, both, report.ViewCompare, limited).Rows); n != 1 {
		t.Errorf("%d rows with a limit of 1", n)
	}
	// Those before are the traces of the first batch, told by their ids.
	o := report.Options{Baseline: expression(t, `traceId =~ "0000000000000001.*"`)}
	checkLoop(t, ask(t, both, report.ViewCompare, o))
}

func TestCompareOfTheSameIsEmpty(t *testing.T) {
	e := feed(canary())
	saved, err := report.Before(context.Background(), e, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a := ask(t, e, report.ViewCompare, report.Options{Saved: saved}); len(a.Rows) > 0 {
		t.Errorf("%v", a.Rows)
	}
}

// TestCompareSaysOfWhichTime: the provenance covers both sides, whichever is the earlier, and one alone where the other
// has no traces.
func TestCompareSaysOfWhichTime(t *testing.T) {
	spans := orders(1, orderStart, 100, 2)
	last := spans[len(spans)-1].fed
	e := feed(spans)
	moment := func(text string) *report.Moment {
		m, err := report.ParseMoment(text)
		if err != nil {
			t.Fatal(err)
		}
		return &m
	}
	for name, o := range map[string]report.Options{
		"halves":        {At: moment("50s")},
		"nothing after": {At: moment("2h")},
		"none before":   {At: moment("0s")},
		"all chosen":    {Baseline: expression(t, `service = "shop"`)},
		"none chosen":   {Baseline: expression(t, `service = "nobody"`)},
	} {
		a := ask(t, e, report.ViewCompare, o)
		wantInt(t, name, a.Provenance, "from_unix_nano", orderStart)
		wantInt(t, name, a.Provenance, "to_unix_nano", last.End)
	}
}
