package aggregate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// visit is a trace of the shape, and with the times, of that in jaeger-ui's tests of its statistics of a trace: a
// gateway that asks a service, which asks its database twice.
const visit = `
	gate GET /visit server 0..4902us
	  gate GET visit client 820us..3319us
	    pets GET visit server 1200us..2939us
	      pets query internal 2059us..2080us store=hsql sql=checks
	      pets query internal 2840us..2892us store=hsql sql=pets
`

// drawnEngine is an engine over drawn traces.
func drawnEngine(t *testing.T, drawing string) *aggregate.Memory {
	t.Helper()
	s := storetest.New(nil)
	e := enginetest.Over(s)
	traces := map[model.TraceID][]model.Span{}
	for _, x := range modeltest.Spans(t, drawing) {
		traces[x.TraceID] = append(traces[x.TraceID], x)
	}
	for _, spans := range traces {
		s.Add(spans...)
	}
	s.Flush()
	return e
}

// costsBy writes down what operations or services cost: "service operation: calls self-time share of it", µs.
func costsBy(t *testing.T, e *aggregate.Memory, by aggregate.CostBy) []string {
	t.Helper()
	c, err := e.Critical(context.Background(), aggregate.CriticalQuery{By: by})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range c.Operations {
		name := strings.TrimSpace(o.Service + " " + o.Operation)
		if o.Operation != "" {
			name += " " + o.Kind.String()
		}
		out = append(out, fmt.Sprintf("%s: %d %d %.2f", name, o.Calls, o.Self/1000, 100*o.WorkShare))
	}
	slices.Sort(out)
	return out
}

// The table of jaeger-ui's tests (tableValues.test.js): calls, self times and their share by service, and by service
// and operation. It counts the client and the server of one name as one operation where we tell kinds apart.
func TestTableOfSelfTimes(t *testing.T) {
	e := drawnEngine(t, visit)
	for by, want := range map[aggregate.CostBy][]string{
		aggregate.ByService:   {"gate: 2 3163 64.52", "pets: 3 1739 35.48"},
		aggregate.ByOperation: {"gate GET /visit server: 1 2403 49.02", "gate GET visit client: 1 760 15.50", "pets GET visit server: 1 1666 33.99", "pets query internal: 2 73 1.49"},
	} {
		if got := costsBy(t, e, by); !slices.Equal(got, want) {
			t.Errorf("by %q: %q, want %q", by, got, want)
		}
	}
}

// The same table by an attribute, and by one attribute among the spans that have a value of another: how many spans
// have each value, and the longest. What has none of it is a row of its own.
func TestTableOfAttributes(t *testing.T) {
	e := drawnEngine(t, visit)
	statements := aggregate.Focus{Service: "pets", Operation: "query"}
	for _, c := range []struct {
		key   string
		focus aggregate.Focus
		want  []string // "value: calls longest", µs
	}{
		{"store", statements, []string{"hsql: 2 52"}},
		{"sql", statements, []string{"checks: 1 21", "pets: 1 52"}},
		{"store", aggregate.Focus{Service: "pets", Operation: "GET visit"}, []string{"absent: 1 1739"}},
	} {
		b, err := e.Breakdown(context.Background(), aggregate.Query{Focus: c.focus}, c.key)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range b.Rows {
			if r.Absent {
				r.Value = "absent"
			}
			got = append(got, fmt.Sprintf("%s: %d %d", r.Value, r.Calls, r.Max/1000))
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s of %s: %q, want %q", c.key, c.focus.Operation, got, c.want)
		}
	}
}

// One value of several attributes, whose names begin alike, is a value of each by itself; two spans of one id are two.
func TestTableOfOneValue(t *testing.T) {
	e := drawnEngine(t, `
		one send producer 0..40us
		one a client 10us..20us id=b parent=0 app.test=1 app.test-two=same
		one b client 10us..20us id=b parent=0 app.test=1 app.test-three=same
		one c client 400us..500us app.test1=1`)
	for key, want := range map[string]string{"app.test": "1: 2", "app.test1": "1: 1", "app.test-two": "same: 1", "app.test-three": "same: 1", "app": ""} {
		b, err := e.Breakdown(context.Background(), aggregate.Query{Focus: aggregate.Focus{Service: "one"}}, key)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range b.Rows {
			if !r.Absent {
				got += fmt.Sprintf("%s: %d", r.Value, r.Calls)
			}
		}
		if got != want || b.Calls != 4 {
			t.Errorf("%s of %d calls: %q, want %q", key, b.Calls, got, want)
		}
	}
}

// Its four traces of self time: statements at once, twice over, with others beside them, and calls of which some go
// on after the caller has its answer.
func TestSelfTimeOfACrowd(t *testing.T) {
	const server = "pets GET server 1016us..2712us"
	at := func(times string) (drawing string) {
		for _, span := range strings.Fields(times) {
			drawing += "\n  pets query internal " + span
		}
		return drawing
	}
	crowd := at("1855us..1874us 1857us..1871us 1854us..1874us 1857us..1872us 1857us..1872us 1857us..1872us 1857us..1871us 1856us..1873us 1849us..1880us")
	twice := crowd + at("1897us..1937us 1897us..1937us 1897us..1937us")
	for name, c := range map[string]struct {
		drawing string
		want    int64 // µs, of the first span
	}{
		"statements at once":        {server + crowd, 1665},
		"twice":                     {server + twice, 1625},
		"with others beside them":   {server + twice + at("2522us..2568us 2658us..2677us"), 1560},
		"calls that take too long":  {"gate GET client 1636us..11157us" + at("2782us..10011us 2782us..10011us 10080us..11580us 10440us..13940us"), 1215},
		"statements one in another": {server + at("1100us..1200us 1120us..1180us 1150us..1160us"), 1596},
	} {
		tr := modeltest.Trace(t, c.drawing)
		if got := tr.Self[tr.Root] / 1000; got != c.want {
			t.Errorf("%s: %d µs, want %d", name, got, c.want)
		}
	}
}

// jaeger-ui's graph of a trace (calculateTraceDagEV.test.js): calls and failures of each call path, and its self time,
// from which what only follows from a message is not taken off.
func TestGraphOfATrace(t *testing.T) {
	e := drawnEngine(t, `
		one op1 server 0..390
		  one op2 client 125..158 error
		  one op2 client 250..287
		  one op3 client 180..246
		    two op1 server 200..220
		      two op2 internal 201..219
		  one op4 producer 300..320
		    two op3 consumer 800..1000
		  one op6 internal 330..340
		    one op7 internal 331..340
		    one op7 internal 332..340
	`)
	c, err := e.Critical(context.Background(), aggregate.CriticalQuery{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	var self int64
	names := make([]string, len(c.Paths))
	for i, p := range c.Paths {
		names[i] = p.Service + "." + p.Operation
		if p.Parent >= 0 {
			names[i] = names[p.Parent] + " " + names[i]
		}
		got[names[i]] = fmt.Sprint(p.Calls, " ", p.Self/1e6)
		self += p.Self
	}
	want := map[string]string{
		"one.op1": "1 224", "one.op1 one.op2": "2 70", "one.op1 one.op3": "1 46", "one.op1 one.op3 two.op1": "1 2", "one.op1 one.op3 two.op1 two.op2": "1 18",
		"one.op1 one.op4": "1 20", "one.op1 one.op4 two.op3": "1 200", "one.op1 one.op6": "1 1", "one.op1 one.op6 one.op7": "2 17",
	}
	for path, w := range want {
		if got[path] != w {
			t.Errorf("%s: %q, want %q", path, got[path], w)
		}
	}
	if len(got) != len(want) || self != c.Work || c.Work != 598e6 {
		t.Errorf("%d paths, want %d; %d of %d ns", len(got), len(want), self, c.Work)
	}
	for _, o := range c.Operations {
		if want := uint64(strings.Count(o.Operation+o.Kind.String(), "op2client")); o.Errors != want {
			t.Errorf("%d errors, want %d: %+v", o.Errors, want, o)
		}
	}
}
