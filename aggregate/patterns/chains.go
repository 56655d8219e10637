package patterns

import (
	"encoding/binary"
	"slices"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/request"
)

// maxChain is how many different calls of a chain make its name.
const maxChain = 8

// chain is calls of one caller, each of which begins when the one before it has ended.
type chain struct {
	from, to int // indexes of the calls [from, to)
	end      int64
}

// chains finds calls one after the other that could be made side by side. Known to be independent are only reads
// of a database without parameters: what takes a value may take it from the answer before, as a request by HTTP may take
// its credentials. Nothing is moved across a call that may
// change something. Slow calls by HTTP are listed without that, as a question.
func (f *Fold) chains(t *request.Trace, calls []call) {
	var reading, slow chain
	for i := range calls {
		c := &calls[i]
		if i > reading.from && c.start < reading.end || c.traits&reads == 0 {
			f.independent(t, calls[reading.from:reading.to])
			reading = chain{from: i}
		}
		reading.to, reading.end = i+1, max(reading.end, c.end-c.duration()/overlapTolerance)
		if c.traits&reads == 0 {
			reading = chain{from: i + 1, to: i + 1}
		}
		crawls := f.reader.all[c.print-1].protocol == web && c.duration() >= slowCallLeast && c.traits&paged == 0 && !c.failed
		if i > slow.from && (c.start < slow.end || c.start-slow.end > slowChainGap) || !crawls {
			f.crawling(t, calls[slow.from:slow.to])
			slow = chain{from: i}
		}
		slow.to, slow.end = i+1, max(slow.end, c.end-c.duration()/overlapTolerance)
		if !crawls {
			slow = chain{from: i + 1, to: i + 1}
		}
	}
	f.independent(t, calls[reading.from:reading.to])
	f.crawling(t, calls[slow.from:slow.to])
}

// independent reports a chain in which calls could be made beside the others. At best it then takes as long as the
// longest of these, or as long as the rest one after the other.
func (f *Fold) independent(t *request.Trace, calls []call) {
	if len(calls) < 2 {
		return
	}
	var all, bound, longest int64
	free, distinct := 0, false
	for i := range calls {
		d := calls[i].duration()
		all = bounded.Sum(all, d)
		distinct = distinct || calls[i].print != calls[0].print
		if calls[i].free() && f.reader.all[calls[i].print-1].protocol == database && !slices.ContainsFunc(calls[max(0, i-maxChain):i], func(c call) bool { return c.print == calls[i].print }) {
			free++
			longest = max(longest, d)
		} else {
			bound = bounded.Sum(bound, d)
		}
	}
	// One question again and again is a duplicate.
	if save := all - max(bound, longest); free > 0 && distinct && save >= all/serialShare {
		f.chained(t, calls, all, save, "=")
	}
}

// crawling reports slow calls one after the other that may or may not depend on each other.
func (f *Fold) crawling(t *request.Trace, calls []call) {
	if len(calls) < slowChainLeast {
		return
	}
	var all, longest int64
	for i := range calls {
		all, longest = bounded.Sum(all, calls[i].duration()), max(longest, calls[i].duration())
	}
	if all-longest >= slowChainSave {
		f.chained(t, calls, all, all-longest, "?")
	}
}

// chained reports a chain. sign tells independent calls from those that may not be.
func (f *Fold) chained(t *request.Trace, calls []call, all, save int64, sign string) {
	if save < f.least {
		return
	}
	o := occurrence{calls: len(calls), width: 1, time: all, matters: true}
	path := []byte(sign)
	var seen [maxChain]uint32
	n := 0
	for i := range calls {
		o.critical += f.critical(t, calls[i].node)
		if n < maxChain && !slices.Contains(seen[:n], calls[i].print) {
			seen[n] = calls[i].print
			n++
			path = binary.BigEndian.AppendUint32(path, calls[i].print)
		}
	}
	if o.save = min(save, o.critical); o.save < f.least {
		return // something else at the same time takes as long
	}
	key := placeKey{kind: Serial, caller: t.Span(calls[0].caller).Op, path: string(path)}
	f.report(t, key, calls[0].node, calls[len(calls)-1].node, &o)
}

// burst finds the fan-outs among the calls of one caller with one fingerprint.
func (f *Fold) burst(t *request.Trace, calls []call, print uint32) {
	f.scratch = f.scratch[:0]
	var until int64
	s := &f.states[print]
	for i, n := s.first, 0; n < s.calls; i, n = f.next[i], n+1 {
		c := &calls[i]
		if len(f.scratch) > 0 && c.start >= until {
			f.spread(t, f.scratch)
			f.scratch = f.scratch[:0]
		}
		until = max(until, c.end)
		f.scratch = append(f.scratch, *c)
	}
	f.spread(t, f.scratch)
}

// spread reports calls that overlap where burstLeast of them are at work at the same time.
func (f *Fold) spread(t *request.Trace, calls []call) {
	if len(calls) < burstLeast {
		return
	}
	f.ends = f.ends[:0]
	for i := range calls {
		f.ends = append(f.ends, calls[i].end)
	}
	slices.Sort(f.ends)
	width, done := 0, 0
	for i := range calls {
		for f.ends[done] <= calls[i].start && done < i {
			done++
		}
		width = max(width, i-done+1)
	}
	if width < burstLeast {
		return
	}
	o := occurrence{calls: len(calls), width: width, time: f.ends[len(calls)-1] - calls[0].start}
	slowest := &calls[0]
	f.ends = f.ends[:0]
	for i := range calls {
		if calls[i].duration() > slowest.duration() {
			slowest = &calls[i]
		}
		f.ends = append(f.ends, calls[i].duration())
		o.critical += f.critical(t, calls[i].node)
	}
	slices.Sort(f.ends)
	median, most := f.ends[(len(f.ends)-1)/2], f.ends[len(f.ends)-1]
	o.ratio = float64(most) / float64(max(median, 1))
	o.save = min(most-median, o.critical)
	o.matters = o.save >= f.least && o.ratio >= stragglerLeast
	f.report(t, placeKey{kind: FanOut, caller: t.Span(calls[0].caller).Op, print: calls[0].print}, slowest.node, slowest.node, &o)
}
