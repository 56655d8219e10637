package model_test

import (
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// The cases of Jaeger's TestHostKey, and the order of the attributes (A32).
func TestHostOf(t *testing.T) {
	text := func(key, value string) model.Attribute {
		return model.Attribute{Key: key, Value: model.StringValue(value)}
	}
	list := func(key string, values ...string) model.Attribute {
		var vs []model.Value
		for _, v := range values {
			vs = append(vs, model.StringValue(v))
		}
		return model.Attribute{Key: key, Value: model.ArrayValue(vs)}
	}
	for name, c := range map[string]struct {
		attributes []model.Attribute
		want       string
	}{
		"host.id":                {[]model.Attribute{text("host.id", "host-123")}, "host.id=host-123"},
		"host.ip as text":        {[]model.Attribute{text("host.ip", "192.168.1.1")}, "host.ip=192.168.1.1"},
		"host.ip as list":        {[]model.Attribute{list("host.ip", "192.168.1.1", "192.168.1.2")}, "host.ip=192.168.1.1"},
		"host.ip as empty list":  {[]model.Attribute{list("host.ip")}, ""},
		"host.name":              {[]model.Attribute{text("host.name", "hostname")}, "host.name=hostname"},
		"nothing of the kind":    {[]model.Attribute{text("service.name", "service-123")}, ""},
		"instance":               {[]model.Attribute{text("service.instance.id", "7")}, "service.instance.id=7"},
		"id before all":          {[]model.Attribute{text("service.instance.id", "7"), text("host.name", "n"), text("host.ip", "1"), text("host.id", "x")}, "host.id=x"},
		"address before name":    {[]model.Attribute{text("host.name", "n"), text("host.ip", "1")}, "host.ip=1"},
		"name where id is empty": {[]model.Attribute{text("host.id", ""), text("host.name", "n")}, "host.name=n"},
	} {
		if got := model.HostOf(&model.Resource{Attributes: c.attributes}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if model.HostOf(nil) != "" {
		t.Error("no resource has a host")
	}
}

// hosts makes the resource of a host.
func hosts(ip string) *model.Resource {
	r := &model.Resource{Service: "on-" + ip}
	if ip != "" {
		r.Attributes = []model.Attribute{{Key: "host.ip", Value: model.StringValue(ip)}}
	}
	return r
}

// onHost makes spans of one call whose server seems to begin 10 µs before its client, on hosts with addresses;
// without any, on one that does not say.
func onHost(client, server []string) []model.Span {
	resource := func(ips []string) *model.Resource {
		r := &model.Resource{Service: "on-" + strings.Join(ips, ",")}
		var list []model.Value
		for _, ip := range ips {
			list = append(list, model.StringValue(ip))
		}
		if len(list) > 0 {
			r.Attributes = []model.Attribute{{Key: "host.ip", Value: model.ArrayValue(list)}}
		}
		return r
	}
	return []model.Span{
		{ID: 3, Kind: model.KindClient, Resource: resource(client), Start: 1e18 + 20e3, End: 1e18 + 40e3},
		{ID: 4, Parent: 3, Kind: model.KindServer, Resource: resource(server), Start: 1e18 + 10e3, End: 1e18 + 20e3},
	}
}

// Zipkin's four cases of which hosts are one (openzipkin/zipkin, zipkin-lens, clock-skew.test.js), each way round: by
// what is done about a server that seems to begin before its client. Where one of them does not say its host they are
// taken for one, here always, in Zipkin only where there is no endpoint at all: a correction without knowing that there
// are two clocks is a guess.
func TestHostsOfZipkin(t *testing.T) {
	v4, v6 := []string{"192.168.99.101"}, []string{"2001:db8::c001"}
	both := []string{"192.168.99.101", "2001:db8::c001"}
	for name, c := range map[string]struct {
		a, b    []string
		apart   bool
		differs string // from Zipkin
	}{
		"neither says":                {nil, nil, false, ""},
		"no address and IPv4":         {nil, v4, false, "they are two"},
		"no address and IPv6":         {nil, v6, false, "they are two"},
		"IPv4s that differ":           {[]string{"192.168.99.102"}, v4, true, ""},
		"IPv6s that differ":           {[]string{"2001:db8::c002"}, v6, true, ""},
		"the same IPv4":               {v4, v4, false, ""},
		"the same IPv6":               {v6, v6, false, ""},
		"both and IPv4":               {both, v4, false, ""},
		"both and IPv6":               {both, v6, false, ""},
		"IPv4 and IPv6":               {v4, v6, true, ""},
		"in another order":            {both, []string{"2001:db8::c001", "192.168.99.101"}, false, ""},
		"one family differs":          {both, []string{"192.168.99.101", "2001:db8::c002"}, false, ""},
		"a bridge that all have":      {[]string{"10.0.0.1", "172.17.0.1"}, []string{"10.0.0.2", "172.17.0.1"}, true, "it knows one address of a family"},
		"a bridge, and an IPv6 of it": {[]string{"10.0.0.1", "fd00::1", "fe80::42"}, []string{"10.0.0.2", "fd00::2", "fe80::42"}, true, "it knows one address of a family"},
	} {
		for _, spans := range [][]model.Span{onHost(c.a, c.b), onHost(c.b, c.a)} {
			tr := model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
			if moved := tr.Skew[1] != 0; moved != c.apart || moved && tr.Skew[1] != 15e3 || tr.Skew[0] != 0 {
				t.Errorf("%s: moved by %v", name, tr.Skew)
			}
		}
	}
}

// Zipkin's seven cases of the skew of a call and three of trees, by the rule of A32 for single traces, µs. theirs is what
// Zipkin finds where it is not the same: a child that is longer begins with its parent, without a microsecond on the
// wire that nobody measured, so that nothing before the root's end moves behind it; and what hangs together is aligned
// in trees without a root or with several, too, since a missing span says nothing about clocks.
func TestSkewZipkin(t *testing.T) {
	const same = -1 << 62
	call := func(clientHost, serverHost string, client, server [2]int64, serverID model.SpanID) []model.Span {
		return []model.Span{
			{ID: 3, Parent: 2, Kind: model.KindClient, Resource: hosts(clientHost), Start: 1e18 + client[0]*1e3, End: 1e18 + client[1]*1e3},
			{ID: serverID, Parent: 3, Kind: model.KindServer, Resource: hosts(serverHost), Start: 1e18 + server[0]*1e3, End: 1e18 + server[1]*1e3},
		}
	}
	const frontend, backend = "172.17.0.13", "172.17.0.9"
	client, behind, inside := [2]int64{20, 40}, [2]int64{10, 20}, [2]int64{30, 40}
	root := model.Span{ID: 2, Kind: model.KindServer, Resource: hosts(frontend), Start: 1e18 + 18e3, End: 1e18 + 45e3}
	shared := call(frontend, backend, client, behind, 3)
	shared[1].Parent = 2
	for name, c := range map[string]struct {
		spans        []model.Span
		want, theirs int64 // of the server
	}{
		"only across hosts":                     {call(frontend, frontend, client, behind, 4), 0, same},
		"the server is after the client":        {call(frontend, backend, client, inside, 4), 0, same},
		"the server's clock is corrected":       {shared, 15, same},
		"with an id of its own":                 {call(frontend, backend, client, behind, 4), 15, same},
		"half of what the client has left":      {call(frontend, backend, client, [2]int64{10, 12}, 4), 19, same},
		"one way, no durations":                 {call(frontend, backend, [2]int64{20, 20}, [2]int64{10, 10}, 4), 10, 11},
		"asynchronous server":                   {call(frontend, backend, [2]int64{20, 25}, behind, 4), 10, 11},
		"begins with its client":                {call(frontend, backend, client, [2]int64{20, 30}, 4), 0, 5},
		"below a root":                          {append(call(frontend, backend, client, behind, 4), root), 15, same},
		"headless":                              {call(frontend, backend, client, behind, 4), 15, 0},
		"two roots":                             {append(call(frontend, backend, client, behind, 4), root, model.Span{ID: 77, Resource: hosts(backend), Start: 1e18, End: 1e18 + 1}), 15, 0},
		"ends after its client, which is wider": {call(frontend, backend, client, [2]int64{35, 45}, 4), -10, 0}, // Zipkin looks at starts only
	} {
		tr := model.NewTrace(model.TraceID{Lo: 1}, c.spans, nil)
		for i, n := range tr.Tree.Nodes {
			if n.Span < 0 {
				continue
			}
			want := int64(0)
			if n.Span == 1 {
				want = c.want * 1e3
			}
			if tr.Skew[i] != want || c.want == c.theirs {
				t.Errorf("%s: span %v is moved by %d ns, want %d", name, tr.Spans[n.Span].ID, tr.Skew[i], want)
			}
		}
	}
}

// Zipkin's tree: a service whose clock is 66 ms slow, and what it does after it has answered. Both move alike, and each
// span begins after its parent then.
func TestSkewOfATree(t *testing.T) {
	tr := modeltest.Trace(t, `
		a get server 0us..99411us @host.ip=127.0.0.0
		  a post client 3134us..97673us @host.ip=127.0.0.0
		    b post server -62307us..31270us @host.ip=192.0.0.0
		      b async internal -62306us..2694us @host.ip=192.0.0.0`)
	for i, n := range tr.Tree.Nodes {
		want := map[string]int64{"b": 65_922e3}[model.ServiceOf(tr.Spans[n.Span].Resource)]
		if tr.Skew[i] != want {
			t.Errorf("%s is moved by %d ns, want %d", tr.Spans[n.Span].Name, tr.Skew[i], want)
		}
		if p := n.Parent; p >= 0 && tr.Heads[n.Span].Start+tr.Skew[i] <= tr.Heads[tr.Tree.Nodes[p].Span].Start+tr.Skew[p] {
			t.Errorf("%s begins before its parent", tr.Spans[n.Span].Name)
		}
	}
}

// A known clock moves all that runs on it alike, whatever single parents say; the others keep the rule.
func TestSkewByKnownOffsets(t *testing.T) {
	spans := []model.Span{
		{ID: 1, Kind: model.KindClient, Resource: hosts("a"), Start: 100, End: 200},
		{ID: 2, Parent: 1, Kind: model.KindServer, Resource: hosts("b"), Start: 150, End: 230},
		{ID: 3, Parent: 2, Kind: model.KindInternal, Resource: hosts(""), Start: 160, End: 170},
		{ID: 4, Parent: 1, Kind: model.KindServer, Resource: hosts("b"), Start: 145, End: 155},
		{ID: 5, Parent: 2, Kind: model.KindServer, Resource: hosts("c"), Start: 10, End: 20},
	}
	tr := model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
	got := model.SkewBy(map[string]int64{"host.ip=a": 0, "host.ip=b": -40}, spans, tr.Heads, &tr.Tree, nil)
	for i, n := range tr.Tree.Nodes {
		want := map[model.SpanID]int64{1: 0, 2: -40, 3: -40, 4: -40, 5: 150 - 40 - 10 + 35}[spans[n.Span].ID]
		if got[i] != want {
			t.Errorf("span %v is moved by %d, want %d", spans[n.Span].ID, got[i], want)
		}
	}
}

// A span that came without a time (0 is OTLP's unset) is no reading of a clock from 1970: it stays, and what is below
// it, here on a host whose clock is 4 s ahead, is compared with the next above that has one.
func TestSkewPassesOverSpansWithoutATime(t *testing.T) {
	spans := modeltest.Spans(t, `
a  call  client 0..100 @host.name=one
  b  serve  server 0..1 @host.name=two
    b  work  client 4010..4020 @host.name=two
      c  deep  server 12..18 @host.name=three`)
	spans[1].Start, spans[1].End = 0, 0
	for name, offsets := range map[string]map[string]int64{"of one trace": nil, "measured": {"host.name=two": -4e9}} {
		tr := model.NewTrace(spans[0].TraceID, spans, nil)
		got := map[string]int64{}
		skew := model.SkewBy(offsets, tr.Spans, tr.Heads, &tr.Tree, nil)
		for i := range tr.Tree.Nodes {
			got[tr.Spans[tr.Tree.Nodes[i].Span].Name] = skew[i]
		}
		if got["call"] != 0 || got["serve"] != 0 || got["work"] > -3900e6 || got["work"] < -4100e6 || got["deep"] > 100e6 || got["deep"] < -100e6 {
			t.Errorf("%s: moved by %v", name, got)
		}
	}
}
