package aggregate_test

import (
	"context"
	"testing"
	"testing/synctest"

	"oteltop/model/modeltest"
)

// Arrival waits while as many spans are received as the status said, and no longer.
func TestArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		e, s := busy(t, 5, 3)
		status, err := e.Status(ctx)
		if err != nil || status.Received == 0 {
			t.Fatalf("received %d spans, %v", status.Received, err)
		}
		e.Arrival(ctx, status.Received-1) // more have come: returns at once, or the test deadlocks

		waits := func() chan struct{} {
			over := make(chan struct{})
			go func() {
				e.Arrival(ctx, status.Received)
				close(over)
			}()
			synctest.Wait()
			select {
			case <-over:
				t.Error("did not wait though nothing had come")
			default:
			}
			return over
		}
		one, two := waits(), waits()
		s.Add(modeltest.Random(modeltest.Rand(6), 10)...)
		<-one
		<-two
		if status, err = e.Status(ctx); err != nil {
			t.Fatal(err)
		}
		three := waits()
		cancel()
		<-three
	})
}
