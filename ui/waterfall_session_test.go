package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// sessionEngine has the requests of one session, and counts how often it is asked for them.
type sessionEngine struct {
	*fakeEngine
	t     *testing.T
	ids   []model.TraceID
	asked *[]string
}

func (e sessionEngine) Trace(ctx context.Context, id model.TraceID) (*aggregate.TraceView, error) {
	spans := modeltest.Spans(e.t, `
web  GET /cart  server 0..40 session.id=s-7
  cart  GET  server 4..30
`)
	for i := range spans {
		spans[i].TraceID = id
	}
	return waterfallView(model.NewTrace(id, spans, nil)), nil
}

func (e sessionEngine) Traces(_ context.Context, q aggregate.TracesQuery) (*aggregate.TraceList, error) {
	*e.asked = append(*e.asked, q.Filter.String())
	l := &aggregate.TraceList{Matched: uint64(len(e.ids))}
	for i, id := range e.ids {
		l.Rows = append(l.Rows, aggregate.TraceRow{ID: id, RootService: "web", RootOperation: "GET /cart", Errors: i, Duration: 40e6, Start: epoch.UnixNano() + int64(i)*12e9})
	}
	return l, nil
}

// What a user did before and after a request is told, a key away, and asked for once.
func TestWaterfallSession(t *testing.T) {
	asked := []string{}
	e := sessionEngine{fakeEngine: newFake(), t: t, ids: []model.TraceID{{Lo: 1}, {Lo: 2}, {Lo: 3}}, asked: &asked}
	s := start(e, 200, 60)
	s.run(s.app.act(OpenTrace{ID: model.TraceID{Lo: 2}}))
	s.mustShow(t, "2 of 3 of its session", "Session, 2 of 3 requests", "session.id s-7", "12.0s before", "12.0s after", "40.0ms web GET /cart, 2 errors")
	if len(asked) != 1 || !strings.Contains(asked[0], `session.id = "s-7"`) {
		t.Errorf("asked %q", asked)
	}
	depth := s.depth()
	s.keys(")")
	if p := s.app.trail.here(); p.trace != (model.TraceID{Lo: 3}) || s.depth() != depth {
		t.Errorf(") leads to %v, %d steps deep", p.trace, s.depth())
	}
	s.mustShow(t, "Session, 3 of 3 requests", "24.0s before")
	s.keys(")")
	s.mustShow(t, "this is the last of 3 retained requests of its session")
	s.keys("(", "(")
	if p := s.app.trail.here(); p.trace != (model.TraceID{Lo: 1}) {
		t.Errorf("( leads to %v", p.trace)
	}
	n := len(asked)
	s.tick()
	if len(asked) != n {
		t.Error("asked again at once")
	}
	e.status.Now = epoch.Add(2 * neighboursRefresh)
	s.clock = s.clock.Add(time.Minute)
	s.tick()
	s.tick()
	if len(asked) == n {
		t.Error("a session that goes on is not asked for again")
	}
}

// A trace that names no session says so when asked.
func TestWaterfallWithoutSession(t *testing.T) {
	s := startOnTrace(t, 120, 40)
	s.keys(")")
	s.mustShow(t, "no span names a session")
	s.mustNotShow(t, "of its session ·", "Session,")
}

// The attribute that is surest counts, then the value nearest to the root.
func TestSessionOf(t *testing.T) {
	for drawing, want := range map[string]string{
		"web GET server 0..9 user.id=u1\n  cart GET server 1..8 session.id=s1\n    db GET client 2..3 session.id=s2": "session.id s1",
		"web GET server 0..9\n  cart GET server 1..8 enduser.id=u3":                                                  "enduser.id u3",
		"web GET server 0..9 @session.id=s4":                                                                         "session.id s4",
		"web GET server 0..9 session.id=\"\"":                                                                        " ",
	} {
		spans := modeltest.Spans(t, drawing)
		if k, v := sessionOf(model.NewTrace(spans[0].TraceID, spans, nil)); k+" "+v != want {
			t.Errorf("%s: %s %s, want %s", drawing, k, v, want)
		}
	}
}
