package oracle_test

import (
	"bytes"
	"slices"
	"testing"
)

// The databases of Tempo's TestServiceGraphs_databaseVirtualNodes, from what the names of its cases say: which
// attribute of a client's span names the node, under former and present conventions.
func TestDatabaseNodes(t *testing.T) {
	for name, c := range map[string]struct{ attributes, want string }{
		"a client that is none":              {"server.address=api", "shop > api inferred 1/0 23/0"},
		"its system, without a name":         {"db.system=postgresql server.address=beasts", "shop > beasts database 1/0 23/0"},
		"1.18: its name":                     {"db.system=postgresql db.name=postgres", "shop > postgres database 1/0 23/0"},
		"1.25: its address, before its name": {"db.system=postgresql db.name=postgres server.address=beasts", "shop > beasts database 1/0 23/0"},
		"1.25: who it is": {
			"db.system=postgresql db.name=postgres server.address=10.0.0.7 peer.service=beasts", "shop > beasts database 1/0 23/0"},
		"1.25: address and port of the network": {
			"db.system=postgresql db.name=postgres network.peer.address=beasts network.peer.port=5432", "shop > beasts:5432 database 1/0 23/0"},
		"1.25: address of the network":  {"db.system=postgresql db.name=postgres network.peer.address=beasts", "shop > beasts database 1/0 23/0"},
		"1.34: its namespace":           {"db.system.name=postgresql db.namespace=mydb", "shop > mydb database 1/0 23/0"},
		"its namespace before its name": {"db.system=postgresql db.name=old db.namespace=priority", "shop > priority database 1/0 23/0"},
		"its system, for nothing else":  {"db.system=postgresql", "shop > postgresql database 1/0 23/0"},
		"its namespace and no system":   {"db.namespace=mydb", "shop > mydb database 1/0 23/0"},
	} {
		r := open(t, bytes.Join(lines(t, []made{{"t/a", "", "shop", "client", 0, 23, false, c.attributes, ""}}), nil))
		r.check(t)
		if got := edgesIn(t, r); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
