package aggregate_test

import (
	"context"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/feed/demo"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// The traces that findings name come with them, as the list of traces has them.
func TestFindingsComeWithTheirTraces(t *testing.T) {
	modeltest.Statistic(t)
	begin := time.Unix(1_800_000_000, 0)
	e := ringEngine(t, demo.Generate(demo.Options{Seed: 3, Origin: begin}, begin, begin.Add(4*time.Minute)))
	ctx := context.Background()
	found, err := e.Findings(ctx, aggregate.FindingsQuery{})
	if err != nil || len(found.Rows) == 0 {
		t.Fatalf("%d findings, %v", len(found.Rows), err)
	}
	list, err := e.Traces(ctx, aggregate.TracesQuery{Limit: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[model.TraceID]aggregate.TraceRow{}
	for _, r := range list.Rows {
		listed[r.ID] = r
	}
	named := map[model.TraceID]struct{}{}
	for i := range found.Rows {
		for _, id := range found.Rows[i].Traces {
			named[id] = struct{}{}
			if got, want := found.Traces[id], listed[id]; got != want || got.ID != id {
				t.Errorf("%s: got %+v, want %+v", id, got, want)
			}
		}
	}
	if len(found.Traces) != len(named) {
		t.Errorf("%d traces come with findings that name %d", len(found.Traces), len(named))
	}
}
