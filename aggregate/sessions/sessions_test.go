package sessions_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/sessions"
	"oteltop/model"
	"oteltop/model/store"
)

const minute = int64(60e9)

// span is one line of a test: trace, id, parent, service, operation, start in minutes; it lasts a minute.
type span struct {
	trace, id, parent uint64
	service, name     string
	at                int64
	failed            bool
	key, value        string
	links             []uint64
}

func (s span) model() model.Span {
	out := model.Span{
		TraceID: model.TraceID{Lo: s.trace}, ID: model.SpanID(s.id), Parent: model.SpanID(s.parent), Name: s.name, Kind: model.KindServer,
		Start: 1 + s.at*minute, End: 1 + (s.at+1)*minute, Resource: &model.Resource{Service: s.service}, Scope: &model.Scope{},
	}
	if s.failed {
		out.Status = model.StatusError
	}
	if s.key != "" {
		out.Attributes = []model.Attribute{{Key: s.key, Value: model.StringValue(s.value)}}
	}
	for _, l := range s.links {
		out.Links = append(out.Links, model.Link{TraceID: model.TraceID{Lo: l}, SpanID: 1})
	}
	return out
}

func find(t *testing.T, by string, spans []model.Span) *sessions.Result {
	t.Helper()
	s := storetest.Of(spans...)
	var traces []store.TraceInfo
	snap := s.Snapshot()
	snap.Traces(func(info *store.TraceInfo) bool {
		traces = append(traces, *info)
		return true
	})
	r, err := sessions.Find(context.Background(), snap, s.Names(), traces, by)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func models(spans ...span) []model.Span {
	var out []model.Span
	for _, s := range spans {
		out = append(out, s.model())
	}
	return out
}

// listed writes sessions as "key=value: traces".
func listed(r *sessions.Result) []string {
	var out []string
	for _, s := range r.Sessions {
		text := fmt.Sprintf("%s=%s:", s.Key, s.Value)
		for _, t := range s.Traces {
			text += fmt.Sprint(" ", t.ID.Lo)
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

func TestKeys(t *testing.T) {
	flow := "(linked traces)=" + model.TraceID{Lo: 1}.String()
	for name, c := range map[string]struct {
		by    string
		spans []span
		want  []string
	}{
		"session before user": {"", []span{
			{trace: 1, id: 1, key: "session.id", value: "s"}, {trace: 1, id: 2, parent: 1, key: "user.id", value: "u"},
			{trace: 2, id: 1, at: 1, key: "user.id", value: "u"},
		}, []string{"session.id=s: 1", "user.id=u: 2"}},
		"chosen before session": {"tenant", []span{
			{trace: 1, id: 1, key: "session.id", value: "s"}, {trace: 1, id: 2, parent: 1, key: "tenant", value: "x"}, {trace: 2, id: 1, key: "session.id", value: "s"},
		}, []string{"session.id=s: 2", "tenant=x: 1"}},
		"the root decides": {"", []span{
			{trace: 1, id: 1, key: "session.id", value: "root"}, {trace: 1, id: 2, parent: 1, key: "session.id", value: "x"}, {trace: 1, id: 3, parent: 1, key: "session.id", value: "x"},
		}, []string{"session.id=root: 1"}},
		"else the most frequent": {"", []span{
			{trace: 1, id: 1}, {trace: 1, id: 2, parent: 1, key: "session.id", value: "a"}, {trace: 1, id: 3, parent: 1, key: "session.id", value: "b"}, {trace: 1, id: 4, parent: 1, key: "session.id", value: "b"},
		}, []string{"session.id=b: 1"}},
		"else the first by name": {"", []span{
			{trace: 1, id: 1}, {trace: 1, id: 2, parent: 1, key: "session.id", value: "b"}, {trace: 1, id: 3, parent: 1, key: "session.id", value: "a"},
		}, []string{"session.id=a: 1"}},
		"users come back": {"", []span{
			{trace: 1, id: 1, key: "user.id", value: "u"}, {trace: 2, id: 1, at: 31, key: "user.id", value: "u"}, {trace: 3, id: 1, at: 63, key: "user.id", value: "u"},
		}, []string{"user.id=u: 1 2", "user.id=u: 3"}},
		"sessions do not end": {"", []span{
			{trace: 1, id: 1, key: "session.id", value: "u"}, {trace: 3, id: 1, at: 630, key: "session.id", value: "u"},
		}, []string{"session.id=u: 1 3"}},
		"links make a flow": {"", []span{
			{trace: 1, id: 1}, {trace: 2, id: 1, at: 1, links: []uint64{1}}, {trace: 3, id: 1, at: 2, links: []uint64{2, 99}}, {trace: 4, id: 1},
		}, []string{flow + ": 1 2 3"}},
		"a flow has a session": {"", []span{
			{trace: 1, id: 1, key: "session.id", value: "s"}, {trace: 2, id: 1, at: 1, links: []uint64{1}}, {trace: 3, id: 1, at: 2, links: []uint64{2}},
		}, []string{"session.id=s: 1 2 3"}},
		"a flow of several": {"", []span{
			{trace: 1, id: 1, key: "session.id", value: "s"}, {trace: 2, id: 1, key: "session.id", value: "t"}, {trace: 3, id: 1, at: 2, links: []uint64{1, 2}},
		}, []string{"session.id=s: 1", "session.id=t: 2"}},
	} {
		r := find(t, c.by, models(c.spans...))
		if got := listed(r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// What users were called before and are called now.
	for _, key := range []string{"user.id", "enduser.id"} {
		r := find(t, "", models(span{trace: 1, id: 1, key: key, value: "u"}, span{trace: 2, id: 1, at: 1, key: key, value: "u"}))
		if len(r.Sessions) != 1 || r.Sessions[0].Key != key || r.Sessions[0].Count != 2 {
			t.Errorf("%s: %+v", key, r)
		}
	}
}

// n traces of one session fold to one row whose verdict names the first span that failed on its own.
func TestVerdict(t *testing.T) {
	r := find(t, "", models(
		span{trace: 1, id: 1, service: "web", name: "GET /", at: 0, key: "session.id", value: "s"},
		span{trace: 2, id: 1, service: "web", name: "POST /order", at: 10, failed: true, key: "session.id", value: "s"},
		span{trace: 2, id: 2, parent: 1, service: "cart", name: "load", at: 11, failed: true},
		span{trace: 2, id: 3, parent: 2, service: "db", name: "query", at: 12, failed: true},
		span{trace: 2, id: 4, parent: 1, service: "mail", name: "send", at: 14, failed: true},
		span{trace: 3, id: 1, service: "web", name: "POST /order", at: 20, failed: true, key: "session.id", value: "s"},
		span{trace: 4, id: 1, service: "web", name: "POST /order", at: 22, key: "session.id", value: "s"},
		span{trace: 5, id: 1, service: "web", name: "POST /order", at: 23, key: "session.id", value: "s"},
	))
	if len(r.Sessions) != 1 || r.Total != 1 {
		t.Fatalf("%+v", r)
	}
	s := r.Sessions[0]
	if s.Count != 5 || s.Failed != 2 || s.Errors != 5 || s.Retries != 2 || s.Start != 1 || s.End != 1+24*minute {
		t.Errorf("%+v", s)
	}
	if !slices.Equal(s.Services, []string{"cart", "db", "mail", "web"}) || s.GapAfter.Lo != 1 || s.Gap != 9*minute || s.Worst.Duration != minute {
		t.Errorf("%+v", s)
	}
	if want := (sessions.Origin{Trace: model.TraceID{Lo: 2}, Span: 3, Service: "db", Operation: "query", Kind: model.KindServer, At: 1 + 12*minute}); s.First == nil || *s.First != want {
		t.Errorf("%+v", s.First)
	}
	if got := s.Verdict(); got != "db query failed first, 12m00s in, longest pause 9m00s" {
		t.Error(got)
	}
}

// Whatever order spans arrive in, sessions are the same, and every trace is in one or counted out.
func TestOrderOfArrival(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var spans []model.Span
	keys := []string{"session.id", "user.id", "enduser.id", "", "", ""}
	for trace := uint64(1); trace <= 300; trace++ {
		for id := uint64(1); id <= 4; id++ {
			x := span{trace: trace, id: id, parent: id - 1, service: fmt.Sprint("s", rng.IntN(5)), name: fmt.Sprint("op", rng.IntN(3)), at: int64(rng.IntN(600)), failed: rng.IntN(9) == 0}
			if x.key = keys[rng.IntN(len(keys))]; x.key != "" {
				x.value = fmt.Sprint(rng.IntN(20))
			}
			if rng.IntN(40) == 0 {
				x.links = []uint64{uint64(rng.IntN(300) + 1)}
			}
			spans = append(spans, x.model())
		}
	}
	a := find(t, "", spans)
	rng.Shuffle(len(spans), func(i, k int) { spans[i], spans[k] = spans[k], spans[i] })
	b := find(t, "", spans)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
	n := a.Without + a.Ambiguous
	for _, s := range a.Sessions {
		n += s.Count
	}
	if n != 300 || len(a.Sessions) != a.Total || a.Ambiguous == 0 {
		t.Errorf("%d of 300 traces; %d without, %d ambiguous", n, a.Without, a.Ambiguous)
	}
}

// Who was told that users have trouble finds them on top: those whose requests failed, most often first, then those
// with errors that somebody dealt with, then the slow ones; and among more sessions than are told apart as well.
func TestTroubleIsOnTop(t *testing.T) {
	var spans []model.Span
	add := func(trace uint64, session string, failed, within bool, minutes int64) {
		root := span{trace: trace, id: 1, at: int64(trace), failed: failed, key: "session.id", value: session}.model()
		root.End = root.Start + minutes*minute
		spans = append(spans, root, span{trace: trace, id: 2, parent: 1, at: int64(trace), failed: within}.model())
	}
	add(1, "fails once", true, false, 1)
	add(2, "recovers", false, true, 1)
	add(3, "slow", false, false, 9)
	add(4, "fails twice", true, false, 1)
	add(5, "fails twice", true, false, 1)
	add(6, "fails once and slowly", true, false, 5)
	for i := range uint64(2 * sessions.MaxSessions) {
		add(10+i, fmt.Sprint("fine ", i), false, false, 2)
	}
	r := find(t, "", spans)
	if r.Total != 5+2*sessions.MaxSessions || r.Failing != 4 || len(r.Sessions) != sessions.MaxSessions {
		t.Errorf("%d of %d sessions", len(r.Sessions), r.Total)
	}
	for i, want := range []string{"fails twice", "fails once and slowly", "fails once", "recovers", "slow", fmt.Sprint("fine ", 2*sessions.MaxSessions-1)} {
		if got := r.Sessions[i].Value; got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}

// More sessions and more traces than are listed are counted.
func TestBounds(t *testing.T) {
	var spans []model.Span
	for i := range uint64(2300) {
		value := fmt.Sprint(i)
		if i >= 2050 {
			value = "one"
		}
		spans = append(spans, span{trace: i + 1, id: 1, at: int64(i), key: "session.id", value: value}.model())
	}
	for i := range uint64(20) { // one trace with many values
		spans = append(spans, span{trace: 9999, id: i + 2, parent: 1, at: 1, key: "session.id", value: fmt.Sprint("x", i)}.model())
	}
	r := find(t, "", spans)
	if r.Total != 2052 || len(r.Sessions) != sessions.MaxSessions || r.Lost != 12 {
		t.Errorf("%d of %d sessions, %d values lost", len(r.Sessions), r.Total, r.Lost)
	}
	if s := r.Sessions[0]; s.Value != "one" || s.Count != 250 || len(s.Traces) != sessions.MaxTraces {
		t.Errorf("%s: %d of %d traces", s.Value, len(s.Traces), s.Count)
	}
}
