package files

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"oteltop/model/modeltest"
)

const fixtures = "../../../shared/fixtures"

// counts are what a file holds.
type counts struct {
	spans, errors int
	services      map[string]int // spans of each
}

// recount counts a file of OTLP JSON Lines in the plainest way there is.
func recount(t testing.TB, path string) counts {
	t.Helper()
	c := counts{services: map[string]int{}}
	for line := range modeltest.Lines(t, path, 0) {
		var request map[string]any
		if err := json.Unmarshal(line, &request); err != nil {
			t.Fatal(err)
		}
		for _, r := range list(request["resourceSpans"]) {
			service := ""
			resource, _ := r["resource"].(map[string]any)
			for _, a := range list(resource["attributes"]) {
				if a["key"] == "service.name" {
					service = a["value"].(map[string]any)["stringValue"].(string)
				}
			}
			for _, scope := range list(r["scopeSpans"]) {
				for _, s := range list(scope["spans"]) {
					c.spans++
					c.services[service]++
					status, _ := s["status"].(map[string]any)
					if code := status["code"]; code == 2.0 || code == "STATUS_CODE_ERROR" {
						c.errors++
					}
				}
			}
		}
	}
	return c
}

func list(v any) []map[string]any {
	var out []map[string]any
	elements, _ := v.([]any)
	for _, e := range elements {
		out = append(out, e.(map[string]any))
	}
	return out
}

// counted is the same of what was delivered.
func (r *recorder) counted() counts {
	c := counts{spans: len(r.spans) + r.refused, services: map[string]int{}}
	for i, s := range r.spans {
		c.services[r.services[i]]++
		if s.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR {
			c.errors++
		}
	}
	return c
}

func TestMain(m *testing.M) { modeltest.Run(m) }

// TestFixturesAreRecounted: every span, service and error of every recorded file is delivered.
func TestFixturesAreRecounted(t *testing.T) {
	if _, err := os.Stat(fixtures); err != nil {
		t.Skip("no recorded traces at ../shared/fixtures, seen from the module's root")
	}
	large := 0
	err := filepath.WalkDir(fixtures, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(e.Name(), ".jsonl") || e.Name() == "expected.jsonl" {
			return err
		}
		if info, err := e.Info(); err == nil && info.Size() > 500_000 && strings.HasSuffix(path, ".gz") {
			// Decoding into maps is slow: a few of the large ones, all of them with OTELTOP_ALL_FIXTURES.
			if large++; large%9 != 1 && os.Getenv("OTELTOP_ALL_FIXTURES") == "" || testing.Short() {
				return nil
			}
		}
		name, _ := filepath.Rel(fixtures, path)
		t.Run(name, func(t *testing.T) {
			want := recount(t, path)
			r := readFiles(t, Options{Paths: []string{path}})
			r.check(t)
			got := r.counted()
			if got.spans != want.spans || got.errors != want.errors || !maps.Equal(got.services, want.services) {
				t.Errorf("%d spans, %d errors, services %v;\nwant %d, %d, %v", got.spans, got.errors, got.services, want.spans, want.errors, want.services)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPayloadsAsFiles: request bodies saved to files are read whatever they are, and hold what was noted
// when they were recorded.
func TestPayloadsAsFiles(t *testing.T) {
	f, err := os.Open(filepath.Join(fixtures, "payloads", "expected.jsonl"))
	if err != nil {
		t.Skip("no recorded payloads at ../shared/fixtures/payloads, seen from the module's root")
	}
	defer f.Close()
	for d := json.NewDecoder(f); d.More(); {
		var want struct {
			File          string
			Spans, Errors int
			Services      map[string]int
		}
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		t.Run(want.File, func(t *testing.T) {
			r := readFiles(t, Options{Paths: []string{filepath.Join(fixtures, "payloads", want.File)}})
			r.check(t)
			if got := r.counted(); got.spans != want.Spans || got.errors != want.Errors || !maps.Equal(got.services, want.Services) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
