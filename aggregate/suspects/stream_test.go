package suspects_test

import (
	"cmp"
	"context"
	"os"
	"slices"
	"sync"
	"testing"

	"oteltop/aggregate/request"
	"oteltop/aggregate/request/requesttest"
	"oteltop/aggregate/suspects"
	"oteltop/feed/files"
	"oteltop/model"
	"oteltop/model/store"
)

// recordedStream is hours of traffic into which nobody injected a fault, seen from this package.
const recordedStream = "../../../shared/fixtures/stream/tt-20230130-normal-1415-2400.jsonl.gz"

// traffic is traces in order of start, and the names of what is in them.
type traffic struct {
	names  store.Names
	traces []recorded
}

type into struct{ ring *store.Ring }

func (s into) Traces(_ context.Context, req []byte) (model.Receipt, error) { return s.ring.Append(req) }

func (s into) Logs(context.Context, []byte) (model.LogReceipt, error) { return model.LogReceipt{}, nil }

// readTraffic reads the recorded stream as the program does, once for all tests.
func readTraffic(t *testing.T) *traffic {
	t.Helper()
	if _, err := os.Stat(recordedStream); err != nil {
		t.Skip("recorded traffic is not here: ", err)
	}
	f, err := theStream()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var theStream = sync.OnceValues(func() (*traffic, error) {
	source, err := files.Open(files.Options{Paths: []string{recordedStream}})
	if err != nil {
		return nil, err
	}
	ring := store.New(store.Options{})
	if err := source.Run(context.Background(), into{ring}); err != nil {
		return nil, err
	}
	return trafficOf(ring), nil
})

// trafficOf is the traces of a ring.
func trafficOf(ring *store.Ring) *traffic {
	all := &traffic{names: ring.Names()}
	requesttest.Each(ring, func(t *request.Trace) {
		all.traces = append(all.traces, recorded{t.ID, t.Start, slices.Clone(t.Spans)})
	})
	slices.SortStableFunc(all.traces, func(a, b recorded) int { return cmp.Compare(a.start, b.start) })
	return all
}

// history of the traces that start in [from, to).
func (f *traffic) history(from, to int64) *suspects.History {
	h := suspects.NewHistory(f.names)
	for i := range f.traces {
		if x := &f.traces[i]; x.start >= from && x.start < to {
			h.Add(x.id, x.start, x.spans)
		}
	}
	return h
}
