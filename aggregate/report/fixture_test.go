package report_test

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"oteltop/model"

	"oteltop/model/modeltest"
)

// fixtures is where recorded traces are, seen from this package.
const fixtures = "../../../shared/fixtures"

// The JSON of OTLP as far as the oracle needs it, read with encoding/json and nothing of ours.
type (
	rawRequest struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []rawAttribute }
			ScopeSpans []struct {
				Scope struct{ Name, Version string }
				Spans []json.RawMessage
			}
		}
	}
	rawSpan struct {
		TraceID, SpanID, ParentSpanID, Name        string
		Kind                                       int
		StartTimeUnixNano, EndTimeUnixNano         json.RawMessage
		Attributes                                 []rawAttribute
		Status                                     struct{ Code int }
		Links                                      []struct{ TraceID, SpanID string }
		Events                                     []json.RawMessage
		DroppedAttributesCount, DroppedEventsCount uint32
		DroppedLinksCount                          uint32
	}
	rawAttribute struct {
		Key   string
		Value map[string]any
	}
)

// readSpans reads a file of OTLP JSON Lines; at most limit lines where that is not 0. Exact duplicates
// are left out, as a store does.
func readSpans(t testing.TB, path string, limit int) []*span {
	t.Helper()
	var out []*span
	seen := map[string]bool{}
	resources := map[string]*model.Resource{}
	for line := range modeltest.Lines(t, path, limit) {
		var r rawRequest
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		for _, rs := range r.ResourceSpans {
			key, _ := json.Marshal(rs.Resource)
			resource, ok := resources[string(key)]
			if !ok {
				resource = newResource(rs.Resource.Attributes)
				resources[string(key)] = resource
			}
			for _, ss := range rs.ScopeSpans {
				for _, text := range ss.Spans {
					if k := string(key) + ss.Scope.Name + string(text); !seen[k] {
						seen[k] = true
						out = append(out, newSpan(t, text, resource))
					}
				}
			}
		}
	}
	return out
}

func newResource(as []rawAttribute) *model.Resource {
	r := &model.Resource{Service: "unknown_service"}
	for _, a := range as {
		r.Attributes = append(r.Attributes, model.Attribute{Key: a.Key, Value: newValue(a.Value)})
		if a.Key == "service.name" { // files have one namespace each: names stay bare (D4)
			r.Service, _ = a.Value["stringValue"].(string)
		}
	}
	return r
}

func newValue(v map[string]any) model.Value {
	switch x := v["intValue"].(type) {
	case string:
		n, _ := strconv.ParseInt(x, 10, 64)
		return model.IntValue(n)
	case float64:
		return model.IntValue(int64(x))
	}
	switch {
	case v["boolValue"] != nil:
		return model.BoolValue(v["boolValue"].(bool))
	case v["doubleValue"] != nil:
		f, _ := v["doubleValue"].(float64)
		return model.DoubleValue(f)
	}
	s, _ := v["stringValue"].(string)
	return model.StringValue(s)
}

// span is a span as the oracle sees it, and in the form that the program is fed.
type span struct {
	trace, id, parent   string // parent "" for a root
	service, name, kind string
	failed              bool
	start, end          int64 // end ≥ start
	database            bool
	dropped             bool
	links               []string // "trace/span"
	fed                 model.Span

	// By link:
	above    *span // nil for none
	children []*span
	orphan   bool
	cut      bool // its parent link closed a cycle
}

var kinds = []string{"unspecified", "internal", "server", "client", "producer", "consumer"}

func newSpan(t testing.TB, text []byte, resource *model.Resource) *span {
	t.Helper()
	var r rawSpan
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	nano := func(m json.RawMessage) int64 {
		n, _ := strconv.ParseUint(strings.Trim(string(m), `"`), 10, 64)
		return int64(n)
	}
	s := &span{
		trace: strings.ToLower(r.TraceID), id: strings.ToLower(r.SpanID), parent: strings.ToLower(r.ParentSpanID),
		service: resource.Service, name: r.Name, kind: kinds[r.Kind], failed: r.Status.Code == 2,
		start: nano(r.StartTimeUnixNano), end: nano(r.EndTimeUnixNano),
		dropped: r.DroppedAttributesCount|r.DroppedEventsCount|r.DroppedLinksCount != 0,
	}
	if strings.Trim(s.parent, "0") == "" {
		s.parent = ""
	}
	s.fed = model.Span{
		Name: s.name, Kind: model.Kind(r.Kind), Status: model.StatusCode(r.Status.Code), Start: s.start, End: s.end,
		Resource: resource, DroppedAttributes: r.DroppedAttributesCount, DroppedEvents: r.DroppedEventsCount, DroppedLinks: r.DroppedLinksCount,
	}
	s.fed.TraceID, _ = model.ParseTraceID(s.trace)
	s.fed.ID, _ = model.ParseSpanID(s.id)
	s.fed.Parent, _ = model.ParseSpanID(s.parent)
	for _, a := range r.Attributes {
		s.fed.Attributes = append(s.fed.Attributes, model.Attribute{Key: a.Key, Value: newValue(a.Value)})
		switch a.Key {
		case "db.system.name", "db.system", "db.namespace", "db.name":
			s.database = true
		}
	}
	for _, l := range r.Links {
		s.links = append(s.links, strings.ToLower(l.TraceID+"/"+l.SpanID))
		var link model.Link
		link.TraceID, _ = model.ParseTraceID(l.TraceID)
		link.SpanID, _ = model.ParseSpanID(l.SpanID)
		s.fed.Links = append(s.fed.Links, link)
	}
	s.end = max(s.end, s.start)
	return s
}

// singles are the recorded files of single traces.
func singles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(fixtures + "/single/*/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skip("no recorded traces at " + fixtures)
	}
	return files
}
