package oracle_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/report"
)

// rule is a case of A03, with the edges that a person reads out of it: "client > server kind calls/failed
// client's median/server's median", in ms, 0 where that side was not seen.
type rule struct {
	name   string
	spans  []made
	want   []string
	broken uint64
}

// The cases are those that the published tests of service graphs are about, rebuilt from what they say.
var rules = []rule{
	{"1: a client and a server are one call", []made{
		{"t/a", "", "web", "client", 0, 45, false, "", ""},
		{"t/b", "a", "api", "server", 10, 39, false, "", ""},
	}, []string{"web > api call 1/0 45/29"}, 0},
	{"1: an error of both sides counts once, of either side too", []made{
		{"t/a", "", "web", "client", 0, 9, true, "", ""}, {"t/b", "a", "api", "server", 1, 8, true, "", ""},
		{"u/a", "", "web", "client", 0, 9, true, "", ""}, {"u/b", "a", "api", "server", 1, 8, false, "", ""},
		{"v/a", "", "web", "client", 0, 9, false, "", ""}, {"v/b", "a", "api", "server", 1, 8, true, "", ""},
		{"w/a", "", "web", "client", 0, 9, false, "", ""}, {"w/b", "a", "api", "server", 1, 8, false, "", ""},
	}, []string{"web > api call 4/3 9/7"}, 0},
	{"1: a producer and its consumer are messaging", []made{
		{"t/a", "", "web", "producer", 0, 2, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"t/b", "a", "mail", "consumer", 12, 19, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
	}, []string{"web > mail messaging 1/0 2/7"}, 0},
	{"1: a service may call itself", []made{
		{"t/a", "", "web", "client", 0, 9, false, "", ""}, {"t/b", "a", "web", "server", 1, 8, false, "", ""},
	}, []string{"web > web call 1/0 9/7"}, 0},
	{"1: halves of one id are one call, and who names the id was called by the server", []made{
		{"t/r", "", "web", "server", 0, 20, false, "", ""},
		{"t/a", "r", "web", "client", 1, 10, false, "", ""}, {"t/a", "r", "api", "server", 2, 8, false, "", ""},
		{"t/c", "a", "db", "server", 3, 7, false, "", ""},
	}, []string{"api > db call 1/0 0/4", "user > web inferred 1/0 0/20", "web > api call 1/0 9/6"}, 0},

	{"2: several consumers of other traces complete one producer", []made{
		{"p/a", "", "web", "producer", 0, 2, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"c/b", "", "mail", "consumer", 12, 19, false, "messaging.system=kafka messaging.destination.name=jobs", "p/a"},
		{"d/b", "", "audit", "consumer", 22, 27, true, "messaging.system=kafka messaging.destination.name=jobs", "p/a"},
	}, []string{"web > audit messaging 1/1 2/5", "web > mail messaging 1/0 2/7"}, 0},
	{"2: a batch is one edge per link, and a link said twice is one", []made{
		{"p/a", "", "web", "producer", 0, 2, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"q/a", "", "app", "producer", 1, 5, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"c/b", "", "mail", "consumer", 12, 19, false, "messaging.system=kafka messaging.destination.name=jobs", "p/a q/a p/a"},
	}, []string{"app > mail messaging 1/0 4/7", "web > mail messaging 1/0 2/7"}, 0},
	{"2: a link to the parent is the same call", []made{
		{"t/a", "", "web", "producer", 0, 2, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"t/b", "a", "mail", "consumer", 12, 19, false, "messaging.system=kafka messaging.destination.name=jobs", "t/a"},
	}, []string{"web > mail messaging 1/0 2/7"}, 0},
	{"2: a client that receives is no call to the broker", []made{
		{"p/a", "", "web", "producer", 0, 2, false, "messaging.system=sqs messaging.destination.name=jobs", ""},
		{"c/b", "", "mail", "client", 12, 19, false, "messaging.system=sqs messaging.destination.name=jobs", "p/a"},
	}, []string{"web > mail messaging 1/0 2/7"}, 0},
	{"2: a producer that does not name its system is completed as well", []made{
		{"p/a", "", "web", "producer", 0, 2, false, "peer.service=bus", ""},
		{"c/b", "", "mail", "consumer", 12, 19, false, "", "p/a"},
	}, []string{"web > mail messaging 1/0 2/7"}, 0},
	{"2: a link within the trace", []made{
		{"t/r", "", "web", "server", 0, 30, false, "", ""},
		{"t/a", "r", "web", "producer", 1, 2, false, "peer.service=bus", ""},
		{"t/b", "r", "mail", "consumer", 12, 19, false, "", "t/a"},
	}, []string{"user > web inferred 1/0 0/30", "web > mail messaging 1/0 1/7"}, 0},
	{"2: a link to another trace goes before a parent that is no producer", []made{
		{"p/a", "", "shop", "producer", 0, 2, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"t/r", "", "web", "server", 0, 30, false, "", ""},
		{"t/b", "r", "mail", "consumer", 12, 19, false, "", "p/a"},
	}, []string{"shop > mail messaging 1/0 2/7", "user > web inferred 1/0 0/30"}, 0},
	{"2: a link to the parent, or to nowhere, leaves the parent", []made{
		{"t/r", "", "web", "server", 0, 30, false, "", ""},
		{"t/b", "r", "mail", "consumer", 12, 19, false, "", "t/r"},
		{"t/c", "r", "audit", "consumer", 12, 17, false, "", "x/y"},
	}, []string{"user > web inferred 1/0 0/30", "web > audit messaging 1/0 0/5", "web > mail messaging 1/0 0/7"}, 0},
	{"2: a link that leads nowhere leaves the broker", []made{
		{"c/b", "", "mail", "consumer", 12, 19, false, "messaging.system=kafka messaging.destination.name=jobs", "x/y"},
	}, []string{"kafka:jobs > mail messaging 1/0 0/7"}, 0},

	{"3: a server below a server of another service, without a client", []made{
		{"t/a", "", "web", "server", 0, 20, false, "", ""}, {"t/b", "a", "api", "server", 2, 8, true, "", ""},
	}, []string{"user > web inferred 1/0 0/20", "web > api call 1/1 0/6"}, 0},
	{"3: a local span below a local span of another service", []made{
		{"t/a", "", "web", "internal", 0, 20, false, "", ""}, {"t/b", "a", "api", "internal", 2, 8, false, "", ""},
	}, []string{"web > api call 1/0 0/6"}, 0},
	{"3: local spans between client and server make no edges", []made{
		{"t/a", "", "web", "client", 0, 20, false, "server.address=api", ""}, {"t/b", "a", "web", "internal", 1, 19, false, "", ""},
		{"t/c", "b", "web", "internal", 2, 18, false, "", ""}, {"t/d", "c", "api", "server", 3, 17, false, "", ""},
	}, []string{"web > api call 1/0 20/14"}, 0},
	{"3: the client of a library around the client of its transport is one call", []made{
		{"t/a", "", "web", "client", 0, 20, false, "server.address=api", ""}, {"t/b", "a", "web", "client", 1, 19, false, "server.address=10.0.0.1", ""},
		{"t/c", "b", "api", "server", 3, 17, false, "", ""},
	}, []string{"web > api call 1/0 18/14"}, 0},
	{"3: a gateway is several edges, attempts are several calls", []made{
		{"t/a", "", "gate", "client", 0, 30, false, "", ""}, {"t/b", "a", "api", "server", 1, 5, true, "", ""},
		{"t/c", "a", "api", "server", 6, 10, false, "", ""}, {"t/d", "a", "auth", "server", 11, 20, false, "", ""},
	}, []string{"gate > api call 2/1 30/4", "gate > auth call 1/0 30/9"}, 0},

	{"4: a database that answers itself is a service", []made{
		{"t/a", "", "web", "client", 0, 20, false, "db.system=postgresql db.name=shop", ""}, {"t/b", "a", "pg", "server", 2, 8, false, "", ""},
	}, []string{"web > pg call 1/0 20/6"}, 0},
	{"4: a database next to another of the same client", []made{
		{"t/a", "", "web", "client", 0, 20, true, "db.system=postgresql db.name=shop", ""}, {"u/b", "", "web", "client", 0, 4, false, "db.system=redis", ""},
	}, []string{"web > redis database 1/0 4/0", "web > shop database 1/1 20/0"}, 0},

	{"5: whoever calls a root server, by name where it has one", []made{
		{"t/a", "", "web", "server", 0, 20, true, "", ""}, {"u/a", "", "web", "server", 0, 10, false, "peer.service=partner", ""},
	}, []string{"partner > web inferred 1/0 0/10", "user > web inferred 1/1 0/20"}, 0},
	{"5: a server that lost its parent is a broken trace, no user", []made{
		{"t/a", "lost", "web", "server", 0, 20, false, "", ""}, {"t/b", "a", "web", "client", 1, 9, false, "server.address=api", ""},
	}, []string{"web > api inferred 1/0 8/0"}, 1},
	{"5: a service may be called user", []made{
		{"t/a", "", "user", "server", 0, 20, false, "", ""},
	}, []string{"(user) > user inferred 1/0 0/20"}, 0},
	{"5: producers and consumers that nobody answers have a broker", []made{
		{"t/a", "", "web", "producer", 0, 2, false, "messaging.system=kafka messaging.destination.name=jobs", ""},
		{"u/b", "", "mail", "consumer", 12, 19, true, "messaging.system=kafka messaging.destination.template=jobs", ""},
	}, []string{"kafka:jobs > mail messaging 1/1 0/7", "web > kafka:jobs messaging 1/0 2/0"}, 0},
	{"5: the address of a service is the service", []made{
		{"t/a", "", "web", "client", 0, 9, true, "server.address=api server.port=7070", ""},
		{"u/a", "", "web", "client", 0, 7, false, "server.address=api server.port=7070", ""}, {"u/b", "a", "api", "server", 1, 6, false, "", ""},
		{"v/a", "", "web", "client", 0, 5, true, "http.url=http://api:81/cart", ""},
		{"w/a", "", "web", "client", 0, 5, true, "server.address=other server.port=7070", ""},
		{"x/a", "", "web", "client", 0, 5, false, "peer.service=api:v2", ""},
	}, []string{"web > api call 1/0 7/5", "web > api inferred 2/2 5/0", "web > api:v2 inferred 1/0 5/0", "web > other:7070 inferred 1/1 5/0"}, 0},

	{"6: the server's own name goes before what its client calls it", []made{
		{"t/a", "", "web", "client", 0, 9, false, "peer.service=guess server.address=other", ""}, {"t/b", "a", "api", "server", 1, 8, false, "", ""},
	}, []string{"web > api call 1/0 9/7"}, 0},
	{"6: without the name of a broker there is no link", []made{
		{"t/a", "", "web", "producer", 0, 2, false, "messaging.system=kafka", ""}, {"u/b", "", "mail", "consumer", 0, 2, false, "messaging.system=kafka", ""},
	}, nil, 0},
	{"6: a client that names nobody gives no link", []made{
		{"t/a", "", "web", "client", 0, 2, false, "", ""},
	}, nil, 0},
}

func TestRules(t *testing.T) {
	for _, c := range rules {
		t.Run(c.name, c.check)
	}
}

// check reads a case in the order of its spans and backwards: what arrives first changes nothing.
func (c *rule) check(t *testing.T) {
	in := lines(t, c.spans)
	for range 2 {
		r := open(t, bytes.Join(in, nil))
		r.check(t)
		if got := edgesIn(t, r); !slices.Equal(got, c.want) {
			t.Errorf("edges are\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
		}
		m, err := r.engine.Map(context.Background(), aggregate.Query{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Broken != c.broken || mapOf(r.data, r.traces).broken != c.broken {
			t.Errorf("%d broken traces, want %d", m.Broken, c.broken)
		}
		slices.Reverse(in)
	}
}

// edgesIn writes the report's edges as rules do.
func edgesIn(t *testing.T, r *run) []string {
	t.Helper()
	var out []string
	for _, x := range r.ask(t, report.ViewEdges, "").Rows {
		out = append(out, fmt.Sprintf("%s > %s %s %d/%d %.0f/%.0f", x.text("client"), x.text("server"), x.text("kind"), x.int(t, "calls"), x.int(t, "failed"),
			float64(x.int(t, "client_p50_ns"))/1e6, float64(x.int(t, "server_p50_ns"))/1e6))
	}
	return out
}

// TestPeerNames: rules 4 and 5 in order of precedence, under the old names of attributes too. All other
// attributes of a list are there as well.
func TestPeerNames(t *testing.T) {
	for _, c := range []struct {
		kind string
		want []string // attributes by precedence, and the node each gives
		with string   // attributes that are always there
	}{
		{"database", []string{
			"service.peer.name=A A", "peer.service=B B", "server.address=C C", "network.peer.address=D D:5432",
			"db.namespace=E E", "db.name=F F", "db.system=G G", "db.system.name=H H",
		}, "network.peer.port=5432 server.port=1"},
		{"database", []string{
			"peer.service=B B", "net.peer.name=C C", "net.sock.peer.addr=D D:5432", "db.name=F F",
		}, "net.sock.peer.port=5432 net.peer.port=1 db.system=G"},
		{"messaging", []string{
			"service.peer.name=A A", "peer.service=B B", "messaging.destination.template=C kafka:C", "messaging.destination.name=D kafka:D",
		}, "messaging.system=kafka"},
		{"inferred", []string{
			"service.peer.name=A A", "peer.service=B B", "server.address=C C:81", "network.peer.address=D D", "url.full=http://E:82/x E:82", "rpc.service=F F",
		}, "server.port=81 network.peer.port=7"},
		{"inferred", []string{
			"peer.service=B B", "net.peer.name=C C:81", "net.sock.peer.addr=D D", "http.url=https://joe@E/x E",
		}, "net.peer.port=81 net.sock.peer.port=7"},
	} {
		for i := range c.want {
			attributes := c.with
			for _, a := range c.want[i:] {
				attributes = strings.Fields(a)[0] + " " + attributes
			}
			want := fmt.Sprintf("web > %s %s 1/0 9/0", strings.Fields(c.want[i])[1], c.kind)
			r := open(t, bytes.Join(lines(t, []made{{"t/a", "", "web", "client", 0, 9, false, attributes, ""}}), nil))
			r.check(t)
			if got := edgesIn(t, r); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: edges %q, want %q", attributes, got, want)
			}
		}
	}
}
