package failures_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// countsCase is a drawing of a trace, and the errors of each operation: begun, handed on, stopped.
type countsCase struct{ drawing, want string }

// The error cases of CRISP (github.com/uber-research/CRISP, test_cases; Apache-2.0), drawn from their description:
// what they expect of each operation is its errors that begin, that were handed on, and that it stopped.
func TestPublishedCounts(t *testing.T) {
	checkCounts(t, map[string]countsCase{
		"err_pattern1": {`
			S1 O1 server 0..100 error
			  S2 O2 server 70..100 error`, "O1 [0 1 0] O2 [1 0 0]"},
		"err_pattern2": {`
			S1 O1 server 0..100
			  S2 O2 server 70..100 error`, "O1 [0 0 1] O2 [1 0 0]"},
		"err_pattern3": {`
			S1 O1 server 0..100
			  S2 O2 server 0..100 error
			    S3 O3 server 70..100 error`, "O1 [0 0 1] O2 [0 1 0] O3 [1 0 0]"},
		"err_pattern4": {`
			S1 O1 server 0..100
			  S2 O2 server 0..100 error
			    S3 O3 server 70..100`, "O1 [0 0 1] O2 [1 0 0]"},
		"16": {`
			S1 O1 server 0..110
			  S2 O2 server 10..20
			  S3 O3 server 15..35
			  S4 O4 server 30..40 error
			  S5 O5 server 50..60 error
			  S6 O6 server 70..100
			    S7 O7 server 80..90 error`, "O1 [0 0 1] O4 [1 0 0] O5 [1 0 0] O6 [0 0 1] O7 [1 0 0]"},
		"17": {`
			S1 O1 server 0..100 error
			  S2 O2 server 20..70
			    S3 O3 server 30..50 error
			  S4 O4 server 80..90 error`, "O1 [0 1 0] O2 [0 0 1] O3 [1 0 0] O4 [1 0 0]"},
		"18": {`
			S1 O1 server 0..250
			  S2 O2 server 10..110 error
			    S3 O3 server 30..40
			    S4 O4 server 50..60 error
			    S5 O5 server 70..80 error
			  S6 O6 server 120..220 error
			    S7 O7 server 140..200
			      S8 O8 server 150..170 error
			      S9 O9 server 180..190 error`, "O1 [0 0 1] O2 [0 1 0] O4 [1 0 0] O5 [1 0 0] O6 [1 0 0] O7 [0 0 1] O8 [1 0 0] O9 [1 0 0]"},
	})
}

func TestPublishedCountsOfRepeatedCalls(t *testing.T) {
	checkCounts(t, map[string]countsCase{
		"20": {`
			S1 O1 server 0..600
			  S2 O2 server 10..210 error
			  S3 O3 server 205..305
			  S4 O4 server 300..600 error`, "O1 [0 0 1] O2 [1 0 0] O4 [1 0 0]"},
		"22": {`
			S1 O1 server 0..300
			  S2 O2 server 50..100 error
			  S2 O2 server 150..200 error
			  S2 O2 server 250..300 error`, "O1 [0 0 1] O2 [3 0 0]"},
		"23": {`
			S1 O1 server 0..700
			  S2 O2 server 50..350
			    S3 O3 server 100..150 error
			    S3 O3 server 200..250 error
			    S3 O3 server 300..350 error
			  S2 O2 server 400..700
			    S3 O3 server 450..500 error
			    S3 O3 server 550..600 error
			    S3 O3 server 650..700 error`, "O2 [0 0 2] O3 [6 0 0]"},
		"24": {`
			S1 O1 server 0..700
			  S2 O2 server 50..350
			    S3 O3 server 100..150 error
			    S3 O3 server 200..250 error
			    S3 O3 server 300..350 error
			  S2 O2 server 400..700 error
			    S3 O3 server 450..500 error
			    S3 O3 server 550..600 error
			    S3 O3 server 650..700 error`, "O1 [0 0 1] O2 [0 1 1] O3 [6 0 0]"},
		"25": {`
			S1 O1 server 0..700
			  S2 O2 server 50..350
			    S3 O3 server 100..150 error
			    S3 O3 server 200..250 error
			    S3 O3 server 300..350 error
			  S2 O2 server 400..700 error
			    S3 O3 server 450..500
			    S3 O3 server 550..600
			    S3 O3 server 650..700`, "O1 [0 0 1] O2 [1 0 1] O3 [3 0 0]"},
	})
}

func checkCounts(t *testing.T, cases map[string]countsCase) {
	t.Helper()
	for name, c := range cases {
		if got := counts(origins(drawn(t, c.drawing))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func counts(r *failures.OriginsResult) string {
	var list []string
	for _, o := range r.Operations {
		text := fmt.Sprintf("%s [%d %d %d]", o.Operation, o.Self, o.Propagated, o.Stopped)
		if o.Affected > 0 {
			text += fmt.Sprint("+", o.Affected)
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// How far errors go: lengths are in spans from where an error begins to the first that is none, depths from the
// root, which is 1.
func TestLengthsAndDepths(t *testing.T) {
	r := origins(drawn(t, `
		S1 O1 server 0..100 error
		  S2 O2 server 0..90 error
		    S3 O3 server 0..80 error
		  S4 O4 server 0..20
		    S5 O5 server 0..10 error`))
	if want := []uint64{1, 0, 1}; !slices.Equal(r.Lengths, want) {
		t.Errorf("lengths %v, want %v", r.Lengths, want)
	}
	want := []failures.Counts{{Spans: 1, Propagated: 1}, {Spans: 2, Propagated: 1, Stopped: 1}, {Spans: 2, Self: 2}}
	if !slices.Equal(r.Depths, want) {
		t.Errorf("depths %v, want %v", r.Depths, want)
	}
	for _, o := range r.Operations {
		if want := map[string]float64{"O4": 1}[o.Operation]; o.Resilience() != want {
			t.Errorf("resilience of %s: %v, want %v", o.Operation, o.Resilience(), want)
		}
	}
}

// verdictCase is a drawing of a trace, the errors of each operation, and what is said of the decisive one.
type verdictCase struct{ drawing, counts, verdict string }

func TestVerdicts(t *testing.T) {
	checkVerdicts(t, map[string]verdictCase{
		"by two services": {`
			web GET server 0..100 error
			  web GET client 5..90 error
			    cart load server 10..80 error
			      cart GET client 15..75 error
			        stock "GET /stock" server 20..70 error error.type=timeout`,
			"GET /stock [1 0 0] GET [0 1 0] GET [0 1 0] GET [0 1 0] load [0 1 0]",
			"origin: stock GET /stock (timeout) → propagated 2 hops → user-visible"},
		"through code that sets no status": {`
			web GET server 0..100 error
			  web handle internal 1..99
			    web query client 5..90 error db.system=pg error.type=deadlock`,
			"GET [0 1 0] query [1 0 0]", "origin: web query to pg (deadlock) → user-visible"},
		"code that says ok stops it": {`
			web GET server 0..100 error
			  web handle internal 1..99 ok
			    web query client 5..90 error`,
			"GET [1 0 0] handle [0 0 1] query [1 0 0]", "origin: web GET → user-visible (the decisive of 2)"},
		"code in between does not hand on what another service handed it": {`
			web GET server 0..100 error
			  web call internal 1..99
			    cart load server 5..90 error`,
			"GET [1 0 0] call [0 0 1] load [1 0 0]", "origin: web GET → user-visible (the decisive of 2)"},
		"what is tried again and fails in the end": {`
			web GET server 0..100 error
			  web GET client 5..20 error error.type=503
			  web GET client 25..40 error error.type=504`,
			"GET [0 1 0] GET [2 0 0]", "origin: web GET (504) → user-visible (the decisive of 2)"},
		"a proxy that sets no status": {`
			web GET server 0..100 error
			  web GET client 5..90 error
			    proxy ingress server 10..80 http.status_code=500
			      proxy cart client 15..75 http.response.status_code="502"
			        cart load server 20..70 error error.type=timeout`,
			"GET [0 1 0] GET [0 1 0] load [1 0 0]", "origin: cart load (timeout) → propagated 2 hops → user-visible"},
		"a root that only its status code tells of": {`
			proxy ingress server 0..80 http.status_code=500
			  cart load server 20..70 error error.type=timeout`,
			"load [1 0 0]", "origin: cart load (timeout) → propagated 1 hop → user-visible"},
	})
}

// Errors that do not get to whoever began the trace.
func TestVerdictsOfWhatNobodySees(t *testing.T) {
	checkVerdicts(t, map[string]verdictCase{
		"a client's failure that its server does not see": {`
			web GET server 0..100
			  web GET client 5..50 error error.type=timeout
			    cart load server 10..80`,
			"GET [0 0 1] GET [1 0 0]", "origin: web GET (timeout) → absorbed by web GET"},
		"a proxy that found nothing wrong": {`
			proxy ingress server 0..80 http.status_code=404
			  cart load server 20..70 error error.type=timeout`,
			"ingress [0 0 1] load [1 0 0]", "origin: cart load (timeout) → absorbed by proxy ingress"},
		"messages": {`
			web GET server 0..100
			  web send producer 5..10
			    mail process consumer 50..90 error error.type=SMTP`,
			"process [1 0 0] send [0 0 0]+1", "origin: mail process (SMTP) → nobody waited for it"},
		"work that outlives its parent": {`
			web GET server 0..100
			  web log internal 100..190 error`,
			"GET [0 0 0]+1 log [1 0 0]", "origin: web log → nobody waited for it"},
		"a span above is missing": {`
			web GET server 0..100
			cart load server 10..80 parent=77 error`,
			"load [1 0 0]", "origin: cart load → lost: a span above is missing"},
		"another root": {`
			web GET server 0..100
			cron tick internal 10..20 error`,
			"tick [1 0 0]", "origin: cron tick → reached the root of a part of the trace"},
	})
}

func checkVerdicts(t *testing.T, cases map[string]verdictCase) {
	t.Helper()
	for name, c := range cases {
		s := drawn(t, c.drawing)
		if got := counts(origins(s)); got != c.counts {
			t.Errorf("%s: %s, want %s", name, got, c.counts)
		}
		f := failures.NewOrigins(s.Names(), requesttest.Peer(s))
		each(s, func(x *request.Trace) {
			if v, ok := f.Verdict(x); !ok || v.String() != c.verdict {
				t.Errorf("%s: %q, want %q", name, v, c.verdict)
			}
		})
	}
}

const manyFailures = `
	web GET server 0..100 error
	  cart load server 10..80 error
	    stock find server 20..70 error error.type=timeout
	trace 2
	web GET server 200..300 error
	  cart load server 210..280 error
	    stock find server 220..270 error error.type=timeout
	trace 3
	web GET server 400..500
	  cart load server 410..480 error
	    stock find server 420..470 error error.type=timeout
	trace 4
	web GET server 600..700 error
	  cart load server 610..680 error error.type=full
	trace 5
	web GET server 800..900
`

func TestOriginsAreRankedByWhatTheyFail(t *testing.T) {
	r := origins(drawn(t, manyFailures))
	if r.Traces != 5 || r.Failing != 4 || r.Visible != 3 || len(r.Rows) != 2 {
		t.Fatalf("%+v", r)
	}
	o := r.Rows[0]
	if o.Service != "stock" || o.Operation != "find" || o.Type != "timeout" || o.Errors != 3 || o.Traces != 3 || o.Visible != 2 || o.Absorbed != 1 || o.MaxHops != 2 ||
		o.MeanDepth != 3 || len(o.Roots) != 1 || o.Roots[0] != (failures.Root{Service: "web", Operation: "GET", Kind: model.KindServer, Visible: 2, Failed: 3, Traces: 5}) {
		t.Errorf("%+v", o)
	}
	if want := "errors of GET begin in stock find (timeout): 2 of 5 requests fail, 3 meet it"; o.Title() != want {
		t.Errorf("%q, want %q", o.Title(), want)
	}
	if o.Exemplars[0].Trace.Lo != 2 || len(o.Exemplars) != 3 || o.Exemplars[2].Trace.Lo != 3 {
		t.Errorf("exemplars %v: want those that fail visibly, the last first, then the others", o.Exemplars)
	}
	var flame []string
	for _, c := range r.Chains {
		flame = append(flame, fmt.Sprintf("%s%s %d %d", strings.Repeat(" ", c.Depth), c.Service, c.Errors, c.Begin))
	}
	if want := []string{"web 3 0", " cart 3 1", "  stock 2 2"}; !slices.Equal(flame, want) {
		t.Errorf("%q, want %q", flame, want)
	}
}

// The order in which spans arrive makes no difference, and counts add up, whatever the trace looks like.
func TestOriginsOfRandomTraces(t *testing.T) {
	for seed := range uint64(60) {
		rng := modeltest.Rand(seed)
		spans := modeltest.Random(rng, 40)
		if seed%3 == 0 {
			spans = modeltest.Hostile(rng, 60)
		}
		errors, all := uint64(0), uint64(len(spans))
		for i := range spans {
			if rng.IntN(3) == 0 {
				spans[i].Status = model.StatusError
			} else if spans[i].Status == model.StatusError {
				spans[i].Status = model.StatusUnset
			}
			if spans[i].Status == model.StatusError {
				errors++
			}
		}
		r := origins(storetest.Of(spans...))
		var sum failures.Counts
		for _, o := range r.Operations {
			sum.Self += o.Self
			sum.Propagated += o.Propagated
		}
		var began, lengths uint64
		for _, o := range r.Rows {
			began += o.Errors
			if o.Visible+o.Absorbed+o.Async+o.Lost != o.Traces {
				t.Errorf("seed %d: %+v", seed, o)
			}
		}
		for _, n := range r.Lengths {
			lengths += n
		}
		if sum.Errors() != errors || began != sum.Self || lengths != sum.Self || all == 0 {
			t.Errorf("seed %d: %d errors of %d, %d begin, %d with a length; want %d", seed, sum.Errors(), all, began, lengths, errors)
		}
		one := spans[0].TraceID
		if slices.ContainsFunc(spans, func(s model.Span) bool { return s.TraceID != one }) {
			continue // the order of traces is that of their first spans
		}
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
		if again := origins(storetest.Of(spans...)); !reflect.DeepEqual(again, r) {
			t.Errorf("seed %d: shuffled:\n%+v\nbefore:\n%+v", seed, again, r)
		}
	}
}
