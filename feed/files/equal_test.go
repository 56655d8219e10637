package files

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

type object = map[string]any

// TestOtherFormatsSayTheSame: a recorded trace, written as Jaeger and as Zipkin do, is read as the same.
func TestOtherFormatsSayTheSame(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(fixtures, "single", "*", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Skip("no recorded traces at ../shared/fixtures/single, seen from the module's root")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r := readFiles(t, Options{Paths: []string{path}})
			if strings.Contains(path, "shared-ids") {
				t.Skip("shared ids are tested where they are split")
			}
			want := summary(&r.recorder)
			for name, text := range map[string]string{"jaeger": asJaeger(t, &r.recorder), "zipkin": asZipkin(t, &r.recorder, "\n"), "zipkin list": "[" + asZipkin(t, &r.recorder, ",\n") + "]"} {
				other := readText(t, text)
				other.check(t)
				if got := summary(&other.recorder); !slices.Equal(got, want) {
					i := 0
					for i < min(len(got), len(want)) && got[i] == want[i] {
						i++
					}
					t.Errorf("%s: %d spans, want %d; from place %d on: %.300q, want %.300q", name, len(got), len(want), i, got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
				}
			}
		})
	}
}

// summary is what all formats can say of spans, sorted.
func summary(r *recorder) []string {
	var out []string
	for i, s := range r.spans {
		service := r.services[i]
		if service == "" {
			service = unknownService
		}
		parent := hex.EncodeToString(s.ParentSpanId)
		if strings.Trim(parent, "0") == "" {
			parent = ""
		}
		events := make([]uint64, len(s.Events))
		for k, e := range s.Events {
			events[k] = e.TimeUnixNano / 1000
		}
		start, took := s.StartTimeUnixNano, duration(s)
		if attribute(s, noTimestamp) != "" { // Zipkin spans get a time that the others do not
			start = 0
		}
		out = append(out, fmt.Sprintf("%x %x %s %s %q %s error=%v %d %d %v", s.TraceId, s.SpanId, parent, service, s.Name, kind(s),
			s.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR, start/1000, took/1000, events))
	}
	slices.Sort(out)
	return out
}

// duration is in ns; recorded spans that end before they start have none.
func duration(s *trace.Span) uint64 {
	return max(s.EndTimeUnixNano, s.StartTimeUnixNano) - s.StartTimeUnixNano
}

func kind(s *trace.Span) string {
	if s.Kind <= trace.Span_SPAN_KIND_INTERNAL { // the other formats do not tell these apart
		return ""
	}
	return strings.TrimPrefix(s.Kind.String(), "SPAN_KIND_")
}

func asJaeger(t *testing.T, r *recorder) string {
	t.Helper()
	byTrace := map[string][]object{}
	processes := object{}
	for i, s := range r.spans {
		tags := []object{{"key": "http.status", "type": "int64", "value": 5}}
		if k := kind(s); k != "" {
			tags = append(tags, object{"key": "span.kind", "type": "string", "value": strings.ToLower(k)})
		}
		if s.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR {
			tags = append(tags, object{"key": "error", "type": "bool", "value": true})
		}
		id := hex.EncodeToString(s.TraceId)
		j := object{"traceID": strings.TrimLeft(id, "0"), "spanID": hex.EncodeToString(s.SpanId), "operationName": s.Name, "processID": "p" + r.services[i],
			"startTime": s.StartTimeUnixNano / 1000, "duration": duration(s) / 1000, "tags": tags}
		if len(s.ParentSpanId) > 0 {
			j["references"] = []object{{"refType": "CHILD_OF", "traceID": id, "spanID": hex.EncodeToString(s.ParentSpanId)}}
		}
		var logs []object
		for _, e := range s.Events {
			logs = append(logs, object{"timestamp": e.TimeUnixNano / 1000, "fields": []object{{"key": "event", "value": e.Name}}})
		}
		j["logs"] = logs
		byTrace[id] = append(byTrace[id], j)
		processes["p"+r.services[i]] = object{"serviceName": r.services[i]}
	}
	var traces []object
	for id, spans := range byTrace {
		traces = append(traces, object{"traceID": id, "spans": spans, "processes": processes})
	}
	return encoded(t, object{"data": traces, "total": 0, "errors": nil})
}

func asZipkin(t *testing.T, r *recorder, separator string) string {
	t.Helper()
	var out []string
	for i, s := range r.spans {
		z := object{"id": hex.EncodeToString(s.SpanId), "traceId": hex.EncodeToString(s.TraceId), "name": s.Name, "localEndpoint": object{"serviceName": r.services[i]},
			"timestamp": s.StartTimeUnixNano / 1000, "duration": duration(s) / 1000}
		if k := kind(s); k != "" {
			z["kind"] = k
		}
		if len(s.ParentSpanId) > 0 {
			z["parentId"] = hex.EncodeToString(s.ParentSpanId)
		}
		if s.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR {
			z["tags"] = object{"error": "true"}
		}
		var annotations []object
		for _, e := range s.Events {
			annotations = append(annotations, object{"timestamp": e.TimeUnixNano / 1000, "value": e.Name})
		}
		z["annotations"] = annotations
		out = append(out, encoded(t, z))
	}
	return strings.Join(out, separator)
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
