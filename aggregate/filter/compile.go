package filter

import (
	"math"
	"slices"
	"strings"

	"oteltop/model"
	"oteltop/model/store"
)

// testKind is how a residual test is decided for a single span, cheapest first: in this order the parts
// of an && or || are tried.
type testKind uint8

const (
	testAlways testKind = iota
	testNever
	testDuration  // the record's duration lies in [lo, hi], or outside with not
	testSpanID    // by the record's ids
	testTrace     // by the trace, remembered per trace
	testAttribute // by the attribute's code, remembered per code
	testSpan      // decodes the span: events, status text
	testAnd
	testOr
)

// test is what remains of a condition for the spans of one class.
type test struct {
	kind   testKind
	kids   []test
	lo, hi int64
	not    bool
	leaf   *leaf
	pos    int // of testAttribute: place of the key in the class
}

var (
	always = test{kind: testAlways}
	never  = test{kind: testNever}
)

func constant(b bool) test {
	if b {
		return always
	}
	return never
}

// leaf is a comparison with what a scan remembers about it.
type leaf struct {
	*comparison
	texts     map[string]bool          // verdicts on services, names, …
	resources map[*model.Resource]test // verdicts on resource attributes
	scopes    map[*model.Scope]test
	codes     []uint8 // verdicts on the codes of the current segment
	traces    traceBits
}

// Verdicts in memo tables; 0 is unknown.
const (
	verdictNo  = 1
	verdictYes = 2
)

func verdict(b bool) uint8 {
	if b {
		return verdictYes
	}
	return verdictNo
}

// plan is a condition whose leaves have memos.
type plan struct {
	op   condOp
	kids []*plan
	leaf *leaf
}

// newPlan prepares a condition for one scan and collects its leaves. A nil condition has a nil plan.
func newPlan(c *condition, leaves *[]*leaf) *plan {
	if c == nil {
		return nil
	}
	p := &plan{op: c.op}
	if c.op == condLeaf {
		p.leaf = &leaf{
			comparison: c.leaf, texts: map[string]bool{},
			resources: map[*model.Resource]test{}, scopes: map[*model.Scope]test{},
		}
		*leaves = append(*leaves, p.leaf)
		return p
	}
	for _, k := range c.kids {
		p.kids = append(p.kids, newPlan(k, leaves))
	}
	return p
}

// fold reduces a plan to what is not yet decided for the spans of a class.
func (p *plan) fold(c *store.Class) test {
	if p == nil {
		return always
	}
	if p.op == condLeaf {
		return p.leaf.fold(c)
	}
	neutral, decisive, kind := testAlways, testNever, testAnd
	if p.op == condOr {
		neutral, decisive, kind = testNever, testAlways, testOr
	}
	t := test{kind: kind}
	for _, k := range p.kids {
		switch f := k.fold(c); f.kind {
		case neutral:
		case decisive:
			return f
		default:
			t.kids = append(t.kids, f)
		}
	}
	switch len(t.kids) {
	case 0:
		return test{kind: neutral}
	case 1:
		return t.kids[0]
	}
	slices.SortStableFunc(t.kids, func(a, b test) int { return int(a.kind) - int(b.kind) })
	return t
}

// fold decides a comparison for a whole class, or says how to decide it for a span.
func (l *leaf) fold(c *store.Class) test {
	switch l.field {
	case fieldWord:
		return l.foldWord(c)
	case fieldService:
		return l.text(model.ServiceOf(c.Resource))
	case fieldName:
		return l.text(c.Name)
	case fieldKind:
		return l.text(c.Kind.String())
	case fieldStatus:
		return l.text(c.Status.String())
	case fieldScopeName:
		return l.optional(scopeOf(c.Scope).Name)
	case fieldScopeVersion:
		return l.optional(scopeOf(c.Scope).Version)
	case fieldDuration:
		return l.durationTest()
	case fieldSpanID, fieldParentID, fieldID:
		return test{kind: testSpanID, leaf: l}
	case fieldTraceID, fieldRootName, fieldRootService, fieldTraceDuration, fieldShape:
		return test{kind: testTrace, leaf: l}
	case fieldEventName, fieldEventKey, fieldStatusMessage:
		if !c.Extra {
			return l.absent()
		}
		return test{kind: testSpan, leaf: l}
	}
	return l.foldKey(c)
}

// foldKey is fold for attributes.
func (l *leaf) foldKey(c *store.Class) test {
	if l.field == fieldSpanKey || l.field == fieldAnyKey {
		if pos := slices.Index(c.Keys, l.key); pos >= 0 {
			if l.lit.kind == literalNil {
				return constant(l.op == opNE)
			}
			return test{kind: testAttribute, leaf: l, pos: pos}
		}
	}
	switch l.field {
	case fieldResourceKey, fieldAnyKey:
		t, ok := l.resources[c.Resource]
		if !ok {
			t = l.attribute(model.AttributesOf(c.Resource))
			l.resources[c.Resource] = t
		}
		return t
	case fieldScopeKey:
		t, ok := l.scopes[c.Scope]
		if !ok {
			t = l.attribute(scopeOf(c.Scope).Attributes)
			l.scopes[c.Scope] = t
		}
		return t
	}
	return l.absent()
}

func (l *leaf) attribute(as []model.Attribute) test {
	v, ok := model.Lookup(as, l.key)
	if !ok {
		return l.absent()
	}
	return constant(l.holds(v))
}

// absent is the verdict where there is nothing to compare.
func (l *leaf) absent() test { return constant(l.lit.kind == literalNil && l.op == opEQ) }

func (l *leaf) optional(s string) test {
	if s == "" {
		return l.absent()
	}
	return l.text(s)
}

// text decides a comparison with a text of low cardinality.
func (l *leaf) text(s string) test { return constant(l.textHolds(s)) }

func (l *leaf) textHolds(s string) bool {
	hold, ok := l.texts[s]
	if !ok {
		hold = l.holds(model.StringValue(s))
		l.texts[s] = hold
	}
	return hold
}

// foldWord decides by service and operation; only words that look like ids go on to the ids.
func (l *leaf) foldWord(c *store.Class) test {
	has := func(s string) bool {
		in, ok := l.texts[s]
		if !ok {
			in = l.inText(s)
			l.texts[s] = in
		}
		return in
	}
	positive := l.op == opEQ
	switch {
	case has(model.ServiceOf(c.Resource)) || has(c.Name):
		return constant(positive)
	case !l.isHexWord():
		return constant(!positive)
	}
	return test{kind: testSpanID, leaf: l}
}

// durationTest turns a comparison of durations into a range.
func (l *leaf) durationTest() test {
	t := test{kind: testDuration, lo: math.MinInt64, hi: math.MaxInt64}
	switch ns := l.lit.ns; l.op {
	case opEQ, opNE:
		t.lo, t.hi, t.not = ns, ns, l.op == opNE
	case opGT:
		if ns == math.MaxInt64 {
			return never
		}
		t.lo = ns + 1
	case opGE:
		t.lo = ns
	case opLT:
		t.hi = ns - 1
	case opLE:
		t.hi = ns
	}
	return t
}

// spanID decides a comparison with ids for a record.
func (l *leaf) spanID(r *store.Record, trace func() model.TraceID) bool {
	switch l.field {
	case fieldWord:
		in := strings.Contains(r.ID.String(), l.lower) || strings.Contains(trace().String(), l.lower)
		return in == (l.op == opEQ)
	case fieldSpanID:
		return l.holds(model.StringValue(r.ID.String()))
	case fieldParentID:
		if r.Parent == 0 {
			return l.absent().kind == testAlways
		}
		return l.lit.kind == literalNil && l.op == opNE || l.lit.kind != literalNil && l.holds(model.StringValue(r.Parent.String()))
	}
	return l.holds(model.ArrayValue(texts(trace().String(), r.ID.String())))
}

// ofTrace decides a comparison with a property of the trace that its summary has.
func (l *leaf) ofTrace(t *store.TraceInfo, names store.Names) bool {
	switch l.field {
	case fieldTraceID:
		return l.holds(model.StringValue(t.ID.String()))
	case fieldRootName:
		return l.textHolds(names.Operation(t.RootOp).Name)
	case fieldRootService:
		return l.textHolds(names.Operation(t.RootOp).ServiceName)
	}
	return l.holds(model.IntValue(t.RootDur))
}

// ofSpan decides a comparison that needs the decoded span.
func (l *leaf) ofSpan(s *model.Span) bool {
	return (&matcher{trace: &model.Trace{ID: s.TraceID, Spans: []model.Span{*s}}}).comparison(l.comparison, s)
}
