package rollup_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"oteltop/aggregate/rollup"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// otlpLine is as much of an ExportTraceServiceRequest in JSON as rollups need.
type otlpLine struct {
	ResourceSpans []struct {
		Resource struct {
			Attributes []struct {
				Key   string
				Value struct{ StringValue string }
			}
		}
		ScopeSpans []struct{ Spans []otlpSpan }
	}
}

type otlpSpan struct {
	TraceID, SpanID, ParentSpanID string
	Name                          string
	Kind                          model.Kind
	StartTimeUnixNano             json.RawMessage // string or number
	EndTimeUnixNano               json.RawMessage
	Status                        struct{ Code model.StatusCode }
}

func unixNano(raw json.RawMessage) int64 {
	n, _ := strconv.ParseUint(strings.Trim(string(raw), `"`), 10, 64)
	return int64(n)
}

// readFixture reads at most limit requests of a file; traces that the limit cut are kept as they are.
func readFixture(t *testing.T, path string, limit int) map[model.TraceID][]model.Span {
	t.Helper()
	traces := map[model.TraceID][]model.Span{}
	for line := range modeltest.Lines(t, filepath.Join("../../../shared/fixtures", path), limit) {
		var l otlpLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		for _, rs := range l.ResourceSpans {
			resource := &model.Resource{Service: model.UnknownService}
			for _, a := range rs.Resource.Attributes {
				if a.Key == "service.name" {
					resource.Service = a.Value.StringValue
				}
			}
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					span := model.Span{
						Name: s.Name, Kind: s.Kind, Status: s.Status.Code, Resource: resource,
						Start: unixNano(s.StartTimeUnixNano), End: unixNano(s.EndTimeUnixNano),
					}
					span.TraceID, _ = model.ParseTraceID(s.TraceID)
					span.ID, _ = model.ParseSpanID(s.SpanID)
					span.Parent, _ = model.ParseSpanID(s.ParentSpanID)
					traces[span.TraceID] = append(traces[span.TraceID], span)
				}
			}
		}
	}
	return traces
}

// TestFixtures folds real traces and compares with counting parents and children one by one.
func TestFixtures(t *testing.T) {
	for _, path := range []string{
		"stream/tt-20230130-normal-1415-2400.jsonl.gz",
		"rca/ob-08-22-0353-frontend-cpu_contention.jsonl.gz",
	} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			limit := 300
			if testing.Short() {
				limit = 30
			}
			traces := readFixture(t, path, limit)
			names := new(rolluptest.Names)
			r := rollup.New(rollup.Options{Names: names})
			settled := map[model.TraceID][]store.Settled{}
			want := figures{}
			for id, spans := range traces {
				settled[id] = names.Settle(spans)
				r.Fold(id, settled[id], true)
				countCrossings(want, settled[id])
			}
			v := r.View()
			got := figuresOf(v, rollup.Window{})
			edges, rest := figures{}, figures{}
			for k, n := range got {
				if !strings.Contains(k, "edge") && k != "pending" && k != "broken" {
					rest[k] = n
				}
			}
			for i, s := range v.Sums(rollup.Window{}) {
				if i > 0 && v.Subjects[i].Measure == rollup.MeasureCall {
					e := v.Edges[v.Subjects[i].Edge]
					if e.Client.Kind == rollup.NodeService && e.Server.Kind == rollup.NodeService {
						edges[fmt.Sprint(e.Client.ID, " ", e.Server.ID)] += int64(s.Latency.Count())
					}
				}
			}
			requireSame(t, edges, want, "edges")
			requireSame(t, rest, bruteForce(settled), "operations, entries, roots")
			if len(want) < 3 {
				t.Errorf("only %d edges in the fixture", len(want))
			}
		})
	}
}

// countCrossings counts, for each pair of services, the spans whose parent belongs to another service or
// is the client or producer of a server or consumer.
func countCrossings(want figures, spans []store.Settled) {
	byID := map[model.SpanID]*store.Settled{}
	for i := range spans {
		byID[spans[i].ID] = &spans[i]
	}
	for i := range spans {
		s := &spans[i]
		p, ok := byID[s.Parent]
		if !ok {
			continue
		}
		answers := s.Kind == model.KindServer || s.Kind == model.KindConsumer
		asks := p.Kind == model.KindClient || p.Kind == model.KindProducer
		if p.Service != s.Service || asks && answers {
			want[fmt.Sprint(p.Service, " ", s.Service)]++
		}
	}
}
