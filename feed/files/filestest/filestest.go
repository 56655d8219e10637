// Package filestest reads recorded traces into stores, for tests of what is made of them.
package filestest

import (
	"context"
	"os"
	"testing"

	"oteltop/feed/files"
	"oteltop/model"
	"oteltop/model/store"
)

// Fill reads a file into a store as the program does, settles its traces, and returns what was counted at the intake.
// It skips the test where the file is not there: recordings are no part of this repository.
func Fill(t testing.TB, s store.Store, path string) *model.Intake {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skipf("recorded traces are not here: %v", err)
	}
	source, err := files.Open(files.Options{Paths: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Run(context.Background(), sink{s}); err != nil {
		t.Fatal(err)
	}
	s.Flush()
	return source.Intake
}

// sink makes a store a feed.Sink.
type sink struct{ store store.Store }

func (s sink) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	return s.store.Append(req)
}
