package report_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
)

// TestParseOptions: flags and requests are read in one way, and what is wrong is named.
func TestParseOptions(t *testing.T) {
	o, err := report.ParseOptions(report.ViewSuspects, url.Values{"focus": {"1m..2m"}, "baseline": {"..1m"}, "since": {"0s"}, "limit": {"0"}, "memory": {"1GiB"}})
	if err != nil || o.Focus == nil || o.Before == nil || o.Baseline != nil || o.Since != 0 || o.Limit != 0 {
		t.Errorf("%+v, %v", o, err)
	}
	o, err = report.ParseOptions(report.ViewExplain, url.Values{"baseline": {"error"}, "since": {"90s"}, "format": {"text"}, "filter": {" "}})
	if err != nil || o.Baseline == nil || o.Before != nil || o.Since != 90*time.Second || !o.Text || o.Filter != nil || o.Factor != nil {
		t.Errorf("%+v, %v", o, err)
	}
	for _, x := range []struct {
		view       report.View
		name, text string
		isFilter   bool
	}{
		{report.ViewTraces, "filter", "a =", true},
		{report.ViewExplain, "select", "a =", true},
		{report.ViewExplain, "baseline", "a =", true},
		{report.ViewTraces, "since", "-1s", false},
		{report.ViewTrace, "id", "xyz", false},
		{report.ViewFeatures, "expr", "sum(", false},
		{report.ViewCompare, "at", "noon", false},
		{report.ViewTail, "limit", "-1", false},
		{report.ViewCritical, "band", "99", false},
		{report.ViewWhatIf, "factor", "half", false},
		{report.ViewEdges, "format", "xml", false},
	} {
		_, err := report.ParseOptions(x.view, url.Values{x.name: {x.text}})
		var p *report.ParameterError
		if !errors.As(err, &p) || p.Name != x.name || p.Text != x.text || !report.IsUsage(err) {
			t.Errorf("%s=%s: %v", x.name, x.text, err)
		}
		if x.isFilter != (errors.As(err, new(*filter.Error)) && x.name != "expr") {
			t.Errorf("%s: a column is known: %v", x.name, !x.isFilter)
		}
	}
	for _, c := range []struct {
		view       report.View
		name, text string
	}{
		{report.ViewFeatures, "by", "count("}, {report.ViewProfile, "by", "colour"}, {report.ViewShape, "shape", "12345"},
		{report.ViewWhatIf, "factor", "-1"}, {report.ViewWhatIf, "factor", "NaN"}, {report.ViewSuspects, "focus", "3m..2m"},
	} {
		_, err := report.ParseOptions(c.view, url.Values{c.name: {c.text}})
		var p *report.ParameterError
		if !errors.As(err, &p) || p.Name != c.name || p.Text != c.text {
			t.Errorf("%s of %s=%s: %v", c.view, c.name, c.text, err)
		}
	}
	if _, err := report.ParseOptions(report.ViewBreakdown, url.Values{"by": {"count("}}); err != nil {
		t.Errorf("an attribute may have any name: %v", err)
	}
	if _, err := report.ParseOptions("colours", nil); !errors.Is(err, report.ErrView) {
		t.Errorf("%v", err)
	}
}

// TestParametersOfOtherViews: a parameter that a view would pass over is an error, since the answer would be to
// another question: the operations of all services for those of one, everything for a part of it.
func TestParametersOfOtherViews(t *testing.T) {
	of := map[string][]report.View{
		"id": {report.ViewTrace}, "shape": {report.ViewShape}, "expr": {report.ViewFeatures}, "factor": {report.ViewWhatIf},
		"focus": {report.ViewSuspects}, "at": {report.ViewCompare}, "band": {report.ViewCritical, report.ViewProfile},
		"select":    {report.ViewExplain, report.ViewFeatures},
		"baseline":  {report.ViewExplain, report.ViewCompare, report.ViewSuspects},
		"service":   {report.ViewWhatIf, report.ViewDependencies, report.ViewFrequency, report.ViewBreakdown},
		"operation": {report.ViewWhatIf, report.ViewDependencies, report.ViewFrequency, report.ViewBreakdown},
		"by":        {report.ViewProfile, report.ViewSessions, report.ViewFeatures, report.ViewBreakdown},
	}
	good := map[string]string{
		"id": "00000000000000000000000000000001", "shape": "0123abcd", "expr": "count(error)", "factor": "2", "focus": "1m..2m", "at": "1m",
		"band": "50-99", "select": "error", "baseline": "..1m", "service": "cart", "operation": "GET /", "by": "service", "filter": "error", "since": "1m",
	}
	for _, v := range report.Views() {
		for name, text := range good {
			if name == "baseline" && v != report.ViewSuspects {
				text = "error"
			}
			takes := name == "filter" || name == "since" || slices.Contains(of[name], v)
			_, err := report.ParseOptions(v, url.Values{name: {text}})
			var p *report.ParameterError
			if takes != (err == nil) || !takes && (!errors.As(err, &p) || p.Name != name || !report.IsUsage(err)) {
				t.Errorf("%s?%s=%s: %v", v, name, text, err)
			}
		}
	}
	_, err := report.ParseOptions(report.ViewOperations, url.Values{"service": {"cart"}})
	if want := "service: the view operations does not take it, only whatif, dependencies, frequency and breakdown"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestScopeOfEverything: where a filter cannot narrow a view, the answer says so.
func TestScopeOfEverything(t *testing.T) {
	e := feed(canary())
	for _, v := range []report.View{report.ViewCoverage, report.ViewServices} {
		a := ask(t, e, v, report.Options{Since: time.Second})
		note, _ := a.Provenance["note"].(string)
		if says := strings.Contains(note, "does not narrow"); says != (v == report.ViewCoverage) {
			t.Errorf("%s: %q", v, note)
		}
	}
}

// TestSinceIsExact: figures of rollups are of the period asked for, also where it begins between two of their steps.
func TestSinceIsExact(t *testing.T) {
	spans := canary() // a trace a second
	e := feed(spans)
	newest := spans[len(spans)-1].fed.Start
	for _, c := range []struct {
		view  report.View
		count string // a figure whose sum over the rows is the number of
		of    int    // this many for each trace
	}{
		{report.ViewOperations, "calls", 2},
		{report.ViewServices, "calls", 2},
		{report.ViewEdges, "calls", 2},
		{report.ViewHeatmap, "count", 1},
	} {
		for _, since := range []time.Duration{500 * time.Millisecond, 1, 2500 * time.Millisecond, 3 * time.Second, 777777 * time.Millisecond, 2 * time.Hour} {
			want := 0
			for _, x := range spans {
				if x.fed.Parent == 0 && x.fed.Start >= newest-int64(since) {
					want += c.of
				}
			}
			for _, f := range []*filter.Expr{nil, expression(t, `service = "front"`)} {
				a := ask(t, e, c.view, report.Options{Since: since, Filter: f})
				got := 0
				for _, row := range a.Rows {
					got += int(integer(t, row, c.count))
				}
				note, _ := a.Provenance["note"].(string)
				if got != want || strings.Contains(note, "rounded") {
					t.Errorf("%s --since %v: %d %s, want %d; note %q", c.view, since, got, c.count, want, note)
				}
			}
		}
	}
}
