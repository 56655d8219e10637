package contention

import (
	"cmp"
	"math"
	"slices"

	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// perStretch is how many spans make a stretch of time within which spans are compared; one that takes longer
	// than maxStretch is left out, because too much may change in it.
	perStretch = 32
	maxStretch = 300e9
	// minStretches is how many an operation needs. Their correlations are what is tested, not the spans: in a
	// stretch, slow spans may come in groups for reasons of their own.
	minStretches = 8
	// What contention has to show: a correlation, arrivals that go with slowness, and an effect that a person cares
	// about, by the quartiles as they are and by the slope within stretches.
	minRho      = .2
	maxArrivalP = .01
	minRatio    = 1.5
	minAdjusted = 1.25
	maxQ        = .05
	// maxTraces is how many traces a row names.
	maxTraces = 5
	// minQuarter is how many spans a quartile needs.
	minQuarter = 30
	// minTime is how long, ns, the busy quartile takes at least: what does nothing itself cannot wait for its turn.
	minTime = 1e3
)

// Result is what may be slow because it is busy.
type Result struct {
	Rows      []Row // contention first, by Lost; then by correlation
	Tests     int
	TooFew    int // pairs of operation and resource with too few spans, or spans too far apart
	Even      int // pairs with as many in flight nearly all the time, or that take no time of their own
	Forgotten uint64
	Dropped   uint64 // spans whose resource found no room
	Thinned   int    // only each so many traces were looked at: what is in flight is estimated
}

// Row is an operation on a resource: all instances of a service together, each compared with itself.
type Row struct {
	Resource  string
	Peer      bool
	Service   string // whose operation it is
	Operation string
	Kind      model.Kind

	Spans     int // compared, at most one of each trace
	Stretches int
	Rho       float64 // mean of Spearman's correlation with how many were in flight, time held fixed
	RhoArrive float64 // the same with how many had just arrived
	P, Q      float64 // that both are chance
	ArrivalP  float64
	PerOne    float64 // factor that each one more in flight comes with
	// The quartile of spans that began with the most others in flight, against that with the fewest.
	Busy, Quiet           float64 // at least so many, at most so many in flight, the span included
	BusyNs, QuietNs       float64 // medians of the time that is compared, ns
	BusySpans, QuietSpans int
	Adjusted              float64 // their ratio by PerOne: what is left when trends are held fixed
	Little, InFlight      float64 // spans in flight on average, by Little's law and by counting
	Contended             bool
	Lost                  int64           // what the busy quartile spent beyond the median of the quiet one, ns
	Traces                []model.TraceID // the slowest of the busy quartile
	From, To              int64

	busy []begun // the slowest of the busy quartile
}

// Ratio is how much slower the busy quartile is than the quiet one, by their medians.
func (r *Row) Ratio() float64 { return r.BusyNs / max(r.QuietNs, 1) }

// least is how much slower the busy quartile is at least: by the medians, or by the slope, whichever is less.
func (r *Row) least() float64 { return min(r.Ratio(), r.Adjusted) }

// subject is an operation on what counts as one resource.
type subject struct {
	op       uint32
	resource string
	peer     bool
}

// evidence is what the resources of a subject say.
type evidence struct {
	rho, arrival []float64 // by stretch
	cx, cc       float64   // Σ of in-flight × ln ns and of in-flight², trends taken out
	all          []begun
	little       float64
	measured     float64
}

// Result judges what was collected. It is called once.
func (f *Fold) Result() *Result {
	out := &Result{Forgotten: f.forgotten, Dropped: f.dropped, Thinned: f.thinned}
	subjects := map[subject]*evidence{}
	last := uint32(0)
	for i := range f.runs {
		last = max(last, f.runs[i].trace)
	}
	w := newSweeper(last)
	for _, runs := range f.byResource() {
		f.judgeResource(w, subjects, runs)
	}
	var ps []float64
	for s, e := range subjects {
		if len(e.rho) < minStretches {
			out.TooFew++
			continue
		}
		r := e.row(s, f.names)
		if r.BusySpans == 0 || r.BusyNs < minTime {
			out.Even++
			continue
		}
		out.Rows = append(out.Rows, r)
	}
	slices.SortFunc(out.Rows, compareNames)
	for i := range out.Rows {
		ps = append(ps, out.Rows[i].P)
	}
	out.Tests = len(ps)
	for i, q := range stats.BenjaminiHochberg(ps) {
		r := &out.Rows[i]
		r.Q = q
		r.Traces = f.slowest(r.busy)
		r.busy = nil
		r.Contended = q < maxQ && r.ArrivalP < maxArrivalP && r.Rho >= minRho && r.least() >= minRatio && r.Adjusted >= minAdjusted
	}
	slices.SortStableFunc(out.Rows, func(a, b Row) int {
		switch {
		case a.Contended != b.Contended && a.Contended:
			return -1
		case a.Contended != b.Contended:
			return 1
		case a.Contended:
			return cmp.Compare(b.Lost, a.Lost)
		}
		return cmp.Compare(b.Rho, a.Rho)
	})
	return out
}

// byResource are the runs of each resource that has any, in the order in which they came.
func (f *Fold) byResource() [][]run {
	ends := make([]int, len(f.resources)+1)
	for i := range f.runs {
		ends[f.runs[i].resource+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	sorted := make([]run, len(f.runs))
	for i := range f.runs {
		at := &ends[f.runs[i].resource]
		sorted[*at] = f.runs[i]
		*at++
	}
	f.runs = nil
	var out [][]run
	from := 0
	for _, to := range ends[:len(f.resources)] {
		if from < to {
			out = append(out, sorted[from:to])
		}
		from = to
	}
	return out
}

func compareNames(a, b Row) int {
	return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
}

// judgeResource adds the evidence of one resource.
func (f *Fold) judgeResource(w *sweeper, subjects map[subject]*evidence, runs []run) {
	type part struct {
		*evidence
		from int // of its spans, the first of this resource
	}
	r := &f.resources[runs[0].resource]
	parts := map[uint32]part{}
	l := w.resource(runs, float64(f.thinned), func(op uint32, b begun) {
		p, ok := parts[op]
		if !ok {
			s := subject{op, r.name, r.peer}
			if p.evidence = subjects[s]; p.evidence == nil {
				p.evidence = &evidence{}
				subjects[s] = p.evidence
			}
			p.from = len(p.all)
			parts[op] = p
		}
		p.all = append(p.all, b)
	})
	for _, p := range parts {
		list := p.all[p.from:]
		p.little += l.little * float64(len(list))
		p.measured += l.measured * float64(len(list))
		for from := 0; from+perStretch <= len(list); from += perStretch {
			p.stretch(list[from : from+perStretch])
		}
	}
}

// column is a figure of each span of a stretch.
type column [perStretch]float64

// stretch adds the correlations within a stretch of time.
func (e *evidence) stretch(list []begun) {
	varies := slices.ContainsFunc(list, func(b begun) bool { return b.inFlight != list[0].inFlight })
	if !varies || list[perStretch-1].start-list[0].start > maxStretch {
		return
	}
	var when, log, inFlight, arrived column
	for i := range list {
		when[i] = float64(list[i].start - list[0].start)
		log[i], inFlight[i], arrived[i] = float64(list[i].log), float64(list[i].inFlight), float64(list[i].arrived)
	}
	c, x := inFlight, log
	c.without(&when)
	x.without(&when)
	for i := range c {
		e.cx += c[i] * x[i]
		e.cc += c[i] * c[i]
	}
	for _, y := range []*column{&log, &inFlight, &arrived} {
		copy(y[:], stats.Ranks(y[:]))
		y.without(&when)
	}
	e.rho = append(e.rho, stats.Pearson(log[:], inFlight[:]))
	e.arrival = append(e.arrival, stats.Pearson(log[:], arrived[:]))
}

// without returns what a straight line in x leaves of a column: its residuals.
func (y *column) without(x *column) {
	var mx, my, xy, xx float64
	for i := range y {
		mx += x[i] / perStretch
		my += y[i] / perStretch
	}
	for i := range y {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	slope := 0.0
	if xx > 0 {
		slope = xy / xx
	}
	for i := range y {
		y[i] = y[i] - my - slope*(x[i]-mx)
	}
}

// row is the verdict but for what depends on the others.
func (e *evidence) row(s subject, names store.Names) Row {
	o := names.Operation(s.op)
	n := float64(len(e.all))
	r := Row{
		Resource: s.resource, Peer: s.peer, Service: o.ServiceName, Operation: o.Name, Kind: o.Kind, Spans: len(e.all), Stretches: len(e.rho),
		PerOne: 1, Adjusted: 1, Little: e.little / n, InFlight: e.measured / n, From: math.MaxInt64,
	}
	p := 1.0
	r.Rho, p = stats.PositiveMean(e.rho)
	r.RhoArrive, r.ArrivalP = stats.PositiveMean(e.arrival)
	r.P = max(p, r.ArrivalP)
	slope := 0.0
	if e.cc > 0 {
		slope = e.cx / e.cc
		r.PerOne = math.Exp(slope)
	}
	e.quartiles(&r, slope)
	for i := range e.all {
		r.From, r.To = min(r.From, e.all[i].start), max(r.To, e.all[i].start)
	}
	return r
}

// quartiles compares the spans that began with the most others in flight with those that began with the fewest.
func (e *evidence) quartiles(r *Row, slope float64) {
	slices.SortFunc(e.all, func(a, b begun) int {
		return cmp.Or(cmp.Compare(a.inFlight, b.inFlight), cmp.Compare(a.start, b.start))
	})
	n := len(e.all)
	low := e.all[n/4].inFlight
	above := math.Nextafter32(low, math.MaxFloat32)
	quiet := e.all[:firstWith(e.all, above)]
	busy := e.all[firstWith(e.all, max(e.all[n-1-n/4].inFlight, above)):]
	if len(busy) < minQuarter || len(quiet) < minQuarter {
		return
	}
	r.Quiet, r.Busy = float64(low)+1, float64(busy[0].inFlight)+1
	r.QuietSpans, r.BusySpans = len(quiet), len(busy)
	var meanQuiet, meanBusy float64
	r.QuietNs, meanQuiet = middle(quiet)
	r.BusyNs, meanBusy = middle(busy)
	r.Adjusted = math.Exp(slope * (meanBusy - meanQuiet))
	lost := 0.0
	for i := range busy {
		lost += max(math.Exp(float64(busy[i].log))-r.QuietNs, 0)
	}
	r.Lost = int64(lost)
	r.busy = longest(busy)
}

// longest are the few spans that took longest, of equal ones the first.
func longest(list []begun) []begun {
	var few []begun
	for i := range list {
		if len(few) == maxTraces {
			if list[i].log <= few[maxTraces-1].log {
				continue
			}
			few = few[:maxTraces-1]
		}
		at, _ := slices.BinarySearchFunc(few, list[i].log, func(b begun, log float32) int { return cmp.Or(cmp.Compare(log, b.log), -1) })
		few = slices.Insert(few, at, list[i])
	}
	return few
}

// slowest are the traces of some spans.
func (f *Fold) slowest(list []begun) (ids []model.TraceID) {
	for _, b := range list {
		if at := int(b.trace) - 1; at < len(f.traceIDs) && !slices.Contains(ids, f.traceIDs[at]) {
			ids = append(ids, f.traceIDs[at])
		}
	}
	return ids
}

// firstWith is the index of the first that has at least so many in flight.
func firstWith(all []begun, least float32) int {
	at, _ := slices.BinarySearchFunc(all, least, func(b begun, x float32) int {
		if b.inFlight < x {
			return -1
		}
		return 1
	})
	return at
}

// middle is the median time, ns, and the mean number in flight.
func middle(list []begun) (ns, inFlight float64) {
	logs := make([]float64, len(list))
	for i := range list {
		logs[i] = float64(list[i].log)
		inFlight += float64(list[i].inFlight) / float64(len(list))
	}
	slices.Sort(logs)
	return math.Exp(logs[len(logs)/2]), inFlight
}
