package features

// Range is some of the values of a column. Comparable; the zero value is the cells that hold nothing.
type Range struct {
	Sort      Sort
	Low, High float64 // of numbers: at least Low and below High, or Low where the two are equal
	Text      string  // of texts
}

// Range is the values that a bin counts.
func (b Bin) Range() Range { return Range{Sort: Number, Low: b.Low, High: b.High} }

// Range is the value that is counted. Other texts together are no range.
func (c Count) Range() Range { return Range{Sort: Text, Text: c.Text} }

// Holds reports whether a cell lies in the range. A text also holds the numbers that are written like it, as
// Summary.Values counts them.
func (r Range) Holds(c *Cell) bool {
	switch r.Sort {
	case Missing:
		return c.Sort == Missing
	case Text:
		return c.Sort != Missing && c.text() == r.Text
	}
	return c.Sort == Number && (c.Number == r.Low || c.Number > r.Low && c.Number < r.High)
}
