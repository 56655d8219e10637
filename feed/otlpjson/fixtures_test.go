package otlpjson

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"oteltop/model/modeltest"
)

const fixtures = "../../../shared/fixtures"

// lines returns the non-empty lines of a fixture, unpacked; recorded JSON bodies are one line.
func lines(t testing.TB, path string) [][]byte {
	t.Helper()
	var out [][]byte
	for line := range modeltest.Lines(t, path, 0) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, bytes.Clone(line))
		}
	}
	return out
}

func fixtureFiles(t testing.TB) []string {
	t.Helper()
	if _, err := os.Stat(fixtures); err != nil {
		t.Skipf("no fixtures beside the checkout: %v", err)
	}
	var files []string
	err := filepath.WalkDir(filepath.Join(fixtures, "single"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.Contains(filepath.Base(path), ".jsonl") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := filepath.Glob(filepath.Join(fixtures, "payloads", "node-http-json*", "*.json*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range recorded {
		if !strings.HasSuffix(path, ".meta.json") {
			files = append(files, path)
		}
	}
	return files
}

func TestRecordedRequestsReadAsProtojsonReadsThem(t *testing.T) {
	for _, path := range fixtureFiles(t) {
		name, _ := filepath.Rel(fixtures, path)
		t.Run(name, func(t *testing.T) {
			for i, line := range lines(t, path) {
				got, want := transcode(t, line), oracle(t, line)
				if !proto.Equal(got, want) {
					t.Errorf("line %d differs from protojson", i+1)
				}
			}
		})
	}
}

// Encoders in every language write lengths as short as they can; so do we, byte for byte.
func TestEncodingIsAsShortAsGoogles(t *testing.T) {
	for _, path := range fixtureFiles(t) {
		for i, line := range lines(t, path) {
			encoded, err := ToProto(nil, line)
			if err != nil {
				t.Fatal(err)
			}
			if want := proto.Size(transcode(t, line)); len(encoded) != want {
				t.Errorf("%s line %d: %d bytes, google writes %d", path, i+1, len(encoded), want)
			}
		}
	}
}
