package patterns

import (
	"strings"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// printKey is the fingerprint of a call. Texts are numbers of reader.texts, services and peers those of the store.
type printKey struct {
	service uint32 // that calls
	name    uint32 // of the operation, normalised
	text    uint32 // statement, or route; 0 for none
	peer    uint32 // what the span names, where no service answered
	server  uint32 // service that answered
	answer  uint32 // what it answered with: its operation, normalised
}

// fingerprint is a printKey and what is said about the calls that have it.
type fingerprint struct {
	printKey
	protocol  protocol
	cache     bool
	op        uint32 // of the first call
	manyNames bool   // other calls have another, because names hold values
	role      store.PeerRole
	key, raw  string // the attribute that text is of, as the first call has it
	hash      uint64 // of raw
	manyTexts bool   // other calls have another
}

// fingerprint is the number of a fingerprint, 0 where there is no room for more.
func (r *reader) fingerprint(k printKey, s *store.Settled, place store.Place, p *plan, pos int, hash uint64) uint32 {
	id, ok := r.prints[k]
	if !ok {
		if len(r.all) >= maxPrints {
			r.dropped++
			return 0
		}
		x := fingerprint{printKey: k, protocol: p.protocol, op: s.Op, role: s.Role}
		if p.system >= 0 {
			x.cache = isCache(value(place, p.system))
		}
		if pos >= 0 {
			x.key, x.raw, x.hash = key(place, pos), value(place, pos), hash
		}
		r.all = append(r.all, x)
		id = uint32(len(r.all))
		r.prints[k] = id
		return id
	}
	x := &r.all[id-1]
	x.manyNames = x.manyNames || x.op != s.Op
	if !x.manyTexts && x.raw != "" {
		x.manyTexts = pos < 0 || hash != x.hash || key(place, pos) != x.key
	}
	return id
}

func key(p store.Place, pos int) string { return class(p).Keys[pos] }

func value(p store.Place, pos int) string { return p.Segment.Value(p.Index, pos).String() }

func class(p store.Place) *store.Class { return p.Segment.Class(p.Segment.Record(p.Index).Class) }

// intern is the number of a text, 0 where there is no room for more.
func (r *reader) intern(text []byte) uint32 {
	if id, ok := r.texts[string(text)]; ok {
		return id
	}
	if len(r.list) >= maxTexts || r.bytes+len(text) > maxBytes {
		r.dropped++
		return 0
	}
	own := string(text)
	r.bytes += len(own)
	r.list = append(r.list, own)
	r.texts[own] = uint32(len(r.list))
	return uint32(len(r.list))
}

// lookup is the text that a number stands for.
func (r *reader) lookup(id uint32) string {
	if id == 0 {
		return ""
	}
	return r.list[id-1]
}

// operation is the number of the normalised name of an operation.
func (r *reader) operation(op uint32) uint32 {
	for int(op) >= len(r.ops) {
		r.ops = append(r.ops, 0)
	}
	if r.ops[op] == 0 {
		normal, _ := statement(r.scratch[:0], r.names.Operation(op).Name)
		r.scratch = normal[:0]
		r.ops[op] = r.intern(normal)
	}
	return r.ops[op]
}

// answering is the span of the service that answered a call, nil where none was seen.
func answering(t *request.Trace, node int32) *store.Settled {
	nodes := t.Tree.Nodes
	for c := node + 1; c < nodes[node].End; c = nodes[c].End {
		if s := t.Span(c); s != nil && s.Kind == model.KindServer {
			return s
		}
	}
	return nil
}

// saysWhat tells names of operations that say more than the method of HTTP.
func saysWhat(name string) bool {
	name = strings.TrimPrefix(name, "HTTP ")
	switch strings.ToUpper(name) {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HTTP", "REQUEST", "/*", "/**", "":
		return false
	}
	return true
}

// peer is the name of whom calls with a fingerprint lead to.
func (r *reader) peer(x *fingerprint, peerName func(*store.Settled) string) string {
	switch {
	case x.server != 0:
		return r.names.Service(x.server)
	case x.peer != 0:
		return peerName(&store.Settled{Peer: x.peer, Role: x.role})
	}
	return ""
}

// maxLabel is how many characters of a statement stand for it in a sentence.
const maxLabel = 60

// label is what calls with a fingerprint are called in a sentence.
func (r *reader) label(x *fingerprint) string {
	name, text := r.lookup(x.name), r.lookup(x.text)
	switch {
	case x.protocol == database && strings.Contains(name, " "): // "SELECT items"
		return name
	case x.protocol == database && text != "":
		return shorten(text)
	case x.answer != 0 && saysWhat(r.lookup(x.answer)):
		return r.lookup(x.answer)
	case text != "" && !strings.Contains(name, text):
		return shorten(name + " " + text)
	}
	return shorten(name)
}

func shorten(text string) string {
	n := 0
	for i := range text {
		if n++; n == maxLabel {
			return text[:i] + "…"
		}
	}
	return text
}
