package patterns

import (
	"hash/maphash"
	"strings"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

// call is one call of a trace.
type call struct {
	caller, node int32
	start, end   int64
	print        uint32
	exact        uint64 // equal for calls with equal arguments to the same peer; 0: not all arguments are known
	traits
	failed bool
}

func (c *call) duration() int64 { return c.end - c.start }

// free tells calls that take nothing from what was asked before.
func (c *call) free() bool { return c.traits&(reads|parametrised) == reads }

// unclassified stands for what is not known yet of a text.
const unclassified = ^traits(0)

// reader describes calls. What a class or a code of a segment says is worked out once.
type reader struct {
	names    store.Names
	seed     maphash.Seed
	texts    map[string]uint32
	list     []string // list[id−1] is text id
	bytes    int      // of all of them
	classes  []traits // by text, of statements
	prints   map[printKey]uint32
	all      []fingerprint // all[id−1] is print id
	ops      []uint32      // text of the normalised name, by operation
	segments map[store.Segment]*segment
	scratch  []byte
	dropped  uint64
}

// segment is what is known about a segment of the store.
type segment struct {
	plans []*plan
	codes [2][]coded // of statements, of addresses
}

// coded is what a text says that a code stands for.
type coded struct {
	text  uint32
	hash  uint64 // of the text as it is
	exact uint64 // of all that is known of the arguments
	traits
	known bool
}

func newReader(names store.Names) *reader {
	return &reader{
		names: names, seed: maphash.MakeSeed(), texts: map[string]uint32{}, prints: map[printKey]uint32{}, segments: map[store.Segment]*segment{},
	}
}

// call describes the span of a node, which is a CLIENT's.
func (r *reader) call(t *request.Trace, node int32) call {
	s, place := t.Span(node), t.Place(node)
	p := r.plan(place)
	k := printKey{service: s.Service, name: r.operation(s.Op), peer: s.Peer}
	if p.protocol != database {
		if answer := answering(t, node); answer != nil {
			k.peer, k.server, k.answer = 0, answer.Service, r.operation(answer.Op)
		}
	}
	var args coded
	pos := -1
	switch p.protocol {
	case database:
		args, pos = r.query(place, p)
	case web:
		args, pos = r.page(place, p, t.Operation(node).Name)
		if pos == p.url && saysWhat(r.lookup(k.answer)) {
			pos = -1 // what answered says it better than the address
		}
	default:
		args = r.procedure(place, p, t.Operation(node).Name)
	}
	if pos >= 0 {
		k.text = args.text
	}
	c := call{node: node, start: s.Start, end: s.End, traits: args.traits, failed: s.Status == model.StatusError, print: r.fingerprint(k, s, place, p, pos, args.hash)}
	if args.exact != 0 && c.traits&sanitised == 0 && c.traits&reads != 0 {
		c.exact = args.exact ^ (uint64(k.peer)<<32|uint64(k.server))*0x9e3779b97f4a7c15
	}
	return c
}

// query describes a call to a database, and where its text stands.
func (r *reader) query(place store.Place, p *plan) (coded, int) {
	if p.text < 0 {
		x := coded{traits: parametrised | sanitised}
		if p.verb >= 0 && isReading(value(place, p.verb)) {
			x.traits |= reads
		}
		if p.summary >= 0 {
			summary := value(place, p.summary)
			x.text, x.hash = r.intern([]byte(summary)), maphash.String(r.seed, summary)
		}
		return x, p.summary
	}
	x := r.text(place, p.text, database)
	if len(p.values) > 0 { // what the placeholders stand for is known
		x.traits &^= sanitised
		for _, pos := range p.values {
			x.exact = x.exact*31 + maphash.String(r.seed, value(place, pos))
		}
	}
	if p.namespace >= 0 && x.traits&sanitised == 0 {
		x.exact = x.exact*31 + maphash.String(r.seed, value(place, p.namespace))
	}
	return x, p.text
}

// page describes a call by HTTP, and where its route or address stands.
func (r *reader) page(place store.Place, p *plan, name string) (coded, int) {
	x := coded{traits: parametrised | sanitised}
	if p.url >= 0 {
		x = r.text(place, p.url, web)
	}
	method, _, _ := strings.Cut(strings.TrimPrefix(name, "HTTP "), " ")
	if p.method >= 0 {
		method = value(place, p.method)
	}
	if method != "GET" && method != "HEAD" { // there is a body that nobody tells about
		x.traits = x.traits&^reads | parametrised | sanitised
	} else {
		x.traits |= reads
		x.exact += uint64(len(method))
	}
	if p.template < 0 {
		return x, p.url
	}
	route := r.text(place, p.template, web)
	x.text, x.hash = route.text, route.hash
	return x, p.template
}

// procedure describes a call to a remote procedure, or one that says nothing about itself.
func (r *reader) procedure(place store.Place, p *plan, name string) coded {
	x := coded{traits: parametrised | sanitised}
	if p.body >= 0 && isReadingMethod(name) {
		x.traits = parametrised | reads
		x.exact = maphash.String(r.seed, value(place, p.body)) ^ maphash.String(r.seed, name)
	}
	return x
}

// text describes the text of an attribute, once per code.
func (r *reader) text(place store.Place, pos int, p protocol) coded {
	code, ok := place.Segment.Code(place.Index, pos)
	if !ok {
		return r.describe(value(place, pos), p)
	}
	seg := r.segments[place.Segment]
	memo := &seg.codes[0]
	if p != database {
		memo = &seg.codes[1]
	}
	if *memo == nil {
		*memo = make([]coded, place.Segment.Codes())
	}
	x := &(*memo)[code]
	if !x.known {
		*x = r.describe(place.Segment.Decode(code).String(), p)
	}
	return *x
}

func (r *reader) describe(text string, p protocol) coded {
	normal, t := describeText(r.scratch, text, p, r.classify)
	r.scratch = normal[:0]
	hash := maphash.String(r.seed, text)
	return coded{text: r.intern(normal), hash: hash, exact: hash, traits: t, known: true}
}

// classify remembers what normalised statements do.
func (r *reader) classify(normal []byte) traits {
	id := int(r.intern(normal))
	for id >= len(r.classes) {
		r.classes = append(r.classes, unclassified)
	}
	if r.classes[id] == unclassified || id == 0 {
		r.classes[id] = classify(normal)
	}
	return r.classes[id]
}

// plan is where spans of the class keep what describes a call.
func (r *reader) plan(place store.Place) *plan {
	seg := r.segments[place.Segment]
	if seg == nil {
		seg = &segment{}
		r.segments[place.Segment] = seg
	}
	c := int(place.Segment.Record(place.Index).Class)
	for c >= len(seg.plans) {
		seg.plans = append(seg.plans, make([]*plan, max(64, place.Segment.Classes()-len(seg.plans)))...)
	}
	if seg.plans[c] == nil {
		p := planOf(place.Segment.Class(uint32(c)).Keys)
		seg.plans[c] = &p
	}
	return seg.plans[c]
}
