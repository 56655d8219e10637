package patterns

import (
	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
)

// state is what is known of the calls with one fingerprint while the calls of one caller are walked.
type state struct {
	calls int
	first int // index of the first call
	last  int // and of the last
	run   run
}

// run is calls with one fingerprint, one after the other: indexes into those of one caller.
type run struct {
	n, failed   int
	first, last int
	end         int64 // from when on a call is after the last one
	time, most  int64
	paged       bool
	sourced     bool
	exact       uint64 // arguments of all calls; 0 where they differ or are not known
}

// runs finds the N+1 patterns of one caller: at least runLeast calls with one fingerprint, none of which begins
// before the one before it has ended, with calls of at most one other fingerprint between two of them.
func (f *Fold) runs(t *request.Trace, calls []call) {
	for _, p := range f.touched {
		f.states[p] = state{}
	}
	f.touched = f.touched[:0]
	f.next = append(f.next[:0], make([]int, len(calls))...)
	alike := 0 // since this index all calls have the fingerprint of the one before
	for i := range calls {
		c := &calls[i]
		if i > 1 && calls[i-1].print != calls[i-2].print {
			alike = i - 1
		}
		for int(c.print) >= len(f.states) {
			f.states = append(f.states, state{})
		}
		s := &f.states[c.print]
		if s.calls == 0 {
			s.first = i
			f.touched = append(f.touched, c.print)
		} else {
			f.next[s.last] = i
		}
		if s.run.n > 0 && (c.start < s.run.end || s.last < i-1 && alike > s.last+1) {
			f.settle(t, calls, &s.run)
			s.run = run{}
		}
		if s.run.n == 0 {
			s.run = run{first: i, exact: c.exact, sourced: i > 0 && calls[i-1].print != c.print && calls[i-1].traits&reads != 0}
		}
		s.run.add(c, i)
		s.calls++
		s.last = i
	}
	for _, p := range f.touched {
		f.settle(t, calls, &f.states[p].run)
	}
}

func (r *run) add(c *call, at int) {
	r.n++
	if c.failed {
		r.failed++
	}
	if c.exact != r.exact {
		r.exact = 0
	}
	r.last, r.end = at, max(r.end, c.end-c.duration()/overlapTolerance)
	r.time, r.most = bounded.Sum(r.time, c.duration()), max(r.most, c.duration())
	r.paged = r.paged || c.traits&paged != 0
}

// settle decides whether a run is an N+1 pattern. Pages are asked for one after the other because they have to be,
// attempts because the one before failed; the same question again is a duplicate.
func (f *Fold) settle(t *request.Trace, calls []call, r *run) {
	if r.n < runLeast || r.time < f.least || r.paged || 2*r.failed > r.n || r.exact != 0 {
		return
	}
	first := &calls[r.first]
	o := occurrence{calls: r.n, width: 1, time: r.time, sourced: r.sourced, matters: true}
	for i := r.first; i <= r.last; i++ {
		if calls[i].print == first.print {
			o.critical += f.critical(t, calls[i].node)
		}
	}
	o.save = min(r.time-r.most, o.critical)
	f.report(t, placeKey{kind: NPlusOne, caller: t.Span(first.caller).Op, print: first.print}, first.node, calls[r.last].node, &o)
}
