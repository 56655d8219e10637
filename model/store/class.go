package store

import (
	"encoding/binary"
	"math"

	"oteltop/model"
	"oteltop/model/wire"
)

// maxKeys bounds the attributes of a span that get a place in its class; more are kept verbatim.
const maxKeys = 1024

// Estimates of memory, in bytes, for the accounting of classes.
const (
	classOverhead     = 320 // Class, class and its map entry
	attributeOverhead = 48  // key header, type, flag; slack of the slices
	positionBytes     = 32  // of a template, without what it remembers
)

// class is a Class with what only the store needs. Immutable, shared by the segments of an encoder.
type class struct {
	Class
	resource *resource
	scope    *scope
	odd      []bool // attributes that are no plain key and value: kept as whole KeyValues, inline
	flags    uint32
	rawEnd   bool // the end follows the codes: it lay before the start, or too far after it
	overflow NameBound
	role     PeerRole
	peer     peerPlan
	bytes    int64
}

// resource and scope are decoded once per encoder and shared by its classes.
type resource struct {
	model.Resource
	raw      []byte // the Resource message, as received
	id       uint32 // within the encoder
	service  uint32
	overflow NameBound
	segment  uint64 // serial of the last segment that counted its bytes; the encoder's
}

type scope struct {
	model.Scope
	raw     []byte
	id      uint32
	segment uint64
}

// maxRaw is how long an attribute may be that a position remembers as it was received, in bytes: nearly all are.
// rawSlack is how much longer than the first one the others are expected to be.
const (
	maxRaw   = 200
	rawSlack = 8
)

// template is an encoder's working state for a class: which id it has in the current segment, and what
// each position last held. Owned by the encoder.
type template struct {
	class   *class
	segment uint64 // serial of the segment for which the rest is valid
	id      uint32
	at      []position
}

// position is what is known of the values at one place of a class.
type position struct {
	raw    []byte          // a KeyValue that was here, that of last where there is one; empty where it was long
	last   uint16          // code of the latest value in the segment, inlined for none
	tries  uint8           // values other than the last one since the last verdict
	fresh  uint8           // how many of them were new
	key    uint8           // of raw, how much stands before the length of the value
	kind   model.ValueKind // of all values here
	inline bool            // proved high-cardinality: not worth a dictionary
}

// newPositions makes those of a template for spans like the one with these attributes. What they remember lies
// side by side, as it is looked at; bytes is what all of it takes.
func newPositions(attrs []attr) (at []position, bytes int64) {
	room := func(a *attr) int { return min(len(a.key)+len(a.value)+5+rawSlack, maxRaw) }
	total := 0
	for i := range attrs {
		total += room(&attrs[i])
	}
	at = make([]position, len(attrs))
	raw := make([]byte, total)
	for i := range attrs {
		a := &attrs[i]
		n := room(a)
		at[i] = position{raw: raw[:0:n], key: uint8(min(len(a.key)+3, math.MaxUint8)), kind: a.kind, inline: a.odd}
		raw = raw[n:]
	}
	return at, int64(total + len(at)*positionBytes)
}

// forget leaves what is known of the values of any segment.
func (p *position) forget() {
	p.last = inlined
}

// attr is an attribute of the span being encoded. It aliases the request.
type attr struct {
	key, value []byte // value is the AnyValue, or the whole KeyValue where odd
	kind       model.ValueKind
	odd        bool
}

// signatureHead is the fixed part of a signature: resource, scope, flags, kind, status, bits.
const signatureHead = 15

// fits says whether a span is of the class: the prediction that saves building and hashing a signature.
func (c *class) fits(s *incoming, attrs []attr) bool {
	if len(c.Keys) != len(attrs) || !c.heads(s) {
		return false
	}
	for i := range attrs {
		if a := &attrs[i]; c.Types[i] != a.kind || c.odd[i] != a.odd || c.Keys[i] != string(a.key) {
			return false
		}
	}
	return true
}

// heads says whether a span is of the class by everything but its attributes.
func (c *class) heads(s *incoming) bool {
	return c.resource == s.resource && c.scope == s.scope && c.flags == s.flags && c.Kind == s.kind && c.Status == s.status &&
		c.rawEnd == s.rawEnd && c.Extra == (len(s.rest) > 0) && c.Name == string(s.name)
}

// codes is how many bytes stand before what is inline of a span.
func (c *class) codes() int {
	if c.rawEnd {
		return 2*len(c.Keys) + 8
	}
	return 2 * len(c.Keys)
}

// sign writes what makes the class of a span into buf.
func sign(buf []byte, s *incoming, attrs []attr) []byte {
	buf = append(buf, make([]byte, signatureHead)...)
	binary.LittleEndian.PutUint32(buf, s.resource.id)
	binary.LittleEndian.PutUint32(buf[4:], s.scope.id)
	binary.LittleEndian.PutUint32(buf[8:], s.flags)
	buf[12], buf[13] = byte(s.kind), byte(s.status)
	buf[14] = 0
	if s.rawEnd {
		buf[14] = 1
	}
	if len(s.rest) > 0 {
		buf[14] |= 2
	}
	for i := range attrs {
		buf = signAttribute(buf, &attrs[i])
	}
	return append(append(buf, signEnd), s.name...)
}

// signAttribute appends a key and the type of its value: first the length, so that keys cannot run
// into each other. The name, which comes last, is told from them by the marker of an impossible kind.
func signAttribute(buf []byte, a *attr) []byte {
	k := byte(a.kind)
	if a.odd {
		k |= 0x80
	}
	if len(a.key) < 0x80 {
		buf = append(buf, k, byte(len(a.key)))
	} else {
		buf = binary.AppendUvarint(append(buf, k), uint64(len(a.key)))
	}
	return append(buf, a.key...)
}

// signEnd marks the end of the attributes in a signature.
const signEnd = 0x7f

// newClass makes the class of a span.
func newClass(s *incoming, attrs []attr, n *names) *class {
	c := &class{resource: s.resource, scope: s.scope, flags: s.flags, rawEnd: s.rawEnd}
	name := string(s.name)
	op, over := n.operation(s.resource.service, s.resource.Service, name, s.kind)
	if c.overflow = s.resource.overflow; c.overflow == NameFits {
		c.overflow = over
	}
	c.Class = Class{
		Op: op, Service: s.resource.service, Name: name, Kind: s.kind, Status: s.status,
		Resource: &s.resource.Resource, Scope: &s.scope.Scope, Extra: len(s.rest) > 0, Flags: s.flags,
		Keys: make([]string, len(attrs)), Types: make([]model.ValueKind, len(attrs)),
	}
	c.odd = make([]bool, len(attrs))
	c.bytes = classOverhead + int64(len(name)) + int64(len(attrs))*attributeOverhead
	for i := range attrs {
		a := &attrs[i]
		c.Keys[i], c.Types[i], c.odd[i] = string(a.key), a.kind, a.odd
		c.bytes += int64(len(a.key))
	}
	c.role, c.peer = planPeer(c)
	return c
}

// newResource decodes a resource and interns its service.
func newResource(raw []byte, schema string, id uint32, n *names) *resource {
	r := &resource{Resource: *wire.Resource(raw), raw: append([]byte(nil), raw...), id: id}
	r.SchemaURL = schema
	name, _ := model.Lookup(r.Attributes, "service.name")
	namespace, _ := model.Lookup(r.Attributes, "service.namespace")
	text := name.String()
	if text == "" {
		text = model.UnknownService
	}
	r.service, r.Service, r.overflow = n.service(text, namespace.String())
	return r
}

// size estimates the memory of a decoded message from its bytes: PROTOCOL measured ×44 for attributes of
// a few bytes, which the overhead per field covers; long texts are held twice.
func size(raw []byte) int64 {
	fields := int64(0)
	for f := wire.Of(raw, 0, ""); f.Next(); {
		fields++
	}
	return 256 + 3*int64(len(raw)) + 96*fields
}
