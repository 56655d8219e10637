package demo

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The span kinds of OTLP.
const (
	server = 2
	client = 3
)

// call is one operation of a service with those it calls, one after the other.
type call struct {
	service, name string
	own           time.Duration // median before its calls
	database      bool          // a client span without a server
	calls         []call
}

func shop() []call {
	ms := time.Millisecond
	sql := func(s, n string, d time.Duration) call { return call{s, n, d, true, nil} }
	inventory := call{"inventory", "GET /stock/{id}", 3 * ms, false, []call{sql("inventory", "SELECT stock", 4*ms)}}
	payments := call{"payments", "POST /charge", 8 * ms, false, []call{sql("payments", "SELECT accounts", 12*ms)}}
	shipping := call{"shipping", "POST /quote", 6 * ms, false, nil}
	auth := call{"auth", "GET /session", 2 * ms, false, []call{sql("auth", "GET session", ms)}}
	catalog := call{"catalog", "GET /products/{id}", 4 * ms, false, []call{sql("catalog", "SELECT products", 6*ms), inventory}}
	return []call{
		{"frontend", "GET /product/{id}", 3 * ms, false, []call{auth, catalog, {"recommendation", "GET /recommendations", 15 * ms, false, nil}}},
		{"frontend", "GET /search", 3 * ms, false, []call{{"search", "GET /query", 20 * ms, false, nil}}},
		{"frontend", "POST /checkout", 5 * ms, false, []call{auth, {"checkout", "POST /orders", 6 * ms, false, []call{inventory, payments, shipping}}}},
	}
}

// batch gathers the encoded spans of each service.
type batch struct {
	r      *rand.Rand
	spans  map[string][]byte
	id     []byte
	tenant string
}

func (b *batch) trace(at time.Time) {
	roots := shop()
	b.id = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, b.r.Uint64()), b.r.Uint64()|1)
	b.tenant = []string{"acme", "globex", "initech", "umbrella"}[b.r.IntN(4)]
	b.visit(roots[b.r.IntN(len(roots))], nil, at)
}

// visit writes the span of c after those below it and returns its end and whether it failed.
func (b *batch) visit(c call, parent []byte, start time.Time) (end time.Time, failed bool) {
	self := binary.BigEndian.AppendUint64(nil, b.r.Uint64()|1)
	own := latency(b.r, c.own)
	if c.database && c.service == "payments" && b.tenant == "acme" && active(0, start) {
		own *= 12
	}
	failed = c.service == "inventory" && !c.database && active(1, start) && b.r.Float64() < 0.6
	at := start.Add(own / 2)
	for _, below := range c.calls {
		from, up := at, self
		if !below.database {
			up = binary.BigEndian.AppendUint64(nil, b.r.Uint64()|1)
			at = at.Add(latency(b.r, time.Millisecond/2))
		}
		var bad bool
		at, bad = b.visit(below, up, at)
		failed = failed || bad
		if !below.database {
			at = at.Add(latency(b.r, time.Millisecond/2))
			b.write(c.service, below.name, client, up, self, from, at, bad)
		}
	}
	end = at.Add(own - own/2)
	kind := server
	if c.database {
		kind = client
	}
	b.write(c.service, c.name, kind, self, parent, start, end, failed, c.database)
	return end, failed
}

func (b *batch) write(service, name string, kind int, id, parent []byte, start, end time.Time, failed bool, database ...bool) {
	s := bytesField(bytesField(nil, 1, b.id), 2, id)
	if parent != nil {
		s = bytesField(s, 4, parent)
	}
	s = bytesField(s, 5, []byte(name))
	s = protowire.AppendVarint(protowire.AppendTag(s, 6, protowire.VarintType), uint64(kind))
	s = protowire.AppendFixed64(protowire.AppendTag(s, 7, protowire.Fixed64Type), uint64(start.UnixNano()))
	s = protowire.AppendFixed64(protowire.AppendTag(s, 8, protowire.Fixed64Type), uint64(end.UnixNano()))
	s = bytesField(s, 9, attribute("tenant", b.tenant))
	if len(database) > 0 && database[0] {
		s = bytesField(s, 9, attribute("db.system.name", "postgresql"))
	}
	if failed {
		s = bytesField(s, 15, protowire.AppendVarint(protowire.AppendTag(nil, 3, protowire.VarintType), 2))
	}
	b.spans[service] = bytesField(b.spans[service], 2, s)
}

func (b *batch) requests() [][]byte {
	var names []string
	for n := range b.spans {
		names = append(names, n)
	}
	slices.Sort(names)
	var out [][]byte
	for _, n := range names {
		r := bytesField(nil, 1, bytesField(nil, 1, attribute("service.name", n)))
		out = append(out, bytesField(nil, 1, bytesField(r, 2, b.spans[n])))
	}
	return out
}

func attribute(key, value string) []byte {
	return bytesField(bytesField(nil, 1, []byte(key)), 2, bytesField(nil, 1, []byte(value)))
}

func bytesField(dst []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, n, protowire.BytesType), v)
}
