// Package growth tells latencies that grow from those that changed at once and from those that merely
// vary (ANALYSES A26, statistics 3.5), over time series of rollups.
//
//	Series (p50, p95, mean, self time per window) ─▶ Judge ─▶ rows, with shape and p ─▶ Explain ─▶ whose growth it is
//
// All is done with logarithms: latency is as far from twice of it at 1 ms as at 1 s.
package growth

import (
	"math"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
)

const (
	// MinSamples is how many spans a window needs for its p50 and p95, MinWindows how many such windows a
	// series needs.
	MinSamples = 30
	MinWindows = 12
	// minFilled is the share of the windows between the first and the last that have to have enough
	// samples: the tests take windows for evenly spaced.
	minFilled = .8
	// minRatio is what latency has to grow by until a person cares.
	minRatio = 1.25
	// maxTrendP is for Mann and Kendall's test, maxStepP for the test of a step, which is preceded by a
	// search. maxQ is the false discovery rate over everything that was tested together.
	maxTrendP = .01
	maxStepP  = .001
	maxQ      = .05
	// minExplained is the share of the variance that a step explains; of a line it would be three quarters.
	minExplained = .8
	// clearer is by how much the one fit has to be better than the other before growth is called
	// exponential; it is wording only.
	clearer = .02
)

// Window is what a series counted in one stretch of time. Durations are ns.
type Window struct {
	At       int64 // its begin, Unix ns
	Calls    uint64
	P50, P95 float64
	Mean     float64
	Self     float64 // self time per call
}

// Series is a place over equal windows, oldest first; those without calls are left out.
type Series struct {
	model.Place
	Step    int64 // ns per window
	Windows []Window
	P50     float64 // of all windows together, ns
	P99     float64
}

// Shape is the form of a change.
type Shape string

// The shapes. Values are stable: scripts read them.
const (
	None    Shape = "none"    // varies, and no more
	Unclear Shape = "unclear" // a quantile is larger by what a person cares about, but that may be chance
	Grows   Shape = "growing" // steadily
	Step    Shape = "step"    // at once
	Masked  Shape = "mixed"   // of a service: its operations do not grow, their shares of the calls change
)

// Law is how something grows.
type Law string

// The laws.
const (
	Exponential Law = "exponential" // by the same factor in the same time
	Linear      Law = "linear"      // by the same amount in the same time
)

// Row is the verdict on a series. Ratios are after/before.
type Row struct {
	model.Place
	From, To int64 // of the windows that were looked at, Unix ns
	Step     int64 // ns per window
	Windows  int   // with enough samples
	Calls    uint64

	Shape    Shape
	Quantile float64 // which one Before and After are of, and shows it: .5 or .95
	At       int64   // of a step: begin of the first window after it, Unix ns; else 0
	Before   float64 // the quantile at the begin or before the step, ns
	After    float64 // and at the end, ns
	Growth50 float64 // ratio over all windows, by the slope of Theil and Sen
	Growth95 float64
	Law      Law   // of what grows
	Doubling int64 // ns in which it doubles; 0 where it does not grow
	P, Q     float64
	// Tail is ln(p99/p50)/ln 2: by how many powers of two the slowest percent is slower. "Exponential
	// growth" of latency across ranks rather than time shows here.
	Tail float64
	// OwnShare is the part of the change of the mean that is self time, 0…1; the rest is time that it
	// waits for what it calls.
	OwnShare float64
	Own      float64 // that part, ns per call
	Slower   uint64  // calls in the windows in which the quantile was as much above Before as is called a change
	Lost     int64   // what the change cost all calls together, by the mean, ns
	// Because is whose growth this one merely waits for, nil where it is its own or nobody's.
	Because *model.Place
}

// Ratio is by how much the quantile that shows it has changed.
func (r *Row) Ratio() float64 { return r.After / r.Before }

// Alarm reports whether the row is a change.
func (r *Row) Alarm() bool { return r.Shape == Grows || r.Shape == Step }

// Fits reports whether a series is long enough to be judged.
func (s *Series) Fits() bool {
	n := 0
	for i := range s.Windows {
		if s.Windows[i].Calls >= MinSamples {
			n++
		}
	}
	if n < MinWindows {
		return false
	}
	all := (s.Windows[len(s.Windows)-1].At-s.Windows[0].At)/max(s.Step, 1) + 1
	return float64(n) >= minFilled*float64(all)
}

// Judge gives a verdict on every series that is long enough, in their order, and says how many tests were
// made. Only what is beyond chance among all of them is called growth or a step.
func Judge(series []Series) (rows []Row, tests int) {
	var all []judgement
	var ps []float64
	for i := range series {
		if !series[i].Fits() {
			continue
		}
		all = append(all, judge(&series[i]))
	}
	confirm(all)
	for i := range all {
		for _, v := range all[i].views {
			ps = append(ps, v.trendP, v.split.P)
		}
	}
	q := stats.BenjaminiHochberg(ps)
	for i := range all {
		rows = append(rows, all[i].row(q[4*i:4*i+4]))
	}
	return rows, len(ps)
}

// confirm corrects p-values for how alike neighbouring windows are, which all series together tell. Mann and Kendall's
// test, which single windows do not lead astray, and the test of the slope have to agree.
func confirm(all []judgement) {
	var rho []float64
	windows := 0.0
	for i := range all {
		for v := range all[i].views {
			x := &all[i].views[v]
			rho = append(rho, likeness(x.fits, x.line, x.split))
		}
		windows += float64(len(all[i].windows)) / float64(len(all))
	}
	shared(rho, windows)
	for i := range all {
		for k := range all[i].views {
			v, r := &all[i].views[k], rho[i*len(all[i].views)+k]
			v.trendP = max(v.trendP, slopeP(v.fits, r))
			v.split.P = stepP(len(v.y), v.split, r)
		}
	}
}

// judgement is a series with what was computed of its two quantiles.
type judgement struct {
	series  *Series
	windows []Window // with enough samples
	views   [2]view  // p95, p50
}

// view is one quantile of a series.
type view struct {
	quantile         float64
	y                []float64 // ln ns
	fits             []float64 // y or ns, whichever is nearer to a line
	slope, intercept float64
	trendP           float64
	split            stats.Split
	line             float64 // share of the variance that a line explains
	law              Law     // what fits better: a line through the logarithms, or through the durations
}

func judge(s *Series) judgement {
	j := judgement{series: s}
	for _, w := range s.Windows {
		if w.Calls >= MinSamples {
			j.windows = append(j.windows, w)
		}
	}
	j.views[0] = newView(.95, j.windows, func(w *Window) float64 { return w.P95 })
	j.views[1] = newView(.5, j.windows, func(w *Window) float64 { return w.P50 })
	return j
}

func newView(quantile float64, windows []Window, of func(*Window) float64) view {
	v := view{quantile: quantile, y: make([]float64, len(windows))}
	for i := range windows {
		v.y[i] = math.Log(max(of(&windows[i]), 1))
	}
	v.slope, v.intercept = stats.TheilSen(v.y)
	v.split, v.line = stats.BestSplit(v.y), stats.LineFit(v.y)
	raw := make([]float64, len(v.y))
	for i, y := range v.y {
		raw[i] = math.Exp(y)
	}
	// Ranks are the same on either scale, but what a line leaves over is not: the bend that is left on the
	// wrong scale would count as likeness of neighbours.
	straight := stats.LineFit(raw)
	if v.line > straight {
		v.fits = v.y
	} else {
		v.fits = raw
	}
	_, v.trendP = stats.MannKendallSerial(v.fits)
	v.law = Linear
	if v.line > straight+clearer {
		v.law = Exponential
	}
	return v
}

// growth is the logarithm of by how much the quantile grows over all windows.
func (v *view) growth() float64 { return v.slope * float64(len(v.y)-1) }

// steps and grows are the gates. A step is looked for first: the test for a trend fires on it, too.
func (v *view) steps(q float64) bool {
	return v.split.P < maxStepP && q < maxQ && v.split.Explained >= max(minExplained, v.line) && v.split.After-v.split.Before >= math.Log(minRatio)
}

func (v *view) grows(q float64) bool {
	return v.trendP < maxTrendP && q < maxQ && v.growth() >= math.Log(minRatio)
}

// row is the verdict. q are of trend and step, of p95 and then p50.
func (j *judgement) row(q []float64) Row {
	s, n := j.series, len(j.windows)
	r := Row{
		Place: s.Place, From: j.windows[0].At, To: j.windows[n-1].At + s.Step, Step: s.Step, Windows: n, Shape: None,
		Growth95: math.Exp(j.views[0].growth()), Growth50: math.Exp(j.views[1].growth()),
	}
	for i := range j.windows {
		r.Calls += j.windows[i].Calls
	}
	if s.P50 > 0 && s.P99 > 0 {
		r.Tail = math.Log2(s.P99 / s.P50)
	}
	// Without a change, what is shown is the quantile that comes nearest to one.
	shown, least := 0, 2.0
	for i := range j.views {
		v := &j.views[i]
		if p := min(v.trendP, 1); p < least && r.Shape == None {
			shown, least = i, p
			r.P, r.Q = v.trendP, q[2*i]
		}
		switch {
		case r.Alarm():
		case v.steps(q[2*i+1]):
			shown, r.Shape, r.P, r.Q = i, Step, v.split.P, q[2*i+1]
		case v.grows(q[2*i]):
			shown, r.Shape, r.P, r.Q = i, Grows, v.trendP, q[2*i]
		}
	}
	if larger := max(r.Growth50, r.Growth95); r.Shape == None && larger >= minRatio {
		shown, r.Shape = 0, Unclear
		if r.Growth50 == larger {
			shown = 1
		}
		r.P, r.Q = j.views[shown].trendP, q[2*shown]
	}
	j.measure(&r, &j.views[shown])
	return r
}

// measure fills in how much changed.
func (j *judgement) measure(r *Row, v *view) {
	n := len(j.windows)
	r.Quantile = v.quantile
	r.Before, r.After = math.Exp(v.intercept), math.Exp(v.intercept+v.growth())
	if r.Shape == Step {
		r.Before, r.After, r.At = math.Exp(v.split.Before), math.Exp(v.split.After), j.windows[v.split.At].At
	}
	if r.Shape == Grows {
		r.Law = v.law
		r.Doubling = int64(math.Ln2 / v.slope * float64(r.To-r.From) / float64(n))
	}
	if !r.Alarm() {
		return
	}
	mean, own := j.change(r, func(w *Window) float64 { return w.Mean }), j.change(r, func(w *Window) float64 { return w.Self })
	r.Own = max(own, 0)
	if mean > 0 {
		r.OwnShare = min(r.Own/mean, 1)
	}
	later := 0.0
	for i := range j.windows {
		w := &j.windows[i]
		if math.Exp(v.y[i]) >= minRatio*r.Before {
			r.Slower += w.Calls
		}
		if w.At >= r.At {
			later += float64(w.Calls)
		}
	}
	if r.Shape == Grows {
		later /= 2 // by the middle of the time, half of it has come
	}
	r.Lost = int64(max(mean, 0) * later)
}

// change is by how much a figure changed, in the same way as the quantile did.
func (j *judgement) change(r *Row, of func(*Window) float64) float64 {
	var y, later []float64
	for i := range j.windows {
		if w := &j.windows[i]; r.Shape == Step && w.At >= r.At {
			later = append(later, of(w))
		} else {
			y = append(y, of(w))
		}
	}
	if r.Shape == Step {
		return middle(later) - middle(y)
	}
	slope, _ := stats.TheilSen(y)
	return slope * float64(len(y)-1)
}

// middle is the upper median; it sorts y.
func middle(y []float64) float64 {
	slices.Sort(y)
	return y[len(y)/2]
}
