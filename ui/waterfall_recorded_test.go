package ui

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// The types below read what the recordings use of OTLP JSON.
type (
	recordedRequest struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []recordedAttribute }
			ScopeSpans []struct {
				Scope struct{ Name, Version string }
				Spans []recordedSpan
			}
		}
	}
	recordedSpan struct {
		TraceID, SpanID, ParentSpanID, Name string
		Kind                                model.Kind
		StartTimeUnixNano, EndTimeUnixNano  string
		Attributes                          []recordedAttribute
		Events                              []struct {
			Name, TimeUnixNano string
			Attributes         []recordedAttribute
		}
		Links []struct {
			TraceID, SpanID string
			Attributes      []recordedAttribute
		}
		Status struct {
			Code    model.StatusCode
			Message string
		}
	}
	recordedAttribute struct {
		Key   string
		Value map[string]any
	}
)

func (r recordedAttribute) attribute() model.Attribute {
	a := model.Attribute{Key: r.Key}
	for kind, v := range r.Value {
		switch x := v.(type) {
		case string:
			a.Value = model.StringValue(x)
			if n, err := strconv.ParseInt(x, 10, 64); err == nil && kind == "intValue" {
				a.Value = model.IntValue(n)
			}
		case bool:
			a.Value = model.BoolValue(x)
		case float64:
			a.Value = model.DoubleValue(x)
		default:
			b, _ := json.Marshal(v)
			a.Value = model.StringValue(string(b))
		}
	}
	return a
}

func recordedAttributes(rs []recordedAttribute) (as []model.Attribute) {
	for _, r := range rs {
		as = append(as, r.attribute())
	}
	return as
}

func (r *recordedSpan) span() model.Span {
	when := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	s := model.Span{TraceID: recordedTraceID(r.TraceID), ID: recordedID(r.SpanID), Parent: recordedID(r.ParentSpanID), Name: r.Name, Kind: r.Kind,
		Status: r.Status.Code, StatusText: r.Status.Message, Start: when(r.StartTimeUnixNano), End: when(r.EndTimeUnixNano),
		Attributes: recordedAttributes(r.Attributes)}
	for _, e := range r.Events {
		s.Events = append(s.Events, model.Event{Name: e.Name, Time: when(e.TimeUnixNano), Attributes: recordedAttributes(e.Attributes)})
	}
	for _, l := range r.Links {
		s.Links = append(s.Links, model.Link{TraceID: recordedTraceID(l.TraceID), SpanID: recordedID(l.SpanID), Attributes: recordedAttributes(l.Attributes)})
	}
	return s
}

// recordedID reads hex; one of the files has ids in base64.
func recordedID(s string) model.SpanID {
	id, err := model.ParseSpanID(s)
	if b, e := base64.StdEncoding.DecodeString(s); err != nil && e == nil && len(b) == 8 {
		for _, c := range b {
			id = id<<8 | model.SpanID(c)
		}
	}
	return id
}

func recordedTraceID(s string) model.TraceID {
	id, _ := model.ParseTraceID(s)
	return id
}

// recordedTraces reads a file into its traces, largest first.
func recordedTraces(tb testing.TB, path string) (traces [][]model.Span) {
	raw, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	byID := map[model.TraceID][]model.Span{}
	for _, line := range bytes.Split(bytes.TrimSpace(raw), []byte("\n")) {
		var req recordedRequest
		if err := json.Unmarshal(line, &req); err != nil {
			tb.Fatal(err)
		}
		for _, rs := range req.ResourceSpans {
			res := &model.Resource{Attributes: recordedAttributes(rs.Resource.Attributes)}
			if v, ok := model.Lookup(res.Attributes, "service.name"); ok {
				res.Service = v.Str()
			}
			for _, ss := range rs.ScopeSpans {
				scope := &model.Scope{Name: ss.Scope.Name, Version: ss.Scope.Version}
				for i := range ss.Spans {
					s := ss.Spans[i].span()
					s.Resource, s.Scope = res, scope
					byID[s.TraceID] = append(byID[s.TraceID], s)
				}
			}
		}
	}
	for _, spans := range byID {
		traces = append(traces, spans)
	}
	slices.SortFunc(traces, func(a, b []model.Span) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a[0].TraceID.String(), b[0].TraceID.String())
	})
	return traces
}

// rankedView ranks each span among those of its operation in the same trace.
func rankedView(t *model.Trace) *aggregate.TraceView {
	v := waterfallView(t)
	byOp := map[uint32][]int64{}
	for i := range t.Heads {
		byOp[t.Heads[i].Op] = append(byOp[t.Heads[i].Op], t.Heads[i].Duration())
	}
	for _, ds := range byOp {
		slices.Sort(ds)
	}
	for i := range v.Context {
		if s := t.Tree.Nodes[i].Span; s >= 0 {
			ds := byOp[t.Heads[s].Op]
			at, _ := slices.BinarySearch(ds, t.Heads[s].Duration())
			v.Context[i] = aggregate.SpanContext{N: uint64(len(ds)), Percentile: 100 * float64(at) / float64(len(ds)), Median: ds[len(ds)/2], P95: ds[len(ds)*95/100]}
		}
	}
	return v
}

// TestWaterfallRecordedTraces walks through recordings: every span can be reached, selected and read.
func TestWaterfallRecordedTraces(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../shared/fixtures/single/*/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skip("no recorded traces at ../shared/fixtures/single, seen from the module's root")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			traces := recordedTraces(t, file)
			spans := traces[0]
			tr := model.NewTrace(spans[0].TraceID, spans, nil)
			s := newWaterfallScene(t, rankedView(tr), 160, 50)
			shot(t, s, strings.TrimSuffix(filepath.Base(file), ".jsonl"))
			s.press("Z")
			if want := len(tr.Tree.Nodes) + len(s.w.m.groups); len(s.w.rows) != want {
				t.Errorf("%d rows unfolded, want %d", len(s.w.rows), want)
			}
			r := modeltest.Rand(1)
			for range 40 {
				n := int32(r.IntN(len(tr.Tree.Nodes)))
				s.w.choose(n)
				s.draw()
				if !s.w.m.real(n) {
					continue
				}
				if got := s.selectedName(); got != s.w.m.span(n).Name {
					t.Errorf("node %d: selected %q", n, got)
				}
			}
		})
	}
}

// shot writes the screen as ANSI text where OTELTOP_SHOTS says, to be looked at.
func shot(tb testing.TB, s *waterfallScene, name string) {
	if dir := os.Getenv("OTELTOP_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".ansi"), []byte(s.c.Encode()), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}
