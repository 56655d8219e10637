package suspects

import "math"

// unsure is the chance that an onset lies outside its interval.
const unsure = .05

// date says when the largest change of an onset began: between x.from and until, where most of what follows shows
// it. Each gap between two requests that could show it is as likely a place as it is long, times the
// likelihood that so many before it show it and so many after it (two unknown shares, with Jeffreys's prior,
// integrated out: Smith 1975, "A Bayesian approach to inference about a change-point"). What the time before from
// shows is known. Where nothing tells, the onset stays as it is.
func (h *History) date(x *Onset, until int64) {
	before := h.shown(x.lead(), x.from-baselineParts*h.focus, x.from)
	after := h.shown(x.lead(), x.from, until)
	early, late := before.hits(), after.hits()
	n, m := float64(len(before)), float64(len(after))
	gaps := make([]gap, 0, len(after))
	since := x.from
	for _, s := range after {
		if length := s.start - since; length > 0 && late*n > early*m { // more of those after it
			gaps = append(gaps, gap{since, s.start, math.Log(float64(length)) + logBeta(early, n) + logBeta(late, m)})
		}
		since = s.start
		early, late = early+s.hit, late-s.hit
		n, m = n+1, m-1
	}
	if len(gaps) > 0 {
		x.At, x.Earliest, x.Latest = quantile(gaps, .5), quantile(gaps, unsure/2), quantile(gaps, 1-unsure/2)
	}
}

// showing is a request that could show an effect: hit is 1 where it does, else 0.
type showing struct {
	start int64
	hit   float64
}

type showings []showing

// shown are the requests in [from, to) that could show an effect, in order of start.
func (h *History) shown(e *effect, from, to int64) showings {
	var out showings
	for _, o := range h.between(from, to) {
		if hit, ok := o.hit(e); ok {
			out = append(out, showing{o.start, hit})
		}
	}
	return out
}

func (s showings) hits() (sum float64) {
	for i := range s {
		sum += s[i].hit
	}
	return sum
}

// logBeta is the log of the likelihood of n draws, hits of which are 1, over all shares of 1: B(hits+½, n−hits+½).
func logBeta(hits, n float64) float64 {
	a, _ := math.Lgamma(hits + .5)
	b, _ := math.Lgamma(n - hits + .5)
	c, _ := math.Lgamma(n + 1)
	return a + b - c
}

// gap is a time in which nothing happened that tells, with the log of its weight.
type gap struct {
	from, to int64
	weight   float64
}

// quantile is the time before which the share q of the weight of gaps lies; within a gap all times are alike.
func quantile(gaps []gap, q float64) int64 {
	all := evidence(gaps)
	for _, g := range gaps {
		w := math.Exp(g.weight - all)
		if q <= w {
			return g.from + int64(float64(g.to-g.from)*q/w)
		}
		q -= w
	}
	return gaps[len(gaps)-1].to
}

// evidence is the log of the sum of the weights of gaps.
func evidence(gaps []gap) float64 {
	largest := math.Inf(-1)
	for _, g := range gaps {
		largest = max(largest, g.weight)
	}
	total := 0.0
	for _, g := range gaps {
		total += math.Exp(g.weight - largest)
	}
	return largest + math.Log(total)
}
