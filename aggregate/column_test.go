package aggregate_test

import (
	"context"
	"errors"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
)

func columnOf(t *testing.T, text string) *features.Expr {
	t.Helper()
	x, err := features.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Every bar of a histogram leads to just the traces that it counts, and these have a value in it.
func TestColumnRangesAreTheTracesOfTheirBars(t *testing.T) {
	e, _ := recordedEngine(t, "../../shared/fixtures/rca/tt-01-30-1252-food-service-network_delay.jsonl.gz")
	ctx := context.Background()
	for _, text := range []string{"count(kind = client)", "max(duration where kind = client)", "first(.http.request.method where kind = client)"} {
		x := columnOf(t, text)
		f, err := e.Features(ctx, aggregate.FeaturesQuery{Expr: x})
		if err != nil || f.N < 100 {
			t.Fatalf("%s: %d traces have a value, %v", text, f.N, err)
		}
		ranges := map[features.Range]int{{}: f.Missing}
		for _, b := range f.Bins {
			ranges[b.Range()] = b.N
		}
		for _, v := range f.Values {
			ranges[v.Range()] = v.N
		}
		for r, n := range ranges {
			in := aggregate.Selection{Column: aggregate.ColumnRange{Expr: text, Range: r}}
			l, err := e.Traces(ctx, aggregate.TracesQuery{Selection: &in, Column: x, Limit: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			if int(l.Matched) != n || len(l.Rows) != n {
				t.Errorf("%s: %+v holds %d traces, the histogram counts %d", text, r, l.Matched, n)
			}
			for i := range l.Rows {
				if !r.Holds(&l.Rows[i].Column) {
					t.Errorf("%s: %+v is not in %+v", text, l.Rows[i].Column, r)
				}
			}
		}
	}
}

func TestTracesSortByColumn(t *testing.T) {
	e, _ := recordedEngine(t, "../../shared/fixtures/rca/tt-01-30-1252-food-service-network_delay.jsonl.gz")
	for _, ascending := range []bool{false, true} {
		q := aggregate.TracesQuery{Column: columnOf(t, "max(duration where kind = producer || service = ts-order-service)"), Sort: aggregate.SortColumn, Ascending: ascending, Limit: 1 << 20}
		l, err := e.Traces(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		valued := 0
		for i := range l.Rows {
			c := l.Rows[i].Column
			if c.Sort == features.Missing {
				continue
			}
			if valued++; valued < i+1 {
				t.Fatal("a trace without a value comes before one with")
			}
			if i > 0 && c.Number != l.Rows[i-1].Column.Number && (c.Number > l.Rows[i-1].Column.Number) != ascending {
				t.Fatalf("%v comes after %v", c.Number, l.Rows[i-1].Column.Number)
			}
		}
		if valued < 20 || valued == len(l.Rows) {
			t.Errorf("%d of %d traces have a value", valued, len(l.Rows))
		}
	}
}

// What is special about the traces of a bar is asked like about any other selection.
func TestExplainColumnRange(t *testing.T) {
	e, _ := recordedEngine(t, "../../shared/fixtures/rca/tt-01-30-1252-food-service-network_delay.jsonl.gz")
	in := aggregate.Selection{Column: aggregate.ColumnRange{Expr: "count(service = ts-order-service)", Range: features.Range{Sort: features.Number, Low: 1, High: 1 << 20}}}
	x, err := e.Explain(context.Background(), aggregate.ExplainQuery{Selection: &in})
	if err != nil || x.SelectedOf == 0 || x.BaselineOf == 0 || len(x.Rows) == 0 {
		t.Fatalf("%d against %d traces, %d rows, %v", x.SelectedOf, x.BaselineOf, len(x.Rows), err)
	}
	// What the column was made of is no news.
	in.Column.Expr = "first(.http.request.method where kind = client)"
	in.Column.Range = features.Range{Sort: features.Text, Text: "GET"}
	x, err = e.Explain(context.Background(), aggregate.ExplainQuery{Selection: &in})
	if err != nil || x.SelectedOf == 0 {
		t.Fatalf("%d traces, %v", x.SelectedOf, err)
	}
	for _, r := range x.Rows {
		if r.Key == "http.request.method" {
			t.Errorf("%s = %s tells apart what it was chosen by", r.Key, r.Value)
		}
	}
	in.Column.Expr = "count("
	_, err = e.Explain(context.Background(), aggregate.ExplainQuery{Selection: &in})
	var wrong *filter.Error
	if !errors.As(err, &wrong) {
		t.Errorf("a column that is none: %v", err)
	}
}
