// The resources and scopes of requests: decoded once, since senders repeat theirs with every request.

package store

import (
	"encoding/binary"

	"oteltop/model/wire"
)

// checked stands for the offset of a message whose inside needs no check.
const checked = -1

// gather merges the fields of a ResourceSpans or ScopeSpans that apply to all its children, wherever they
// stand, into e.raw, and checks the boundaries of the children. The inside of a message that comes in one part
// is left to whoever decodes it, since senders repeat theirs with every request: unchecked is its offset.
func (e *encoder) gather(b []byte, at int, name string, m wire.Message) (schema []byte, unchecked int, err error) {
	e.raw, unchecked = e.raw[:0], checked
	parts := 0
	f := wire.Of(b, at, name)
	for f.Next() {
		switch f.Tag {
		case wire.Inner:
			parts++
			e.raw, unchecked = append(e.raw, f.Bytes...), f.At()
		case wire.SchemaURL:
			schema = f.Bytes
		}
	}
	if f.Err() != nil || parts < 2 {
		return schema, unchecked, f.Err()
	}
	for f := wire.Of(b, at, name); f.Next(); {
		if f.Tag == wire.Inner {
			if _, err := wire.Check(m, f.Bytes, f.At()); err != nil {
				return nil, checked, err
			}
		}
	}
	return schema, checked, nil
}

// repeated looks up what the resource or scope in e.raw was decoded to before; nil where it was not, after a check
// of what is unchecked. e.raw becomes the key: the message, followed by the schema URL and its own length.
func repeated[T any](e *encoder, known map[string]*T, schema []byte, unchecked int, m wire.Message) (*T, error) {
	raw := e.raw
	e.raw = append(e.raw, schema...)
	e.raw = binary.LittleEndian.AppendUint32(e.raw, uint32(len(raw)))
	if v, ok := known[string(e.raw)]; ok || unchecked == checked {
		return v, nil
	}
	_, err := wire.Check(m, raw, unchecked)
	return nil, err
}

// resource finds or decodes the resource in e.raw.
func (e *encoder) resource(schema []byte, unchecked int) (*resource, error) {
	n := len(e.raw)
	if r, err := repeated(e, e.resources, schema, unchecked, wire.MessageResource); r != nil || err != nil {
		return r, err
	}
	e.ids++
	raw := e.raw[:n]
	r := newResource(raw, string(schema), e.ids, e.ring.names)
	e.remember(size(raw))
	e.resources[string(e.raw)] = r
	return r, nil
}

// scope finds or decodes the scope in e.raw.
func (e *encoder) scope(schema []byte, unchecked int) (*scope, error) {
	n := len(e.raw)
	if s, err := repeated(e, e.scopes, schema, unchecked, wire.MessageScope); s != nil || err != nil {
		return s, err
	}
	e.ids++
	raw := e.raw[:n]
	s := &scope{Scope: *wire.Scope(raw), raw: append([]byte(nil), raw...), id: e.ids}
	s.SchemaURL = string(schema)
	e.remember(size(raw))
	e.scopes[string(e.raw)] = s
	return s, nil
}
