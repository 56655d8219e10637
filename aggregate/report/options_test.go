package report_test

import (
	"errors"
	"net/url"
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
	for name, text := range map[string]string{
		"filter": "a =", "select": "a =", "baseline": "a =", "since": "-1s", "id": "xyz", "expr": "sum(", "at": "noon", "band": "99", "factor": "half", "limit": "-1", "format": "xml",
	} {
		_, err := report.ParseOptions(report.ViewTraces, url.Values{name: {text}})
		var p *report.ParameterError
		if !errors.As(err, &p) || p.Name != name || p.Text != text || !report.IsUsage(err) {
			t.Errorf("%s=%s: %v", name, text, err)
		}
		if isFilter := name == "filter" || name == "select" || name == "baseline"; isFilter != (errors.As(err, new(*filter.Error)) && name != "expr") {
			t.Errorf("%s: a column is known: %v", name, !isFilter)
		}
	}
	if _, err := report.ParseOptions("colours", nil); !errors.Is(err, report.ErrView) {
		t.Errorf("%v", err)
	}
}
