package model_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"oteltop/model"
)

// peers is where the peers' public test cases are kept; its NOTICE tells where they are from.
const peers = "testdata/peers"

// readTraces reads OTLP JSON lines by trace id, as far as linking and times need it.
func readTraces(t *testing.T, file string) map[string][]model.Span {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	type attribute struct {
		Key   string
		Value struct {
			StringValue string
			ArrayValue  struct {
				Values []struct{ StringValue string }
			}
		}
	}
	traces := make(map[string][]model.Span)
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var export struct {
			ResourceSpans []struct {
				Resource   struct{ Attributes []attribute }
				ScopeSpans []struct {
					Spans []struct {
						TraceID, SpanID, ParentSpanID, Name string
						Kind                                model.Kind
						StartTimeUnixNano, EndTimeUnixNano  string
					}
				}
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &export); err != nil {
			t.Fatal(err)
		}
		for _, rs := range export.ResourceSpans {
			resource := &model.Resource{}
			for _, a := range rs.Resource.Attributes {
				value := model.StringValue(a.Value.StringValue)
				if vs := a.Value.ArrayValue.Values; len(vs) > 0 {
					value = model.ArrayValue([]model.Value{model.StringValue(vs[0].StringValue)})
				}
				resource.Attributes = append(resource.Attributes, model.Attribute{Key: a.Key, Value: value})
			}
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					span := model.Span{Name: s.Name, Kind: s.Kind, Resource: resource, ID: spanID(t, s.SpanID),
						Start: nanos(t, s.StartTimeUnixNano), End: nanos(t, s.EndTimeUnixNano)}
					if s.ParentSpanID != "" {
						span.Parent = spanID(t, s.ParentSpanID)
					}
					traces[s.TraceID] = append(traces[s.TraceID], span)
				}
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return traces
}

func spanID(t *testing.T, hex string) model.SpanID {
	t.Helper()
	id, err := model.ParseSpanID(hex)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// nanos reads a time; Zipkin's traces have spans without.
func nanos(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func expected(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(peers, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func TestCriticalPathPeers(t *testing.T) {
	var cases []struct {
		File, TraceID string
		Sections      []struct {
			SpanID string
			Start  string `json:"start_unix_nano"`
			End    string `json:"end_unix_nano"`
		}
		Exclusive map[string]int64 `json:"exclusive_ns_by_span"`
	}
	expected(t, "critical-path/expected.json", &cases)
	if len(cases) != 9 {
		t.Fatalf("%d cases, want jaeger-ui's 9", len(cases))
	}
	type section struct {
		span       model.SpanID
		start, end int64
	}
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			tr := model.NewTrace(model.TraceID{Lo: 1}, readTraces(t, filepath.Join(peers, "critical-path", c.File))[c.TraceID], nil)
			var got, want []section
			for _, s := range tr.Sections {
				got = append(got, section{tr.Heads[tr.Tree.Nodes[s.Node].Span].ID, s.Start, s.End})
			}
			for _, s := range c.Sections {
				want = append(want, section{spanID(t, s.SpanID), nanos(t, s.Start), nanos(t, s.End)})
			}
			slices.Reverse(want) // they list it backwards
			if !slices.Equal(got, want) {
				t.Errorf("sections\n got %v\nwant %v", got, want)
			}
			for i, n := range tr.Tree.Nodes {
				if n.Span >= 0 && tr.Critical[i] != c.Exclusive[tr.Heads[n.Span].ID.String()] {
					t.Errorf("span %v: %d ns on the path, want %d", tr.Heads[n.Span].ID, tr.Critical[i], c.Exclusive[tr.Heads[n.Span].ID.String()])
				}
			}
		})
	}
}

// Where Skew differs from Jaeger on purpose it has no upper limit: what a person asked to see is shown.
var skewUnlimited = map[string]map[model.SpanID]int64{
	"max skew 10ms: positive delta 35ms refused":  {2: 35e6},
	"max skew 10ms: negative delta -45ms refused": {2: -45e6},
	"adjustment disabled":                         {2: 35e6},
}

func TestSkewPeers(t *testing.T) {
	var file struct {
		Cases []struct {
			Case, TraceID string
			Expected      []struct {
				SpanID string
				Start  string `json:"start_unix_nano"`
				End    string `json:"end_unix_nano"`
			}
		}
	}
	expected(t, "clock-skew/expected.json", &file)
	traces := readTraces(t, filepath.Join(peers, "clock-skew", "cases.jsonl"))
	if len(file.Cases) != 13 {
		t.Fatalf("%d cases, want Jaeger's 13", len(file.Cases))
	}
	for _, c := range file.Cases {
		t.Run(c.Case, func(t *testing.T) {
			tr := model.NewTrace(model.TraceID{Lo: 1}, traces[c.TraceID], nil)
			want := make(map[model.SpanID]int64)
			for _, e := range c.Expected {
				want[spanID(t, e.SpanID)] = nanos(t, e.Start)
			}
			for i, n := range tr.Tree.Nodes {
				if n.Span < 0 {
					if tr.Skew[i] != 0 {
						t.Errorf("a missing node is moved by %d", tr.Skew[i])
					}
					continue
				}
				h := &tr.Heads[n.Span]
				if ours, ok := skewUnlimited[c.Case][h.ID]; ok {
					if tr.Skew[i] != ours {
						t.Errorf("span %v moved by %d, want %d", h.ID, tr.Skew[i], ours)
					}
				} else if h.Start+tr.Skew[i] != want[h.ID] {
					t.Errorf("span %v starts at %d, want %d", h.ID, h.Start+tr.Skew[i], want[h.ID])
				}
			}
		})
	}
}
