package failures

import (
	"cmp"
	"slices"
	"strings"

	"oteltop/aggregate/bounded"
	"oteltop/model"
)

const (
	// stormProduct is how many attempts reach the end of a path for each logical call at its beginning when it
	// counts as a storm: more than what one edge with the usual three attempts can do on its own account.
	stormProduct = 3
	// minLogical and minResends are how many logical calls, and calls sent again, an edge has in a stretch of
	// time whose amplification counts.
	minLogical = 10
	minResends = 10
	// stretches is into how many stretches of time a storm is looked for.
	stretches = 16
	// maxPath is how many edges a path of a storm has.
	maxPath = 8
)

// RetriesResult is attempts and logical calls by edge.
type RetriesResult struct {
	Traces  uint64
	Retried uint64     // requests with a retry
	Rows    []RetryRow // edges on which something is sent again, by retries, then names
	Storms  []Storm    // the largest product first
	Dropped uint64     // calls that found no room
}

// RetryRow is the calls of an operation to a callee.
type RetryRow struct {
	Client    string
	Operation string // of the client's span; of the server's where that is what shows the attempts
	Kind      model.Kind
	Callee    string // empty: not known
	Served    string // operation of the callee, where it sends spans

	Attempts       uint64 // calls
	Logical        uint64 // calls that were wanted: Attempts without those sent again
	Retries        uint64 // sent again after a failure
	Redirects      uint64 // … after a redirect
	Authentication uint64 // … after a request for credentials
	Other          uint64 // … for a reason that does not show
	Amplification  float64

	Retried   uint64 // logical calls with a retry
	Recovered uint64 // of which succeeded in the end
	Most      int    // attempts of one logical call
	Failed    int64  // time of failed attempts of retried calls, ns
	Backoff   int64  // time between attempts, ns
	Traces    uint64 // requests with a retry
	Failing   uint64 // of which are errors themselves

	First, Last int64 // start of the first and the last retry, Unix ns; 0 for none
	Peak        Peak  // the stretch with the largest amplification
	Exemplars   []Exemplar
	Select      string // a filter for what is sent again; empty where the spans do not say so
}

// Peak is a stretch of time on an edge.
type Peak struct {
	From          int64 // Unix ns
	Amplification float64
}

// Wasted is the time of failed attempts and of the pauses between them, ns.
func (r *RetryRow) Wasted() int64 { return bounded.Sum(r.Failed, r.Backoff) }

// Storm is a path along which attempts multiply.
type Storm struct {
	From    int64 // start of the stretch of time, Unix ns
	Product float64
	Path    []RetryRow // edges with retries, outermost first; their Amplification is that of the stretch
}

// Result is what was counted so far.
func (r *Retries) Result() *RetriesResult {
	out := &RetriesResult{Traces: r.traces, Retried: r.retried, Dropped: r.dropped, Storms: r.storms()}
	for _, e := range r.edges {
		if e.again != [causes]uint64{} {
			out.Rows = append(out.Rows, r.row(e))
		}
	}
	slices.SortFunc(out.Rows, func(a, b RetryRow) int {
		return cmp.Or(cmp.Compare(b.Retries, a.Retries), cmp.Compare(b.Attempts-b.Logical, a.Attempts-a.Logical), cmp.Compare(a.Client, b.Client),
			cmp.Compare(a.Callee, b.Callee), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

func (r *Retries) row(e *edge) RetryRow {
	o := r.names.Operation(e.op)
	row := RetryRow{
		Client: o.ServiceName, Operation: o.Name, Kind: o.Kind, Attempts: e.sent,
		Retries: e.again[AfterFailure], Redirects: e.again[Redirect], Authentication: e.again[Authentication], Other: e.again[OtherCause],
		Retried: e.chains, Recovered: e.recovered, Most: e.most, Failed: e.failedTime, Backoff: e.waited, Traces: e.traces, Failing: e.failed,
		First: e.first, Last: e.last, Exemplars: e.sample.list(),
	}
	if e.callee >= 0 {
		row.Callee = r.list[e.callee]
	}
	if e.served != 0 {
		row.Served = r.names.Operation(e.served).Name
	}
	if e.numbered == row.Retries+row.Redirects+row.Authentication+row.Other {
		row.Select = "{ " + selects(o, errorType{}, false) + " && (" + sentAgain() + ") }"
	}
	row.Logical = row.Attempts - min(row.Attempts, row.Retries+row.Redirects+row.Authentication+row.Other)
	row.Amplification = amplification(row.Logical+row.Retries, row.Retries)
	for w := range stretches {
		if from, to, ok := r.stretch(w); ok && e.busy(from, to) {
			if x := e.amplification(from, to); x > row.Peak.Amplification {
				row.Peak = Peak{r.periods.starts[from], x}
			}
		}
	}
	return row
}

// sentAgain is a filter for spans that carry the number of an attempt.
func sentAgain() string {
	var terms []string
	for _, key := range resendKeys {
		terms = append(terms, "span."+key+" > 0")
	}
	return strings.Join(terms, " || ")
}

// amplification is attempts by logical call, 1 without any.
func amplification(attempts, again uint64) float64 {
	if attempts <= again {
		return 1
	}
	return float64(attempts) / float64(attempts-again)
}

// stretch are the periods of a stretch of time.
func (r *Retries) stretch(w int) (from, to int, ok bool) {
	n := len(r.periods.starts)
	from, to = w*n/stretches, (w+1)*n/stretches
	return from, to, from < to
}

// busy reports whether an edge has enough calls and retries in some periods to speak of an amplification.
func (e *edge) busy(from, to int) bool {
	calls, again := e.calls.sum(from, to), e.resends.sum(from, to)
	return again >= minResends && calls >= again+minLogical
}

func (e *edge) amplification(from, to int) float64 {
	return amplification(e.calls.sum(from, to), e.resends.sum(from, to))
}

// storms are the paths along which attempts multiply, one for each edge at which one ends that is part of no longer.
func (r *Retries) storms() []Storm {
	best := map[int32]Storm{}
	inner := map[int32]struct{}{}
	for w := range stretches {
		from, to, ok := r.stretch(w)
		if !ok {
			continue
		}
		for id, e := range r.edges {
			if !e.busy(from, to) {
				continue
			}
			path, product := r.path(int32(id), from, to)
			if product <= stormProduct || product <= best[int32(id)].Product {
				continue
			}
			s := Storm{From: r.periods.starts[from], Product: product}
			for _, at := range path {
				row := r.row(r.edges[at])
				row.Amplification = r.edges[at].amplification(from, to)
				s.Path = append(s.Path, row)
			}
			best[int32(id)] = s
			for _, at := range path[:len(path)-1] {
				inner[at] = struct{}{}
			}
		}
	}
	var out []Storm
	for id, s := range best {
		if _, ok := inner[id]; !ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Storm) int {
		x, y := &a.Path[len(a.Path)-1], &b.Path[len(b.Path)-1]
		return cmp.Or(cmp.Compare(b.Product, a.Product), cmp.Compare(x.Client, y.Client), cmp.Compare(x.Callee, y.Callee), cmp.Compare(x.Operation, y.Operation))
	})
	return out
}

// path is the way to an edge along which attempts multiply most, outermost first. Edges without retries on
// the way are passed over.
func (r *Retries) path(id int32, from, to int) (path []int32, product float64) {
	product = 1
	passed := map[int32]struct{}{}
	for at := id; at >= 0; {
		passed[at] = struct{}{}
		e := r.edges[at]
		if e.busy(from, to) {
			path = append(path, at)
			product *= e.amplification(from, to)
		}
		if len(passed) > 4*maxPath || len(path) == maxPath {
			break
		}
		at = r.next(e, passed, from, to)
	}
	slices.Reverse(path)
	return path, product
}

// next is the edge above one with the most amplification, of those not passed yet, −1 for none; of edges alike,
// the one with the most calls.
func (r *Retries) next(e *edge, passed map[int32]struct{}, from, to int) int32 {
	best, most, calls := int32(-1), 0.0, uint64(0)
	for _, up := range e.above {
		if _, ok := passed[up]; ok {
			continue
		}
		x, amplified := r.edges[up], 1.0
		n := x.calls.sum(from, to)
		if x.busy(from, to) {
			amplified = x.amplification(from, to)
		}
		if n > 0 && (amplified > most || amplified == most && n > calls) {
			best, most, calls = up, amplified, n
		}
	}
	return best
}
