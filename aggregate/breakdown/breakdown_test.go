package breakdown

import (
	"fmt"
	"testing"

	"oteltop/aggregate/attributes"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/store"
)

// Rows add up to all spans, whatever is listed, folded together or absent.
func TestRows(t *testing.T) {
	s := storetest.New(nil)
	resource := &model.Resource{Service: "a"}
	for i := range 2000 {
		x := model.Span{TraceID: model.TraceID{Lo: uint64(i + 1)}, ID: 1, Name: "op", Resource: resource, Scope: &model.Scope{}, Start: 1, End: int64(i + 2)}
		if i%4 > 0 {
			value := "often"
			if i%4 > 1 {
				value = fmt.Sprint("rare ", i)
			}
			x.Attributes = []model.Attribute{{Key: "k", Value: model.StringValue(value)}}
		}
		s.Add(x)
	}
	snap := s.Snapshot()
	for _, limit := range []int{maxValues, 300} {
		f := New(attributes.New(snap.Segments(), "k"))
		f.limit = limit
		snap.Traces(func(info *store.TraceInfo) bool {
			f.Add(snap.Places(info.Index, nil)[0], info.ID, info.RootDur, info.ID.Lo%10 == 0)
			return true
		})
		rows, values := f.Rows()
		var calls, errors uint64
		for _, r := range rows {
			calls += r.Calls
			errors += r.Errors
		}
		if calls != 2000 || errors != 200 || len(rows) != MaxRows+2 || values != min(1001, limit) {
			t.Errorf("%d rows of %d values, %d calls, %d errors", len(rows), values, calls, errors)
		}
		if r := rows[0]; r.Value != "often" || r.Calls != 500 || r.Max != 1998 || r.Slowest.Lo != 1998 || r.P50 < 980 || r.P50 > 1020 {
			t.Errorf("%+v", r)
		}
		if r := rows[MaxRows]; !r.Other || r.Calls != 1000-99 || r.Max != 2000 {
			t.Errorf("%+v", r)
		}
		if r := rows[MaxRows+1]; !r.Absent || r.Calls != 500 || r.Slowest.Lo != 1997 {
			t.Errorf("%+v", r)
		}
	}
}
