package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recording is lines with a span each; at and took are seconds of a day in 2020.
func recording(at, took []int) string {
	const day = 1_600_000_000
	var b strings.Builder
	for i := range at {
		fmt.Fprintf(&b, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"0000000000000001","name":"%d",`+
			`"startTimeUnixNano":"%d000000000","endTimeUnixNano":"%d000000000","events":[{"timeUnixNano":"%d500000000"}],"links":[{"traceId":"%032x","spanId":"0000000000000001"}]}]}]}]}`+"\n",
			i+1, i, day+at[i], day+at[i]+took[i], day+at[i], 1)
	}
	return b.String()
}

// replayed reads a recording and tells when each of its requests was delivered, in seconds.
func replayed(t *testing.T, text string, p Replay) (r *result, after []float64) {
	began := time.Now()
	r = &result{}
	r.onEach = func() { after = append(after, time.Since(began).Seconds()) }
	f, err := Open(Options{Paths: []string{"-"}, Stdin: strings.NewReader(text), Replay: &p})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Run(t.Context(), r); err != nil {
		t.Error(err)
	}
	return r, after
}

func TestReplayKeepsTheRecordedPace(t *testing.T) {
	for _, k := range []struct {
		replay Replay
		due    []float64 // s after the beginning
		starts []float64 // s after the beginning; nil: as recorded
	}{
		{Replay{Speed: 1}, []float64{1, 12, 12, 60}, []float64{0, 10, 2, 30}},
		{Replay{Speed: 10}, []float64{.1, 1.2, 1.2, 6}, []float64{0, 1, .2, 3}},
		{Replay{Speed: .5}, []float64{2, 24, 24, 120}, []float64{0, 20, 4, 60}},
		{Replay{Retime: true}, []float64{0, 0, 0, 0}, []float64{0, 10, 2, 30}},
		{Replay{}, []float64{0, 0, 0, 0}, nil},
	} {
		t.Run(fmt.Sprintf("%+v", k.replay), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				took := []int{1, 2, 3, 30}
				r, after := replayed(t, recording([]int{0, 10, 2, 30}, took), k.replay)
				if !slices.Equal(after, k.due) {
					t.Errorf("delivered after %v s, want %v", after, k.due)
				}
				for i, s := range r.spans {
					start := time.Unix(0, int64(s.StartTimeUnixNano))
					if k.starts == nil {
						if start.Year() != 2020 {
							t.Errorf("span %d starts at %v", i, start)
						}
						continue
					}
					if got := start.Sub(began).Seconds(); got != k.starts[i] {
						t.Errorf("span %d starts at %v s, want %v", i, got, k.starts[i])
					}
					if d := s.EndTimeUnixNano - s.StartTimeUnixNano; d != uint64(took[i])*1e9 {
						t.Errorf("span %d takes %d ns", i, d)
					}
					if d := s.Events[0].TimeUnixNano - s.StartTimeUnixNano; d != 5e8 {
						t.Errorf("the event of span %d is %d ns after its start", i, d)
					}
				}
			})
		})
	}
}

// A trace that is replayed faster is the same trace: its spans keep their distances, whatever requests they
// come in.
func TestReplayKeepsTracesWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := recording([]int{0, 100, 101, 103}, []int{1, 9, 2, 1})
		for _, trace := range []string{"3", "4"} { // all of the second trace
			text = strings.Replace(text, fmt.Sprintf(`"traceId":"%032s"`, trace), fmt.Sprintf(`"traceId":"%032s"`, "2"), 1)
		}
		r, _ := replayed(t, text, Replay{Speed: 10})
		first := r.spans[0].StartTimeUnixNano
		var starts []uint64
		for _, s := range r.spans {
			starts = append(starts, (s.StartTimeUnixNano-first)/1e9)
		}
		if !slices.Equal(starts, []uint64{0, 10, 11, 13}) {
			t.Errorf("spans start after %v s", starts)
		}
	})
}

func TestReplayMakesOtherIDs(t *testing.T) {
	text := recording([]int{0, 1}, []int{1, 1})
	ids := map[string]bool{}
	for _, seed := range []uint64{0, 1, 2} {
		r, _ := replayed(t, text, Replay{NewIDs: seed})
		if string(r.spans[0].TraceId) != string(r.spans[1].Links[0].TraceId) {
			t.Errorf("seed %d: a link leads elsewhere", seed)
		}
		for _, s := range r.spans {
			ids[string(s.TraceId)] = true
			if len(s.TraceId) != 16 || s.SpanId[7] != 1 {
				t.Errorf("seed %d: ids %x %x", seed, s.TraceId, s.SpanId)
			}
		}
	}
	if len(ids) != 6 {
		t.Errorf("%d different trace ids, want 6", len(ids))
	}
	again, _ := replayed(t, text, Replay{NewIDs: 2})
	if !ids[string(again.spans[0].TraceId)] {
		t.Error("the same seed makes other ids")
	}
}

// TestReplayOfTimelessSpans: a span without a start sets no pace, and absurd times no overflow.
func TestReplayOfTimelessSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timeless := strings.Replace(recording([]int{0}, []int{1}), `"startTimeUnixNano":"1600000000000000000",`, "", 1)
		r, after := replayed(t, timeless+recording([]int{0, 5}, []int{1, 1}), Replay{Speed: 1})
		if !slices.Equal(after, []float64{0, 1, 6}) || len(r.spans) != 3 || r.spans[0].StartTimeUnixNano != 0 {
			t.Errorf("delivered after %v s: %v", after, r.spans)
		}
	})
}

func TestReplayIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		f, err := Open(Options{Paths: []string{"-"}, Stdin: strings.NewReader(recording([]int{0, 1000}, []int{1, 1})), Replay: &Replay{Speed: 1}})
		if err != nil {
			t.Fatal(err)
		}
		var r recorder
		began := time.Now()
		if err := f.Run(ctx, &r); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second || len(r.spans) != 1 {
			t.Errorf("%v after %v with %d spans", err, time.Since(began), len(r.spans))
		}
	})
}
