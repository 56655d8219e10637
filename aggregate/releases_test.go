package aggregate_test

import (
	"context"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
)

// Of services with several versions, the newest is the one that came last; others are of no interest.
func TestReleases(t *testing.T) {
	s := storetest.New(nil)
	e := enginetest.Over(s)
	on := func(service, version string) *model.Resource {
		x := &model.Resource{Service: service, Attributes: []model.Attribute{{Key: "service.name", Value: model.StringValue(service)}}}
		if version != "" {
			x.Attributes = append(x.Attributes, model.Attribute{Key: "service.version", Value: model.StringValue(version)})
		}
		return x
	}
	resources := []*model.Resource{on("a", "1"), on("a", "2"), on("b", "7"), on("c", "")}
	for i := range int64(100) {
		for k, x := range resources {
			if x == resources[1] && i < 60 {
				continue
			}
			s.Add(model.Span{TraceID: model.TraceID{Lo: uint64(i*4) + uint64(k) + 1}, ID: 1, Name: "x", Kind: model.KindServer, Start: 1e18 + i*1e9, End: 1e18 + i*1e9 + 1e6, Resource: x, Scope: &model.Scope{}})
		}
	}
	s.Flush()
	got, err := e.Releases(context.Background())
	want := []aggregate.Release{
		{Service: "a", Version: "2", First: 1e18 + 60e9, Last: 1e18 + 99e9, Spans: 40},
		{Service: "a", Version: "1", First: 1e18, Last: 1e18 + 99e9, Spans: 100},
	}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, %v", got, err)
	}
}
