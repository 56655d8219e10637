package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

// toldSpans counts the spans that an observer is told of in settlements.
type toldSpans struct {
	Observer
	spans chan int
}

func (o toldSpans) Arrived([]Arrival)     {}
func (o toldSpans) Settled(s *Settlement) { o.spans <- len(s.Spans) - s.Previous }

// Run sleeps while nothing is due, and what arrives meanwhile is told of all the same.
func TestRunSleepsAndWakes(t *testing.T) {
	o := toldSpans{spans: make(chan int, 100)}
	r := New(Options{Encoders: 1, Quiet: time.Millisecond, Idle: 2 * time.Millisecond, Hard: 3 * time.Millisecond, Observer: o})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	l := newLoad(3)
	l.now = time.Now().UnixNano()
	for range 3 {
		if _, err := r.Append(encode(t, l.request(20))); err != nil {
			t.Fatal(err)
		}
		for left := 20; left > 0; {
			select {
			case n := <-o.spans:
				left -= n
			case <-time.After(20 * time.Second):
				t.Fatalf("%d spans were never told of", left)
			}
		}
		for r.quietFor() < longestSleep { // traces may wait for peers
			time.Sleep(time.Millisecond)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ends with %v", err)
	}
}
