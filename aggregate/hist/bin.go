// Package hist is the project's one latency histogram: base-2 exponential with a fixed scale, so that
// every window, series and screen shares the same bins, merging is addition, and a coarser view is an
// exact sum of neighbours. Heatmap rows, thresholds and quantiles therefore never disagree.
//
// Values are durations in ns. The bounds are those of OpenTelemetry's exponential histogram at scale 5:
// bin b holds the durations of [2^(b/32), 2^((b+1)/32)) ns, about 2.2 % wide.
package hist

import "math"

const (
	// Scale is the number of halvings of an octave: 32 bins for each power of two. It bounds the error
	// of a quantile by (γ−1)/(γ+1) = 1.08 % with γ = 2^(1/32).
	Scale = 5
	// PerOctave is the number of bins for each power of two.
	PerOctave = 1 << Scale
	// Bins is how many bins an int64 can reach: 63 octaves.
	Bins = 63 * PerOctave
	// RowShift makes √2 rows of bins (16 bins), OctaveShift factor-2 rows (32 bins): see Coarsen.
	RowShift    = Scale - 1
	OctaveShift = Scale
)

const (
	mantissaBits = 52
	mantissaMask = 1<<mantissaBits - 1
	exponentBias = 1023
	// lutBits cuts the mantissa into 256 cells. The narrowest bin is 2.2 % of an octave and a cell is
	// 0.4 %, so a cell meets at most one bound and one comparison decides.
	lutBits = 8
)

// binTable finds the bin within an octave: sub[cell] is the bin at the low end of the cell, bounds[k]
// the mantissa at which bin k begins. It is computed once and never written again.
type binTable struct {
	sub    [1 << lutBits]uint8
	bounds [PerOctave + 1]uint64
}

var table = makeBinTable()

func makeBinTable() *binTable {
	t := new(binTable)
	for k := 1; k < PerOctave; k++ {
		// 2^(k/32) is irrational, so whichever side rounding falls no double equals the bound itself.
		t.bounds[k] = math.Float64bits(math.Exp2(float64(k)/PerOctave)) & mantissaMask
	}
	t.bounds[PerOctave] = mantissaMask + 1
	k := uint8(0)
	for cell := range t.sub {
		low := uint64(cell) << (mantissaBits - lutBits)
		for t.bounds[k+1] <= low {
			k++
		}
		t.sub[cell] = k
	}
	return t
}

// Bin is the bin of a duration in ns. Durations below 1 ns fall into the bin of 1 ns.
func Bin(ns int64) int {
	if ns < 1 {
		return 0
	}
	bits := math.Float64bits(float64(ns))
	mantissa := bits & mantissaMask
	k := int(table.sub[mantissa>>(mantissaBits-lutBits)])
	if mantissa >= table.bounds[k+1] {
		k++
	}
	b := (int(bits>>mantissaBits)-exponentBias)<<Scale + k
	return min(b, Bins-1) // the conversion to float64 may round the largest int64 up to 2^63
}

// Low is the smallest duration in ns of a bin: the least integer that Bin maps to it or beyond.
func Low(bin int) int64 { return ceilExp2(float64(bin) / PerOctave) }

// Mid is the geometric midpoint of a bin in ns: no duration in the bin is more than 1.1 % away, save
// for the rounding to whole ns.
func Mid(bin int) int64 {
	m := math.Exp2((float64(bin) + 0.5) / PerOctave)
	if m >= math.MaxInt64 {
		return math.MaxInt64
	}
	return max(int64(math.Round(m)), Low(bin))
}

func ceilExp2(e float64) int64 {
	v := math.Ceil(math.Exp2(e))
	if v >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(v)
}
