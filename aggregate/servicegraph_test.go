package aggregate

import (
	"context"
	"testing"

	"oteltop/aggregate/filter/storetest"
	"oteltop/model/modeltest"
)

// The trace of Tempo's TestServiceGraphs, drawn from its figures: a requester that asks a server, which asks its
// database, and leaves a message for a recorder. A call that only its client saw has no time of a server here, where
// Tempo counts that of the client for both; and the wait in the queue is of messages only, where we have the gap of
// calls as well.
func TestServiceGraph(t *testing.T) {
	spans := modeltest.Spans(t, `
		requester request internal 0..80
		  requester POST client 1..46
		    server POST server 9..38
		      server INSERT client 12..35 peer=beasts db.system=postgresql
		  requester publish producer 50..50068us peer=rabbitmq:records messaging.system=rabbitmq
		    recorder process consumer 59949600ns..60642600ns peer=rabbitmq:records messaging.system=rabbitmq
	`)
	m := mapOf(viewOfSpans(spans), Query{})
	if len(m.Edges) != 3 || m.Broken != 0 || m.Pending != 0 {
		t.Errorf("%d edges, %d broken, %d pending", len(m.Edges), m.Broken, m.Pending)
	}
	for _, c := range []struct {
		client, server      string
		kind                EdgeKind
		asked, answered     float64 // ms
		gap                 float64 // ms
		hasAnswered, hasGap uint64
	}{
		{"requester", "server", EdgeCall, 45, 29, 16, 1, 1},
		{"server", "beasts", EdgeDatabase, 23, 0, 0, 0, 0},
		{"requester", "recorder", EdgeMessaging, .068, .693, 9.8816, 1, 1},
	} {
		e := edgeOf(t, spans, c.client, c.server)
		if e.Kind != c.kind || e.Calls != 1 || e.Failed != 0 || e.Answered != c.hasAnswered || e.Gaps != c.hasGap || e.GapNegative != 0 {
			t.Errorf("%s → %s: %+v", c.client, c.server, e)
		}
		if !near(e.ClientP50, c.asked) || !near(e.ServerP50, c.answered) || !near(e.GapP50, c.gap) {
			t.Errorf("%s → %s: %d, %d and %d ns, want %v, %v and %v ms", c.client, c.server, e.ClientP50, e.ServerP50, e.GapP50, c.asked, c.answered, c.gap)
		}
	}
}

// Tempo's trace of failed requests: the error of a database call and of the call that made it, each once.
func TestServiceGraphOfFailures(t *testing.T) {
	spans := modeltest.Spans(t, `
		requester POST client 1..46 error
		  server POST server 9..38 error
		    server INSERT client 12..35 error peer=beasts db.system=postgresql`)
	for client, server := range map[string]string{"requester": "server", "server": "beasts"} {
		if e := edgeOf(t, spans, client, server); e.Calls != 1 || e.Failed != 1 {
			t.Errorf("%s → %s: %+v", client, server, e)
		}
	}
}

// Tempo's virtual nodes: somebody who calls a server at the root, a payment platform that sends no spans, and a
// producer elsewhere of which only the consumer tells. Its trace of edges that expire has a server whose parent never
// came: that is no call of a user, it is counted as broken.
func TestServiceGraphOfThoseUnseen(t *testing.T) {
	for name, c := range map[string]struct {
		drawing string
		edges   map[string]EdgeKind // "client server"
		broken  uint64
	}{
		"virtual nodes": {`
			server GET server 0..50
			trace 2
			requester job internal 0..50
			  requester pay client 10..40 peer=external-payments
			trace 3
			consumer take consumer 0..10 peer=rabbitmq:orders messaging.system=rabbitmq`,
			map[string]EdgeKind{"user server": EdgeInferred, "requester external-payments": EdgeInferred, "rabbitmq:orders consumer": EdgeMessaging}, 0},
		"one that expires": {`
			server GET server 0..50
			trace 2
			requester POST client 0..50
			  server POST server 10..40
			trace 3
			server SELECT client 0..10 peer=beasts db.system=postgresql
			trace 4
			server POST server 0..10 parent=ff`,
			map[string]EdgeKind{"user server": EdgeInferred, "requester server": EdgeCall, "server beasts": EdgeDatabase}, 1},
	} {
		m := mapOf(viewOfSpans(modeltest.Spans(t, c.drawing)), Query{})
		if len(m.Edges) != len(c.edges) || m.Broken != c.broken {
			t.Errorf("%s: %d broken, %+v", name, m.Broken, m.Edges)
		}
		for _, e := range m.Edges {
			if kind, ok := c.edges[e.Client+" "+e.Server]; !ok || kind != e.Kind || e.Calls != 1 || e.Failed != 0 {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// Tempo's filters select spans before they are paired, so that a filter of one side loses the call. A focus of ours
// selects calls: whichever side it names, calls with it on either side are there.
func TestServiceGraphInFocus(t *testing.T) {
	s := storetest.Of(modeltest.Spans(t, `
		requester POST client 1..46 @host.name=h
		  server POST server 9..38 @host.name=h
		    server send producer 12..13 @host.name=h
		      recorder process consumer 20..30 @host.name=h`)...)
	e := NewMemory(s, viewless(s), nil, MemoryOptions{})
	for service, want := range map[string]int{"": 2, "requester": 1, "server": 2, "recorder": 1} {
		x, err := e.Anatomy(context.Background(), Query{Focus: Focus{Service: service}})
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Rows) != want {
			t.Errorf("%q: %d calls, want %d", service, len(x.Rows), want)
		}
	}
}
