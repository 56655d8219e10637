// Package oracle_test recomputes every figure of a report by brute force, straight from the definitions in
// ANALYSES, over spans that encoding/json decoded, and compares them with what the program answers when
// it reads the same bytes the way `oteltop report` does.
//
//	bytes ─▶ feed/files ─▶ store.Ring ─▶ rollups ─▶ Memory ─▶ report ─▶ JSON ─┐
//	bytes ─▶ encoding/json ─▶ maps, sorting, recursion ────────────────────────┴─▶ equal
//
// Nothing of the program is used on the second line. Percentiles may differ by the histogram's bound,
// half a bin of 2^(1/32); everything else is equal to the last digit.
package oracle_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ref names a span.
type ref struct{ trace, span string }

// span is what the definitions need of a span.
type span struct {
	ref
	parent              string // "" for none
	service, name, kind string
	status              string
	start, end          int64 // end ≥ start
	negative            bool
	attributes          map[string]string // as text
	resource            map[string]string
	links               []ref
	dropped             [3]uint64 // attributes, events, links

	// By link:
	up     *span // nil for none
	kids   []*span
	orphan bool // its parent was not seen
	cut    bool // its parent would close a cycle
	shared bool // a server with the id of its client
	twin   bool // its id is also another span's
}

func (s *span) duration() int64 { return s.end - s.start }
func (s *span) failed() bool    { return s.status == "error" }
func (s *span) exits() bool     { return s.kind == "client" || s.kind == "producer" }
func (s *span) enters() bool    { return s.kind == "server" || s.kind == "consumer" }
func (s *span) local() bool     { return s.kind == "internal" || s.kind == "unspecified" }

func (s *span) has(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { _, ok := s.attributes[k]; return ok })
}

// The JSON of OTLP.
type (
	jsonRequest struct {
		ResourceSpans []struct {
			Resource   json.RawMessage
			ScopeSpans []struct {
				Scope json.RawMessage
				Spans []json.RawMessage
			}
		}
	}
	jsonSpan struct {
		TraceID, SpanID, ParentSpanID, Name string
		Kind                                int
		StartTimeUnixNano, EndTimeUnixNano  json.RawMessage
		Attributes                          []jsonAttribute
		Status                              struct{ Code int }
		Links                               []struct{ TraceID, SpanID string }
		DroppedAttributesCount              uint64
		DroppedEventsCount                  uint64
		DroppedLinksCount                   uint64
	}
	jsonAttribute struct {
		Key   string
		Value map[string]any
	}
)

// data is what a file holds.
type data struct {
	spans     []*span
	traces    map[string][]*span
	byRef     map[ref]*span // the first of twins in canonical order
	services  map[string]bool
	received  int // spans, duplicates too
	duplicate int
}

// read decodes OTLP JSON Lines and links every trace.
func read(t testing.TB, text []byte) *data {
	t.Helper()
	d := &data{traces: map[string][]*span{}, byRef: map[ref]*span{}, services: map[string]bool{}}
	r := reader{data: d, seen: map[[sha256.Size]byte]bool{}, namespaces: map[string]string{}, resources: map[string]resource{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		r.line(t, lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for id, spans := range d.traces {
		d.traces[id] = link(spans)
		for _, s := range slices.Backward(d.traces[id]) {
			d.byRef[s.ref] = s
		}
	}
	return d
}

// reader is the state of one reading.
type reader struct {
	*data
	seen       map[[sha256.Size]byte]bool // spans with their resource and scope
	namespaces map[string]string          // of services, by name: the first one
	resources  map[string]resource        // by their JSON
}

type resource struct {
	attributes map[string]string
	service    string
}

func (r *reader) line(t testing.TB, line []byte) {
	t.Helper()
	var q jsonRequest
	if err := json.Unmarshal(line, &q); err != nil {
		t.Fatal(err)
	}
	for _, rs := range q.ResourceSpans {
		from := r.resource(t, rs.Resource)
		for _, ss := range rs.ScopeSpans {
			for _, raw := range ss.Spans {
				r.received++
				// D1: what a sender repeats counts once.
				sum := sha256.Sum256(slices.Concat(rs.Resource, ss.Scope, raw))
				if r.seen[sum] {
					r.duplicate++
					continue
				}
				r.seen[sum] = true
				s := newSpan(t, raw)
				s.resource, s.service = from.attributes, from.service
				r.spans = append(r.spans, s)
				r.services[s.service] = true
				r.traces[s.trace] = append(r.traces[s.trace], s)
			}
		}
	}
}

func (r *reader) resource(t testing.TB, raw json.RawMessage) resource {
	t.Helper()
	x, known := r.resources[string(raw)]
	if known {
		return x
	}
	var q struct{ Attributes []jsonAttribute }
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &q); err != nil {
			t.Fatal(err)
		}
	}
	x.attributes = texts(q.Attributes)
	x.service = serviceOf(x.attributes, r.namespaces)
	r.resources[string(raw)] = x
	return x
}

// serviceOf is D4's name: service.name, which a later namespace of the same name goes before.
func serviceOf(resource, namespaces map[string]string) string {
	name, namespace := resource["service.name"], resource["service.namespace"]
	if name == "" {
		name = "unknown_service"
	}
	first, known := namespaces[name]
	if !known {
		namespaces[name] = namespace
	} else if namespace != "" && namespace != first {
		name = namespace + "/" + name
	}
	return name
}

func newSpan(t testing.TB, raw []byte) *span {
	t.Helper()
	var r jsonSpan
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	nano := func(m json.RawMessage) int64 {
		n, _ := strconv.ParseUint(strings.Trim(string(m), `"`), 10, 64)
		return int64(n)
	}
	s := &span{
		ref:    ref{strings.ToLower(r.TraceID), strings.ToLower(r.SpanID)},
		parent: strings.ToLower(r.ParentSpanID), name: r.Name,
		kind:   []string{"unspecified", "internal", "server", "client", "producer", "consumer"}[r.Kind],
		status: []string{"unset", "ok", "error"}[r.Status.Code],
		start:  nano(r.StartTimeUnixNano), end: nano(r.EndTimeUnixNano),
		attributes: texts(r.Attributes),
		dropped:    [3]uint64{r.DroppedAttributesCount, r.DroppedEventsCount, r.DroppedLinksCount},
	}
	if strings.Trim(s.parent, "0") == "" {
		s.parent = ""
	}
	if s.end < s.start { // D3
		s.end, s.negative = s.start, true
	}
	for _, l := range r.Links {
		s.links = append(s.links, ref{strings.ToLower(l.TraceID), strings.ToLower(l.SpanID)})
	}
	return s
}

// texts is attributes as text; of a repeated key the first counts.
func texts(as []jsonAttribute) map[string]string {
	m := make(map[string]string, len(as))
	for _, a := range as {
		if _, twice := m[a.Key]; twice {
			continue
		}
		m[a.Key] = ""
		for _, v := range a.Value {
			m[a.Key] = fmt.Sprint(v)
		}
	}
	return m
}
