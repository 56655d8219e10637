package explain_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/explain"
	"oteltop/model"
)

// compared are requests of one span each, with attributes, of which some are selected.
func compared(t *testing.T, times int, except string, add func(add func(selected bool, n int, attributes ...model.Attribute))) *explain.Result {
	t.Helper()
	s := newShop()
	n := 0
	add(func(selected bool, count int, attributes ...model.Attribute) {
		for range count * times {
			n++
			s.Add(model.Span{
				TraceID: model.TraceID{Lo: uint64(n)}, ID: model.SpanID(n), Name: "GET /", Kind: model.KindServer, Start: int64(n)*1e6 + 1e18, End: int64(n)*1e6 + 1e18 + 1e5,
				Resource: s.resource("front", "f1"), Scope: &model.Scope{}, Attributes: attributes,
			})
			side := &s.cohorts.Baseline
			if selected {
				side = &s.cohorts.Selected
			}
			*side = append(*side, uint32(n-1))
		}
	})
	s.Flush()
	r, err := explain.Explain(context.Background(), s.Snapshot(), s.Names(), s.cohorts, explain.Options{Except: []string{except}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rowsOf writes down the rows of attributes: "key=value selected/of baseline/of".
func rowsOf(r *explain.Result) (rows []string) {
	for _, x := range r.Rows {
		if x.Scope == explain.ScopeSpan {
			rows = append(rows, fmt.Sprintf("%s=%s %d/%d %d/%d", x.Key, x.Value, x.Selected, x.SelectedTotal, x.Baseline, x.BaselineTotal))
		}
	}
	return rows
}

// Tempo's TestCompare: four selected and three others, with the counts of each value on both sides and the totals. What
// the cohorts were chosen by is compared as well there; here it is left out, or else it is the row that all others
// follow from. So few traces say nothing, and no row is shown; of a hundred times as many the counts are a hundred times
// as large. Its rule that a sample stands for more spans does not hold here: what was not seen is no evidence.
func TestCountsOfCohorts(t *testing.T) {
	for _, c := range []struct {
		times        int
		except, want string
		also         int // values that follow from it: each other one, on the span and anywhere in the trace
	}{
		{1, "who", "", 0},
		{1, "", "", 0},
		{100, "who", "env=dev 200/400 100/300", 3},
		{200, "who", "env=dev 400/800 200/600", 3},
		{100, "", "who=selected 400/400 0/300", 9},
	} {
		r := compared(t, c.times, c.except, func(add func(selected bool, n int, attributes ...model.Attribute)) {
			add(false, 2, text("who", "baseline1"), text("env", "prod"))
			add(false, 1, text("who", "baseline2"), text("env", "dev"))
			add(true, 2, text("who", "selected"), text("env", "prod"))
			add(true, 2, text("who", "selected"), text("env", "dev"))
		})
		if got := strings.Join(rowsOf(r), "; "); got != c.want {
			t.Errorf("%d times without %q: %s, want %s", c.times, c.except, got, c.want)
		} else if got != "" && r.Rows[0].AlsoCount != c.also {
			t.Errorf("%d times without %q: %d follow, want %d: %v", c.times, c.except, r.Rows[0].AlsoCount, c.also, r.Rows[0].Also)
		}
	}
}

// Drilldown's computeHighestDifference: three values with 10, 20 and 15 % of the baseline and 15, 25 and 10 % of the
// selection differ by 5 points each, of which it names the first. Ours go by the least that a difference can be: of equal
// ones that of a rarer value is the more certain. Equal cohorts, and none, have no row.
func TestHighestDifference(t *testing.T) {
	shares := func(selected, baseline [3]int) *explain.Result {
		return compared(t, 100, "", func(add func(selected bool, n int, attributes ...model.Attribute)) {
			for side, of := range [][3]int{baseline, selected} {
				rest := 100
				for i, n := range of {
					add(side == 1, n, text("zone", string(rune('a'+i))))
					rest -= n
				}
				add(side == 1, rest, text("zone", "rest"))
			}
		})
	}
	r := shares([3]int{15, 25, 10}, [3]int{10, 20, 15})
	if len(r.Rows) == 0 {
		t.Fatal("no row")
	}
	top := r.Rows[0]
	if top.Key != "zone" || top.Value != "a" && top.Value != "c" || max(top.Difference(), -top.Difference()) < .0499 || top.Lower <= 0 || top.Lower >= .05 {
		t.Errorf("%+v", top)
	}
	want := []string{"zone=a 1500/10000 1000/10000", "zone=c 1000/10000 1500/10000", "zone=b 2500/10000 2000/10000", "zone=rest 5000/10000 5500/10000"}
	if got := rowsOf(r); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if r := shares([3]int{10, 20, 15}, [3]int{10, 20, 15}); len(r.Rows) != 0 {
		t.Errorf("of equal cohorts: %+v", r.Rows)
	}
	if r := compared(t, 1, "", func(func(bool, int, ...model.Attribute)) {}); len(r.Rows) != 0 || r.Comparisons != 0 {
		t.Errorf("of none: %+v", r)
	}
}
