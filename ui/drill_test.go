// From a fault, of the demo or recorded, to the trace that shows it by what the screens offer first.

package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/feed/demo"
	"oteltop/feed/files/filestest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// injections is where recorded faults are, seen from this package.
const injections = "../../shared/fixtures/rca"

// recordedEngine is a live engine at the moment at which a recording has just been received.
func recordedEngine(t *testing.T, path string) *aggregate.Memory {
	t.Helper()
	ring := store.New(store.Options{Budget: 256 << 20, Encoders: 1})
	e := enginetest.Over(ring)
	filestest.Fill(t, ring, path)
	return e
}

// follow takes what the screen offers first, from the map to a single request, which must be the fourth screen
// at most: a finding under the map, then whatever Enter leads to.
func (s *session) follow(t *testing.T, finding int) {
	t.Helper()
	s.keys("tab")
	for range finding {
		s.keys("down")
	}
	s.keys("enter")
	for s.app.trail.here().lens != LensWaterfall {
		if s.depth() == 4 {
			t.Fatalf("no request after %d screens:\n%s", s.depth(), s.screen())
		}
		before := s.depth()
		s.keys("enter")
		if s.depth() == before {
			t.Fatalf("enter leads nowhere:\n%s", s.screen())
		}
	}
}

// drilled are recorded faults of all kinds and of both systems.
var drilled = []string{
	"ob-08-22-0402-frontend-return", "ob-08-22-0436-cartservice-cpu_contention", "ob-08-22-0452-checkoutservice-network_delay",
	"ob-08-22-0635-productcatalogservice-cpu_consumed", "ob-08-22-0753-adservice-exception", "tt-01-29-1331-contacts-service-cpu_contention",
	"tt-01-30-1252-food-service-network_delay", "tt-01-30-1306-travel-service-cpu_contention",
	// Half of the last five minutes is the fault: it is found by what was before them.
	"ob-08-22-0744-adservice-return", "tt-01-30-1259-food-service-network_delay",
	// Eight calls follow the onset, then there is a gap: a moment between two steps tells.
	"ob-08-22-0552-paymentservice-network_delay",
}

// The recorded faults, one of each kind and system at least, lead from the start screen to a request of the
// service that was at fault, during the fault, by taking what the screen offers first.
func TestFaultsLeadToTheirTrace(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	taken := drilled
	if testing.Short() {
		taken = taken[:2]
	}
	for _, c := range filestest.Injections(t, injections) {
		if !slices.Contains(taken, c.ID) {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			e := recordedEngine(t, c.Path)
			s := start(e, 120, 40)
			if first := s.app.screens[LensMap].(*Map).found.rows; len(first) == 0 || first[0].Service != c.Cause {
				for _, r := range first {
					t.Log(r.title)
				}
				t.Fatalf("the first finding is not about %s", c.Cause)
			}
			s.follow(t, 0)
			v, err := e.Trace(context.Background(), s.app.trail.here().trace)
			if err != nil {
				t.Fatal(err)
			}
			at := time.Unix(0, v.Row.Start)
			if !slices.ContainsFunc(v.Trace.Spans, func(x model.Span) bool { return x.Resource.Service == c.Cause }) || at.Before(c.From.Add(-time.Minute)) || at.After(c.To) {
				t.Errorf("the request of %v has no part of %s", at, c.Cause)
			}
		})
	}
}

// demoAt is an engine over the demo as it stands when a part of a fault has passed, five minutes of it.
func demoAt(t *testing.T, f demo.Fault, part float64) *shop {
	t.Helper()
	const back = 5 * time.Minute
	origin := epoch.Add(-f.Start - time.Duration(part*float64(f.End-f.Start)))
	from := epoch.Add(-back)
	if from.Before(origin) {
		from = origin // faults of the cycle before would be there as well
	}
	s := newShopOf(demo.Options{Rate: 25, Seed: 7, Origin: origin}, from)
	s.advance(t, epoch.Sub(from))
	return s
}

// explainedBy is what the first screen after a finding says first of the calls that it selects; false where it is no
// heatmap, for there nothing is explained.
func explainedBy(s *session, finding int) (attribute string, ok bool) {
	s.keys("tab")
	for range finding {
		s.keys("down")
	}
	s.keys("enter")
	if s.app.trail.here().lens != LensLatency {
		return "", false
	}
	rows := s.app.screens[LensLatency].(*Latency).special.rows
	if len(rows) == 0 {
		return "nothing", true
	}
	return rows[0].Key + "=" + rows[0].Value, true
}

// The faults of the demo lead to a request that shows them, likewise; and where latency shows them, to the attribute
// that does, or for too many queries to the query.
func TestDemoFaultsLeadToTheirTrace(t *testing.T) {
	t.Parallel()
	const query = "db.query.text=SELECT * FROM items WHERE id = ?"
	for i, f := range demo.Faults() {
		if testing.Short() && i > 1 {
			break
		}
		t.Run(f.Name, func(t *testing.T) {
			e := demoAt(t, f, .8)
			s := start(e, 120, 40)
			// Other faults of the timetable may be going on as well; what is about this one is taken.
			rows := s.app.screens[LensMap].(*Map).found.rows
			at := slices.IndexFunc(rows, func(r *findingRow) bool { return r.Service == f.Service || r.Client == f.Service })
			if at < 0 || at >= foundMost {
				t.Fatalf("nothing about %s under the map:\n%s", f.Service, s.screen())
			}
			if got, ok := explainedBy(start(e, 120, 40), at); ok && got != f.Attribute && got != query {
				t.Errorf("what is special about the slow calls is %s, not %s", got, f.Attribute)
			}
			s.follow(t, at)
			v, err := e.Trace(context.Background(), s.app.trail.here().trace)
			if err != nil {
				t.Fatal(err)
			}
			key, value, _ := strings.Cut(f.Attribute, "=")
			shows := func(as []model.Attribute) bool {
				x, ok := model.Lookup(as, key)
				return ok && x.String() == value
			}
			isThere, isSeen := false, false
			for _, x := range v.Trace.Spans {
				isThere = isThere || x.Resource.Service == f.Service
				isSeen = isSeen || shows(x.Attributes) || shows(x.Resource.Attributes) ||
					slices.ContainsFunc(x.Events, func(e model.Event) bool { return shows(e.Attributes) })
			}
			if !isThere || !isSeen {
				t.Errorf("no span of %s with %s in the request:\n%s", f.Service, f.Attribute, s.screen())
			}
		})
	}
}
