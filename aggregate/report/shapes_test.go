package report_test

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/report"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// requests are 20 that read a cart once and 10 that read it twice, of which one failed.
func requests(t *testing.T) []*span {
	const once = `
		web GET / server 0..100
		  cart load client 10..20`
	const twice = `
		web GET / server 0..200
		  cart load client 10..20
		  cart load client 30..60`
	var out []*span
	for i := range int64(30) {
		drawing := once
		if i%3 == 2 {
			drawing = twice
		}
		for _, x := range modeltest.Spans(t, drawing) {
			x.TraceID = model.TraceID{Lo: uint64(i) + 1}
			x.Start += i * 1e9
			x.End += i * 1e9
			if i == 5 && x.Parent != 0 {
				x.Status = model.StatusError
			}
			out = append(out, &span{fed: x})
		}
	}
	return out
}

func TestShapesReport(t *testing.T) {
	e := feed(requests(t))
	a := ask(t, e, report.ViewShapes, report.Options{})
	requireFields(t, "shapes", a.Rows, "shape root_service root_operation root_kind count count_error root_share p50_ns p99_ns error_share first_unix_nano last_unix_nano exemplars")
	if len(a.Rows) != 2 {
		t.Fatalf("%d shapes: %v", len(a.Rows), a.Rows)
	}
	wantInt(t, "once", a.Rows[0], "count", 20)
	wantInt(t, "once", a.Rows[0], "root_count", 30)
	wantInt(t, "twice", a.Rows[1], "count", 10)
	wantInt(t, "twice", a.Rows[1], "variants", 1)
	wantNear(t, "twice", a.Rows[1], "p50_ns", 200e6)
	if share := a.Rows[1]["error_share"]; share == nil || share.(interface{ String() string }).String() != "0.1" {
		t.Errorf("error share %v", share)
	}
	// The list of traces names the same shapes.
	of := map[string]int{}
	for _, row := range ask(t, e, report.ViewTraces, report.Options{}).Rows {
		of[row["shape"].(string)]++
	}
	twice := a.Rows[1]["shape"].(string)
	if of[a.Rows[0]["shape"].(string)] != 20 || of[twice] != 10 {
		t.Errorf("traces have shapes %v", of)
	}

	typical := ask(t, e, report.ViewShape, report.Options{Shape: twice})
	requireFields(t, "shape", typical.Rows, "service operation kind depth parent presence_share calls_per_trace error_share offset_p50_ns duration_p10_ns duration_p50_ns duration_p90_ns self_p50_ns critical_p50_ns")
	if len(typical.Rows) != 2 {
		t.Fatalf("typical: %v", typical.Rows)
	}
	wantNear(t, "root", typical.Rows[0], "self_p50_ns", 160e6)
	wantNear(t, "load", typical.Rows[1], "offset_p50_ns", 10e6)
	wantNear(t, "load", typical.Rows[1], "critical_p50_ns", 40e6)
	wantInt(t, "load", typical.Rows[1], "calls_most", 2)

	if err := report.Write(context.Background(), io.Discard, e, report.ViewShape, report.Options{}); !errors.Is(err, report.ErrShape) {
		t.Errorf("without a shape: %v", err)
	}
	if err := report.Write(context.Background(), io.Discard, e, report.ViewShape, report.Options{Shape: "00000000"}); !errors.Is(err, aggregate.ErrNoShape) {
		t.Errorf("another shape: %v", err)
	}
	server := httptest.NewServer(report.Handler(e))
	defer server.Close()
	var text strings.Builder
	if err := report.Fetch(context.Background(), &text, strings.TrimPrefix(server.URL, "http://"), "", report.ViewShape, report.Options{Shape: twice, Text: true}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(text.String(), "typical, p50, p90, p99, slowest") && !strings.Contains(text.String(), "newest that failed") {
		t.Errorf("the table lacks its representatives:\n%s", text.String())
	}
}
