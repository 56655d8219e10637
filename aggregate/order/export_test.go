package order

// Paths is how many call paths were learned from.
func (m *Model) Paths() int { return len(m.parents) }

// Pairs is how many pairs of operations there is room for.
func (m *Model) Pairs() int { return m.cells }
