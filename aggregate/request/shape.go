package request

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"oteltop/model"
	"oteltop/model/store"
)

// Shaper hashes what traces did (A20's k2, see model.Shape) with operation hashes that are the same in every
// process, so that a shape's name can be written down. The zero value is ready; for one store only, and not
// safe for concurrent use.
type Shaper struct {
	operations map[uint32]uint64
}

// Shape of a linked trace.
func (s *Shaper) Shape(heads []model.Head, tree *model.Tree, names store.Names) uint64 {
	return model.Shape(heads, tree, func(op uint32) uint64 { return s.Operation(op, names) })
}

// Operation is a hash of an operation's service, name and kind.
func (s *Shaper) Operation(op uint32, names store.Names) uint64 {
	h, ok := s.operations[op]
	if !ok {
		if s.operations == nil {
			s.operations = map[uint32]uint64{}
		}
		o := names.Operation(op)
		h = hashOperation(o.ServiceName, o.Name, o.Kind)
		s.operations[op] = h
	}
	return h
}

func hashOperation(service, name string, kind model.Kind) uint64 {
	f := fnv.New64a()
	_, _ = fmt.Fprintf(f, "%d %q %q", kind, service, name) // hashes take everything
	return f.Sum64()
}

// ShapeOf is the shape of a decoded trace, the same as Shaper finds for it in a store.
func ShapeOf(t *model.Trace) uint64 {
	operations := map[uint32]uint64{}
	for i := range t.Heads {
		if op := t.Heads[i].Op; operations[op] == 0 {
			s := &t.Spans[i]
			operations[op] = hashOperation(model.ServiceOf(s.Resource), s.Name, s.Kind)
		}
	}
	tree := model.Tree{Nodes: t.Tree.Nodes, Missing: t.Tree.Missing, Roots: t.Tree.Roots} // t may be read by others too
	return model.Shape(t.Heads, &tree, func(op uint32) uint64 { return operations[op] })
}

// ShapeName is the short form of a shape that a person can compare by eye: 8 hexadecimal digits.
func ShapeName(shape uint64) string { return fmt.Sprintf("%08x", uint32(shape>>32)) }

// HasName reports whether a shape has a name, without making one up.
func HasName(shape uint64, name string) bool {
	digits, ok := digitsOf(name)
	return ok && uint32(shape>>32) == digits
}

// IsShapeName reports whether a text is of the form of ShapeName.
func IsShapeName(text string) bool {
	_, ok := digitsOf(text)
	return ok
}

func digitsOf(name string) (digits uint32, ok bool) {
	d, err := strconv.ParseUint(name, 16, 32)
	return uint32(d), err == nil && len(name) == 8
}

// Shape is the hash of what the trace did, whatever its timing: see Shaper.
func (t *Trace) Shape() uint64 {
	if !t.hasShape {
		t.hasShape = true
		t.shape = t.shaper.Shape(t.Heads, &t.Tree, t.Names)
	}
	return t.shape
}

// Duration is that of the root, and of the whole trace while it has none, ns: what lists show.
func (t *Trace) Duration() int64 {
	if t.HasRoot {
		return t.RootDur
	}
	return t.End - t.Start
}
