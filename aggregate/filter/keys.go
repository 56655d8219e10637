package filter

// Keys are the attributes of spans, resources and scopes that the filter compares, each once: what it
// selects differs in them by construction.
func (e *Expr) Keys() []string {
	var out []string
	seen := map[string]bool{}
	var walk func(c *condition)
	walk = func(c *condition) {
		if c == nil {
			return
		}
		for _, k := range c.kids {
			walk(k)
		}
		if c.op != condLeaf {
			return
		}
		switch c.leaf.field {
		case fieldSpanKey, fieldResourceKey, fieldAnyKey, fieldScopeKey:
			if !seen[c.leaf.key] {
				seen[c.leaf.key] = true
				out = append(out, c.leaf.key)
			}
		}
	}
	for _, s := range e.sets {
		walk(s.cond)
	}
	return out
}
