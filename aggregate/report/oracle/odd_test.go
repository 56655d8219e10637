package oracle_test

import (
	"bytes"
	"slices"
	"testing"

	"oteltop/aggregate/report"
)

// oddities are traces as they should not be, one of each kind that D1-D3, D8, D9 and A30 speak of.
var oddities = []struct {
	name     string
	spans    []made
	complete bool
	orphans  int64
	quality  string // the counter that must be 1; "" for none
}{
	{"whole", []made{{"t/a", "", "web", "server", 0, 9, false, "", ""}, {"t/b", "a", "web", "internal", 1, 8, false, "", ""}}, true, 0, ""},
	{"two roots", []made{{"t/a", "", "web", "server", 0, 9, false, "", ""}, {"t/b", "", "web", "internal", 1, 8, false, "", ""}}, false, 0, ""},
	{"attributes were dropped", []made{{"t/a", "", "web", "server", 0, 9, false, "dropped=3", ""}}, false, 0, ""},
	{"siblings without their parent", []made{
		{"t/a", "", "web", "server", 0, 9, false, "", ""}, {"t/b", "x", "api", "internal", 1, 4, false, "", ""},
		{"t/c", "x", "api", "client", 3, 8, true, "", ""}, {"t/d", "c", "api", "internal", 4, 6, false, "", ""},
	}, false, 2, ""},
	{"no root", []made{{"t/b", "x", "api", "server", 1, 4, false, "", ""}}, false, 1, ""},
	{"no root, a child before its parent", []made{
		{"t/b", "x", "api", "server", 5, 9, false, "", ""}, {"t/c", "b", "db", "client", 1, 3, false, "", ""}, {"t/d", "x", "web", "server", 6, 12, false, "", ""},
	}, false, 2, "outside_parent"},
	{"no root, a cycle after an orphan", []made{
		{"t/b", "x", "api", "server", 1, 9, false, "", ""}, {"t/c", "d", "web", "server", 2, 8, false, "", ""}, {"t/d", "c", "db", "client", 3, 4, false, "", ""},
	}, false, 1, "cycle"},
	{"no root, orphans that start together", []made{
		{"t/b", "x", "api", "server", 1, 4, false, "", ""}, {"t/c", "y", "web", "server", 1, 5, false, "", ""}, {"t/d", "y", "db", "server", 1, 5, false, "", ""},
	}, false, 3, ""},
	{"its own parent", []made{{"t/a", "a", "web", "server", 0, 9, false, "", ""}}, true, 0, "cycle"},
	{"a cycle", []made{
		{"t/a", "c", "web", "internal", 2, 9, false, "", ""}, {"t/b", "a", "api", "internal", 3, 8, false, "", ""}, {"t/c", "b", "web", "client", 4, 7, false, "", ""},
	}, true, 0, "cycle"},
	{"ends before it starts", []made{{"t/a", "", "web", "server", 0, 9, false, "", ""}, {"t/b", "a", "web", "internal", 5, 3, false, "", ""}}, true, 0, "negative_duration"},
	{"ends after its parent", []made{{"t/a", "", "web", "server", 0, 9, false, "", ""}, {"t/b", "a", "web", "internal", 5, 13, false, "", ""}}, true, 0, "async_tail"},
	{"before its parent", []made{{"t/a", "", "web", "server", 5, 9, false, "", ""}, {"t/b", "a", "web", "internal", 1, 3, false, "", ""}}, true, 0, "outside_parent"},
	{"at the end of its parent", []made{{"t/a", "", "web", "server", 5, 9, false, "", ""}, {"t/b", "a", "web", "internal", 9, 9, false, "", ""}}, true, 0, "outside_parent"},
	{"at the start of its parent", []made{{"t/a", "", "web", "server", 5, 5, false, "", ""}, {"t/b", "a", "web", "internal", 5, 5, false, "", ""}}, true, 0, ""},
	{"without a kind", []made{{"t/a", "", "web", "unspecified", 0, 9, false, "", ""}}, true, 0, "unspecified_kind"},
	{"a consumer in its producer's time", []made{
		{"t/a", "", "web", "producer", 0, 9, false, "", ""}, {"t/b", "a", "web", "consumer", 1, 8, false, "", ""}, {"t/c", "b", "web", "internal", 2, 7, false, "", ""},
	}, true, 0, ""},
	{"children that overlap", []made{
		{"t/a", "", "web", "server", 0, 100, false, "", ""}, {"t/b", "a", "web", "internal", 10, 60, false, "", ""},
		{"t/c", "a", "web", "internal", 40, 90, false, "", ""}, {"t/d", "a", "web", "internal", 85, 120, false, "", ""},
	}, true, 0, "async_tail"},
}

// TestOddities reads each trace by itself, in the order of its spans and backwards, with a request that is
// sent again.
func TestOddities(t *testing.T) {
	for _, c := range oddities {
		t.Run(c.name, func(t *testing.T) {
			in := lines(t, c.spans)
			for range 2 {
				r := open(t, bytes.Join(append(in, in[0]), nil))
				r.check(t)
				wantInt(t, "coverage", r.ask(t, report.ViewCoverage, "").Rows[0], "duplicate", 1)
				x := r.ask(t, report.ViewTraces, "").Rows[0]
				wantInt(t, "trace", x, "orphans", c.orphans)
				if x["complete"] != c.complete {
					t.Errorf("complete is %v, want %v", x["complete"], c.complete)
				}
				quality, _ := r.ask(t, report.ViewCoverage, "").Rows[0]["quality"].(map[string]any)
				for name := range quality {
					wantInt(t, "quality", row(quality), name, one(name == c.quality))
				}
				slices.Reverse(in)
			}
		})
	}
}
