package rollup_test

import (
	"strings"
	"testing"

	"oteltop/aggregate/rollup"
	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/model/modeltest"
)

// drawingsOfLinks are the situations of Zipkin's DependencyLinkerTest, re-created from what they say: how spans of a
// client, a server or both, with and without a shared id, become links. Ours differ where a comment says so.
var drawingsOfLinks = []struct{ name, drawing, want string }{
	{"a request through three services, the middle one's span shared, children first", `
		till charge client 20..30 id=3 parent=2 error peer=ledger db.system=mysql
		till POST server 15..60 id=2 parent=1
		shop POST client 10..70 id=2 parent=1
		shop GET server 0..100 id=1 parent=0
	`, "user -inferred-> shop 1\nshop -call-> till 1\ntill -database-> <ledger> 1 failed 1"},
	{"the server's side of a shared span does not know its parent", `
		till POST server 15..60 id=2 parent=0
		shop POST client 10..70 id=2 parent=1
		shop GET server 0..100 id=1 parent=0
	`, "user -inferred-> shop 1\nshop -call-> till 1"},
	{"and has a child", `
		till charge client 20..30 id=3 parent=2 error peer=ledger
		till POST server 15..60 id=2 parent=0
		shop POST client 10..70 id=2 parent=1
		shop GET server 0..100 id=1 parent=0
	`, "user -inferred-> shop 1\nshop -call-> till 1\ntill -inferred-> <ledger> 1 failed 1"},
	{"nor was its client's side sent: the caller is who the server says it is", `
		till charge client 20..30 id=3 parent=2 error peer=ledger
		till POST server 15..60 id=2 parent=0 peer=shop
		shop GET server 0..100 id=1 parent=0
	`, "user -inferred-> shop 1\n<shop> -inferred-> till 1\ntill -inferred-> <ledger> 1 failed 1"},

	// Zipkin has no links past a broker, and none without one. We show who sent what to whom, which is what a
	// person asks for, as Tempo and the Collector do; the broker stands in where one side is not known.
	{"only the consumer knows the broker", `
		till send producer 0..5
		  mail take consumer 10..30 peer=kafka messaging.system=kafka
	`, "till -messaging-> mail 1"},
	{"only the producer knows the broker", `
		till send producer 0..5 peer=kafka messaging.system=kafka
		  mail take consumer 10..30
	`, "till -messaging-> mail 1"},
	{"both know one broker", `
		till send producer 0..5 peer=kafka messaging.system=kafka
		  mail take consumer 10..30 peer=kafka messaging.system=kafka
	`, "till -messaging-> mail 1"},
	{"each knows another broker", `
		till send producer 0..5 peer=kafka1 messaging.system=kafka
		  mail take consumer 10..30 peer=kafka2 messaging.system=kafka
	`, "till -messaging-> mail 1"},
	{"nobody knows a broker", `
		till send producer 0..5
		  mail take consumer 10..30
	`, "till -messaging-> mail 1"},
	{"a client in place of a producer", `
		till send client 0..5
		  mail take consumer 10..30
	`, "till -messaging-> mail 1"},
	// Zipkin takes this for an RPC; what matters is that there is one edge.
	{"a server below a producer", `
		till send producer 0..5
		  mail POST server 10..30
	`, "till -messaging-> mail 1"},
	// Zipkin joins these as well. Only the halves of a call share an id (D1): of any other two it is a fault, which
	// is told in the report on quality and not guessed away.
	{"a server that has a producer's id", `
		till send producer 0..5 id=1
		mail POST server 10..30 id=1 parent=0
	`, "user -inferred-> mail 1"},

	{"a root server that knows its client", `
		till POST server 0..10 peer=shop
	`, "<shop> -inferred-> till 1"},
	{"a root client that knows its server", `
		shop POST client 0..10 peer=till
	`, "shop -inferred-> <till> 1"},
	{"two calls in one trace", `
		shop GET server 0..100
		  shop POST client 10..20 peer=till
		  shop POST client 30..40 peer=till
	`, "user -inferred-> shop 1\nshop -inferred-> <till> 2"},
	{"one call in each of two traces", `
		shop GET server 0..100
		  shop POST client 10..20 peer=till
		trace 2
		shop GET server 0..100
		  shop POST client 10..20 peer=till
	`, "user -inferred-> shop 2\nshop -inferred-> <till> 2"},
	{"client and server with ids of their own are one call", `
		shop POST client 0..10
		  till POST server 1..9
	`, "shop -call-> till 1"},
	{"that failed on both sides: once", `
		shop POST client 0..10 error
		  till POST server 1..9 error
	`, "shop -call-> till 1 failed 1"},
	{"that failed on both sides of one id: once", `
		shop POST client 0..10 id=1 error
		till POST server 1..9 id=1 parent=0 error
	`, "shop -call-> till 1 failed 1"},
	{"that failed for the client", `
		shop POST client 0..10 error
		  till POST server 1..9
	`, "shop -call-> till 1 failed 1"},
	{"the server's own name counts, not what its client calls it", `
		shop POST client 0..10 peer=till-vip
		  till POST server 1..9
	`, "shop -call-> till 1"},
	{"two servers below a client, one failed", `
		shop POST client 0..10
		  till POST server 1..4 peer=shop error
		  till POST server 5..9 peer=shop
	`, "shop -call-> till 2 failed 1"},
	{"two servers below a client that calls them otherwise", `
		shop POST client 0..10 peer=till-vip
		  till POST server 1..4
		  till POST server 5..9
	`, "shop -call-> till 2"},
	{"clients of another service below a local span", `
		shop GET server 0..100
		  shop fan internal 5..95
		    till POST client 10..20
		    till POST client 30..40
	`, "user -inferred-> shop 1\nshop -call-> till 2"},
	// Zipkin does not count these errors: it takes them for those of the calls that the service below makes. Ours
	// does, for the only span of the call's other side says that it failed.
	{"clients of another service that failed", `
		shop GET server 0..100
		  shop fan internal 5..95
		    till POST client 10..20 error
		    till POST client 30..40 error
	`, "user -inferred-> shop 1\nshop -call-> till 2 failed 2"},
	{"clients of another service that know whom they call", `
		shop GET server 0..100
		  shop fan internal 5..95
		    till POST client 10..20 peer=bank
		    till POST client 30..40 peer=bank
	`, "user -inferred-> shop 1\nshop -call-> till 2\ntill -inferred-> <bank> 2"},
	{"a failed call, its parent not seen", `
		shop POST client 0..10 parent=ff error peer=till
	`, "shop -inferred-> <till> 1 failed 1"},
	// Zipkin takes a span without a kind that names a peer for a client. Ours names no peer of such spans; what they
	// call is known by its own span.
	{"no kind: services of parent and child", `
		shop x unspecified 0..100
		  till y unspecified 10..90
		    bank z unspecified 20..80
	`, "shop -call-> till 1\ntill -call-> bank 1"},
	{"no kind, and one failed", `
		shop x unspecified 0..100
		  till y unspecified 10..90 error
		    bank z unspecified 20..80
	`, "shop -call-> till 1 failed 1\ntill -call-> bank 1"},
	{"a client that calls its own service, unseen", `
		shop POST client 0..10 peer=shop
	`, "shop -inferred-> <shop> 1"},
	{"a server called by its own service, unseen", `
		shop POST server 0..10 peer=shop
	`, "<shop> -inferred-> shop 1"},
	{"a client that names nobody", `
		shop POST client 0..10
	`, ""},
	// Zipkin needs a name for the caller; a root server has one: somebody outside.
	{"a server that names nobody", `
		shop POST server 0..10
	`, "user -inferred-> shop 1"},
	{"servers side by side below a span that is not there", `
		shop a server 0..10 parent=ff
		till b server 20..30 parent=ff
	`, ""},
	{"a server below another whose parent is not there", `
		shop a server 0..50 parent=ff
		  till b server 20..30
	`, "shop -call-> till 1"},
	{"the span between is not there, but its services are known", `
		shop GET server 0..100
		  till POST client 10..90
	`, "user -inferred-> shop 1\nshop -call-> till 1"},
}

func TestLinksBetweenServices(t *testing.T) {
	for _, c := range drawingsOfLinks {
		t.Run(c.name, func(t *testing.T) {
			if got := edgesOf(foldFinal(t, true, c.drawing)); got != lines(c.want) {
				t.Errorf("edges:\n%s\nwant:\n%s", got, lines(c.want))
			}
		})
	}
}

// Zipkin's test that a trace's id says nothing of its root, and that counting traces apart and merging is counting
// them together: all situations in one rollup, under ids of their own, have the sums of their edges.
func TestLinksOfManyTracesAddUp(t *testing.T) {
	names := new(rolluptest.Names)
	r := rollup.New(rollup.Options{Names: names})
	next := uint64(0xfeed)
	for _, c := range drawingsOfLinks {
		for _, spans := range byTrace(modeltest.Spans(t, c.drawing)) {
			id := spans[0].TraceID
			id.Lo = next
			next++
			for i := range spans {
				spans[i].TraceID = id
			}
			r.Fold(id, names.Settle(spans), true)
		}
	}
	var apart []string
	for _, c := range drawingsOfLinks {
		apart = append(apart, lines(c.want))
	}
	want := added(strings.Join(apart, "\n"))
	got := added(edgesOf(r.View()))
	for edge, n := range want {
		if got[edge] != n {
			t.Errorf("%s: %v, want %v", edge, got[edge], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d edges, want %d", len(got), len(want))
	}
}

// added are the calls and the failed calls of each edge in a list.
func added(list string) map[string][2]int {
	sums := map[string][2]int{}
	for _, line := range strings.Split(list, "\n") {
		if line == "" {
			continue
		}
		words := strings.Fields(line) // client -kind-> server calls [failed n]
		sum := sums[strings.Join(words[:3], " ")]
		sum[0] += number(words[3])
		if len(words) > 4 {
			sum[1] += number(words[5])
		}
		sums[strings.Join(words[:3], " ")] = sum
	}
	return sums
}

func number(digits string) int {
	n := 0
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}
