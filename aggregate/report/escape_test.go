package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"oteltop/aggregate/report"
	"oteltop/model"
)

// TestJSONOnATerminal: names come from the network, and JSON is looked at on terminals: nothing in it is obeyed by one,
// and whoever reads the JSON still gets the names as they were.
func TestJSONOnATerminal(t *testing.T) {
	hostile := "a\u009b31m\u009d0;t\u0007\u001b[2J\u007f\u0085\u202egpj.exe\u2066\u200fü\u2192😀"
	s := model.Span{TraceID: model.TraceID{Lo: 1}, ID: 1, Resource: &model.Resource{Service: hostile}, Name: hostile, Kind: model.KindServer, Start: 10, End: 20}
	e := feed([]*span{{fed: s}})
	for _, v := range []report.View{report.ViewServices, report.ViewOperations, report.ViewEdges, report.ViewTraces, report.ViewCritical} {
		var b bytes.Buffer
		if err := report.Write(context.Background(), &b, e, v, report.Options{}); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSuffix(b.String(), "\n")
		if at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); at >= 0 {
			t.Errorf("%s: %q", v, text[at:min(at+20, len(text))])
		}
		if !strings.Contains(text, "ü→😀") {
			t.Errorf("%s: letters were escaped: %s", v, text)
		}
		var a struct{ Rows []map[string]any }
		if err := json.Unmarshal(b.Bytes(), &a); err != nil {
			t.Fatalf("%s: %v", v, err)
		}
		same := false
		for _, x := range a.Rows[0] {
			same = same || x == hostile
		}
		if !same {
			t.Errorf("%s: no field is the name as it was: %v", v, a.Rows[0])
		}
	}
}
