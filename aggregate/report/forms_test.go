package report_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/report"
	"oteltop/model"
)

// forms are the spans of large traces of one form each, by number.
func forms() map[string]func(i, n int) model.Span {
	kinds := [...]model.Kind{model.KindClient, model.KindServer}
	return map[string]func(i, n int) model.Span{
		"calls within calls": func(i, n int) model.Span {
			return model.Span{Parent: model.SpanID(i), Name: fmt.Sprint("op", (i+1)/2), Kind: kinds[(i+1)%2], Resource: service((i + 1) / 2 % 7), Start: int64(i), End: int64(2*n - i)}
		},
		"one service, inner spans within inner spans": func(i, n int) model.Span {
			return model.Span{Parent: model.SpanID(i), Name: "inner", Kind: model.KindInternal, Resource: service(0), Start: int64(i), End: int64(2*n - i)}
		},
		"inner spans side by side": func(i, n int) model.Span {
			return model.Span{Parent: below(i), Name: fmt.Sprint("op", i), Kind: model.KindInternal, Resource: service(0), Start: int64(i), End: int64(2*n - i)}
		},
		"one call many times at once": func(i, n int) model.Span {
			return model.Span{Parent: below(i), Name: "GET /item", Kind: model.KindClient, Resource: service(0), Start: int64(i) * 1000, End: int64(2*n)*1000 + int64(i)*5000}
		},
		"ten each of many calls at once": func(i, n int) model.Span {
			return model.Span{Parent: below(i), Name: fmt.Sprintf("GET /item%c%c%c", 'a'+i/10%26, 'a'+i/260%26, 'a'+i/6760), Kind: model.KindClient, Resource: service(0), Start: int64(i) * 1000, End: int64(2*n) * 1000}
		},
		"messages that lead to messages": func(i, n int) model.Span {
			kinds := [...]model.Kind{model.KindProducer, model.KindConsumer}
			return model.Span{Parent: model.SpanID(i), Name: "queue", Kind: kinds[i%2], Resource: service(i / 2 % 5), Start: int64(i) * 1000, End: int64(i)*1000 + 500}
		},
		"calls that fail": func(i, n int) model.Span {
			return model.Span{Parent: below(i), Name: fmt.Sprint("GET /", i%50), Kind: model.KindClient, Resource: service(0), Start: int64(i) * 1000, End: int64(i)*1000 + 900, Status: model.StatusError}
		},
	}
}

func service(i int) *model.Resource { return &model.Resource{Service: fmt.Sprint("service-", i)} }

func below(i int) model.SpanID { return model.SpanID(min(i, 1)) }

// TestViewsOfEveryForm asks everything about large traces. With spans tenfold, whatever takes time with their square
// shows: so were found the critical path's totals of compare, the siblings and last calls of suspects, the widths of
// fan-outs, and the context of a trace's spans.
func TestViewsOfEveryForm(t *testing.T) {
	spans := 8_000
	if testing.Short() {
		spans = 2_000
	}
	for name, form := range forms() {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(nil)
			list := make([]model.Span, spans)
			for i := range list {
				x := form(i, spans)
				x.TraceID, x.ID, x.Scope = model.TraceID{Lo: 1}, model.SpanID(i+1), &model.Scope{}
				x.Start, x.End = x.Start+1e18, x.End+1e18
				list[i] = x
			}
			e := enginetest.Over(s)
			s.AddTrace(list)
			s.Flush()
			expr, err := features.Parse("sum(self)")
			if err != nil {
				t.Fatal(err)
			}
			all, err := filter.Parse("duration > 0s")
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range report.Views() {
				o := report.Options{ID: model.TraceID{Lo: 1}, Service: "service-0", Expr: expr, Select: all, By: "x"}
				err := report.Write(context.Background(), io.Discard, e, v, o)
				if err != nil && !report.IsUsage(err) && !errors.Is(err, aggregate.ErrNoShape) {
					t.Errorf("%s: %v", v, err)
				}
			}
		})
	}
}
