package report_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate/report"
	"oteltop/model"
)

// slowing is a service that calls another, which takes 40 ms longer from the 200th second on.
func slowing() []*span { return slowed(200, 300) }

// slowed is the same from one second to another.
func slowed(from, to int) []*span {
	var all []*span
	begin := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC).UnixNano()
	add := func(trace, id, parent int, service, name string, kind model.Kind, start, end int64) {
		s := &span{trace: fmt.Sprintf("%032x", trace), id: fmt.Sprintf("%016x", id), service: service, name: name, start: start, end: end}
		s.fed = model.Span{
			TraceID: model.TraceID{Lo: uint64(trace)}, ID: model.SpanID(id), Parent: model.SpanID(parent), Name: name, Kind: kind,
			Start: start, End: end, Resource: &model.Resource{Service: service, Attributes: []model.Attribute{{Key: "service.name", Value: model.StringValue(service)}}},
		}
		all = append(all, s)
	}
	for i := 1; i <= 300; i++ {
		start := begin + int64(i-1)*1e9
		jitter := int64(i*i%17) * 1e5
		work := 5_000_000 + jitter
		version := "1.2"
		if i > from && i <= to {
			work += 40e6
			version = "1.3"
		}
		add(i, 3*i, 0, "web", "/", model.KindServer, start, start+work+4e6)
		add(i, 3*i+1, 3*i, "web", "GET", model.KindClient, start+1e6, start+work+3e6)
		add(i, 3*i+2, 3*i+1, "cart", "/cart", model.KindServer, start+2e6, start+2e6+work)
		cart := all[len(all)-1].fed.Resource
		cart.Attributes = append(cart.Attributes, model.Attribute{Key: "service.version", Value: model.StringValue(version)})
	}
	return all
}

func period(t *testing.T, text string) *report.Period {
	t.Helper()
	p, err := report.ParsePeriod(text)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func TestSuspects(t *testing.T) {
	e := feed(slowing())
	for _, o := range []report.Options{
		{Focus: period(t, "200s..")},
		{Focus: period(t, "-100s.."), Before: period(t, "..-100s")},
		{Focus: period(t, "2026-03-04T12:03:20Z..2026-03-04T12:05:00Z"), Before: period(t, "2026-03-04T12:00:00Z..2026-03-04T12:03:20Z")},
	} {
		a := ask(t, e, report.ViewSuspects, o)
		requireFields(t, "suspects", a.Rows, "rank service operation edge score why evidence trace_ids")
		row := a.Rows[0]
		if row["service"] != "cart" || row["operation"] != "/cart" || row["edge"] != nil {
			t.Errorf("%v", row)
		}
		if why, _ := row["why"].(string); !strings.HasPrefix(why, "/cart in cart works 45.8ms per call, before 5.8") {
			t.Errorf("why: %s", why)
		}
		if len(row["trace_ids"].([]any)) != 3 || len(row["evidence"].(map[string]any)["changes"].([]any)) == 0 {
			t.Errorf("%v", row)
		}
		appeared, _ := json.Marshal(row["evidence"].(map[string]any)["appeared"])
		if want := `[{"key":"service.version","span_share":1,"value":"1.3"}]`; string(appeared) != want {
			t.Errorf("appeared %s, want %s", appeared, want)
		}
	}
}

// TestFetchOfSuspectsIsWrite: periods survive the way through a request.
func TestFetchOfSuspectsIsWrite(t *testing.T) {
	e := feed(slowing())
	server := httptest.NewServer(report.Handler(e))
	defer server.Close()
	var here, there strings.Builder
	o := report.Options{Focus: period(t, "200s.."), Before: period(t, "10s..190s"), Limit: 1}
	if err := report.Write(context.Background(), &here, e, report.ViewSuspects, o); err != nil {
		t.Fatal(err)
	}
	if err := report.Fetch(context.Background(), &there, strings.TrimPrefix(server.URL, "http://"), "", report.ViewSuspects, o); err != nil {
		t.Fatal(err)
	}
	if here.String() != there.String() || !strings.Contains(here.String(), `180 traces of the baseline`) {
		t.Errorf("here\n%s\nthere\n%s", here.String(), there.String())
	}
}

// TestFindings: the same without being told when.
func TestFindings(t *testing.T) {
	a := ask(t, feed(slowing()), report.ViewFindings, report.Options{})
	requireFields(t, "findings", a.Rows, "kind score title service operation evidence trace_ids")
	if len(a.Rows) != 1 || a.Rows[0]["service"] != "cart" || a.Rows[0]["kind"] != "onset" {
		t.Fatalf("%v", a.Rows)
	}
	if title, _ := a.Rows[0]["title"].(string); !strings.HasPrefix(title, "since 12:03:") || !strings.Contains(title, "/cart in cart works 4") {
		t.Errorf("title: %s", title)
	}
	evidence := a.Rows[0]["evidence"].(map[string]any)
	onset := time.Date(2026, 3, 4, 12, 3, 20, 0, time.UTC).UnixNano()
	if late := time.Duration(integer(t, evidence, "at_unix_nano") - onset); late.Abs() > 20*time.Second {
		t.Errorf("onset wrong by %v", late)
	}
	var text strings.Builder
	if err := report.Write(context.Background(), &text, feed(slowing()), report.ViewFindings, report.Options{Text: true}); err != nil || !strings.Contains(text.String(), "60 of 60 requests") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// TestEndedFinding: a disturbance of a quarter of a minute is told with its end, another without.
func TestEndedFinding(t *testing.T) {
	a := ask(t, feed(slowed(200, 215)), report.ViewFindings, report.Options{})
	if len(a.Rows) == 0 || a.Rows[0]["kind"] != "onset" {
		t.Fatalf("%v", a.Rows)
	}
	evidence := a.Rows[0]["evidence"].(map[string]any)
	over := time.Date(2026, 3, 4, 12, 3, 35, 0, time.UTC).UnixNano()
	ended := integer(t, evidence, "ended_unix_nano")
	title, _ := a.Rows[0]["title"].(string)
	if off := time.Duration(ended - over); off.Abs() > 2*time.Second || integer(t, evidence, "to_unix_nano") != ended || !strings.HasPrefix(title, "from 12:03:") || !strings.Contains(title, " to 12:03:3") || !strings.Contains(title, "; over after 1") {
		t.Errorf("wrong by %v: %s", off, title)
	}
	a = ask(t, feed(slowing()), report.ViewFindings, report.Options{})
	if ended := a.Rows[0]["evidence"].(map[string]any)["ended_unix_nano"]; ended != nil {
		t.Errorf("over at %v", ended)
	}
}

func TestSuspectsNeedPeriods(t *testing.T) {
	e := feed(slowing())
	for _, o := range []report.Options{
		{},
		{Before: period(t, "0s..1m")},
		{Before: period(t, "0s..2m"), Focus: period(t, "1m..3m")},
		{Before: period(t, ".."), Focus: period(t, "1m..3m")},
		{Focus: period(t, "-10s..10s")}, // only the data can tell
		{Before: period(t, "-10s..10s"), Focus: period(t, "1m..3m")},
	} {
		if err := report.Write(context.Background(), new(strings.Builder), e, report.ViewSuspects, o); !errors.Is(err, report.ErrPeriods) {
			t.Errorf("%v %v: %v", o.Before, o.Focus, err)
		}
	}
}

// Periods that overlap whatever the data are can be told from others without any.
func TestPeriodsAreCheckedFirst(t *testing.T) {
	for _, c := range []struct {
		baseline, focus string
		fine            bool
	}{
		{"0s..2m", "1m..3m", false},
		{"0s..2m", "2m..3m", true},
		{"0s..2m", "0s..", false},
		{"..", "1m..3m", false},
		{"4m..5m", "1m..3m", true},
		{"-3m..-1m", "-2m..", false},
		{"..-1m", "-1m..", true},
		{"0s..2m", "-1m..", true}, // data may last for an hour
		{"2026-03-04T12:00:00Z..2026-03-04T12:02:00Z", "2026-03-04T12:01:00Z..", false},
		{"2026-03-04T12:00:00Z..2026-03-04T12:02:00Z", "1m..", true},
		{"", "1m..", true},
		{"", "..3m", false},
	} {
		o := report.Options{Focus: period(t, c.focus)}
		if c.baseline != "" {
			o.Before = period(t, c.baseline)
		}
		if err := o.Check(report.ViewSuspects); (err == nil) != c.fine || err != nil && !errors.Is(err, report.ErrPeriods) {
			t.Errorf("%s against %s: %v", c.focus, c.baseline, err)
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, text := range []string{"..", "0s..5m0s", "-5m0s..", "-5m0s..-0s", "2026-03-04T12:03:20Z..", "1m0s..2026-03-04T12:03:20.25Z"} {
		if got := period(t, text).String(); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"", "5m", "yesterday..", "5m..six", "1..2", "5m..4m", "5m..5m", "-1m..-2m", "2026-03-04T12:00:01Z..2026-03-04T12:00:00Z"} {
		if p, err := report.ParsePeriod(text); !errors.Is(err, report.ErrPeriod) {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
}
