package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// loggedCheckoutView is the checkout with what its services said: in spans, of the trace as a whole, and in a span that
// never came.
func loggedCheckoutView(t *testing.T) *aggregate.TraceView {
	v := waterfallCheckoutView(t)
	charge := model.SpanID(0)
	for i := range v.Trace.Spans {
		if s := &v.Trace.Spans[i]; s.Name == "POST /charge" && s.Kind == model.KindClient {
			charge = s.ID
		}
	}
	at := func(ms int64) int64 { return modeltest.Base + ms*1e6 }
	v.Logs = []model.Log{
		{Time: at(1), Severity: model.SeverityInfo, Body: model.StringValue("cart has 3 items")},
		{Time: at(120), Span: charge, Severity: model.SeverityWarn, Body: model.StringValue("bank is slow, trying again"), Attributes: []model.Attribute{{Key: "attempt", Value: model.IntValue(2)}}},
		{Time: at(130), Span: charge, Severity: model.SeverityDebug, Body: model.StringValue("socket 7"), Dropped: 1},
		{Time: at(190), Span: charge, Severity: model.SeverityError, Event: "charge.failed", Body: model.StringValue("https://shop:hunter2secret@bank.example/ refused us")},
		{Time: at(200), Span: 0xdead, Text: "notice", Body: model.StringValue("from a span that nobody knows")},
	}
	v.MoreLogs = 7
	return v
}

func withLogs(t *testing.T) *waterfallScene {
	return newWaterfallScene(t, loggedCheckoutView(t), 160, 60)
}

func (s *waterfallScene) selectNamed(name string, kind model.Kind) {
	s.tb.Helper()
	for range s.w.m.t.Tree.Nodes {
		if r := s.w.selected(); r != nil && s.w.m.real(r.node) && s.w.m.span(r.node).Name == name && s.w.m.span(r.node).Kind == kind {
			return
		}
		s.press("down")
	}
	s.tb.Fatalf("no row %s", name)
}

func TestWaterfallShowsLogs(t *testing.T) {
	s := withLogs(t)
	text := s.text()
	for _, want := range []string{"Logs 2", "INFO  cart has 3 items", "notice  from a span that nobody knows", "7 records of the trace came before"} {
		if !strings.Contains(text, want) {
			t.Errorf("the root does not show %q:\n%s", want, text)
		}
	}
	s.selectNamed("POST /charge", model.KindClient)
	text = s.text()
	for _, want := range []string{"Logs 3", "WARN  bank is slow, trying again", "attempt", "DEBUG  socket 7", "1 attributes were dropped by the SDK", "ERROR  charge.failed"} {
		if !strings.Contains(text, want) {
			t.Errorf("the span does not show %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "hunter2secret") {
		t.Error("a secret is shown")
	}
	s.press("M")
	if text = s.text(); !strings.Contains(text, "hunter2secret") {
		t.Errorf("M does not reveal it:\n%s", text)
	}
	c := s.press("Y")
	copied, ok := c.(Copy)
	if !ok || !strings.Contains(copied.Text, "WARN bank is slow, trying again\n  attempt=2\n") {
		t.Errorf("copied %+v", c)
	}
}

// What weighs most is seen where several things happened in one column: a failure, a warning, an event, any record.
func TestWaterfallMarksLogs(t *testing.T) {
	for _, c := range []struct {
		name string
		logs []model.Severity
		want rune
	}{
		{"nothing", nil, 0},
		{"any record", []model.Severity{model.SeverityInfo}, 'e'},
		{"a failure", []model.Severity{model.SeverityError, model.SeverityInfo}, 'x'},
		{"a failure, last", []model.Severity{model.SeverityWarn, model.SeverityFatal}, 'x'},
	} {
		v := waterfallView(modeltest.Trace(t, "a  work  server 0..100"))
		for _, s := range c.logs {
			v.Logs = append(v.Logs, model.Log{Time: modeltest.Base + 50e6, Span: v.Trace.Spans[0].ID, Severity: s})
		}
		s := newWaterfallScene(t, v, 120, 30)
		row := ""
		for _, l := range strings.Split(s.text(), "\n") {
			if strings.Contains(l, "work") && strings.Contains(l, "100ms") {
				row = l
			}
		}
		got := rune(0)
		switch {
		case strings.ContainsRune(row, s.f.G.Error):
			got = 'x'
		case strings.ContainsRune(row, s.f.G.Event):
			got = 'e'
		}
		if got != c.want {
			t.Errorf("%s: %q in\n%s", c.name, got, s.text())
		}
	}
}

func TestWaterfallSearchesLogs(t *testing.T) {
	s := withLogs(t)
	s.press("/")
	for _, r := range "is SLOW, trying" {
		s.press(string(r))
	}
	s.press("enter")
	if r := s.w.selected(); r == nil || s.w.m.span(r.node).Name != "POST /charge" {
		t.Errorf("the search leads elsewhere:\n%s", s.text())
	}
}

// Every record is at one node, whatever ids they name, and they stay in the order of time.
func TestLogsAreIndexedByNode(t *testing.T) {
	v := waterfallCheckoutView(t)
	var all []model.SpanID
	for i := range v.Trace.Spans {
		all = append(all, v.Trace.Spans[i].ID)
	}
	all = append(all, 0, 0xdead, v.Trace.Spans[0].ID)
	for i := range 500 {
		v.Logs = append(v.Logs, model.Log{Time: int64(i), Span: all[i*7%len(all)]})
	}
	m := newTraceModel(v)
	seen := 0
	for n := range m.t.Tree.Nodes {
		last := int64(-1)
		m.eachLog(int32(n), func(l *model.Log) bool {
			if l.Time <= last {
				t.Errorf("node %d: %d after %d", n, l.Time, last)
			}
			last = l.Time
			if int32(n) != m.t.Root && (!m.real(int32(n)) || m.head(int32(n)).ID != l.Span) {
				t.Errorf("a record of %v at node %d", l.Span, n)
			}
			seen++
			return true
		})
	}
	if seen != 500 {
		t.Errorf("%d of 500 records", seen)
	}
}

// Over a slow line several keys come between two frames: they work on what the next frame will show.
func TestKeysBetweenFramesReachTheDetails(t *testing.T) {
	s := newWaterfallScene(t, waterfallCheckoutView(t), 100, 30)
	for _, k := range []string{"down", "tab", "pgdown", "pgdown"} {
		s.w.Key(keyPress(k), s.f.Moment)
	}
	at, top := s.w.at, s.w.pane.top
	slow := newWaterfallScene(t, waterfallCheckoutView(t), 100, 30)
	slow.press("down", "tab", "pgdown", "pgdown")
	if at != slow.w.at || top != slow.w.pane.top || top == 0 {
		t.Errorf("row %d, details from line %d; frame by frame row %d, line %d", at, top, slow.w.at, slow.w.pane.top)
	}
}
