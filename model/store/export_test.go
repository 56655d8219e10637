package store

import (
	"os"
	"path/filepath"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// What SDKs really sent, with events, links, trace state and status messages, is given back field by field.
func TestRecordedPayloadsRoundTrip(t *testing.T) {
	paths, _ := filepath.Glob("../../../shared/fixtures/payloads/*/*.pb")
	if len(paths) == 0 {
		t.Skip("no ../shared/fixtures/payloads")
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		var m trace.TracesData
		if err := proto.Unmarshal(b, &m); err != nil {
			t.Logf("%s: not a trace request: %v", p, err)
			continue
		}
		r := New(Options{Encoders: 1})
		rc, err := r.Append(b)
		want := spansOf(&m)
		if err != nil || rc.Stored != len(want) {
			t.Errorf("%s: %+v, %v; want %d spans", p, rc, err, len(want))
		}
		r.Snapshot().Traces(func(i *TraceInfo) bool {
			out, _ := r.Export(i.ID)
			var got trace.TracesData
			if err := proto.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			for id, s := range spansOf(&got) {
				w := want[id]
				if s.Status == nil && proto.Size(w.Status) == 0 {
					s.Status = w.Status
				}
				if !proto.Equal(s, w) {
					t.Errorf("%s: exported\n%v\nreceived\n%v", p, s, w)
				}
			}
			return true
		})
	}
}
