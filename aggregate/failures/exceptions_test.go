package failures_test

import (
	"fmt"
	"slices"
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// thrown is an error of a service: what its exception says, and when, s.
type thrown struct {
	service, typ, message string
	at                    int64
}

func throwing(all ...thrown) *storetest.Store {
	s := storetest.New(nil)
	resources := map[string]*model.Resource{}
	for i, x := range all {
		if resources[x.service] == nil {
			resources[x.service] = &model.Resource{Service: x.service}
		}
		start := modeltest.Base + x.at*1e9
		s.Add(model.Span{
			TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: "handle", Kind: model.KindServer, Resource: resources[x.service], Scope: &model.Scope{},
			Start: start, End: start + 1e6, Status: model.StatusError, Events: []model.Event{exception(x.typ, x.message)},
		})
	}
	return s
}

// The situations of traces-drilldown's tests of exceptions (ExceptionUtils.test.ts), told anew: what falls together,
// what counts, in which order rows come, and when an error was seen. Two rules differ. What has a type is grouped by
// it, for messages of one type differ in what they tell of single requests; and an error that says nothing is a row
// too, since its requests have failed like the others.
func TestExceptions(t *testing.T) {
	for name, c := range map[string]struct {
		thrown []thrown
		want   []string // "service type message spans first..last", s
	}{
		"types, of services of their own": {
			[]thrown{{"users", "SQLError", "no connection", 0}, {"till", "NilError", "is nil", 100}, {"users", "SQLError", "no connection", 150}},
			[]string{"users SQLError|no connection|2 0..150", "till NilError|is nil|1 100..100"},
		},
		"messages without a type": {
			[]thrown{{"a", "", "first", 0}, {"a", "", "second", 1}},
			[]string{"a first|first|1 0..0", "a second|second|1 1..1"},
		},
		"messages that differ in blanks": {
			[]thrown{{"a", "", "cart   is locked", 0}, {"a", "", "cart is locked", 1}, {"a", "", "cart is gone", 2}},
			[]string{"a cart is locked|cart   is locked|2 0..1", "a cart is gone|cart is gone|1 2..2"},
		},
		"the most frequent first": {
			[]thrown{{"a", "", "rare", 0}, {"a", "", "common", 1}, {"a", "", "common", 2}, {"a", "", "common", 3}, {"a", "", "medium", 4}, {"a", "", "medium", 5}},
			[]string{"a common|common|3 1..3", "a medium|medium|2 4..5", "a rare|rare|1 0..0"},
		},
		"one type with messages of its own each": {
			[]thrown{{"a", "Timeout", "cart 1 took 3 s", 0}, {"a", "Timeout", "cart 2 took 4 s", 9}},
			[]string{"a Timeout|cart 1 took 3 s|2 0..9"},
		},
		"one type in two services": {
			[]thrown{{"a", "Timeout", "x", 0}, {"b", "Timeout", "x", 1}},
			[]string{"a Timeout|x|1 0..0", "b Timeout|x|1 1..1"},
		},
		"lines: the first tells": {
			[]thrown{{"a", "", "no space left\n\tat disk", 0}, {"a", "", "no\tspace left\nat memory", 1}},
			[]string{"a no space left|no space left\n\tat disk|2 0..1"},
		},
		"nothing said": {
			[]thrown{{"a", "", "gone", 0}, {"a", "", "", 1}, {"a", "", "gone", 2}},
			[]string{"a gone|gone|2 0..2", "a ||1 1..1"},
		},
		"none": {},
	} {
		for _, order := range []string{"as told", "backwards"} {
			r := groups(throwing(c.thrown...))
			var got []string
			for _, g := range r.Rows {
				seen := func(ns int64) int64 { return (ns - modeltest.Base) / 1e9 }
				got = append(got, fmt.Sprintf("%s %s|%s|%d %d..%d", g.Service, g.Type, g.Message, g.Spans, seen(g.First), seen(g.Last)))
				if n := sum(g.Counts); n != g.Spans || g.Begin != g.Spans || g.Traces != g.Spans || g.Change != failures.Steady {
					t.Errorf("%s: %d over time: %+v", name, n, g)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %s: %q, want %q", name, order, got, c.want)
			}
			slices.Reverse(c.thrown)
		}
	}
}

func sum(counts []uint32) (n uint64) {
	for _, c := range counts {
		n += uint64(c)
	}
	return n
}

// The series of an error is its requests by period, in order of time: what comes in one period is in one step.
func TestExceptionsOverTime(t *testing.T) {
	var all []thrown
	for i := range int64(40) {
		x := thrown{"a", "Early", "", i}
		if i >= 20 {
			x.typ = "Late"
		}
		all = append(all, x)
	}
	r := groups(throwing(all...))
	if len(r.Rows) != 2 || r.Failing != 40 {
		t.Fatalf("%+v", r)
	}
	for _, g := range r.Rows {
		half := len(g.Counts) / 2
		before, after := sum(g.Counts[:half]), sum(g.Counts[half:])
		if g.Type == "Early" && (before != 20 || after != 0) || g.Type == "Late" && (before != 0 || after != 20) {
			t.Errorf("%s: %v", g.Type, g.Counts)
		}
	}
}
