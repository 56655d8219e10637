package trust_test

import (
	"fmt"
	"maps"
	"testing"

	"oteltop/aggregate/trust"
	"oteltop/model"
	"oteltop/model/modeltest"
)

// problemsOf are the problems of a result: "service problem" and how often, without those of resources, which drawn
// spans have no attributes for.
func problemsOf(r *trust.Result) map[string]uint64 {
	out := map[string]uint64{}
	for _, s := range r.Services {
		for _, p := range trust.Problems() {
			if n := s.Count[p]; n > 0 && p != trust.NoVersion && p != trust.NoServiceName {
				out[s.Name+" "+p.String()] = n
			}
		}
	}
	return out
}

func check(t *testing.T, name, drawing string, want map[string]uint64) *trust.Result {
	t.Helper()
	r, _ := fold(modeltest.Spans(t, drawing))
	if got := problemsOf(r); !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", name, got, want)
	}
	return r
}

// Unique ids as jaeger-analytics tests them (UniqueSpanIdTest). The halves of a call that share an id, as Zipkin's do,
// are no fault here: they are told apart. A span below another of its own id, however, is.
func TestUniqueIDs(t *testing.T) {
	for name, c := range map[string]struct {
		drawing string
		unique  string // spans with an id of their own, by service
		want    map[string]uint64
	}{
		"client and server apart":                      {"a call client 0..10 peer.service=b\n  b serve server 1..9", "a 1 b 1", nil},
		"client and server share":                      {"a call client 0..10 id=1 peer.service=b\nb serve server 1..9 id=1 parent=0", "a 1 b 1", nil},
		"the server has the client for its parent too": {"a call client 0..10 id=1 peer.service=b\nb serve server 1..9 id=1 parent=1", "a 1 b 1", nil},
		"two of one id, and one of its own": {
			"a x internal 0..10 id=1\na y internal 1..9 id=1 parent=0\na z internal 2..8 id=2 parent=1", "a 1", map[string]uint64{"a duplicate_id": 2}},
		"three of one id, of which two are a call": {
			"a call client 0..10 id=1 peer.service=b\nb serve server 1..9 id=1 parent=0\na x internal 2..3 id=1 parent=0", "a 0 b 0",
			map[string]uint64{"a duplicate_id": 2, "b duplicate_id": 1}},
	} {
		r := check(t, name, c.drawing, c.want)
		unique := ""
		for _, s := range r.Services {
			unique += fmt.Sprintf(" %s %d", s.Name, s.UniqueIDs)
		}
		if unique != " "+c.unique {
			t.Errorf("%s: unique%s, want %s", name, unique, c.unique)
		}
	}
	if r, _ := fold(nil); len(r.Services) != 0 {
		t.Errorf("of none: %+v", r)
	}
}

// Which service lacks its half of a call, as jaeger-analytics tests it (HasClientServerSpansTest). There a peer that is
// named but sends nothing is blamed; here only one that is known to send spans, for a database or somebody else's
// service never will. And the fault is told of the span that was seen: of a server, that its caller is not.
func TestBothHalvesOfACall(t *testing.T) {
	for name, c := range map[string]struct {
		drawing string
		want    map[string]uint64
	}{
		"a server calls two others": {`
			a GET server 0..100
			  a GET client 10..40 peer.service=b
			    b GET server 15..35
			  a GET client 50..90 peer.service=c
			    c GET server 55..85`, nil},
		"a root server that names its caller":        {"a GET server 0..100 peer.service=b", nil},
		"a root client that names somebody":          {"a GET client 0..100 peer.service=b", nil},
		"a root client that names one who sends":     {"a GET client 0..100 peer.service=b\ntrace 2\nb GET server 0..10", map[string]uint64{"a unanswered_client": 1}},
		"a server without children":                  {"a GET server 0..100", nil},
		"a client without children, that names none": {"a GET client 0..100", map[string]uint64{"a client_without_peer": 1}},
		"a server below a server":                    {"a GET server 0..100\n  b GET server 10..90", map[string]uint64{"b server_without_client": 1}},
		"a server below a server, that names its caller": {
			"a GET server 0..100\n  b GET server 10..90 peer.service=p", map[string]uint64{"b server_without_client": 1}},
		// Its own server's span is missing: the client above has an answer, of a span that is none of a server.
		"a client below a client of another service": {
			"a GET client 0..100 peer.service=b\n  b GET client 10..90 peer.service=x", map[string]uint64{}},
		"a client's own local span between": {
			"a GET client 0..100 peer.service=b\n  a send internal 5..95\n    b GET server 10..90", nil},
	} {
		check(t, name, c.drawing, c.want)
	}
}

// What is missing of a trace shows by what hangs in the air: parents that never came (Tempo's spans without a root),
// once by service, whichever side they are missing on; and no request is measured by a root that it does not have.
func TestMissingParents(t *testing.T) {
	for name, c := range map[string]struct {
		drawing            string
		want               map[string]uint64
		complete, rootless uint64
		entries, inner     uint64 // orphans of b
	}{
		"none":     {"a GET server 0..100\n  a GET client 1..99 peer.service=b\n    b GET server 2..98\n      b work internal 3..97", nil, 1, 0, 0, 0},
		"the root": {"a GET client 1..99 parent=ff peer.service=b\n  b GET server 2..98\n    b work internal 3..97", map[string]uint64{"a orphan": 1}, 0, 1, 0, 0},
		"the client": {"a GET server 0..100\n  a w internal 0..1\nb GET server 2..98 parent=ff\n  b work internal 3..97",
			map[string]uint64{"b orphan": 1, "b server_without_client": 1}, 0, 0, 1, 0},
		"the server": {"a GET server 0..100\n  a GET client 1..99 peer.service=b\nb work internal 3..97 parent=ff\nb more internal 4..5 parent=ff",
			map[string]uint64{"b orphan": 2, "a unanswered_client": 1}, 0, 0, 0, 2},
		"a child": {"a GET server 0..100\n  a GET client 1..99 peer.service=b\ntrace 2\nb GET server 2..98", map[string]uint64{"a unanswered_client": 1}, 2, 0, 0, 0},
	} {
		r := check(t, name, c.drawing, c.want)
		if r.Requests.Complete != c.complete || r.Requests.Rootless != c.rootless {
			t.Errorf("%s: %+v", name, r.Requests)
		}
		for _, s := range r.Services {
			if s.Name == "b" && (s.EntryOrphans != c.entries || s.InnerOrphans != c.inner || s.OrphanTraces > 1) {
				t.Errorf("%s: %+v", name, s)
			}
			if s.Name == "b" && c.entries+c.inner > 0 && s.Examples[trust.Orphan][0].Trace != (model.TraceID{Lo: 1}) {
				t.Errorf("%s: %v", name, s.Examples[trust.Orphan])
			}
		}
	}
}
