package store

import (
	"fmt"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"oteltop/model"
)

func TestPeerPrecedence(t *testing.T) {
	client, consumer, server := trace.Span_SPAN_KIND_CLIENT, trace.Span_SPAN_KIND_CONSUMER, trace.Span_SPAN_KIND_SERVER
	for _, c := range []struct {
		kind       trace.Span_SpanKind
		attributes string
		want       string
		role       PeerRole
	}{
		{client, "db.system=pg db.name=orders", "orders", PeerDatabase},
		{client, "db.system=pg network.peer.address=10.0.0.1 network.peer.port=5432", "10.0.0.1:5432", PeerDatabase},
		{client, "db.system=pg server.address=db server.port=5432 db.name=x", "db", PeerDatabase},
		{client, "db.system=pg net.peer.name=old", "old", PeerDatabase},
		{client, "db.system.name=pg peer.service=p service.peer.name=s", "s", PeerDatabase},
		{client, "db.system=pg messaging.system=kafka", "pg", PeerDatabase},
		{consumer, "messaging.system=kafka messaging.destination.name=q", "kafka:q", PeerMessaging},
		{consumer, "messaging.system=kafka messaging.destination=q messaging.destination.template=t", "kafka:t", PeerMessaging},
		{consumer, "messaging.system=kafka", "", PeerNone},
		{client, "server.address=api server.port=80 url.full=http://x/", "api:80", PeerService},
		{client, "url.full=https://user:pw@host:8443/path?q", "host:8443", PeerService},
		{client, "server.address= url.full=http://h", "h", PeerService},
		{client, "rpc.service=shop.Cart server.address=cart", "cart", PeerService},
		{client, "rpc.service=shop.Cart", "shop.Cart", PeerService},
		{server, "server.address=me", "", PeerNone},
		{server, "peer.service=app", "app", PeerService},
		{trace.Span_SPAN_KIND_INTERNAL, "peer.service=app", "", PeerNone},
	} {
		r := New(Options{Encoders: 1})
		m := newLoad(1).request(1)
		s := m.ResourceSpans[0].ScopeSpans[0].Spans[0]
		s.Kind, s.Attributes = c.kind, nil
		for _, a := range strings.Fields(c.attributes) {
			k, v, _ := strings.Cut(a, "=")
			s.Attributes = append(s.Attributes, text(k, v))
		}
		append1(t, r, m)
		got, ok := r.Find(idOf(s.TraceId), 0)
		if ok {
			t.Error("a span of id 0 is found")
		}
		for _, sp := range r.Snapshot().Spans(0, nil) {
			got = sp
		}
		if name := r.Names().Peer(got.Peer); name != c.want || got.Role != c.role {
			t.Errorf("%v %s: %q %v, want %q %v", c.kind, c.attributes, name, got.Role, c.want, c.role)
		}
	}
}

// peers keeps what it was told, by span.
type peers map[model.SpanID]Settled

func (p peers) Arrived([]Arrival) {}
func (p peers) Settled(s *Settlement) {
	for _, sp := range s.Spans {
		p[sp.ID] = sp
	}
}

// What is told of many spans, of several segments and with names in common, is what each of them says alone.
func TestPeersOfManySpans(t *testing.T) {
	told := peers{}
	r := New(Options{Encoders: 1, Budget: 1 << 20, Observer: told}) // small segments
	l := newLoad(5)
	checked := 0
	for round := range 8 {
		m := l.request(400)
		for i, s := range m.ResourceSpans[0].ScopeSpans[0].Spans {
			s.Kind = trace.Span_SPAN_KIND_CLIENT
			host := fmt.Sprintf("host-%d", l.rand.IntN(3))
			s.Attributes = []*common.KeyValue{text("server.address", host), number("server.port", int64(l.rand.IntN(3)))}
			switch i % 5 {
			case 1:
				s.Attributes[0] = text("server.address", "")
				s.Attributes = append(s.Attributes, text("url.full", "http://"+host+"/"))
			case 2:
				s.Attributes = append(s.Attributes[:1], text("db.system", "x"))
			case 3:
				s.Attributes = append(s.Attributes, text("messaging.system", "kafka"), text("messaging.destination", host))
			case 4:
				s.Attributes[0] = text("server.address", fmt.Sprintf("%s-%d-%d", host, round, i))
			}
		}
		append1(t, r, m)
		r.Flush()
		s := r.Snapshot()
		s.Traces(func(i *TraceInfo) bool {
			for _, want := range s.Spans(i.Index, nil) {
				checked++
				if got := told[want.ID]; got.Peer != want.Peer || got.Role != want.Role || got.Peer == 0 {
					t.Errorf("%v: %s %v, alone %s %v", want.ID, r.Names().Peer(got.Peer), got.Role, r.Names().Peer(want.Peer), want.Role)
				}
			}
			return true
		})
	}
	if checked < 1000 || len(r.queues[0]) < 2 {
		t.Errorf("%d spans compared, of %d segments", checked, len(r.queues[0]))
	}
}
