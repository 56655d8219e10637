package anatomy_test

import (
	"testing"

	"oteltop/model"
)

// TestRowsAreInOneOrder: calls come before messages between the same services, also where neither has a time to go by.
func TestRowsAreInOneOrder(t *testing.T) {
	span := func(trace uint64, id, parent model.SpanID, service string, kind model.Kind, start, end int64) model.Span {
		return model.Span{TraceID: model.TraceID{Lo: trace}, ID: id, Parent: parent, Name: "x", Kind: kind, Start: start, End: end,
			Resource: &model.Resource{Service: service}, Scope: &model.Scope{}}
	}
	for range 20 {
		rows := taken([]model.Span{
			span(1, 1, 0, "a", model.KindClient, 1e18, 1e18+4), span(1, 2, 1, "b", model.KindServer, 1e18, 1e18+9),
			span(2, 1, 0, "a", model.KindProducer, 1e18, 1e18+4), span(2, 2, 1, "b", model.KindConsumer, 0, 0),
		}).Rows
		if len(rows) != 2 || rows[0].Messaging || !rows[1].Messaging || rows[0].Negative != 1 || rows[1].Messages != 0 {
			t.Fatalf("%+v", rows)
		}
	}
}
