package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"oteltop/model/wire"
)

// bomb is one kind of hostile traffic; its bodies are sent in turn.
type bomb struct {
	name   string
	bodies []body
}

// Sizes: what the default size limit allows, and what PROTOCOL measured amplification with.
const (
	limitBytes     = 64 << 20
	amplifiedBytes = 4 << 20
)

// bombs are those of the protocol's list: what is small on the wire and large in memory first, then
// traces that break assumptions.
func bombs() []bomb {
	field := func(tag uint32, n int) []byte { // n bytes of the smallest fields of a kind
		return bytes.Repeat(binary.AppendUvarint(binary.AppendUvarint(nil, uint64(tag)), 0), n/2)
	}
	plain := func(b []byte) []body { return []body{{bytes: b}} }
	inSpan := func(extra []byte) []byte { return request(service("bomb"), span{id: 1, extra: extra}.encode()) }
	zeros := make([]byte, 1<<30)
	list := []bomb{
		{"empty spans, 4 MiB", plain(wrap(service("bomb"), field(wire.Children, amplifiedBytes)))},
		{"empty spans, 64 MiB", plain(wrap(service("bomb"), field(wire.Children, limitBytes-100)))},
		{"smallest spans, 4 MiB", plain(request(service("bomb"), tiny(amplifiedBytes)...))},
		{"smallest spans, 60 MiB", plain(request(service("bomb"), tiny(60<<20)...))},
		{"empty events, 4 MiB", plain(inSpan(field(wire.SpanEvent, amplifiedBytes)))},
		{"empty links, 4 MiB", plain(inSpan(field(wire.SpanLink, amplifiedBytes)))},
		{"empty attributes, 4 MiB", plain(inSpan(field(wire.SpanAttribute, amplifiedBytes)))},
		{"empty attributes, 8 MiB", plain(inSpan(field(wire.SpanAttribute, 2*amplifiedBytes-64)))},
		{"1,000 spans of 4,000 empty attributes", plain(request(service("bomb"), copies(1000, field(wire.SpanAttribute, 8000))...))},
		{"64 MiB of one attribute", plain(inSpan(attribute("blob", strings.Repeat("x", limitBytes-1000))))},
		{"gzip of 1 GiB", []body{{compress(zeros, "gzip"), "gzip"}}},
		{"zstd of 1 GiB", []body{{compress(zeros, "zstd"), "zstd"}}},
		{"gzip of smallest spans, 60 MiB", []body{{compress(request(service("bomb"), tiny(60<<20)...), "gzip"), "gzip"}}},
		{"10 x 64 MiB of names", names()},
	}
	return append(list, traces()...)
}

// names are requests in which all that could be interned is new.
func names() (out []body) {
	for k := range 10 {
		var spans [][]byte
		for i := range 100_000 {
			spans = append(spans, span{id: uint64(i + 1), trace: uint64(k*100_000 + i + 1), name: fmt.Sprintf("%d/%d/%s", k, i, strings.Repeat("n", 400)),
				extra: attribute(fmt.Sprintf("key.%d.%d", k, i), fmt.Sprintf("%0100d", i))}.encode())
		}
		out = append(out, body{bytes: request(service(fmt.Sprintf("service-%d", k)), spans...)})
	}
	return out
}

// traces are those that analyses must survive.
func traces() []bomb {
	const t = 7_000_000
	one := func(name string, resource []byte, spans ...span) bomb {
		var encoded [][]byte
		for _, s := range spans {
			s.trace += t + uint64(len(name))<<32
			encoded = append(encoded, s.encode())
		}
		return bomb{name, []body{{bytes: request(resource, encoded...)}}}
	}
	chain, wide := make([]span, 10_000), make([]span, 100_000)
	for i := range chain {
		chain[i] = span{id: uint64(i + 1), parent: uint64(i)}
	}
	for i := range wide {
		wide[i] = span{id: uint64(i + 1), parent: uint64(min(i, 1))}
	}
	thousand, nested := []byte(nil), attributeValue("deep")
	for i := range 1000 {
		thousand = append(thousand, attribute(fmt.Sprintf("key.%d", i), "v")...)
	}
	levels := [2][]byte{}
	for depth := range 20_000 {
		if depth == 64 {
			levels[0] = nested
		}
		nested = wire.AppendBytes(nil, 5<<3|2, wire.AppendBytes(nil, 1<<3|2, nested)) // an array of one
	}
	levels[1] = nested
	var controls strings.Builder
	for r := range rune(0x300) {
		controls.WriteRune(r)
	}
	controls.WriteString("\x1b[2J\x1b]52;c;aGk=\x07\u202e\u2066\u200b\u200d\ufeff\U000e0001")
	now := uint64(time.Now().UnixNano())
	return []bomb{
		one("parent cycles of 1, 2 and 3", service("cycle"), span{id: 1, parent: 1}, span{id: 2, parent: 3}, span{id: 3, parent: 2},
			span{id: 4, parent: 5}, span{id: 5, parent: 6}, span{id: 6, parent: 4}),
		one("one id, same and different bodies", service("twice"), span{id: 1}, span{id: 1}, span{id: 1, name: "other"}),
		one("no root, two roots", service("roots"), span{id: 1, parent: 9}, span{trace: 1, id: 1}, span{trace: 1, id: 2}),
		one("odd times", service("clock"), span{id: 1, start: now, end: now - 1e9}, span{id: 2, start: now, end: now}, span{id: 3, start: 1, end: 2},
			span{id: 4, start: 16_725_225_600e9, end: 16_725_225_601e9}, span{id: 5, start: 1<<64 - 1, end: 1}, span{id: 6, start: now + 3600e9, end: now + 3601e9}),
		{"ids of zero and of the wrong length", []body{{bytes: request(service("ids"), wire.AppendBytes(nil, wire.SpanTraceID, make([]byte, 16)),
			wire.AppendBytes(wire.AppendBytes(nil, wire.SpanTraceID, "short"), wire.SpanID, "long enough"))}}},
		one("100,000 spans in one trace", service("wide"), wide...),
		one("chain of 10,000", service("deep"), chain...),
		one("attribute of 1 MB", service("blob"), span{id: 1, extra: attribute("blob", strings.Repeat("x", 1<<20))}),
		one("1,000 attributes", service("many"), span{id: 1, extra: thousand}),
		one("value of 64 levels", service("nest"), span{id: 1, extra: keyValue("deep", levels[0])}),
		one("value of 20,000 levels", service("nested"), span{id: 1, extra: keyValue("deep", levels[1])}),
		one("no service.name", nil, span{id: 1}),
		one("controls everywhere", service(controls.String()), span{id: 1, name: controls.String(), extra: attribute(controls.String(), controls.String())}),
	}
}

// span is what a bomb says of a span.
type span struct {
	trace, id, parent, start, end uint64
	name                          string
	extra                         []byte // further fields
}

func (s span) encode() []byte {
	b := wire.AppendBytes(nil, wire.SpanTraceID, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, s.trace+1), 0xb0b))
	b = wire.AppendBytes(b, wire.SpanID, binary.BigEndian.AppendUint64(nil, s.id))
	if s.parent != 0 {
		b = wire.AppendBytes(b, wire.SpanParent, binary.BigEndian.AppendUint64(nil, s.parent))
	}
	if s.name != "" {
		b = wire.AppendBytes(b, wire.SpanName, s.name)
	}
	if s.start == 0 && s.end == 0 {
		s.end = uint64(time.Now().UnixNano())
		s.start = s.end - 1e6
	}
	b = wire.AppendFixed64(wire.AppendFixed64(b, wire.SpanStart, s.start), wire.SpanEnd, s.end)
	return append(b, s.extra...)
}

// tiny are spans with nothing but ids, each a trace of its own, n bytes of them.
func tiny(n int) (out [][]byte) {
	for i := uint64(1); n > 0; i++ {
		b := wire.AppendBytes(nil, wire.SpanTraceID, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, 1), i*0x9e3779b97f4a7c15))
		b = wire.AppendBytes(b, wire.SpanID, binary.BigEndian.AppendUint64(nil, i))
		out = append(out, b)
		n -= len(b) + 2
	}
	return out
}

// copies are n spans of one trace with the same further fields.
func copies(n int, extra []byte) (out [][]byte) {
	for i := range n {
		out = append(out, span{trace: 5, id: uint64(i + 1), extra: extra}.encode())
	}
	return out
}

// request is spans of one resource.
func request(resource []byte, spans ...[]byte) []byte {
	var all []byte
	for _, s := range spans {
		all = wire.AppendBytes(all, wire.Children, s)
	}
	return wrap(resource, all)
}

// wrap makes a request of encoded span fields.
func wrap(resource, spans []byte) []byte {
	b := wire.AppendBytes(wire.AppendBytes(nil, wire.Inner, resource), wire.Children, spans)
	return wire.AppendBytes(nil, wire.ResourceSpans, b)
}

func service(name string) []byte {
	return wire.AppendKeyValue(nil, 1<<3|2, "service.name", attributeValue(name))
}

func attributeValue(text string) []byte { return wire.AppendBytes(nil, 1<<3|2, text) }

func attribute(key, text string) []byte { return keyValue(key, attributeValue(text)) }

func keyValue(key string, value []byte) []byte {
	return wire.AppendKeyValue(nil, wire.SpanAttribute, key, value)
}

// compress packs b as a sender would; writing to a buffer does not fail.
func compress(b []byte, encoding string) []byte {
	var out bytes.Buffer
	if encoding == "gzip" {
		z := gzip.NewWriter(&out)
		_, _ = z.Write(b)
		_ = z.Close()
		return out.Bytes()
	}
	z, _ := zstd.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}
