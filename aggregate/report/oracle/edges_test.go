package oracle_test

import (
	"net"
	"net/url"
	"strconv"
)

// edgeKey is an edge of the service map as the report names it.
type edgeKey struct{ client, server, kind string }

// calls are the calls of an edge: durations in ns as each side saw them.
type calls struct {
	n, failed           int64
	client, server, gap []int64
}

// serviceMap recomputes A03.
type serviceMap struct {
	*data
	user     string
	edges    map[edgeKey]*calls
	answered map[*span]bool // exit spans whose other side was seen
	broken   uint64
}

// mapOf is A03 over some traces. Links are followed into all traces of the data.
func mapOf(d *data, scope map[string][]*span) *serviceMap {
	m := &serviceMap{data: d, user: "user", edges: map[edgeKey]*calls{}, answered: map[*span]bool{}}
	if d.services["user"] {
		m.user = "(user)"
	}
	for _, spans := range scope {
		for _, s := range spans {
			m.pair(s)
		}
	}
	for _, spans := range scope {
		for _, s := range spans {
			m.follow(s)
		}
	}
	for _, spans := range scope {
		for _, s := range spans {
			m.alone(s)
		}
	}
	return m
}

// add counts a call of which one side may not have been seen.
func (m *serviceMap) add(k edgeKey, client, server *span) {
	c := m.edges[k]
	if c == nil {
		c = &calls{}
		m.edges[k] = c
	}
	c.n++
	if client != nil && client.failed() || server != nil && server.failed() {
		c.failed++
	}
	if client != nil {
		c.client = append(c.client, client.duration())
	}
	if server != nil {
		c.server = append(c.server, server.duration())
	}
	if client != nil && server != nil { // A04
		gap := client.duration() - server.duration()
		if k.kind == "messaging" {
			gap = server.start - client.end
		}
		c.gap = append(c.gap, max(gap, 0))
	}
}

// opener is the exit span that a call to something below s went through: s itself, or one that only
// local spans of its service lie between (rule 3).
func opener(s *span) *span {
	if s.exits() {
		return s
	}
	if s.local() && s.up != nil && s.up.service == s.service {
		return opener(s.up)
	}
	return nil
}

// answer marks an exit span and those it is nested in: a library's span around that of its transport is
// the same call.
func (m *serviceMap) answer(s *span) {
	service := s.service
	for ; s != nil && s.service == service && (s.exits() || s.local()); s = s.up {
		if s.exits() {
			m.answered[s] = true
		}
	}
}

// pair counts the call that a span took, by rules 1 and 3, or that of whoever is outside by rule 5.
func (m *serviceMap) pair(s *span) {
	if s.up == nil {
		switch {
		case s.kind == "server" && s.orphan:
			m.broken++
		case s.kind == "server":
			from := firstOf(s, "service.peer.name", "peer.service")
			if from == "" {
				from = m.user
			}
			m.add(edgeKey{from, s.service, "inferred"}, nil, s)
		}
		return
	}
	client := opener(s.up)
	if client == nil && s.kind == "consumer" && len(s.links) > 0 {
		return // follow knows better who called
	}
	if s.up.service == s.service && (client == nil || !s.enters()) {
		return // the same service goes on
	}
	kind := "call"
	if s.kind == "consumer" || client != nil && client.kind == "producer" {
		kind = "messaging"
	}
	m.add(edgeKey{s.up.service, s.service, kind}, client, s)
	if client != nil {
		m.answer(client)
	}
}

// receives reports whether links of a span say what it received (rule 2).
func receives(s *span) bool {
	return s.kind == "consumer" || s.kind == "client" && s.has("messaging.system") && !isDatabase(s)
}

// follow is rule 2, and for consumers whose producer is not known, rule 5.
func (m *serviceMap) follow(s *span) {
	if !receives(s) {
		return
	}
	var parent *span
	if s.up != nil && s.kind == "consumer" {
		if o := opener(s.up); o != nil {
			parent = o
		}
	}
	known := parent != nil
	seen := map[ref]bool{}
	for _, l := range s.links {
		from := m.byRef[l]
		if seen[l] || from == nil || from == s || from == parent || from == s.up {
			continue
		}
		seen[l] = true
		if from.service == s.service && (s.kind != "consumer" || !from.exits()) {
			continue // its own span, not what it received
		}
		m.add(edgeKey{from.service, s.service, "messaging"}, from, s)
		m.answered[from] = true
		known = true
	}
	if known && s.kind == "client" {
		m.answered[s] = true
	}
	if known || s.kind != "consumer" {
		return
	}
	switch broker := m.broker(s); {
	case s.up != nil && s.up.service != s.service && len(s.links) > 0: // see pair
		m.add(edgeKey{s.up.service, s.service, "messaging"}, nil, s)
	case s.up == nil && broker != "":
		m.add(edgeKey{broker, s.service, "messaging"}, nil, s)
	}
}

// alone is rules 4 and 5 for exit spans without another side.
func (m *serviceMap) alone(s *span) {
	if !s.exits() || m.answered[s] {
		return
	}
	kind, to := "inferred", ""
	switch {
	case isDatabase(s):
		kind, to = "database", database(s)
	case s.has("messaging.system"):
		kind, to = "messaging", m.broker(s)
	default:
		to = m.service(peer(s))
	}
	if to != "" {
		m.add(edgeKey{s.service, to, kind}, s, nil)
	}
}

// service takes host:port, where the host is the name of a service that sends spans, for that service.
func (m *serviceMap) service(address string) string {
	host, port, err := net.SplitHostPort(address)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || !m.services[host] {
		return address
	}
	return host
}

func firstOf(s *span, keys ...string) string {
	for _, k := range keys {
		if v := s.attributes[k]; v != "" {
			return v
		}
	}
	return ""
}

func isDatabase(s *span) bool {
	return s.exits() && s.has("db.system.name", "db.system", "db.namespace", "db.name")
}

// withPort is the address in one attribute with the port in another.
func withPort(s *span, address, port string) string {
	a, p := s.attributes[address], s.attributes[port]
	if a == "" || p == "" || p == "0" {
		return a
	}
	return a + ":" + p
}

func first(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// database is the node of rule 4. Old names of an attribute follow the new ones.
func database(s *span) string {
	return first(firstOf(s, "service.peer.name", "peer.service", "server.address", "net.peer.name"),
		withPort(s, "network.peer.address", "network.peer.port"), withPort(s, "net.sock.peer.addr", "net.sock.peer.port"),
		firstOf(s, "db.namespace", "db.name", "db.system", "db.system.name"))
}

// broker is the node of rule 5 for messaging: none without a destination (rule 6).
func (m *serviceMap) broker(s *span) string {
	if !s.has("messaging.system") {
		return ""
	}
	if named := firstOf(s, "service.peer.name", "peer.service"); named != "" {
		return named
	}
	if to := firstOf(s, "messaging.destination.template", "messaging.destination.name", "messaging.destination"); to != "" {
		return s.attributes["messaging.system"] + ":" + to
	}
	return ""
}

// peer is the node of rule 5 for other clients.
func peer(s *span) string {
	host := ""
	if u, err := url.Parse(firstOf(s, "url.full", "http.url")); err == nil {
		host = u.Host
	}
	return first(firstOf(s, "service.peer.name", "peer.service"),
		withPort(s, "server.address", "server.port"), withPort(s, "net.peer.name", "net.peer.port"),
		firstOf(s, "network.peer.address", "net.sock.peer.addr"), host, firstOf(s, "rpc.service"))
}
