package whatif_test

import (
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/order"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/aggregate/whatif"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// failed are the nodes of spans that are errors.
func failed(r *paths.Request) (nodes []int32) {
	for i, n := range r.Tree.Nodes {
		if n.Span >= 0 && r.Heads[n.Span].Status == model.StatusError {
			nodes = append(nodes, int32(i))
		}
	}
	return nodes
}

// savedCase is a drawing of a trace, and what it would take less without its errors, ms.
type savedCase struct {
	drawing           string
	least, most, work float64
}

// What CRISP's test cases (11 to 25) and graphs would save on the critical path without any span that is an error, and
// the work: least is what it says itself ("all series"), but for these.
//
//   - 21 is 395 there. But B, which did not fail, ends at 210, so that 390 are gained of 600.
//   - With two failing spans beside the path it is 450 and 50: an operation that runs beside itself is in doubt about its
//     order, so that the last call of it stays where it is.
//   - Work is self time here. There it is the durations of all error spans, so that what waits for a callee that fails
//     with it counts twice (17: 130, 18: 250, 24: 600), and what failed calls made counts once more or not at all.
//
// most is more where the same call follows one that is gone, by the pause between them, and in 16, where E is let begin
// before C has ended.
func TestSavedWithoutErrorsOfCRISP(t *testing.T) {
	checkSaved(t, map[string]savedCase{
		"11": {`
			S1 O1 server 0..100
			  S2 O2 server 30..60 error`, 30, 30, 30},
		"12": {`
			S1 O1 server 0..100
			  S2 O2 server 10..70
			    S3 O3 server 25..45 error
			    S4 O4 server 30..50`, 0, 0, 20},
		"13": {`
			S1 O1 server 0..100
			  S2 O2 server 10..70
			    S3 O3 server 25..45
			    S4 O4 server 30..50 error`, 5, 5, 20},
		"14": {`
			S1 O1 server 0..80
			  S2 O2 server 10..30
			  S3 O3 server 20..45
			  S4 O4 server 40..65 error`, 20, 20, 25},
		"15": {`
			S1 O1 server 0..100
			  S2 O2 server 10..20 error
			  S3 O2 server 25..35 error
			  S4 O2 server 40..50 error
			  S5 O2 server 55..65 error
			  S6 O2 server 70..80 error
			  S7 O3 server 85..100`, 50, 50, 50},
		"16": {`
			S1 O1 server 0..110
			  S2 O2 server 10..20
			  S3 O3 server 15..35
			  S4 O4 server 30..40 error
			  S5 O5 server 50..60 error
			  S6 O6 server 70..100
			    S7 O7 server 80..90 error`, 25, 30, 30},
		"17": {`
			S1 O1 server 0..100 error
			  S2 O2 server 20..70
			    S3 O3 server 30..50 error
			  S4 O4 server 80..90 error`, 100, 100, 100},
		"18": {`
			S1 O1 server 0..250
			  S2 O2 server 10..110 error
			    S3 O3 server 30..40
			    S4 O4 server 50..60 error
			    S5 O5 server 70..80 error
			  S6 O6 server 120..220 error
			    S7 O7 server 140..200
			      S8 O8 server 150..170 error
			      S9 O9 server 180..190 error`, 200, 200, 200},
	})
}

// Of those in which one call follows another.
func TestSavedInTurnWithoutErrorsOfCRISP(t *testing.T) {
	checkSaved(t, map[string]savedCase{
		"19": {`
			S1 O1 server 0..600
			  S2 O2 server 10..210 error
			  S3 O3 server 205..305 error
			  S4 O4 server 300..600 error`, 590, 590, 600},
		"20": {`
			S1 O1 server 0..600
			  S2 O2 server 10..210 error
			  S3 O3 server 205..305
			  S4 O4 server 300..600 error`, 495, 495, 500},
		"21": {`
			S1 O1 server 0..600
			  S2 O2 server 10..210
			  S3 O3 server 205..305 error
			  S4 O4 server 300..600 error`, 390, 390, 400},
		"22": {`
			S1 O1 server 0..300
			  S2 O2 server 50..100 error
			  S2 O2 server 150..200 error
			  S2 O2 server 250..300 error`, 150, 250, 150},
		"23":                               {within("BC BD BE FG FH FI"), 300, 500, 300},
		"24":                               {within("F BC BD BE FG FH FI"), 450, 550, 450},
		"25":                               {within("F BC BD BE"), 450, 550, 450},
		"the same, and two beside it":      {within("F BC BD BE") + "\n  S2 O2 server 100..200 error\n    S3 O3 server 150..200 error", 300, 550, 550},
		"one, and two beside it":           {within("BC") + "\n  S2 O2 server 100..200 error\n    S3 O3 server 150..200 error", 0, 100, 150},
		"a server that is a second behind": {"S1 O1 internal 0..100\n  S1 O2 client 10..60 error\n    S2 O3 server 1000..1030 error", 50, 50, 80},
	})
}

func checkSaved(t *testing.T, cases map[string]savedCase) {
	t.Helper()
	for name, c := range cases {
		names := &rolluptest.Names{}
		r := traced(t, names, c.drawing)[0]
		x := whatif.Retimer{Model: learned(r)}
		got := x.Without(r, failed(r))
		if float64(got.Least) != c.least*ms || float64(got.Most) != c.most*ms || float64(got.Work) != c.work*ms {
			t.Errorf("%s: %v to %v ms, and %v of work, want %v to %v, and %v", name, float64(got.Least)/ms, float64(got.Most)/ms, float64(got.Work)/ms, c.least, c.most, c.work)
		}
	}
}

// within is the drawing of cases 23 to 25: O2 calls O3 three times, twice over. Named are the spans that are errors.
func within(failing string) string {
	text := "S1 O1 server 0..700\n"
	for _, s := range []string{
		"B S2 O2 server 50..350", "BC S3 O3 server 100..150", "BD S3 O3 server 200..250", "BE S3 O3 server 300..350",
		"F S2 O2 server 400..700", "FG S3 O3 server 450..500", "FH S3 O3 server 550..600", "FI S3 O3 server 650..700",
	} {
		name, span, _ := strings.Cut(s, " ")
		for range name {
			text += "  "
		}
		text += span
		if slices.Contains(strings.Fields(failing), name) {
			text += " error"
		}
		text += "\n"
	}
	return text
}

// A call that fails and is made once more: what is sure is the failed attempt, if the order holds everywhere; the pause
// may go as well. Calls whose order is in doubt stay, unless all is hoped for.
func TestSavedWithoutRetries(t *testing.T) {
	const retried = `
		web GET server 0..100
		  web call client 10..30 error
		  web call client 40..60
		  web save client 65..85`
	for name, c := range map[string]struct {
		drawing     string
		least, most float64
	}{
		"tried again":        {retried, 20, 30},
		"order contradicted": {retried + "\ntrace 2\nweb GET server 0..100\n  web call client 10..70\n  web save client 65..85", 0, 30},
		"another call between": {`
			web GET server 0..100
			  web call client 10..30 error
			  web look client 32..36
			  web call client 40..60`, 20, 20},
		"it is beside another": {`
			web GET server 0..100
			  web other client 10..80
			  web call client 10..30 error
			  web call client 40..60`, 0, 0},
		"nobody waited": {`
			web GET server 0..100
			  web send producer 5..10
			    mail work consumer 50..90 error`, 0, 0},
	} {
		names := &rolluptest.Names{}
		all := traced(t, names, c.drawing)
		x := whatif.Retimer{Model: learned(all...)}
		got := x.Without(all[0], failed(all[0]))
		if float64(got.Least) != c.least*ms || float64(got.Most) != c.most*ms {
			t.Errorf("%s: %v to %v ms, want %v to %v", name, float64(got.Least)/ms, float64(got.Most)/ms, c.least, c.most)
		}
	}
}

// What is saved is what every chain of calls says, whatever is gone; what is sure is no more than what can be hoped for,
// and that no more than what is gone has of the critical path. The Retimer is as before then.
func TestWithoutIsWhatChainsSay(t *testing.T) {
	rng := modeltest.Rand(23)
	saved, wide := 0, 0
	for range 1500 {
		all := requestsOf(rng)
		r := all[0]
		var gone []int32
		for range 1 + rng.IntN(3) {
			gone = append(gone, int32(rng.IntN(len(r.Tree.Nodes))))
		}
		x := whatif.Retimer{Model: learned(all...), Factor: .5, IsOf: func(op uint32) bool { return op%2 == 0 }}
		before := x.Retime(r)
		got := x.Without(r, gone)
		critical, work := below(r, gone, r.Critical), below(r, gone, r.Self)
		least := float64(r.Duration()) - (&chains{r: r, all: all, gone: gone}).takes(0)
		// Of two that end at once either may be the last, so that only the other keeps what follows.
		most := min(float64(r.Duration())-(&chains{r: r, all: all, gone: gone, eager: true}).takes(0), float64(critical))
		if float64(got.Least) != least || float64(got.Most) != most || got.Work != work || got.Most > critical || got.Least > got.Most {
			t.Fatalf("%v gone: %+v, want %v to %v, %d of work and at most %d\n%v", gone, got, least, most, work, critical, r.Heads)
		}
		if after := x.Retime(r); after != before {
			t.Fatalf("%+v before, %+v after", before, after)
		}
		if got.Least > 0 {
			saved++
		}
		if got.Most > got.Least {
			wide++
		}
	}
	if saved < 500 || wide < 50 {
		t.Errorf("%d requests gain something for sure, %d perhaps more", saved, wide)
	}
}

// below sums what nodes and all below them have of a figure, each once.
func below(r *paths.Request, tops []int32, of []int64) (sum int64) {
	for i, ns := range of {
		for up := int32(i); up >= 0; up = r.Tree.Nodes[up].Parent {
			if slices.Contains(tops, up) {
				sum += ns
				break
			}
		}
	}
	return sum
}

// Trees that nobody would build on purpose, and a model that knows nothing.
func TestWithoutOfHostileRequests(t *testing.T) {
	rng := modeltest.Rand(29)
	names := &rolluptest.Names{}
	for range 300 {
		var heads []model.Head
		for _, s := range names.Settle(modeltest.Hostile(rng, 1+rng.IntN(50))) {
			heads = append(heads, s.Head)
		}
		r := linked(heads)
		if r.Tree.Nodes[0].Span < 0 || !r.Countable() {
			continue
		}
		x := whatif.Retimer{Model: order.New()}
		got := x.Without(r, []int32{int32(rng.IntN(len(r.Tree.Nodes))), int32(rng.IntN(len(r.Tree.Nodes)))})
		if got.Least < 0 || got.Least > got.Most || got.Most > r.Duration() {
			t.Fatalf("%+v of %d ns", got, r.Duration())
		}
	}
}
