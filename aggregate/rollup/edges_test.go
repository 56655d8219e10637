package rollup_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/rollup"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// edgesOf lists the edges of a view: "client -kind-> server calls failed", sorted.
func edgesOf(v *rollup.View) string {
	arrows := [...]string{"call", "messaging", "database", "inferred"}
	node := func(n rollup.Node) string {
		switch {
		case n.Kind == rollup.NodeService:
			return v.Names.Service(n.ID)
		case n.ID == 0:
			return "user"
		}
		return "<" + v.Names.Peer(n.ID) + ">"
	}
	sums := v.Sums(rollup.Window{})
	var lines []string
	for i, s := range v.Subjects {
		if i == 0 || s.Measure != rollup.MeasureCall || sums[i].Latency.Count() == 0 {
			continue
		}
		e := v.Edges[s.Edge]
		line := fmt.Sprintf("%s -%s-> %s %d", node(e.Client), arrows[e.Kind], node(e.Server), sums[i].Latency.Count())
		if sums[i].Errors > 0 {
			line += fmt.Sprintf(" failed %d", sums[i].Errors)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func lines(text string) string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// foldFinal folds drawn traces as finished.
func foldFinal(tb testing.TB, final bool, drawing string) *rollup.View {
	tb.Helper()
	names := new(rolluptest.Names)
	r := rollup.New(rollup.Options{Names: names})
	for id, spans := range byTrace(modeltest.Spans(tb, drawing)) {
		r.Fold(id, names.Settle(spans), final)
	}
	return r.View()
}

func byTrace(spans []model.Span) map[model.TraceID][]model.Span {
	traces := map[model.TraceID][]model.Span{}
	for _, s := range spans {
		traces[s.TraceID] = append(traces[s.TraceID], s)
	}
	return traces
}

// edgeCase is a drawing of spans, and the edges that these make.
type edgeCase struct{ name, drawing, want string }

// The cases follow what the service graphs of the Collector and Tempo and Zipkin's dependency linker
// promise, re-created from their description.
func TestEdgesOfCalls(t *testing.T) {
	checkEdges(t, []edgeCase{
		{"client and server are one call", `
			web GET server 0..100
			  web call client 10..50
			    cart load server 20..40
		`, "user -inferred-> web 1\nweb -call-> cart 1"},
		{"failed on either side counts once", `
			web GET server 0..100
			  web call client 10..50 error
			    cart load server 20..40 error
			  web call client 50..60 error
			    cart load server 52..58
			  web call client 60..70
			    cart load server 62..68 error
		`, "user -inferred-> web 1\nweb -call-> cart 3 failed 3"},
		{"an intermediate internal span changes nothing", `
			web GET server 0..100
			  web call client 10..50
			    web attempt internal 11..49
			      cart load server 20..40
		`, "user -inferred-> web 1\nweb -call-> cart 1"},
		{"the server's side may start with an internal span", `
			web call client 10..50
			  cart wrap internal 20..40
			    cart load server 21..39
		`, "web -call-> cart 1"},
		{"server below server of another service", `
			a GET server 0..100
			  b GET server 10..90
			    c GET server 20..80 error
		`, "user -inferred-> a 1\na -call-> b 1\nb -call-> c 1 failed 1"},
		{"internal above server of another service", `
			a GET internal 0..100
			  b GET server 10..90
		`, "a -call-> b 1"},
		{"kinds unknown", `
			a x unspecified 0..100
			  b y unspecified 10..90
			    b z unspecified 20..30
		`, "a -call-> b 1"},
		{"a gateway's client with servers of several services", `
			gw call client 0..100
			  a GET server 10..40
			  b GET server 50..90
		`, "gw -call-> a 1\ngw -call-> b 1"},
		{"several servers of one service are attempts", `
			gw call client 0..100
			  a GET server 10..40 error
			  a GET server 50..90
		`, "gw -call-> a 2 failed 1"},
		{"a service that calls itself", `
			a call client 0..100
			  a GET server 10..40
		`, "a -call-> a 1"},
		{"client and server share an id", `
			web GET client 0..100 id=a
			cart GET server 10..90 id=a parent=0
			  cart SELECT client 20..30 id=b parent=a peer=pg db.system=postgresql
		`, "web -call-> cart 1\ncart -database-> <pg> 1"},
	})
}

// Peers that send no spans: databases, what an address names, whoever calls.
func TestEdgesToPeers(t *testing.T) {
	checkEdges(t, []edgeCase{
		{"databases are complete at once", `
			web GET server 0..100
			  web SELECT client 10..20 peer=pg db.system=postgresql
			  web GET client 30..40 peer=redis db.system=redis error
		`, "user -inferred-> web 1\nweb -database-> <pg> 1\nweb -database-> <redis> 1 failed 1"},
		{"a database that is instrumented is a service", `
			web SELECT client 10..20 peer=pg db.system=postgresql
			  pg query server 12..18
		`, "web -call-> pg 1"},
		{"virtual peers", `
			web GET client 0..10 peer=api.stripe.com
			web PUT client 20..30
			web send producer 40..50 peer=kafka:orders messaging.system=kafka
		`, "web -inferred-> <api.stripe.com> 1\nweb -messaging-> <kafka:orders> 1"},
		{"nested clients of one service are one call", `
			web sdk client 0..100 peer=cart:8080
			  web http client 10..90 peer=cart:8080
			    cart load server 20..80
		`, "web -call-> cart 1"},
		{"a broken trace has no user", `
			web GET server 0..100 parent=ff
		`, ""},
		{"a root server names its caller", `
			web GET server 0..100 peer=mobile
		`, "<mobile> -inferred-> web 1"},
	})
}

func TestEdgesOfMessages(t *testing.T) {
	checkEdges(t, []edgeCase{
		{"producer and consumer by parent", `
			shop send producer 0..5
			  mail receive consumer 10..30
			  stock receive consumer 12..40 error
		`, "shop -messaging-> mail 1\nshop -messaging-> stock 1 failed 1"},
		{"a consumer without producer comes from its broker", `
			mail receive consumer 10..30 peer=kafka:orders messaging.system=kafka
		`, "<kafka:orders> -messaging-> mail 1"},
		{"a consumer without broker name gives no broker link", `
			mail receive consumer 10..30
		`, ""},
		{"load balancer, application, database, queue and worker", `
			lb GET server 0..100
			  lb call client 5..95
			    app GET server 10..90
			      app SELECT client 20..30 peer=pg db.system=postgresql
			      app send producer 40..45 peer=kafka:jobs messaging.system=kafka
			        worker work consumer 60..80
			          worker SELECT client 62..70 peer=pg db.system=postgresql
		`, `user -inferred-> lb 1
			lb -call-> app 1
			app -database-> <pg> 1
			app -messaging-> worker 1
			worker -database-> <pg> 1`},
		{"a database call that is also messaging is a database call", `
			app XADD client 0..10 peer=redis messaging.system=redis db.system=redis
		`, "app -database-> <redis> 1"},
		{"an unnamed database gives no edge", `
			app SELECT client 0..10
		`, ""},
		{"a cycle of parents", `
			a x client 0..10 id=1 parent=2
			b y server 1..9 id=2 parent=1
		`, "a -call-> b 1"},
	})
}

func checkEdges(t *testing.T, cases []edgeCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := edgesOf(foldFinal(t, true, c.drawing)); got != lines(c.want) {
				t.Errorf("edges:\n%s\nwant:\n%s", got, lines(c.want))
			}
		})
	}
}

func TestVirtualPeersWaitForTheFinalSettlement(t *testing.T) {
	const drawing = `
		web GET server 0..100
		  web call client 10..20 peer=stripe
		  web SELECT client 30..40 peer=pg db.system=postgresql
		web lost server 0..100 parent=ff
	`
	open := foldFinal(t, false, drawing)
	if got, want := edgesOf(open), lines("user -inferred-> web 1\nweb -database-> <pg> 1"); got != want {
		t.Errorf("open:\n%s\nwant:\n%s", got, want)
	}
	if c := open.Counters; c.Pending != 1 || c.Broken != 0 {
		t.Errorf("open: pending %d, broken %d", c.Pending, c.Broken)
	}
	final := foldFinal(t, true, drawing)
	if c := final.Counters; c.Pending != 0 || c.Broken != 1 {
		t.Errorf("final: pending %d, broken %d", c.Pending, c.Broken)
	}
}

func TestEdgeLatencies(t *testing.T) {
	v := foldFinal(t, true, `
		web call client 0..100
		  cart load server 10..70
		shop send producer 0..5
		  mail receive consumer 15..40
		late call client 0..10
		  slow load server 0..30
	`)
	sums := v.Sums(rollup.Window{})
	want := map[string][4]int64{ // client, server, gap in ms; gaps that were negative
		"web cart": {100, 60, 40, 0}, "shop mail": {5, 25, 10, 0}, "late slow": {10, 30, 0, 1},
	}
	for i, s := range v.Subjects {
		if s.Measure != rollup.MeasureCall {
			continue
		}
		e := v.Edges[s.Edge]
		w, ok := want[v.Names.Service(e.Client.ID)+" "+v.Names.Service(e.Server.ID)]
		if !ok {
			t.Errorf("unexpected edge %v", e)
			continue
		}
		for side, ms := range w[:3] {
			got := sums[i+side].Latency.Quantile(.5)
			if ms == 0 && got > 1 || ms > 0 && (got < ms*98e4 || got > ms*102e4) {
				t.Errorf("edge %v side %d: %d ns, want %d ms", e, side, got, ms)
			}
		}
		if got := sums[i+2].Errors; got != w[3] {
			t.Errorf("edge %v: %d negative gaps, want %d", e, got, w[3])
		}
	}
}

// linked builds a producer trace 1 and consumers in traces 2… that link to it.
func linked(t *testing.T, names *rolluptest.Names, consumers string) (traces rolluptest.Traces, order []model.TraceID) {
	t.Helper()
	traces = rolluptest.Traces{}
	for id, spans := range byTrace(modeltest.Spans(t, `
		trace 1
		shop order server 0..50
		  shop send producer 10..20 id=aa peer=kafka:orders messaging.system=kafka
	`+consumers)) {
		for i := range spans {
			if spans[i].Kind == model.KindConsumer || spans[i].Name == "poll" {
				spans[i].Links = append(spans[i].Links, model.Link{TraceID: model.TraceID{Lo: 1}, SpanID: 0xaa})
			}
		}
		traces[id] = names.Settle(spans)
		order = append(order, id)
	}
	slices.SortFunc(order, func(a, b model.TraceID) int { return cmp.Compare(a.Lo, b.Lo) })
	return traces, order
}

func TestLinksAcrossTraces(t *testing.T) {
	const user = "user -inferred-> shop 1\n"
	for _, c := range []struct{ name, consumers, want string }{
		{"one consumer", `
			trace 2
			mail receive consumer 30..40 peer=kafka:orders messaging.system=kafka
		`, user + "shop -messaging-> mail 1"},
		{"several consumers complete one producer", `
			trace 2
			mail receive consumer 30..40
			trace 3
			stock receive consumer 35..90 error
			trace 4
			mail receive consumer 60..70
		`, user + "shop -messaging-> mail 2\nshop -messaging-> stock 1 failed 1"},
		{"a client that receives", `
			trace 2
			stock poll client 35..90 peer=kafka:orders messaging.system=kafka
		`, user + "shop -messaging-> stock 1"},
		{"nobody", ``, user + "shop -messaging-> <kafka:orders> 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			names := new(rolluptest.Names)
			traces, order := linked(t, names, c.consumers)
			for _, backwards := range []bool{false, true} {
				if backwards {
					slices.Reverse(order)
				}
				r := rollup.New(rollup.Options{Names: names, Find: traces.Find})
				for _, id := range order {
					r.Fold(id, traces[id], true)
				}
				for _, id := range order { // once more: a late settlement counts nothing twice
					r.Settled(&store.Settlement{
						Trace: id, Spans: traces[id], Previous: len(traces[id]), PreviousFinal: true, Final: true,
					})
				}
				if got := edgesOf(r.View()); got != lines(c.want) {
					t.Errorf("backwards %v:\n%s\nwant:\n%s", backwards, got, lines(c.want))
				}
			}
		})
	}
}

func TestParentAndLinkToOneProducerAreOneCall(t *testing.T) {
	spans := modeltest.Spans(t, `
		shop send producer 0..5 id=a
		  mail receive consumer 10..30 id=b
		shop send producer 1..6 id=c
	`)
	spans[1].Links = []model.Link{
		{TraceID: spans[0].TraceID, SpanID: 0xa},
		{TraceID: spans[0].TraceID, SpanID: 0xc}, {TraceID: spans[0].TraceID, SpanID: 0xc},
		{TraceID: spans[0].TraceID, SpanID: 0xb}, {TraceID: spans[0].TraceID, SpanID: 0xdd},
	}
	names := new(rolluptest.Names)
	r := rollup.New(rollup.Options{Names: names})
	r.Fold(spans[0].TraceID, names.Settle(spans), true)
	if got, want := edgesOf(r.View()), "shop -messaging-> mail 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnresolvedLinkComesFromTheBroker(t *testing.T) {
	spans := modeltest.Spans(t, `mail receive consumer 10..30 peer=kafka:orders messaging.system=kafka`)
	spans[0].Links = []model.Link{{TraceID: model.TraceID{Lo: 99}, SpanID: 1}}
	names := new(rolluptest.Names)
	settled := names.Settle(spans)
	traces := rolluptest.Traces{}
	r := rollup.New(rollup.Options{Names: names, Find: traces.Find})
	r.Fold(spans[0].TraceID, settled, true)
	if got, want := edgesOf(r.View()), "<kafka:orders> -messaging-> mail 1"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	// The producer turns up before the consumer settles again.
	traces[model.TraceID{Lo: 99}] = names.Settle(modeltest.Spans(t, `shop send producer 0..5 id=1`))
	r.Settled(&store.Settlement{Trace: spans[0].TraceID, Spans: settled, Previous: 1, PreviousFinal: true, Final: true})
	if got, want := edgesOf(r.View()), "shop -messaging-> mail 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEdgeBoundIsCounted(t *testing.T) {
	names := new(rolluptest.Names)
	r := rollup.New(rollup.Options{Names: names, MaxEdges: 2})
	spans := names.Settle(modeltest.Spans(t, `
		web GET client 0..10 peer=a
		web GET client 0..10 peer=b
		web GET client 0..10 peer=c
		web GET client 0..10 peer=c
	`))
	r.Fold(model.TraceID{Lo: 1}, spans, true)
	v := r.View()
	if len(v.Edges) != 2 || v.Counters.Dropped != 2 {
		t.Errorf("%d edges, %d dropped", len(v.Edges), v.Counters.Dropped)
	}
}
