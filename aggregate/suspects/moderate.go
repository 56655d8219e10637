package suspects

import "math"

// prior is what the variances of all keys say about that of any one of them: a scaled inverse χ² with so
// many degrees of freedom around variance. Rare operations have few calls, and a variance of few calls may
// be small by chance; borrowing from the others makes a test of them both safer and sharper (Smyth 2004,
// "Linear models and empirical Bayes methods", section 6.2).
type prior struct{ variance, freedom float64 }

// maxFreedom stands for variances that are all alike.
const maxFreedom = 1e6

// sampleVariance is a variance with its degrees of freedom.
type sampleVariance struct{ variance, freedom float64 }

// priorOf fits a prior by the mean and variance of the log variances.
func priorOf(samples []sampleVariance) prior {
	var e []float64
	mean, expected := 0.0, 0.0
	for _, s := range samples {
		if s.variance > 0 && s.freedom >= 1 {
			x := math.Log(s.variance) - digamma(s.freedom/2) + math.Log(s.freedom/2)
			e = append(e, x)
			mean += x
			expected += trigamma(s.freedom / 2)
		}
	}
	n := float64(len(e))
	if n < 2 {
		return prior{}
	}
	mean /= n
	spread := 0.0
	for _, x := range e {
		spread += (x - mean) * (x - mean)
	}
	spread = spread/(n-1) - expected/n
	if spread <= 0 {
		return prior{math.Exp(mean), maxFreedom}
	}
	half := min(trigammaInverse(spread), maxFreedom/2)
	return prior{math.Exp(mean + digamma(half) - math.Log(half)), 2 * half}
}

// moderate is the variance of a key with what the others say about it.
func (p prior) moderate(s sampleVariance) sampleVariance {
	freedom := p.freedom + s.freedom
	if freedom == 0 {
		return sampleVariance{}
	}
	return sampleVariance{(p.freedom*p.variance + s.freedom*s.variance) / freedom, freedom}
}

// digamma is the derivative of log Γ, by recurrence and its asymptotic series (DLMF 5.11.2).
func digamma(x float64) float64 {
	sum := 0.0
	for ; x < 6; x++ {
		sum -= 1 / x
	}
	r := 1 / (x * x)
	return sum + math.Log(x) - 1/(2*x) - r*(1.0/12-r*(1.0/120-r/252))
}

// trigamma is the derivative of digamma.
func trigamma(x float64) float64 {
	sum := 0.0
	for ; x < 6; x++ {
		sum += 1 / (x * x)
	}
	r := 1 / (x * x)
	return sum + 1/x + r/2 + r/x*(1.0/6-r*(1.0/30-r/42))
}

// trigammaInverse solves trigamma(x) = y for y > 0 by bisection: trigamma falls from infinity to 0.
func trigammaInverse(y float64) float64 {
	lo, hi := 1e-8, maxFreedom
	for range 100 {
		middle := math.Sqrt(lo * hi)
		if trigamma(middle) > y {
			lo = middle
		} else {
			hi = middle
		}
	}
	return lo
}
