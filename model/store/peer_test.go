package store

import (
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
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
