package aggregate_test

import (
	"context"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/feed/demo"
)

// A change that began before the window is found by what was received before it, as long as it goes on; one that was
// over by then is not.
func TestChangesBeforeTheWindow(t *testing.T) {
	const minutes, window = 16, 5
	fault := demo.Faults()[0]
	begin := time.Unix(1_800_000_000, 0)
	end := begin.Add(minutes * time.Minute)
	opens := end.Add(-window * time.Minute)
	// The demo, a healthy minute or the first one of the fault again and again.
	traffic := func(faulty func(minute int) bool) (requests [][]byte) {
		for i := range minutes {
			at := begin.Add(time.Duration(i) * time.Minute)
			origin := at
			if faulty(i) {
				origin = at.Add(-fault.Start)
			}
			requests = append(requests, demo.Generate(demo.Options{Seed: 3, Rate: 6, Origin: origin}, at, at.Add(time.Minute))...)
		}
		return requests
	}
	for _, c := range []struct {
		name     string
		from, to int // minutes of the fault
		before   bool
		found    bool
	}{
		{"goes on since before the window", minutes - window - 2, minutes, true, true},
		{"nothing was received before the window", 0, minutes, false, false},
		{"was over before the window", minutes - window - 4, minutes - window - 2, true, false},
		{"began in the window", minutes - 2, minutes, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			requests := traffic(func(m int) bool { return m >= c.from && m < c.to })
			if !c.before {
				requests = requests[len(requests)*(minutes-window)/minutes:]
			}
			e := ringEngine(t, requests)
			all, err := e.Findings(context.Background(), aggregate.FindingsQuery{Query: aggregate.Query{Window: aggregate.Window{From: opens.UnixNano()}}})
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range all.Rows {
				if f.Kind != findings.Onset {
					continue
				}
				late := time.Unix(0, f.From).Sub(begin.Add(time.Duration(c.from) * time.Minute))
				if late.Abs() > 30*time.Second {
					t.Errorf("%s, %v after the fault began", f.Title, late)
				}
				found = found || f.Service == fault.Service
			}
			if found != c.found {
				t.Errorf("a change of %s is found: %v, want %v", fault.Service, found, c.found)
			}
			if p := all.Provenance; p.From < opens.UnixNano() {
				t.Errorf("the figures are said to be from %v on, the window begins at %v", time.Unix(0, p.From), opens)
			}
		})
	}
}
