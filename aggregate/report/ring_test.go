package report_test

import (
	"path/filepath"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/feed/files/filestest"
	"oteltop/model/store"
)

// open reads a file the way oteltop report does.
func open(t *testing.T, path string) *aggregate.Memory {
	t.Helper()
	ring := store.New(store.Options{})
	e := enginetest.Over(ring)
	filestest.Fill(t, ring, path)
	return e
}

// TestReportsOfFilesAreWhatBruteForceFinds takes the whole way: file, wire format, ring, rollups, report.
func TestReportsOfFilesAreWhatBruteForceFinds(t *testing.T) {
	for _, path := range singles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { checkFile(t, open(t, path), readSpans(t, path, 0)) })
	}
}
