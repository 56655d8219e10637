package stats

import "math"

// Student is the probability that Student's t with the given degrees of freedom is at least as far from 0
// as t: I(ν/(ν+t²); ν/2, 1/2), the regularised incomplete beta function.
func Student(t, freedom float64) float64 {
	x := freedom / (freedom + t*t)
	a, b := freedom/2, 0.5
	// The continued fraction converges fast below the mean of the distribution, so the other tail is
	// taken above it.
	if x > (a+1)/(a+b+2) {
		return 1 - betaFraction(b, a, 1-x)
	}
	return betaFraction(a, b, x)
}

// betaFraction is the regularised incomplete beta function by its continued fraction (DLMF 8.17.22),
// evaluated from the front after Lentz.
func betaFraction(a, b, x float64) float64 {
	const (
		steps    = 300
		exact    = 1e-12
		smallest = 1e-300 // stands for a denominator of 0
	)
	if x <= 0 {
		return 0
	}
	ab, _ := math.Lgamma(a + b)
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	front := math.Exp(ab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	nonzero := func(f float64) float64 {
		if math.Abs(f) < smallest {
			return smallest
		}
		return f
	}
	c, d := 1.0, 1/nonzero(1-(a+b)*x/(a+1))
	value := d
	for i := 1; i <= steps; i++ {
		m := float64(i)
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/nonzero(1+even*d), nonzero(1+even/c)
		value *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/nonzero(1+odd*d), nonzero(1+odd/c)
		value *= d * c
		if math.Abs(d*c-1) < exact {
			break
		}
	}
	return front * value
}
