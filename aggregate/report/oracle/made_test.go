package oracle_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// made is a span made by hand. Times are in ms after 2023-11-14; ids are short names.
type made struct {
	id, parent string // "trace/span"; the parent is of the same trace: "span", or "" for a root
	service    string
	kind       string
	from, to   int64
	failed     bool
	attributes string // "key=value key=value"; a value may not have blanks
	links      string // "trace/span trace/span"
}

const epoch = 1_700_000_000_000 // ms

// droppedKey is an attribute that stands for the span's count of dropped attributes.
const droppedKey = "dropped"

// hexID makes an id of n digits out of a short name.
func hexID(name string, n int) string {
	if name == "" {
		return ""
	}
	x := fmt.Sprintf("%x", name)
	return strings.Repeat("0", n-len(x)) + x
}

// lines writes each span as a request of its own.
func lines(t testing.TB, spans []made) [][]byte {
	t.Helper()
	type object = map[string]any
	text := func(key, value string) object { return object{"key": key, "value": object{"stringValue": value}} }
	kinds := map[string]int{"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
	var out [][]byte
	for _, s := range spans {
		trace, id, _ := strings.Cut(s.id, "/")
		x := object{
			"traceId": hexID(trace, 32), "spanId": hexID(id, 16), "parentSpanId": hexID(s.parent, 16),
			"name": s.service + " " + s.kind, "kind": kinds[s.kind],
			"startTimeUnixNano": fmt.Sprint((epoch + s.from) * 1e6), "endTimeUnixNano": fmt.Sprint((epoch + s.to) * 1e6),
		}
		if s.failed {
			x["status"] = object{"code": 2}
		}
		attributes, links := []object{}, []object{}
		for _, a := range strings.Fields(s.attributes) {
			key, value, _ := strings.Cut(a, "=")
			if key == droppedKey {
				x["droppedAttributesCount"] = json.Number(value)
				continue
			}
			attributes = append(attributes, text(key, value))
		}
		for _, l := range strings.Fields(s.links) {
			trace, id, _ := strings.Cut(l, "/")
			links = append(links, object{"traceId": hexID(trace, 32), "spanId": hexID(id, 16)})
		}
		x["attributes"], x["links"] = attributes, links
		line, err := json.Marshal(object{"resourceSpans": []object{{
			"resource":   object{"attributes": []object{text("service.name", s.service)}},
			"scopeSpans": []object{{"spans": []object{x}}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append(line, '\n'))
	}
	return out
}
