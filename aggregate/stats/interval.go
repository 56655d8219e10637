package stats

import "math"

// Interval is a confidence interval; both ends are inside it.
type Interval struct{ Lower, Upper float64 }

// Distance is how far from zero the interval says its figure is at least: 0 when zero is inside.
// Of a difference of shares it is the lower bound of the size of the difference, whichever its sign.
func (i Interval) Distance() float64 {
	return max(i.Lower, -i.Upper, 0)
}

// Wilson is the score interval of a share of k among n (Wilson 1927, without continuity correction) for
// the standard normal quantile z. It stays within 0…1 and is sound for small n and for shares of 0 and
// 1, where k ± z√(…) is not. Of n = 0 nothing is known: 0…1.
func Wilson(k, n uint64, z float64) Interval {
	if n == 0 {
		return Interval{0, 1}
	}
	i := wilson(Ratio(k, n), float64(n), z)
	// At the ends of the range rounding must not exclude what was observed.
	if k == 0 {
		i.Lower = 0
	}
	if k >= n {
		i.Upper = 1
	}
	return i
}

// wilson is the score interval of a share p of m.
func wilson(p, m, z float64) Interval {
	middle := p + z*z/(2*m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	scale := 1 + z*z/m
	return Interval{max((middle-half)/scale, 0), min((middle+half)/scale, 1)}
}

// Newcombe is the hybrid score interval of the difference of two independent shares, a/n − c/m
// (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10,
// without continuity correction) for the standard normal quantile z. With an empty side it is as wide as
// what is known of the other allows.
func Newcombe(a, n, c, m uint64, z float64) Interval {
	return newcombe(Ratio(a, n), Ratio(c, m), Wilson(a, n, z), Wilson(c, m, z))
}

// NewcombeWithin is Newcombe for counts that are known up to an error: a may be anything from a−slackA
// to a, and c from c−slackC to c, as SpaceSaving counts are. The interval covers every such pair.
func NewcombeWithin(a, slackA, n, c, slackC, m uint64, z float64) Interval {
	low := Newcombe(a-min(slackA, a), n, c, m, z)
	high := Newcombe(a, n, c-min(slackC, c), m, z)
	return Interval{low.Lower, high.Upper}
}

func newcombe(p, q float64, x, y Interval) Interval {
	d := p - q
	return Interval{
		max(d-math.Hypot(p-x.Lower, y.Upper-q), -1),
		min(d+math.Hypot(x.Upper-p, q-y.Lower), 1),
	}
}
