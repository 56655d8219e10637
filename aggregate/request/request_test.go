package request_test

import (
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// One Trace is used for several traces: nothing of an earlier one may be left in a later one.
func TestLoad(t *testing.T) {
	s := storetest.New(nil)
	front, back := &model.Resource{Service: "front"}, &model.Resource{Service: "back"}
	span := func(trace uint64, id, parent model.SpanID, name string, r *model.Resource, start, end int64) model.Span {
		return model.Span{
			TraceID: model.TraceID{Lo: trace}, ID: id, Parent: parent, Name: name, Kind: model.KindServer, Start: start, End: end,
			Resource: r, Scope: &model.Scope{}, Attributes: []model.Attribute{{Key: "name", Value: model.StringValue(name)}},
		}
	}
	s.Add(span(1, 2, 1, "late", back, 150, 190), span(1, 1, 0, "early", front, 100, 200))
	s.Add(span(2, 7, 6, "orphan", back, 10, 30))
	s.Flush()
	snap := s.Snapshot()
	var x request.Trace
	load := func(lo uint64) {
		snap.Traces(func(info *store.TraceInfo) bool {
			if info.ID.Lo == lo {
				x.Load(snap, s.Names(), info)
			}
			return true
		})
	}
	for range 2 {
		load(1)
		if x.Operation(x.Root).Name != "early" || x.Operation(1).ServiceName != "back" || x.Parent(1) != 0 || x.Parent(0) != -1 {
			t.Errorf("root %d of %v", x.Root, x.Tree.Nodes)
		}
		if self, own := x.Self(), x.Critical(); self[0] != 60 || self[1] != 40 || own[0] != 60 || own[1] != 40 || len(x.Path()) != 3 {
			t.Errorf("self %v, critical %v, path %v", self, own, x.Path())
		}
		if v, ok := x.Attribute(1, "title", "name"); !ok || v.Str() != "late" {
			t.Errorf("name: %v, %v", v, ok)
		}
		if _, ok := x.Attribute(1, "title"); ok || x.Decode(1).ID != 2 || x.Class(1).Resource.Service != "back" {
			t.Error("the wrong span is looked at")
		}
		load(2)
		if x.Root < 0 || x.Span(0) != nil || x.Parent(x.Root) != -1 || x.Critical()[x.Root] != 20 || x.Self()[x.Root] != 20 {
			t.Errorf("root %d of %v, critical %v", x.Root, x.Tree.Nodes, x.Critical())
		}
		if v, _ := x.Attribute(x.Root, "name"); v.Str() != "orphan" {
			t.Errorf("name: %v", v)
		}
	}
}

func TestShapeNames(t *testing.T) {
	for _, shape := range []uint64{0, 1 << 32, 0xdeadbeef12345678, ^uint64(0)} {
		name := request.ShapeName(shape)
		if len(name) != 8 || !request.HasName(shape, name) || request.HasName(shape+1<<32, name) || request.HasName(shape, name[:7]) || request.HasName(shape, "") {
			t.Errorf("%x is named %q", shape, name)
		}
	}
}
