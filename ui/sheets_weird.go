// Sheet: requests that are unlike their own kind.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/outliers"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// sheetWeird is the name of the sheet of outliers.
const sheetWeird = "weird traces"

// weirdSheet lists requests that are unlike their own kind, in what they do or in how long it takes.
func weirdSheet() *sheetSpec {
	return &sheetSpec{
		title: "which requests are weird?",
		cols: []column{
			{title: "root operation", least: 24},
			{title: "what is odd", width: 12},
			{title: "where", width: 24},
			{title: "requests", width: 8, right: true},
			{title: "of", width: 6, right: true, rank: 1},
			{title: "failed", width: 6, right: true, rank: 2},
			{title: "median", width: 7, right: true, rank: 3},
			{title: "slowest", width: 7, right: true, rank: 2},
			{title: "q", width: 5, right: true, rank: 1},
		},
		ask: func(at Moment, _ string) Question {
			q := at.Query()
			q.Baseline = aggregate.Window{}
			return asked(func(ctx context.Context, e aggregate.Engine) (*aggregate.Outliers, error) { return e.Outliers(ctx, q) }, weirdAnswer)
		},
	}
}

// chance is the family-wise probability from which on an outlier may well be one by chance.
const chance = .01

// oddWords say in a word what is odd.
var oddWords = map[outliers.Reason]string{
	outliers.Calls: "odd call", outliers.Lacks: "lacks a call", outliers.Wide: "fan-out", outliers.Deep: "deep", outliers.Large: "large",
}

func weirdAnswer(o *aggregate.Outliers) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(o.Provenance), none: sayf("no request is unlike its own kind")}
	maybe := 0
	add := func(id string, f findings.Finding, what string, where store.Operation, median, slowest sheetCell) {
		word, q := textCell(what), dimCell(string(appendQ(nil, f.Q)))
		switch {
		case f.Q >= chance:
			maybe++
			word.kind = cellDim
		case f.Q == 0: // nothing is tested: it was never seen elsewhere
			q = dimCell("-")
		}
		row := newFindingRow(&f)
		a.rows = append(a.rows, sheetRow{
			id: id, say: row.title, drill: func(s Scope) Action { return row.drill(s, 0) }, // outliers have no beginning
			cells: []sheetCell{
				nameCell(f.Service, f.Operation), word, nameCell(where.ServiceName, where.Name), figureCell(cellCount, float64(f.Harmed)), figureCell(cellCount, float64(f.Of)),
				figureCell(cellCount, float64(f.Failed)), median, slowest, q,
			},
			trace: func() (OpenTrace, bool) {
				if len(f.Traces) == 0 {
					return OpenTrace{}, false
				}
				return OpenTrace{ID: f.Traces[0], Span: f.Span}, true
			},
		})
	}
	for i := range o.Odd {
		x := &o.Odd[i]
		add(weirdID(x.Root.ServiceName, x.Root.Name, x.Root.Kind.String(), string(x.Reason), outliers.PathText(x.Path), x.Caller.Name, x.Call.Name), x.Finding(), oddWords[x.Reason], whereOdd(x), dimCell(""), dimCell(""))
	}
	for i := range o.Slow {
		x := &o.Slow[i]
		add(weirdID(x.Root.ServiceName, x.Root.Name, x.Root.Kind.String(), request.ShapeName(x.Shape), outliers.PathText(x.Path)), x.Finding(), "slow", lastOf(x.Path),
			figureCell(cellDuration, float64(x.Median)), figureCell(cellDuration, float64(x.Slowest)))
	}
	if n := len(a.rows); n > 0 {
		a.head = sayf("%s unlike their own kind, of %s requests.", plural(n, "group"), countText(o.Provenance.Traces))
		if maybe > 0 {
			a.head = sayf("%s %d may be chance: q is .01 or more.", a.head, maybe)
		}
	}
	return a
}

// whereOdd is the call that is odd; the zero value where a request is as a whole.
func whereOdd(x *outliers.Odd) store.Operation {
	if x.Reason == outliers.Wide {
		return x.Call
	}
	return lastOf(x.Path)
}

// lastOf is what a path leads to.
func lastOf(path []store.Operation) store.Operation {
	if len(path) == 0 {
		return store.Operation{}
	}
	return path[len(path)-1]
}

func weirdID(parts ...string) string {
	id := ""
	for _, p := range parts {
		id += filter.Quote(p)
	}
	return id
}
