package store

import (
	"slices"
	"strconv"

	"oteltop/model"
)

// peerPlan says where the spans of a class name their peer: positions in order of precedence, worked out
// once per class, so that settling a span reads one or two values.
type peerPlan []peerSource

type peerSource struct {
	pos, port int  // port −1: none is added
	host      bool // only the host of the URL
	prefix    int  // position of messaging.system, which goes before the destination; −1: none
}

// The attributes that name a database, and so on, in order of precedence (ANALYSES A03.4, A03.5). The old
// names of a key follow it.
func databaseKeys() []string {
	return []string{"service.peer.name", "peer.service", "server.address", "net.peer.name", "network.peer.address", "net.sock.peer.addr",
		"db.namespace", "db.name", "db.system", "db.system.name"}
}

func destinationKeys() []string {
	return []string{"messaging.destination.template", "messaging.destination.name", "messaging.destination"}
}

func otherKeys() []string {
	return []string{"service.peer.name", "peer.service", "server.address", "net.peer.name", "network.peer.address", "net.sock.peer.addr",
		"url.full", "http.url",
		"rpc.service"} // says what is called rather than where; without it such calls would be on no map
}

// planPeer decides what spans of a class can say about their peer.
func planPeer(c *class) (PeerRole, peerPlan) {
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(c.Keys, k) })
	}
	exit := c.Kind.IsExit()
	switch {
	case exit && has("db.system.name", "db.system", "db.namespace", "db.name"):
		return PeerDatabase, c.sources(databaseKeys(), "network.peer.address", "net.sock.peer.addr")
	case (exit || c.Kind == model.KindConsumer) && has("messaging.system"):
		plan := c.sources([]string{"service.peer.name", "peer.service"})
		system := slices.Index(c.Keys, "messaging.system")
		for _, s := range c.sources(destinationKeys()) {
			s.prefix = system
			plan = append(plan, s)
		}
		return PeerMessaging, plan
	case exit:
		return PeerService, c.sources(otherKeys(), "server.address", "net.peer.name")
	case c.Kind == model.KindServer:
		return PeerService, c.sources([]string{"service.peer.name", "peer.service"})
	}
	return PeerNone, nil
}

// sources finds which of the keys the class has; withPort are those to which a port belongs.
func (c *class) sources(keys []string, withPort ...string) (plan peerPlan) {
	for _, k := range keys {
		pos := slices.Index(c.Keys, k)
		if pos < 0 {
			continue
		}
		s := peerSource{pos: pos, port: -1, prefix: -1, host: k == "url.full" || k == "http.url"}
		if slices.Contains(withPort, k) {
			s.port = slices.Index(c.Keys, portKey(k))
		}
		plan = append(plan, s)
	}
	return plan
}

func portKey(address string) string {
	switch address {
	case "server.address":
		return "server.port"
	case "net.peer.name":
		return "net.peer.port"
	case "net.sock.peer.addr":
		return "net.sock.peer.port"
	}
	return "network.peer.port"
}

// peer resolves the peer of span i, 0 where it names none. scratch is reused between calls.
func (v *view) peer(i int, c *class, n *names, scratch *[]byte) uint32 {
	for k := range c.peer {
		s := &c.peer[k]
		b := (*scratch)[:0]
		if s.prefix >= 0 {
			b = append(v.appendText(b, i, s.prefix), ':')
		}
		before := len(b)
		b = v.appendText(b, i, s.pos)
		if s.host {
			b = hostOf(b)
		}
		*scratch = b
		if len(b) == before {
			continue
		}
		if s.port >= 0 {
			if port := v.Value(i, s.port).String(); port != "" && port != strconv.Itoa(0) {
				b = append(append(b, ':'), port...)
				*scratch = b
			}
		}
		return n.peer(b)
	}
	return 0
}

// knownPeers is how many peers a gathering remembers by the codes of their names: those of a large system in
// the few segments that are settled at a time. A power of two.
const knownPeers = 512

// knownPeer is a peer that is named by values of a segment's dictionary.
type knownPeer struct {
	segment    uint64 // its serial
	host, port uint16 // codes; inlined for no port
	peer       uint32
}

// peer is view.peer, with a memory for names that consist of a host and a port, or of one name.
func (g *gathering) peer(o *origin, n *names) uint32 {
	v, i := o.view, int(o.i)
	if len(o.class.peer) == 0 {
		return 0
	}
	s := &o.class.peer[0]
	host, ok := v.Code(i, s.pos)
	port := uint32(inlined)
	if ok && s.port >= 0 {
		port, ok = v.Code(i, s.port)
	}
	if !ok || s.host || s.prefix >= 0 || g.known == nil {
		return v.peer(i, o.class, n, &g.scratch)
	}
	k := &g.known[(uint32(v.serial)*0x9e3779b1^host*0x85ebca6b^port*0xc2b2ae35)>>16%knownPeers]
	if want := (knownPeer{v.serial, uint16(host), uint16(port), k.peer}); *k != want {
		want.peer = v.peer(i, o.class, n, &g.scratch)
		if raw, _ := v.raw(i, s.pos); len(raw) <= 2 {
			return want.peer // an empty host: some other attribute names it
		}
		*k = want
	}
	return k.peer
}

// hostOf cuts the host and port out of a URL.
func hostOf(url []byte) []byte {
	for i := 0; i+2 < len(url); i++ {
		if url[i] == ':' && url[i+1] == '/' && url[i+2] == '/' {
			url = url[i+3:]
			break
		}
	}
	for i, c := range url {
		if c == '/' || c == '?' || c == '#' {
			url = url[:i]
			break
		}
	}
	if at := slices.Index(url, '@'); at >= 0 {
		url = url[at+1:]
	}
	return url
}
