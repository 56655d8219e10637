package model_test

import (
	"testing"

	"oteltop/model"
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

// Zipkin's cases of which hosts count as one (4), of the skew of a call (7) and of trees (3), by the rule of A32 for
// single traces. Where it differs: a host that does not say who it is counts as its parent's; a child that is longer
// begins with its parent, without Zipkin's microsecond on the wire; and what hangs together is aligned in trees without
// a root or with several, too, since a missing span says nothing about clocks. Times are µs.
func TestSkewZipkin(t *testing.T) {
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
		spans []model.Span
		want  int64 // µs, of the server
	}{
		"neither says its host":            {call("", "", client, behind, 4), 0},
		"only one says its host":           {call(frontend, "", client, behind, 4), 0},
		"only the other says its host":     {call("", backend, client, behind, 4), 0},
		"different hosts":                  {call(frontend, "192.168.99.102", client, behind, 4), 15},
		"the same host, IPv6":              {call("2001:db8::c001", "2001:db8::c001", client, behind, 4), 0},
		"only across hosts":                {call(frontend, frontend, client, behind, 4), 0},
		"the server is after the client":   {call(frontend, backend, client, inside, 4), 0},
		"the server's clock is corrected":  {call(frontend, backend, client, behind, 4), 15},
		"a shared id":                      {shared, 15},
		"half of what the client has left": {call(frontend, backend, [2]int64{20, 40}, [2]int64{10, 12}, 4), 19},
		"one way, no durations":            {call(frontend, backend, [2]int64{20, 20}, [2]int64{10, 10}, 4), 10},
		"asynchronous server":              {call(frontend, backend, [2]int64{20, 25}, behind, 4), 10},
		"below a root":                     {append(call(frontend, backend, client, behind, 4), root), 15},
		"headless":                         {call(frontend, backend, client, behind, 4), 15},
		"two roots":                        {append(call(frontend, backend, client, behind, 4), root, model.Span{ID: 77, Resource: hosts(backend), Start: 1e18, End: 1e18 + 1}), 15},
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
			if tr.Skew[i] != want {
				t.Errorf("%s: span %v is moved by %d ns, want %d", name, tr.Spans[n.Span].ID, tr.Skew[i], want)
			}
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
