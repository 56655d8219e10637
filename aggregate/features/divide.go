package features

import (
	"cmp"
	"slices"
	"strconv"
)

// Group is the cells of traces that another column has one value of.
type Group struct {
	Value  string
	Absent bool  // the other column is missing
	Other  bool  // all groups that are not listed
	Within Range // of the other column; nothing of all others
	Summary
}

// Divide groups cells by another column of the same traces: by text, by number, or by powers of two where
// there are many different numbers. The largest groups come first, at most 100, then the others.
func Divide(cells, by []Cell) []Group {
	var numbers []float64
	for i := range by {
		if by[i].Sort == Number {
			numbers = append(numbers, by[i].Number)
		}
	}
	slices.Sort(numbers)
	few := fewDifferent(numbers)
	members, within := map[string][]int{}, map[string]Range{}
	var absent []int
	for i := range by {
		c := &by[i]
		if c.Sort == Missing {
			absent = append(absent, i)
			continue
		}
		name := c.text()
		r := Range{Sort: Text, Text: name}
		if c.Sort == Number && !few {
			low, high := octave(c.Number)
			name, r = octaveText(low, high), Range{Sort: Number, Low: low, High: high}
		}
		members[name], within[name] = append(members[name], i), r
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(members[b]), len(members[a])), cmp.Compare(a, b))
	})
	var out []Group
	var others []int
	for i, name := range names {
		if i < maxGroups {
			out = append(out, Group{Value: name, Within: within[name], Summary: summariseAt(cells, members[name])})
		} else {
			others = append(others, members[name]...)
		}
	}
	if len(others) > 0 {
		out = append(out, Group{Other: true, Summary: summariseAt(cells, others)})
	}
	if len(absent) > 0 {
		out = append(out, Group{Absent: true, Summary: summariseAt(cells, absent)})
	}
	return out
}

// summariseAt is the distribution of some of the cells; Least and Most are indexes into all of them.
func summariseAt(cells []Cell, at []int) Summary {
	some := make([]Cell, len(at))
	for i, k := range at {
		some[i] = cells[k]
	}
	s := Summarise(some)
	if s.Least >= 0 {
		s.Least, s.Most = at[s.Least], at[s.Most]
	}
	return s
}

func octaveText(low, high float64) string {
	if low == high {
		return strconv.FormatFloat(low, 'g', -1, 64)
	}
	return strconv.FormatFloat(low, 'g', -1, 64) + " to " + strconv.FormatFloat(high, 'g', -1, 64)
}
