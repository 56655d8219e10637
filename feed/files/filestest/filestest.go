// Package filestest reads recorded traces into stores, for tests of what is made of them.
package filestest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

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

// Injection is a recording of a fault whose cause is known.
type Injection struct {
	ID       string
	Path     string    // of the recording
	Cause    string    // the service that is at fault
	From, To time.Time // when it is
}

// Injections are those that labels.json of a folder lists. It skips the test where there is none.
func Injections(t testing.TB, folder string) []Injection {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "labels.json"))
	if err != nil {
		t.Skipf("recorded faults are not here: %v", err)
	}
	var labels struct {
		Cases []struct {
			ID, File string
			Cause    string    `json:"root_cause_service"`
			From     time.Time `json:"fault_from"`
			To       time.Time `json:"fault_to"`
		}
	}
	if err := json.Unmarshal(text, &labels); err != nil {
		t.Fatal(err)
	}
	var out []Injection
	for _, c := range labels.Cases {
		out = append(out, Injection{c.ID, filepath.Join(folder, c.File), c.Cause, c.From, c.To})
	}
	return out
}

// sink makes a store a feed.Sink.
type sink struct{ store store.Store }

func (s sink) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	return s.store.Append(req)
}

func (s sink) Logs(context.Context, []byte) (model.LogReceipt, error) { return model.LogReceipt{}, nil }
