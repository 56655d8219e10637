package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/model"
)

func TestShortNames(t *testing.T) {
	for _, c := range []struct {
		name     string
		services []string
		peers    []string
		want     []string // of services and peers, by name
		leftOut  string
	}{
		{"both ends", []string{"ts-a-service", "ts-b-service", "ts-c-other-service", "ts-d-service", "web"}, []string{"ts"}, []string{"ts", "a", "b", "c-other", "d", "web"}, "ts- -service"},
		{"one end", []string{"shop.a", "shop.b", "shop.c", "shop.d"}, nil, []string{"a", "b", "c", "d"}, "shop."},
		{"the longest", []string{"eu-shop-a", "eu-shop-b", "eu-shop-c", "eu-shop-d"}, nil, []string{"a", "b", "c", "d"}, "eu-shop-"},
		{"too few", []string{"ts-a", "ts-b", "ts-c"}, nil, []string{"ts-a", "ts-b", "ts-c"}, ""},
		{"half of them", []string{"ts-a", "ts-b", "c", "d"}, nil, []string{"c", "d", "ts-a", "ts-b"}, ""},
		{"one name for two", []string{"ts-a", "ts-b", "ts-c", "ts-d", "a"}, nil, []string{"a", "ts-a", "b", "c", "d"}, "ts-"},
		{"a peer's name", []string{"ts-a", "ts-b", "ts-c", "ts-d"}, []string{"a"}, []string{"a", "ts-a", "b", "c", "d"}, "ts-"},
		{"nothing left", []string{"a-svc", "b-svc", "c-svc", "d-svc", "-svc"}, nil, []string{"-svc", "a", "b", "c", "d"}, "-svc"},
	} {
		answer := &aggregate.Map{}
		for _, name := range c.services {
			answer.Nodes = append(answer.Nodes, aggregate.Node{Name: name, Kind: aggregate.NodeService})
		}
		for _, name := range c.peers {
			answer.Nodes = append(answer.Nodes, aggregate.Node{Name: name, Kind: aggregate.NodeDatabase})
		}
		g := newMapGraph(answer, nil)
		for i, n := range g.nodes {
			if n.short.String() != c.want[i] {
				t.Errorf("%s: %s is %q, not %q", c.name, n.Name, n.short, c.want[i])
			}
		}
		if g.leftOut != (model.Text{}) != (c.leftOut != "") || g.leftOut.String() != c.leftOut {
			t.Errorf("%s: left out %q, not %q", c.name, g.leftOut, c.leftOut)
		}
	}
}

// In the lists of a node names that begin alike are told apart where there is no room for whole ones; where there is,
// they are whole.
func TestListsOfLongNames(t *testing.T) {
	answer := mapOf("ts-preserve-service -> ts-travel-service call 1 0 9", "ts-preserve-other-service -> ts-travel-service call 1 0 9",
		"ts-travel-service -> ts-basic-service call 1 0 9", "ts-travel-service -> ts-route-service call 1 0 9")
	for width, want := range map[int][]string{80: {"▶ preserve ", "▶ preserve-o", "▶ basic"}, 200: {"▶  ts-preserve-service", "▶  ts-preserve-other-service", "▶  ts-basic-service"}} {
		m, f := mapWith(answer, width, 24)
		m.form = formFocus
		m.pick(mapPick{node: "ts-travel-service"})
		text := mapText(drawMap(m, f))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%d columns: no %q on\n%s", width, w, text)
			}
		}
	}
}

// Names are whole on a map that has room for them, and cut where it has not.
func TestLongNamesOnAMapWithRoom(t *testing.T) {
	const long = "inside-payment-reconciliation-worker"
	answer := mapOf("web -> "+long+" call 4 0 9", long+" -> pg-main database 4 0 2")
	for size, want := range map[[2]int]string{{200, 52}: long, {80, 20}: "inside-payment-reconcil…"} {
		m, f := mapWith(answer, size[0], size[1])
		m.pick(mapPick{}) // whatever is written is on the map
		if text := mapText(drawMap(m, f)); !strings.Contains(text, "● "+want+" ") || m.plan.form != formBoxes {
			t.Errorf("%v: no %s in boxes, but %v:\n%s", size, want, m.plan.form, text)
		}
	}
}

// A form that a person chooses and that nodes are too many for is not said to be there.
func TestFormOfTooManyNodes(t *testing.T) {
	m, f := mapWith(fixtureMap(t), 120, 32)
	drawMap(m, f)
	if said := mapKeys(m, f, "v").(Say); !said.Problem || said.Text != "map form: boxes, but 1238 nodes are too many for it: focus" {
		t.Errorf("said %+v", said)
	}
	m, f = mapWith(shopMap(), 200, 52)
	drawMap(m, f)
	if said := mapKeys(m, f, "v").(Say); said.Problem || said.Text != "map form: boxes" {
		t.Errorf("said %+v", said)
	}
}
