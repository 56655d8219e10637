package oracle_test

import "testing"

// The traces of the Collector's tests of service graphs (servicegraphconnector: testdata), from what they are about, and
// the situations of its and Tempo's stores of edges: a client or a server that comes first, that comes alone, and that
// comes twice. Each is read in both orders, and checked by the oracle as well.
func TestCollectorGraphs(t *testing.T) {
	for _, c := range []rule{
		{"a client and a server that begin and end together", []made{
			{"t/a", "", "asks", "client", 0, 1, false, "", ""}, {"t/b", "a", "answers", "server", 0, 1, false, "", ""},
		}, []string{"asks > answers call 1/0 1/1"}, 0},
		// The Collector compares attributes of both halves; the kinds of the spans say that it is a call.
		{"attributes of a queue on one half and of a database on the other", []made{
			{"t/a", "", "asks", "client", 0, 1, false, "messaging.system=kafka", ""},
			{"t/b", "a", "answers", "server", 0, 1, false, "db.system=postgresql", ""},
		}, []string{"asks > answers call 1/0 1/1"}, 0},
		{"somebody's call of a server", []made{
			{"t/a", "", "answers", "server", 0, 1, false, "", ""},
		}, []string{"user > answers inferred 1/0 0/1"}, 0},
		{"a server that names its caller", []made{
			{"t/a", "", "answers", "server", 0, 1, false, "peer.service=outside", ""},
		}, []string{"outside > answers inferred 1/0 0/1"}, 0},
		{"a call of what sends no spans", []made{
			{"t/a", "", "asks", "client", 0, 1, false, "peer.service=platform", ""},
		}, []string{"asks > platform inferred 1/0 1/0"}, 0},
		{"that failed", []made{
			{"t/a", "", "asks", "client", 0, 1, true, "peer.service=platform", ""},
		}, []string{"asks > platform inferred 1/1 1/0"}, 0},
		{"a server whose client never came", []made{
			{"t/b", "a", "answers", "server", 0, 1, false, "", ""},
		}, nil, 1},
		{"a client that names nobody", []made{
			{"t/a", "", "asks", "client", 0, 1, false, "", ""},
		}, nil, 0},
		{"a retry of the exporter: a span that came twice", []made{
			{"t/a", "", "asks", "client", 0, 1, false, "", ""}, {"t/b", "a", "answers", "server", 0, 1, false, "", ""},
			{"t/b", "a", "answers", "server", 0, 1, false, "", ""},
		}, []string{"asks > answers call 1/0 1/1"}, 0},
		{"one id in two traces", []made{
			{"t/a", "", "asks", "client", 0, 1, false, "", ""}, {"t/b", "a", "answers", "server", 0, 1, false, "", ""},
			{"u/a", "", "begs", "client", 0, 1, false, "", ""}, {"u/b", "a", "answers", "server", 0, 1, false, "", ""},
		}, []string{"asks > answers call 1/0 1/1", "begs > answers call 1/0 1/1"}, 0},
	} {
		t.Run(c.name, c.check)
	}
}
