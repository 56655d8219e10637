// Lens 8, Coverage: the conclusions, a check for each thing that can make figures wrong.

package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/gaps"
	"oteltop/aggregate/trust"
	"oteltop/ui/num"
)

// From which shares on a check is doubtful, and bad.
const (
	completeFine, completePoor = .95, .7 // of requests
	orphansNotice, orphansBad  = .01, .1 // of the spans of a service with a parent
	leafNotice                 = .05     // of traces that begin in the middle, as in report sampling
	explainedPoor              = .5      // of an ordinary request
)

// checkMeans says of each check what follows for who reads figures.
var checkMeans = map[string]string{
	"refused": "What is refused is in no figure at all.", "bounds": "What is beyond a bound is missing from the figures of what has it.",
	"complete": "Requests that lack spans show too little time and too few calls.", "parents": "There requests fall apart: what was above these spans is not known.",
	"context":     "Where it is lost, a request goes on as another trace: callers do not show it.",
	"clocks":      "Durations hold, starts do not compare; waterfalls are corrected.",
	"sampling":    "Rates are of what was kept.",
	"spans":       "Each is counted; enter shows which, and whose.",
	"blind spots": "For the rest nobody says what happened: instrument there.",
	"SDK limits":  "Attributes that are searched for may be missing.",
	"ring":        "Older traces cannot be opened; --memory says how much is kept.",
	"log":         "The program's own messages.",
}

// coverChecker puts the checks together.
type coverChecker struct {
	fast *aggregate.Coverage
	slow *coverageDepth // nil while it is not there
	rows []coverRow
}

// checksOf are the conclusions, what is lost first, then what is doubtful.
func checksOf(fast *aggregate.Coverage, slow *coverageDepth) []coverRow {
	c := &coverChecker{fast: fast, slow: slow}
	c.refused()
	c.bounds()
	c.complete()
	c.parents()
	c.context()
	c.clocks()
	c.sampled()
	c.spans()
	c.explained()
	c.stripped()
	c.ring()
	c.log()
	slices.SortStableFunc(c.rows, func(a, b coverRow) int { return cmp.Compare(max(b.level, good), max(a.level, good)) })
	return c.rows
}

// checkSum counts the checks by level.
func checkSum(rows []coverRow) string {
	var by [bad + 1]int
	for i := range rows {
		by[rows[i].level]++
	}
	return fmt.Sprintf("%d bad, %d doubtful, %d fine", by[bad], by[doubtful], by[good])
}

// add appends a check that is about a pane; example may be none.
func (c *coverChecker) add(l level, to coverID, name, text string, example trust.Example) {
	c.rows = append(c.rows, coverRow{level: l, sheetRow: sheetRow{
		id: name, cells: []sheetCell{textCell(name), textCell(text)}, say: sayf("%s: %s. %s", name, text, checkMeans[name]),
		drill: func(Scope) Action { return toPane{to} },
		trace: func() (OpenTrace, bool) {
			return OpenTrace{ID: example.Trace, Span: example.Span}, !example.Trace.IsZero()
		},
	}})
}

// later appends a check that waits for what is asked aside; true when it does.
func (c *coverChecker) later(p coverPart, to coverID, name string) bool {
	waits := c.slow.missing() <= p // parts come in their order
	if waits {
		c.add(plain, to, name, "looking at every retained request", trust.Example{})
	}
	return waits
}

func (c *coverChecker) refused() {
	s := &c.fast.Status
	if s.Refused == 0 {
		c.add(good, coverSpans, "refused", "nothing was refused", trust.Example{})
		return
	}
	c.add(bad, coverSpans, "refused", countText(s.Refused)+" spans and requests were not taken: "+reasonsText(s.RefusedBy), trust.Example{})
}

// reasonsText lists counters, the largest first.
func reasonsText(rs []aggregate.ReasonCount) string {
	rs = slices.SortedStableFunc(slices.Values(rs), func(a, b aggregate.ReasonCount) int { return cmp.Compare(b.N, a.N) })
	var parts []string
	for _, r := range rs {
		if r.N > 0 {
			parts = append(parts, countText(r.N)+" "+spaced(r.Reason))
		}
	}
	return strings.Join(parts, ", ")
}

// spaced is the name of a counter as people write it.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// costly reports whether what a bound drops is missing from figures: the ring is made to forget, and a cell of a
// heatmap without an example counts all the same.
func costly(b *aggregate.Bound) bool {
	return b.Lost > 0 && b.Name != "ring_bytes" && b.Name != "heatmap_exemplars"
}

func (c *coverChecker) bounds() {
	var lost []string
	for i := range c.fast.Bounds {
		if b := &c.fast.Bounds[i]; costly(b) {
			lost = append(lost, countText(b.Lost)+" "+spaced(strings.TrimSuffix(b.Name, "_bytes")))
		}
	}
	if len(lost) == 0 {
		c.add(good, coverRoom, "bounds", "nothing was dropped or folded for want of room", trust.Example{})
		return
	}
	c.add(bad, coverRoom, "bounds", "dropped or folded for want of room: "+strings.Join(lost, ", "), trust.Example{})
}

func (c *coverChecker) complete() {
	if c.later(partTrust, coverServices, "complete") {
		return
	}
	r := &c.slow.trust.Requests
	part := float64(r.Complete) / float64(max(1, r.Traces))
	l := good
	switch {
	case part < completePoor:
		l = bad
	case part < completeFine:
		l = doubtful
	}
	if r.Traces == 0 {
		c.add(plain, coverServices, "complete", "no request in this scope", trust.Example{})
		return
	}
	c.add(l, coverServices, "complete", fmt.Sprintf("%s of %s: one root, no missing parent, nothing dropped",
		shareText(part), plural(int(r.Traces), "request")), trust.Example{})
}

// orphanShare is the share of a service's spans with a parent whose parent never came.
func orphanShare(s *trust.Service) float64 {
	return float64(s.Count[trust.Orphan]) / float64(max(1, s.Entries+s.Inner))
}

func (c *coverChecker) parents() {
	if c.later(partTrust, coverServices, "parents") {
		return
	}
	var worst *trust.Service
	orphans, spans := uint64(0), uint64(0)
	for i := range c.slow.trust.Services {
		s := &c.slow.trust.Services[i]
		orphans, spans = orphans+s.Count[trust.Orphan], spans+s.Entries+s.Inner
		if worst == nil || orphanShare(s) > orphanShare(worst) {
			worst = s
		}
	}
	if orphans == 0 {
		c.add(good, coverServices, "parents", "the parent of every span came", trust.Example{})
		return
	}
	l := good
	switch part := orphanShare(worst); {
	case part >= orphansBad:
		l = bad
	case part >= orphansNotice:
		l = doubtful
	}
	side := "the caller's"
	if worst.InnerOrphans > worst.EntryOrphans {
		side = "its own"
	}
	c.add(l, coverServices, "parents", fmt.Sprintf("%s never came, %s; most of %s: %s, %s", countText(orphans), shareText(float64(orphans)/float64(max(1, spans))),
		worst.Name, shareText(orphanShare(worst)), side), firstExample(worst, trust.Orphan))
}

func firstExample(s *trust.Service, p trust.Problem) trust.Example {
	if of := s.Examples[p]; len(of) > 0 {
		return of[0]
	}
	return trust.Example{}
}

// context is about hops with calls that have no answer in their trace: the others are whole.
func (c *coverChecker) context() {
	if c.later(partGaps, coverHops, "context") {
		return
	}
	pairs := c.slow.gaps.Pairs
	lost, worst := 0, 0 // worst: the pair with the largest share of calls without an answer
	silent := func(p *gaps.Pair) float64 { return float64(p.Silent()) / float64(max(1, p.Calls)) }
	for i := range pairs {
		if pairs[i].Lost {
			lost++
		}
		if silent(&pairs[i]) > silent(&pairs[worst]) {
			worst = i
		}
	}
	switch {
	case c.slow.gaps.Traces == 0:
		c.add(plain, coverHops, "context", "no request in this scope", trust.Example{})
	case len(pairs) == 0:
		c.add(good, coverHops, "context", "every call between services has its answer in the same trace", trust.Example{})
	case lost > 0:
		p := &pairs[0] // those that lose it come first
		c.add(bad, coverHops, "context", fmt.Sprintf("lost on %s: %s → %s, %s of %s calls",
			plural(lost, "hop"), p.Client, p.Server, shareText(p.Rate()), countText(p.Calls)),
			trust.Example{Trace: firstOf(p.ClientTraces)})
	default:
		p, l := &pairs[worst], good
		if silent(p) >= orphansNotice {
			l = doubtful
		}
		c.add(l, coverHops, "context", fmt.Sprintf("nowhere lost; %s of calls of %s to %s have no answer, elsewhere fewer", shareText(silent(p)), p.Client, p.Server),
			trust.Example{Trace: firstOf(p.SilentTraces)})
	}
}

func (c *coverChecker) clocks() {
	if c.later(partSkew, coverClocks, "clocks") {
		return
	}
	apart, known := 0, 0
	var worst string
	var example trust.Example
	for i := range c.slow.skew.Pairs {
		p := &c.slow.skew.Pairs[i]
		if !p.Known() {
			continue
		}
		known++
		if p.Offset == 0 {
			continue
		}
		if apart++; apart == 1 {
			worst, example.Trace = fmt.Sprintf("%s is %s against %s", hostName(p.Server), aheadText(-p.Offset), hostName(p.Client)), firstOf(p.Traces)
		}
	}
	switch {
	case apart > 0:
		c.add(doubtful, coverClocks, "clocks", fmt.Sprintf("%s of hosts %s: %s", plural(apart, "pair"), disagree(apart), worst), example)
	case known == 0:
		c.add(plain, coverClocks, "clocks", "no calls between hosts to compare them by", example)
	default:
		c.add(good, coverClocks, "clocks", "may well agree on all of "+plural(known, "pair")+" of hosts", example)
	}
}

func disagree(pairs int) string {
	if pairs == 1 {
		return "disagrees"
	}
	return "disagree"
}

func (c *coverChecker) sampled() {
	if c.later(partSampling, coverSampling, "sampling") {
		return
	}
	x := c.slow.sampling
	example := trust.Example{Trace: firstOf(x.LeafSample)}
	switch leaf := x.LeafStarted(); {
	case leaf > 0 && float64(leaf) >= leafNotice*float64(x.Traces):
		c.add(doubtful, coverSampling, "sampling", fmt.Sprintf("%s of %s traces begin in the middle: their callers sample otherwise",
			countText(leaf), countText(x.Traces)), example)
	case x.Mixed > 0:
		c.add(doubtful, coverSampling, "sampling", fmt.Sprintf("%s traces have spans kept with different probabilities",
			countText(x.Mixed)), trust.Example{Trace: firstOf(x.MixedSample)})
	case x.Total.Told == 0:
		c.add(plain, coverSampling, "sampling", "no span says how likely it was kept: what was sampled away is unknown", example)
	default:
		c.add(good, coverSampling, "sampling", fmt.Sprintf("%s spans seen stand for about %s", countText(x.Total.Seen), countText(uint64(x.Total.Estimate))), example)
	}
}

// spans is about what is wrong with single spans, besides parents that never came.
func (c *coverChecker) spans() {
	if c.later(partTrust, coverProblems, "spans") {
		return
	}
	total := uint64(0)
	for i := range c.slow.trust.Services {
		total += c.slow.trust.Services[i].Spans
	}
	var said []string
	l := good
	var example trust.Example
	for _, p := range []trust.Problem{trust.Negative, trust.Outside, trust.DuplicateID, trust.UnspecifiedKind, trust.NoServiceName} {
		if t := totalOf(c.slow.trust, p); t.n > 0 {
			what := countText(t.n) + " " + problemWords[p]
			worst := float64(t.worst.Count[p]) / float64(max(1, t.worst.Spans))
			if worst >= orphansNotice {
				what += fmt.Sprintf(" (%s of %s)", shareText(worst), t.worst.Name)
			}
			said = append(said, what)
			if float64(t.n) >= orphansNotice*float64(total) || worst >= orphansBad {
				l = doubtful
			}
			if example.Trace.IsZero() {
				example = firstExample(t.worst, p)
			}
		}
	}
	if len(said) == 0 {
		said = append(said, "times, ids, kinds and names are sound")
	}
	c.add(l, coverProblems, "spans", strings.Join(said, ", "), example)
}

func (c *coverChecker) explained() {
	if c.later(partTrust, coverProblems, "blind spots") {
		return
	}
	r := &c.slow.trust.Requests
	var example trust.Example
	if len(r.Least) > 0 {
		example = trust.Example{Trace: r.Least[0].Trace, Span: r.Least[0].GapSpan}
	}
	l := good
	switch {
	case r.Measured == 0:
		c.add(plain, coverProblems, "blind spots", "no request has spans inside", example)
		return
	case r.Coverage.P50 < explainedPoor:
		l = doubtful
	}
	c.add(l, coverProblems, "blind spots", explainedSum(c.slow.trust), example)
}

// explainedSum says how much of requests their spans explain.
func explainedSum(x *aggregate.Trust) string {
	if x.Requests.Measured == 0 {
		return ""
	}
	return fmt.Sprintf("spans explain %s of an ordinary request, %s of the worst twentieth", shareText(x.Requests.Coverage.P50), shareText(x.Requests.Coverage.P5))
}

func (c *coverChecker) stripped() {
	if text := reasonsText(c.fast.DroppedFields); text != "" {
		c.add(doubtful, coverSpans, "SDK limits", "SDKs dropped "+text, trust.Example{})
		return
	}
	c.add(good, coverSpans, "SDK limits", "no SDK dropped attributes, events or links", trust.Example{})
}

// ring says how far back traces can be opened.
func (c *coverChecker) ring() {
	v := c.fast
	text := "holds every span"
	if v.Evicted > 0 {
		text = fmt.Sprintf("goes back %s: %s spans were evicted, only rates and percentiles have them",
			ringSpan(nil, &v.Status), countText(v.Evicted))
	} else if v.Status.Live {
		text += " of " + string(ringSpan(nil, &v.Status))
	}
	c.add(plain, coverRoom, "ring", text+fmt.Sprintf("; %s of %s in use", num.Bytes(nil, v.Bytes), num.Bytes(nil, v.Budget)), trust.Example{})
}

func (c *coverChecker) log() {
	text := "no messages"
	if n := len(c.fast.Log); n > 0 {
		text = c.fast.Log[n-1]
	}
	c.add(plain, coverLog, "log", text, trust.Example{})
}

// problemTotal is how many spans have a problem, and the service with most of them.
type problemTotal struct {
	n     uint64
	worst *trust.Service // nil of none
}

func totalOf(x *aggregate.Trust, p trust.Problem) (t problemTotal) {
	for i := range x.Services {
		s := &x.Services[i]
		t.n += s.Count[p]
		if s.Count[p] > 0 && (t.worst == nil || s.Count[p] > t.worst.Count[p]) {
			t.worst = s
		}
	}
	return t
}
