// Lens 7, Compare: what there is to compare with, and the question that follows.

package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/findings"
)

// beforeOnset is how much of the time before a change it is compared with: as much as tells that it is one (see
// suspects).
const beforeOnset = 5 * time.Minute

// SavedBaseline is what requests looked like, kept or read from a file.
type SavedBaseline struct {
	Name    string // "before.jsonl", "what was kept at 12:30:05"
	Profile *compare.Profile
}

// baselineKind is what kind of thing is compared with.
type baselineKind uint8

// The kinds, in the order in which they are preferred: what the person chose comes first.
const (
	fromMarker baselineKind = iota + 1
	fromSaved
	fromRelease
	fromOnset
	fromBefore
	fromHalf
)

// baseline is something that there is to compare with. A value that stays the same while time passes.
type baseline struct {
	kind          baselineKind
	saved         *compare.Profile
	service       string // of a release: the service, and its versions
	version, than string
}

// comparing is what a question about changes is put together from, outside of the update loop.
type comparing struct {
	scope          Scope
	query          aggregate.Query
	newest, oldest int64 // of the data, Unix ns; 0 where there is none
	live           bool
	onset          aggregate.Window // the gravest that was found: when it began, and was over, 0 while it goes on; zero: none
	saved          []SavedBaseline
	wanted         baseline // zero: the first there is
	keep           bool     // keep what is there now as a baseline, and compare with that
}

func newComparing(at Moment) comparing {
	return comparing{scope: at.Scope, query: at.Query(), newest: at.Newest(), oldest: at.Status.Oldest, live: at.Status.Live}
}

// choices lists what there is to compare with.
func (c *comparing) choices(releases []aggregate.Release) []baseline {
	var out []baseline
	if c.scope.Baseline != (aggregate.Window{}) {
		out = append(out, baseline{kind: fromMarker})
	}
	for i := len(c.saved) - 1; i >= 0; i-- {
		out = append(out, baseline{kind: fromSaved, saved: c.saved[i].Profile})
	}
	if c.scope.Baseline != (aggregate.Window{}) {
		return out // a marker cuts time: other windows would cross it
	}
	if b, ok := newestRelease(releases, cmp.Or(c.scope.Focus.Service, c.scope.Focus.Server)); ok {
		out = append(out, b)
	}
	cuts := c.cuts()
	if onset := (baseline{kind: fromOnset}); c.onset != (aggregate.Window{}) {
		if c.live {
			cuts = append(cuts, onset) // not first: what is on the screen would become another thing when one is found
		} else {
			cuts = slices.Insert(cuts, 0, onset)
		}
	}
	return append(out, cuts...)
}

// cuts are the choices that only the length of the window makes.
func (c *comparing) cuts() []baseline {
	switch _, before := c.windows(); {
	case c.newest == 0 || c.oldest == 0:
	case c.oldest < before.From+(before.To-before.From)/2:
		return []baseline{{kind: fromBefore}}
	case c.oldest < before.To: // the data begins in the window before, of which too little is left to compare with
		return []baseline{{kind: fromHalf}, {kind: fromBefore}}
	default: // nothing is older than the window
		if from, to := c.extent(); from < to {
			return []baseline{{kind: fromHalf}}
		}
	}
	return nil
}

// findOnset finds the change that the most important finding of that kind is about, if it began in the scope.
func (c *comparing) findOnset(ctx context.Context, e aggregate.Engine) error {
	if c.scope.Baseline != (aggregate.Window{}) {
		return nil // the marker says when
	}
	found, err := findingsIn(ctx, e, c.query, findingsLimit)
	if err != nil {
		return err
	}
	from, to := c.extent()
	for i := range found.Rows {
		if f := &found.Rows[i]; f.Kind == findings.Onset && from < f.From && f.From < to {
			c.onset = aggregate.Window{From: f.From, To: f.Ended}
			return nil
		}
	}
	return nil
}

// aroundOnset are the time of the change and that before it.
func (c *comparing) aroundOnset() (now, before aggregate.Window) {
	at := c.onset.From
	return aggregate.Window{From: at, To: cmp.Or(c.onset.To, c.query.Window.To)},
		aggregate.Window{From: max(c.oldest, at-int64(beforeOnset)), To: at}
}

// newestRelease finds the two newest versions of a service, or of the service whose newest came last.
func newestRelease(rs []aggregate.Release, service string) (b baseline, ok bool) {
	latest := int64(0)
	for i := range len(rs) - 1 {
		r, than := rs[i], rs[i+1]
		isNewest := i == 0 || rs[i-1].Service != r.Service
		if !isNewest || than.Service != r.Service || service != "" && r.Service != service {
			continue
		}
		if r.First > latest || !ok {
			latest, ok = r.First, true
			b = baseline{kind: fromRelease, service: r.Service, version: r.Version, than: than.Version}
		}
	}
	return b, ok
}

// windows are the window of the scope and the one of equal length before it; zero where it has no length.
func (c *comparing) windows() (now, before aggregate.Window) {
	now = c.query.Window
	if now.From == 0 {
		return now, before
	}
	to := now.To
	if to == 0 {
		to = c.newest
	}
	if c.scope.Last == 0 && now.To == 0 || to <= now.From {
		return now, before
	}
	return now, aggregate.Window{From: now.From - (to - now.From), To: now.From}
}

// extent is from when to when there is data in the window of the scope, Unix ns.
func (c *comparing) extent() (from, to int64) {
	from, to = max(c.oldest, c.query.Window.From), c.newest
	if end := c.query.Window.To; end != 0 {
		to = min(to, end)
	}
	return from, to
}

// half is the middle of it.
func (c *comparing) half() int64 {
	from, to := c.extent()
	return from + (to-from)/2
}

// ask is the question for a baseline.
func (c *comparing) ask(b baseline) (aggregate.CompareQuery, error) {
	q := aggregate.CompareQuery{Query: c.query, Limit: changesLimit}
	switch b.kind {
	case fromSaved:
		q.Saved = b.saved
	case fromOnset:
		q.Window, q.Baseline = c.aroundOnset()
	case fromBefore:
		_, q.Baseline = c.windows()
	case fromHalf:
		q.At = c.half()
	case fromRelease:
		now, err := c.scope.filtered(versionCondition(b.service, b.version))
		before, errBefore := c.scope.filtered(versionCondition(b.service, b.than))
		q.Filter, q.Against = now.Filter, before.Filter
		return q, errors.Join(err, errBefore)
	}
	return q, nil
}

func versionCondition(service, version string) string {
	return "{ service = " + filter.Quote(service) + " && resource.service.version = " + filter.Quote(version) + " }"
}

// words says what is compared with what.
func (c *comparing) words(b baseline) string {
	now, before := c.windows()
	switch b.kind {
	case fromMarker:
		return "since the marker at " + string(appendClock(nil, c.scope.Baseline.To)) + " against before it"
	case fromSaved:
		for _, s := range c.saved {
			if s.Profile == b.saved {
				return "now against " + s.Name
			}
		}
	case fromRelease:
		return b.service + " " + b.version + " against " + b.than
	case fromOnset:
		at, before := c.aroundOnset()
		what := "since the change at " + string(appendClock(nil, at.From))
		if c.onset.To != 0 {
			what = "the change " + span(at)
		}
		return what + " against the " + shortDuration(time.Duration(before.To-before.From).Round(time.Second)) + " before it"
	case fromBefore:
		if c.scope.Window == (aggregate.Window{}) && c.scope.Last > 0 {
			return "the last " + shortDuration(c.scope.Last) + " against the " + shortDuration(c.scope.Last) + " before"
		}
		return span(now) + " against " + span(before)
	case fromHalf:
		return "second half (from " + string(appendClock(nil, c.half())) + ") against the first"
	}
	return ""
}

// compareAnswer is what changed, and what else there is to compare with.
type compareAnswer struct {
	choices []baseline
	chosen  int // of choices; -1: there is nothing to compare with
	words   string
	result  *aggregate.Comparison
	saved   []SavedBaseline
	onset   aggregate.Window // see comparing
}

// savedMost bounds the baselines that are kept: each is some hundred kilobytes.
const savedMost = 4

// put asks the engine.
func (c comparing) put(ctx context.Context, e aggregate.Engine) (any, error) {
	if c.keep {
		p, err := e.Profile(ctx, c.query)
		if err != nil {
			return nil, err
		}
		name := "what was kept at " + time.Unix(0, c.newest).Format("15:04:05")
		c.saved = append(slices.Clone(c.saved[max(0, len(c.saved)+1-savedMost):]), SavedBaseline{name, p})
		c.wanted = baseline{kind: fromSaved, saved: p}
	}
	var releases []aggregate.Release
	if r, ok := e.(aggregate.Releaser); ok {
		var err error
		if releases, err = r.Releases(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.findOnset(ctx, e); err != nil {
		return nil, err
	}
	a := compareAnswer{choices: c.choices(releases), chosen: -1, saved: c.saved, onset: c.onset}
	if len(a.choices) == 0 {
		return a, nil
	}
	a.chosen = max(0, slices.Index(a.choices, c.wanted))
	b := a.choices[a.chosen]
	a.words = c.words(b)
	q, err := c.ask(b)
	if err != nil {
		return nil, err
	}
	a.result, err = e.Compare(ctx, q)
	return a, err
}
