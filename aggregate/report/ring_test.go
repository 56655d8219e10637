package report_test

import (
	"context"
	"path/filepath"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/feed/files"
	"oteltop/model"
	"oteltop/model/store"
)

// ringSink delivers a file's requests to a ring, as the program does.
type ringSink struct{ ring *store.Ring }

func (s ringSink) Traces(_ context.Context, request []byte) (model.Receipt, error) {
	return s.ring.Append(request)
}

// open reads a file the way oteltop report does.
func open(t *testing.T, path string) *aggregate.Memory {
	t.Helper()
	source, err := files.Open(files.Options{Paths: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	ring := store.New(store.Options{})
	r := rollup.New(rollup.Options{Names: ring.Names(), Find: ring.Find})
	ring.Observe(r)
	if err := source.Run(context.Background(), ringSink{ring}); err != nil {
		t.Fatal(err)
	}
	ring.Flush()
	return aggregate.NewMemory(ring, r, nil, aggregate.MemoryOptions{})
}

// TestReportsOfFilesAreWhatBruteForceFinds takes the whole way: file, wire format, ring, rollups, report.
func TestReportsOfFilesAreWhatBruteForceFinds(t *testing.T) {
	for _, path := range singles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { checkFile(t, open(t, path), readSpans(t, path, 0)) })
	}
}
