package aggregate

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/rollup"
	"oteltop/model/modeltest"
)

// faultMemory is an engine over one settled trace.
func faultMemory(t *testing.T) *Memory {
	t.Helper()
	s := storetest.New(nil)
	s.AddTrace(modeltest.Spans(t, "a root server 0..100"))
	s.Flush()
	return NewMemory(s, rollup.New(rollup.Options{Names: s.Names()}), nil, MemoryOptions{})
}

// A panic in a goroutine of a scan arrives at whoever asked, with the stack of where it happened.
func TestFaultOfAGoroutineIsRaisedWhereItWasAsked(t *testing.T) {
	m := faultMemory(t)
	x, err := m.requests(context.Background(), Query{})
	if err != nil || len(x.traces) != 1 {
		t.Fatalf("%v, %d traces", err, len(x.traces))
	}
	defer func() {
		f, ok := recover().(*Fault)
		if !ok || f.Reason != "boom" || !bytes.Contains(f.Stack, []byte("explode")) {
			t.Errorf("caught %v", f)
		}
	}()
	err = x.each(context.Background(), func(int) func(*requestWorker) { return explode })
	t.Errorf("no panic: %v", err)
}

func explode(*requestWorker) { panic("boom") }

// Whoever waits for an answer that a panic cut short computes it.
func TestAnswerThatPanicsKeepsNobodyWaiting(t *testing.T) {
	m := faultMemory(t)
	k := question{what: whatFindings}
	started, second := make(chan struct{}), make(chan error, 1)
	go func() {
		<-started
		got, err := ask(context.Background(), m, k, func() (int, error) { return 7, nil })
		if got != 7 {
			err = errors.Join(err, errors.New("another answer"))
		}
		second <- err
	}()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_, _ = ask(context.Background(), m, k, func() (int, error) {
			close(started)
			panic("boom")
		})
	}()
	if err := <-second; err != nil {
		t.Error(err)
	}
	if got, err := ask(context.Background(), m, k, func() (int, error) { return 8, nil }); err != nil || got != 7 && got != 8 {
		t.Errorf("after it: %d, %v", got, err)
	}
}
