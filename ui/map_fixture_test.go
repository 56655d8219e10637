package ui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oteltop/aggregate"
)

const mapSteps = 60 // steps of 5 s in the trends of these fixtures

// mapOf makes a map from lines "client -> server kind rate errors p95", rates per second, error share in
// percent, p95 in ms ("40^" for one that tripled in the newest sixth). Nodes are what the edges name; a
// node's kind goes with its name: pg, redis: database; kafka: messaging; user; stripe: inferred.
func mapOf(lines ...string) *aggregate.Map {
	m := &aggregate.Map{Provenance: aggregate.Provenance{
		Basis: aggregate.BasisRollups, Spans: 40_891, Of: 40_891, From: 1e18, To: 1e18 + mapSteps*5e9}}
	nodes := map[string]*aggregate.Node{}
	node := func(name string) *aggregate.Node {
		if nodes[name] == nil {
			nodes[name] = &aggregate.Node{Name: name, Kind: kindByName(name)}
			if nodes[name].Kind == aggregate.NodeService {
				nodes[name].Operations = 1 + len(name)%7
			}
		}
		return nodes[name]
	}
	for _, l := range lines {
		var client, server, kind, p95 string
		var rate, percent float64
		if n, _ := fmt.Sscanf(l, "%s -> %s %s %g %g %s", &client, &server, &kind, &rate, &percent, &p95); n == 0 {
			continue
		} else if n < 6 {
			node(client)
			continue
		}
		ms, grows := strings.CutSuffix(p95, "^")
		var d float64
		fmt.Sscan(ms, &d)
		ns := int64(d * 1e6)
		calls := uint64(rate * mapSteps * 5)
		e := aggregate.Edge{
			Client: client, Server: server, Kind: aggregate.EdgeKind(kind), Calls: calls, Failed: uint64(float64(calls) * percent / 100),
			Rate: rate, ClientP50: ns / 3, ClientP95: ns, ServerP50: ns / 4, ServerP95: ns * 2 / 3, GapP50: ns / 20, GapP95: ns / 5,
			Trend: mapTrend(server, rate, percent, ns, grows),
		}
		if client == "user" {
			e.ClientP50, e.ClientP95, e.GapP50, e.GapP95 = 0, 0, 0, 0
		}
		m.Edges = append(m.Edges, e)
		node(client)
		s := node(server)
		s.RED.Calls += e.Calls
		s.RED.Errors += e.Failed
		s.RED.Rate += rate
		if e.ServerP95 > s.RED.P95 {
			s.RED.P50, s.RED.P95, s.RED.P99, s.RED.Max = e.ServerP50, e.ServerP95, ns, 3*ns
			s.Trend = e.Trend
		}
	}
	for _, n := range nodes {
		m.Nodes = append(m.Nodes, *n)
	}
	return m
}

func kindByName(name string) aggregate.NodeKind {
	switch {
	case strings.HasPrefix(name, "pg"), strings.HasPrefix(name, "redis"):
		return aggregate.NodeDatabase
	case strings.HasPrefix(name, "kafka"):
		return aggregate.NodeMessaging
	case strings.HasPrefix(name, "stripe"):
		return aggregate.NodeInferred
	case name == "user":
		return aggregate.NodeUser
	}
	return aggregate.NodeService
}

// mapTrend is a wave with some noise that depends on the name only.
func mapTrend(name string, rate, percent float64, p95 int64, grows bool) aggregate.Trend {
	t := aggregate.Trend{Start: 1e18, Step: 5e9}
	r := rand.New(rand.NewPCG(uint64(len(name)), uint64(name[0])))
	for i := range mapSteps {
		wave := 1 + 0.3*math.Sin(float64(i)/6) + 0.2*r.Float64()
		calls := uint64(rate * 5 * wave)
		t.Calls = append(t.Calls, calls)
		failed := 0.0
		if i > mapSteps*2/3 {
			failed = float64(calls) * percent / 40
		}
		t.Errors = append(t.Errors, uint64(failed))
		d := float64(p95) * (0.9 + 0.2*r.Float64())
		if grows && i < mapSteps-mapSteps/6 {
			d /= 3
		}
		t.P95 = append(t.P95, int64(d))
	}
	return t
}

// shopMap has twelve services with their databases, queue and peers, one failure and one slowdown.
func shopMap() *aggregate.Map {
	return mapOf(
		"user -> frontend-proxy call 182 0.4 310",
		"frontend-proxy -> frontend call 181 0.4 302",
		"frontend -> cart call 64 0 12",
		"frontend -> checkout call 12.4 7.2 290",
		"frontend -> catalog call 240 0 8.1",
		"frontend -> currency call 88 0 1.4",
		"frontend -> ads call 31 1.6 40^",
		"checkout -> cart call 24 0 11",
		"checkout -> payment call 12.1 7.4 210",
		"checkout -> email call 11 0 52",
		"checkout -> currency call 25 0 1.3",
		"checkout -> shipping call 12 0 33",
		"checkout -> kafka:orders messaging 11.2 0 6",
		"cart -> redis database 170 0 0.7",
		"catalog -> pg-catalog database 236 0 3.2",
		"kafka:orders -> accounting messaging 11.2 0 45",
		"kafka:orders -> fraud messaging 11.2 0.2 160^",
		"accounting -> pg-ledger database 11.2 0 9",
		"payment -> stripe.com inferred 12 6.9 190",
	)
}

// crowdMap has n services in five tiers, with calls to the next tiers.
func crowdMap(n int) *aggregate.Map {
	words := strings.Fields("order user stock price basket search review refund invoice parcel coupon ledger audit batch media login quota route badge trial")
	r := rand.New(rand.NewPCG(uint64(n), 3))
	name := func(i int) string {
		return fmt.Sprintf("%s-%s-%02d", words[i%len(words)], []string{"api", "svc", "core"}[i%3], i)
	}
	var lines []string
	linked := map[[2]int]bool{}
	for i := 1; i < n; i++ {
		tier := i * 5 / n
		for range 1 + r.IntN(2) {
			from := 0
			if tier > 0 {
				from = r.IntN(max(1, tier*n/5))
			}
			percent := 0.0
			if i%17 == 5 {
				percent = float64(r.IntN(90)) / 10
			}
			if pair := [2]int{from, i}; linked[pair] || from == i {
				continue
			} else {
				linked[pair] = true
			}
			lines = append(lines, fmt.Sprintf("%s -> %s call %.1f %.1f %.1f", name(from), name(i), 0.5+200*r.Float64()*r.Float64(), percent, 1+300*r.Float64()*r.Float64()))
		}
	}
	return mapOf(lines...)
}

// fixtureMap is a real dependency graph of 1,238 services.
func fixtureMap(t testing.TB) *aggregate.Map {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "fixtures", "graph", "jaeger-ui-1238-services-4271-edges.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var deps []struct {
		Parent, Child string
		CallCount     uint64
	}
	if err := json.Unmarshal(b, &deps); err != nil {
		t.Fatal(err)
	}
	m := &aggregate.Map{Provenance: aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 9_000_000, Of: 10_000_000}}
	nodes := map[string]*aggregate.Node{}
	for _, d := range deps {
		for _, name := range []string{d.Parent, d.Child} {
			if nodes[name] == nil {
				nodes[name] = &aggregate.Node{Name: name, Kind: aggregate.NodeService}
			}
		}
		n := nodes[d.Child]
		n.RED.Calls += d.CallCount
		n.RED.Rate = float64(n.RED.Calls) / 300
		n.RED.P95 = int64(1+len(d.Child)*int(d.CallCount%97)) * 1e5
		m.Edges = append(m.Edges, aggregate.Edge{Client: d.Parent, Server: d.Child, Kind: aggregate.EdgeCall,
			Calls: d.CallCount, Rate: float64(d.CallCount) / 300, ClientP95: int64(d.CallCount%97) * 1e6})
	}
	for _, n := range nodes {
		m.Nodes = append(m.Nodes, *n)
	}
	return m
}
