package filter

import (
	"slices"
	"strconv"
	"strings"

	"oteltop/aggregate/request"
	"oteltop/model"
)

// minHexWord is how many hexadecimal digits a bare word needs to be looked for in ids: the word "ad" is
// in every eighth id, six digits are in one of 400,000.
const minHexWord = 6

// Match reports whether a trace is in scope, and which of its spans match, as indices into t.Spans in
// ascending order. It is the definition of the language; Scan is the fast way to the same answer.
//
// For sets, the spans that match are those of both sides of && where both have some, of either side of
// ||, and of the right side of > and >>.
func (e *Expr) Match(t *model.Trace) (spans []int, ok bool) {
	m := matcher{trace: t, root: RootSpan(t), parent: parents(t)}
	for i, hit := range m.set(e.root) {
		if hit {
			spans = append(spans, i)
		}
	}
	return spans, len(spans) > 0
}

// RootSpan is the index of the span that rootName, rootService and traceDuration speak of: the earliest
// without a parent, else that of the tree's main root; -1 for no spans.
func RootSpan(t *model.Trace) int {
	best := -1
	for i := range t.Spans {
		if t.Spans[i].Parent == 0 && (best < 0 || t.Spans[i].Start < t.Spans[best].Start) {
			best = i
		}
	}
	if root := t.Tree.MainRoot(); best < 0 && root >= 0 {
		return int(t.Tree.Nodes[root].Span)
	}
	return best
}

// parents maps each span to the span it hangs below in the tree, -1 for none.
func parents(t *model.Trace) []int {
	out := make([]int, len(t.Spans))
	for _, n := range t.Tree.Nodes {
		if n.Span < 0 {
			continue
		}
		out[n.Span] = -1
		if n.Parent >= 0 && t.Tree.Nodes[n.Parent].Span >= 0 {
			out[n.Span] = int(t.Tree.Nodes[n.Parent].Span)
		}
	}
	return out
}

// matcher evaluates an expression on one trace.
type matcher struct {
	trace  *model.Trace
	root   int
	parent []int
}

// set returns per span whether it belongs to the set.
func (m *matcher) set(n *setNode) []bool {
	hits := make([]bool, len(m.trace.Spans))
	if n.op == setSpans {
		for i := range hits {
			hits[i] = n.cond == nil || m.condition(n.cond, &m.trace.Spans[i])
		}
		return hits
	}
	sides := make([][]bool, len(n.kids))
	for i, k := range n.kids {
		sides[i] = m.set(k)
	}
	return combine(n.op, sides, m.parent)
}

// combine joins sets of spans of one trace.
func combine(op setOp, sides [][]bool, parent []int) []bool {
	hits := make([]bool, len(parent))
	switch op {
	case setChild, setBelow, setOrphan:
		return related(op, sides[0], sides[1], parent)
	case setNone:
		for i := range hits {
			hits[i] = !slices.Contains(sides[0], true)
		}
		return hits
	}
	for _, side := range sides {
		some := false
		for i, hit := range side {
			hits[i] = hits[i] || hit
			some = some || hit
		}
		if op == setAnd && !some {
			return make([]bool, len(parent))
		}
	}
	return hits
}

// related keeps what of lower has a parent, an ancestor or no parent in upper. Ancestry is resolved once per span.
func related(op setOp, upper, lower []bool, parent []int) []bool {
	hits := make([]bool, len(parent))
	if op == setChild || op == setOrphan {
		for i, p := range parent {
			hits[i] = lower[i] && (p >= 0 && upper[p]) == (op == setChild)
		}
		return hits
	}
	const unknown, yes, no = 0, 1, 2
	below := make([]uint8, len(parent)) // whether an ancestor is in upper
	var path []int
	for i := range parent {
		path = path[:0]
		at := i
		for below[at] == unknown && parent[at] >= 0 && !upper[parent[at]] {
			path = append(path, at)
			at = parent[at]
		}
		if below[at] == unknown {
			below[at] = no
			if parent[at] >= 0 {
				below[at] = yes
			}
		}
		for _, x := range path {
			below[x] = below[at]
		}
		hits[i] = lower[i] && below[i] == yes
	}
	return hits
}

func (m *matcher) condition(c *condition, s *model.Span) bool {
	switch c.op {
	case condAnd:
		for _, k := range c.kids {
			if !m.condition(k, s) {
				return false
			}
		}
		return true
	case condOr:
		for _, k := range c.kids {
			if m.condition(k, s) {
				return true
			}
		}
		return false
	}
	return m.comparison(c.leaf, s)
}

// comparison looks the field up and compares what is there; several values hold when any does, as a list.
func (m *matcher) comparison(c *comparison, s *model.Span) bool {
	if c.field == fieldWord {
		return c.inSpan(s) == (c.op == opEQ)
	}
	values := m.values(c, s)
	switch {
	case len(values) == 0:
		return c.lit.kind == literalNil && c.op == opEQ
	case len(values) == 1:
		return c.holds(values[0])
	}
	return c.holds(model.ArrayValue(values))
}

// inSpan reports whether the word is a part of service, operation or an id.
func (c *comparison) inSpan(s *model.Span) bool {
	return c.inText(model.ServiceOf(s.Resource)) || c.inText(s.Name) ||
		c.isHexWord() && (strings.Contains(s.TraceID.String(), c.lower) || strings.Contains(s.ID.String(), c.lower))
}

func (c *comparison) inText(s string) bool { return strings.Contains(strings.ToLower(s), c.lower) }

// isHexWord reports whether a word is long and hexadecimal enough to be looked for in ids.
func (c *comparison) isHexWord() bool {
	return len(c.lower) >= minHexWord && strings.Trim(c.lower, "0123456789abcdef") == ""
}

// values are what a span has of a field.
func (m *matcher) values(c *comparison, s *model.Span) []model.Value {
	root := &m.trace.Spans[m.root]
	switch c.field {
	case fieldSpanKey, fieldResourceKey, fieldAnyKey, fieldEventKey, fieldScopeKey:
		return attributes(c, s)
	case fieldService:
		return texts(model.ServiceOf(s.Resource))
	case fieldName:
		return texts(s.Name)
	case fieldKind:
		return texts(s.Kind.String())
	case fieldStatus:
		return texts(s.Status.String())
	case fieldStatusMessage:
		return present(s.StatusText)
	case fieldDuration:
		return []model.Value{model.IntValue(s.Duration())}
	case fieldSpanID:
		return texts(s.ID.String())
	case fieldParentID:
		if s.Parent == 0 {
			return nil
		}
		return texts(s.Parent.String())
	case fieldTraceID:
		return texts(m.trace.ID.String())
	case fieldID:
		return texts(m.trace.ID.String(), s.ID.String())
	case fieldRootName:
		return texts(root.Name)
	case fieldRootService:
		return texts(model.ServiceOf(root.Resource))
	case fieldTraceDuration:
		if root.Parent == 0 {
			return []model.Value{model.IntValue(root.Duration())}
		}
		return []model.Value{model.IntValue(m.trace.End - m.trace.Start)}
	case fieldShape:
		return texts(request.ShapeName(request.ShapeOf(m.trace)))
	case fieldEventName:
		var names []string
		for i := range s.Events {
			names = append(names, s.Events[i].Name)
		}
		return texts(names...)
	case fieldScopeName:
		return present(scopeOf(s.Scope).Name)
	case fieldScopeVersion:
		return present(scopeOf(s.Scope).Version)
	}
	panic("filter: no such field: " + strconv.Itoa(int(c.field)))
}

// attributes are the values of an attribute key.
func attributes(c *comparison, s *model.Span) (values []model.Value) {
	from := func(as []model.Attribute) bool {
		v, ok := model.Lookup(as, c.key)
		if ok {
			values = append(values, v)
		}
		return ok
	}
	switch c.field {
	case fieldSpanKey:
		from(s.Attributes)
	case fieldResourceKey:
		from(model.AttributesOf(s.Resource))
	case fieldAnyKey:
		_ = from(s.Attributes) || from(model.AttributesOf(s.Resource))
	case fieldScopeKey:
		from(scopeOf(s.Scope).Attributes)
	case fieldEventKey:
		for i := range s.Events {
			from(s.Events[i].Attributes)
		}
	}
	return values
}

func scopeOf(s *model.Scope) *model.Scope {
	if s == nil {
		return &model.Scope{}
	}
	return s
}

func texts(ss ...string) []model.Value {
	out := make([]model.Value, len(ss))
	for i, s := range ss {
		out[i] = model.StringValue(s)
	}
	return out
}

// present is a value that is lacking when it is empty.
func present(s string) []model.Value {
	if s == "" {
		return nil
	}
	return texts(s)
}
