package features

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
)

const (
	// maxGroups is how many texts and groups are listed; the rest is one.
	maxGroups = 100
	// fewNumbers is up to how many different numbers each has a bin or a group of its own; more are put
	// together by powers of two.
	fewNumbers = 20
)

// Summary is the distribution of a column. Quantiles are nearest ranks, exact.
type Summary struct {
	N       int // cells that hold something
	Missing int
	IsText  bool // some cell holds a text: there are Values, and no numbers
	Sum     float64
	Mean    float64
	Min     float64
	P50     float64
	P90     float64
	P95     float64
	P99     float64
	Max     float64
	Bins    []Bin
	Values  []Count // of texts, the most frequent first; at most 100, then the others
	Least   int     // index of a cell with the smallest number, −1 for none
	Most    int     // likewise the largest
}

// Bin is how many numbers lie in [Low, High), below 0 in (Low, High], or are Low where the two are equal.
type Bin struct {
	Low, High float64
	N         int
}

// Count is how many cells hold a text.
type Count struct {
	Text  string
	Other bool // all texts that are not listed
	N     int
}

// Summarise works out the distribution of some cells.
func Summarise(cells []Cell) Summary {
	s := Summary{Least: -1, Most: -1}
	var numbers []float64
	texts := map[string]int{}
	for i := range cells {
		c := &cells[i]
		switch c.Sort {
		case Missing:
			s.Missing++
			continue
		case Text:
			s.IsText = true
		default:
			numbers = append(numbers, c.Number)
			s.Sum += c.Number
			if s.Least < 0 || c.Number < cells[s.Least].Number {
				s.Least = i
			}
			if s.Most < 0 || c.Number > cells[s.Most].Number {
				s.Most = i
			}
		}
		s.N++
	}
	if s.IsText {
		for i := range cells {
			if cells[i].Sort != Missing {
				texts[cells[i].text()]++
			}
		}
		return Summary{N: s.N, Missing: s.Missing, IsText: true, Values: mostFrequent(texts), Least: -1, Most: -1}
	}
	if len(numbers) == 0 {
		return s
	}
	slices.Sort(numbers)
	at := func(q float64) float64 {
		return numbers[max(int(math.Ceil(q*float64(len(numbers)))), 1)-1]
	}
	s.Mean = s.Sum / float64(len(numbers))
	s.Min, s.P50, s.P90, s.P95, s.P99, s.Max = numbers[0], at(.5), at(.9), at(.95), at(.99), numbers[len(numbers)-1]
	s.Bins = bins(numbers)
	return s
}

// mostFrequent are the texts by how often they occur.
func mostFrequent(texts map[string]int) []Count {
	out := make([]Count, 0, len(texts))
	for text, n := range texts {
		out = append(out, Count{Text: text, N: n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Text, b.Text)) })
	if len(out) <= maxGroups {
		return out
	}
	others := Count{Other: true}
	for _, c := range out[maxGroups:] {
		others.N += c.N
	}
	return append(out[:maxGroups:maxGroups], others)
}

// bins counts sorted numbers.
func bins(numbers []float64) []Bin {
	few := fewDifferent(numbers)
	var out []Bin
	for _, n := range numbers {
		low, high := n, n
		if !few {
			low, high = octave(n)
		}
		if len(out) == 0 || out[len(out)-1].Low != low {
			out = append(out, Bin{Low: low, High: high})
		}
		out[len(out)-1].N++
	}
	return out
}

// fewDifferent reports whether sorted numbers are so few that each can stand for itself.
func fewDifferent(sorted []float64) bool {
	different := 0
	for i, n := range sorted {
		if i == 0 || n != sorted[i-1] {
			different++
		}
	}
	return different <= fewNumbers
}

// octave is the power of two that a number is at least, and the next; below 0 likewise by size. 0 is alone.
func octave(n float64) (low, high float64) {
	if n == 0 {
		return 0, 0
	}
	_, exponent := math.Frexp(n) // |n| in [2^(e−1), 2^e)
	low, high = math.Ldexp(1, exponent-1), math.Ldexp(1, exponent)
	if n < 0 {
		return -high, -low
	}
	return low, high
}

// Comparison is how a column differs between selected traces and the rest.
type Comparison struct {
	Selected, Rest Summary
	// AUC is the probability that a selected trace's number exceeds another's, ties counting half; P the
	// two-sided p-value of that being a half (Mann–Whitney), and Lower the least that |2·AUC−1| is. 0 of texts,
	// and where a side has no numbers.
	AUC, P, Lower float64
	Tested        bool
}

// Compare compares the cells that are selected with the others.
func Compare(cells []Cell, selected func(i int) bool) Comparison {
	var sides [2][]Cell
	for i, c := range cells {
		side := 1
		if selected(i) {
			side = 0
		}
		sides[side] = append(sides[side], c)
	}
	out := Comparison{Selected: Summarise(sides[0]), Rest: Summarise(sides[1])}
	// Indexes of a side mean nothing to whoever knows the whole.
	out.Selected.Least, out.Selected.Most, out.Rest.Least, out.Rest.Most = -1, -1, -1, -1
	if out.Selected.IsText || out.Rest.IsText || out.Selected.N == 0 || out.Rest.N == 0 {
		return out
	}
	a, b := ranked(sides[1], sides[0])
	x := stats.MannWhitneyCounts(a, b)
	out.AUC, out.P, out.Tested = x.AUC, x.P, true
	out.Lower = x.Distance(uint64(out.Rest.N), uint64(out.Selected.N), stats.Z95)
	return out
}

// ranked counts the numbers of two sides by the rank of their value among all values.
func ranked(a, b []Cell) (na, nb []uint64) {
	var all []float64
	for _, side := range [...][]Cell{a, b} {
		for i := range side {
			if side[i].Sort == Number {
				all = append(all, side[i].Number)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	na, nb = make([]uint64, len(all)), make([]uint64, len(all))
	for k, side := range [...][]Cell{a, b} {
		to := [...][]uint64{na, nb}[k]
		for i := range side {
			if side[i].Sort == Number {
				rank, _ := slices.BinarySearch(all, side[i].Number)
				to[rank]++
			}
		}
	}
	return na, nb
}
