package failures

import (
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/prose"
	"oteltop/aggregate/request"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// When something counts as a finding.
const (
	// minFailing is how many requests fail because of an origin, and minFailingShare which share of their kind,
	// at least: the lower bound. A service that fails one request in five hundred all the time is known to.
	minFailing      = 5
	minFailingShare = .01
	// minRetried is the same for requests with a retry, of the logical calls.
	minRetried      = 10
	minRetriedShare = .01
	// The most findings of a kind: who wants more opens the view.
	maxOrigins = 5
	maxNew     = 3
	maxRetries = 3
	maxStorms  = 2
	// minBegin is the share of a group's errors that has to begin where it is, so that one failure is not told
	// once for each span that it passes.
	minBegin = .5
	// mostOf is the share of the time looked at from which on something goes on all the time.
	mostOf = .8
)

// Detector finds where errors begin that reach users, errors that are new, and what is tried again.
type Detector struct {
	origins *Origins
	groups  *Groups
	retries *Retries
}

var _ findings.Detector = (*Detector)(nil)

// NewDetector returns one; see NewOrigins.
func NewDetector(names store.Names, peerName func(*store.Settled) string) *Detector {
	k := newKinds()
	return &Detector{newOrigins(names, peerName, k), newGroups(names, k), NewRetries(names, peerName)}
}

// Fold implements findings.Detector.
func (d *Detector) Fold(t *request.Trace) {
	d.origins.Add(t)
	d.groups.Add(t)
	d.retries.Add(t)
}

// Findings implements findings.Detector.
func (d *Detector) Findings() []findings.Finding {
	groups := d.groups.Result()
	told := map[errorPlace]*ErrorGroup{}
	for i := range groups.Rows {
		g := &groups.Rows[i]
		told[errorPlace{g.Service, g.Operation, g.Type, g.Kind}] = g
	}
	found := d.fromOrigins(told)
	news := 0
	for i := range groups.Rows {
		g := &groups.Rows[i]
		at := errorPlace{g.Service, g.Operation, g.Type, g.Kind}
		if told[at] == nil || g.Change == Steady || news == maxNew || float64(g.Begin) < minBegin*float64(g.Spans) {
			continue
		}
		news++
		found = append(found, groupFinding(g, groups.Traces))
	}
	return append(found, d.fromRetries()...)
}

// errorPlace is an error as both origins and groups know it.
type errorPlace struct {
	service, operation, typ string
	kind                    model.Kind
}

// fromOrigins are the origins that fail requests, and removes their groups from those that are still to be told.
func (d *Detector) fromOrigins(told map[errorPlace]*ErrorGroup) (found []findings.Finding) {
	r := d.origins.Result()
	for i := range r.Rows {
		o := &r.Rows[i]
		of := o.ofRoots()
		if len(found) == maxOrigins || o.Visible < minFailing || stats.Wilson(o.Visible, of, stats.Z95).Lower < minFailingShare {
			continue
		}
		at := errorPlace{o.Service, o.Operation, o.Type, o.Kind}
		f := originFinding(o, r.Traces)
		if g := told[at]; g != nil {
			if g.Change != Steady {
				f.From = g.First
				f.Q = g.Q
				f.Figures = append(f.Figures, findings.Figure{Name: "change", Text: string(g.Change)})
			}
			if g.Over {
				f.End(g.Last)
			}
			delete(told, at)
		}
		found = append(found, f)
	}
	return found
}

// ofRoots is how many requests there are of the kinds that fail because of an origin.
func (o *Origin) ofRoots() (n uint64) {
	for i := range o.Roots {
		n += o.Roots[i].Traces
	}
	return n
}

func originFinding(o *Origin, traces uint64) findings.Finding {
	f := findings.Finding{
		Kind: findings.ErrorOrigin, Title: o.Title(), Service: o.Service, Operation: o.Operation, OpKind: o.Kind,
		Harmed: o.Visible, Failed: o.Visible, Of: traces, Traces: traceIDs(o.Exemplars), Select: o.Select,
		Figures: []findings.Figure{
			{Name: "error_type", Text: o.Type},
			{Name: "requests_with_it", Number: float64(o.Traces)},
			{Name: "absorbed_requests", Number: float64(o.Absorbed)},
			{Name: "hops", Number: o.MeanHops},
			{Name: "requests_of_kind", Number: float64(o.ofRoots())},
		},
	}
	if len(o.Exemplars) > 0 {
		f.Span = o.Exemplars[0].Span
	}
	return f
}

// Title is a sentence: "errors of GET / begin in payment Charge (card_declined): 212 of 4,120 requests fail, all
// reach the user". It is of an origin that fails requests.
func (o *Origin) Title() string {
	var b strings.Builder
	where := o.Service + " " + o.Operation
	if o.Peer != "" && o.Peer != o.Service {
		where += " to " + o.Peer
	}
	if o.Type != "" {
		where += " (" + brief(o.Type) + ")"
	}
	switch {
	case len(o.Roots) == 1 && o.Roots[0].Service == o.Service && o.Roots[0].Operation == o.Operation:
		fmt.Fprintf(&b, "%s fails", where)
		if o.Peer == "" {
			b.WriteString(" by itself")
		}
	case len(o.Roots) == 1:
		fmt.Fprintf(&b, "errors of %s begin in %s", o.Roots[0].Operation, where)
	default:
		fmt.Fprintf(&b, "errors of %s and %d other kinds of requests begin in %s", o.Roots[0].Operation, len(o.Roots)-1, where)
		if len(o.Roots) == 2 {
			b.Reset()
			fmt.Fprintf(&b, "errors of %s and %s begin in %s", o.Roots[0].Operation, o.Roots[1].Operation, where)
		}
	}
	fmt.Fprintf(&b, ": %s of %s requests fail", prose.Count(o.Visible), prose.Count(o.ofRoots()))
	if o.Visible == o.Traces {
		b.WriteString(", all reach the user")
	} else {
		fmt.Fprintf(&b, ", %s meet it", prose.Count(o.Traces))
	}
	return b.String()
}

// maxBrief is how much of a type stands in a title, runes.
const maxBrief = 60

// brief is the beginning of a type.
func brief(typ string) string {
	if runes := []rune(typ); len(runes) > maxBrief {
		return string(runes[:maxBrief-1]) + "…"
	}
	return typ
}

func groupFinding(g *ErrorGroup, traces uint64) findings.Finding {
	f := findings.Finding{
		Kind: findings.ErrorGroup, Title: g.Title(), Service: g.Service, Operation: g.Operation, OpKind: g.Kind, From: g.Since,
		Harmed: g.After, Failed: min(g.Failed, g.After), Of: traces, Q: g.Q, Traces: traceIDs(g.Exemplars), Select: g.Select,
		Figures: []findings.Figure{
			{Name: "error_type", Text: g.Type},
			{Name: "change", Text: string(g.Change)},
			{Name: "before_share", Number: stats.Ratio(g.Before, g.BeforeOf)},
			{Name: "after_share", Number: stats.Ratio(g.After, g.AfterOf)},
		},
	}
	if g.Change == New {
		f.From = g.First
	}
	if g.Over {
		f.End(g.Last)
	}
	if len(g.Exemplars) > 0 {
		f.Span = g.Exemplars[0].Span
	}
	return f
}

// Title is a sentence: "new error timeout in stock GET /stock: 31 of 220 requests that pass it, none of 400 before".
func (g *ErrorGroup) Title() string {
	name := "error"
	if g.Type != "" {
		name += " " + brief(g.Type)
	}
	where := g.Service + " " + g.Operation
	if g.Change == New {
		return fmt.Sprintf("new %s in %s: %s of %s requests that pass it, none of %s before", name, where, prose.Count(g.After), prose.Count(g.AfterOf), prose.Count(g.BeforeOf))
	}
	return fmt.Sprintf("%s in %s increases: %.3g%% → %.3g%% of the requests that pass it", name, where, 100*stats.Ratio(g.Before, g.BeforeOf), 100*stats.Ratio(g.After, g.AfterOf))
}

func (d *Detector) fromRetries() (found []findings.Finding) {
	r := d.retries.Result()
	var told []RetryRow
	for i := range r.Storms[:min(len(r.Storms), maxStorms)] {
		s := &r.Storms[i]
		told = append(told, s.Path...)
		f := d.retryFinding(&s.Path[len(s.Path)-1], r.Traces)
		f.Kind, f.Title, f.From = findings.RetryStorm, s.Title(), s.From
		f.Figures = append(f.Figures, findings.Figure{Name: "product_ratio", Number: s.Product})
		found = append(found, f)
	}
	n := 0
	for i := range r.Rows {
		row := &r.Rows[i]
		known := slices.ContainsFunc(told, func(x RetryRow) bool {
			return x.Client == row.Client && x.Operation == row.Operation && x.Callee == row.Callee && x.Kind == row.Kind
		})
		if known || n == maxRetries || row.Traces < minRetried || stats.Wilson(row.Retried, row.Logical, stats.Z95).Lower < minRetriedShare {
			continue
		}
		n++
		found = append(found, d.retryFinding(row, r.Traces))
	}
	return found
}

func (d *Detector) retryFinding(r *RetryRow, traces uint64) findings.Finding {
	f := findings.Finding{
		Kind: findings.Retries, Title: r.Title(), Service: r.Callee, Operation: r.Operation, OpKind: r.Kind, Client: r.Client,
		Harmed: r.Traces, Failed: r.Failing, Of: traces, Lost: r.Wasted(), Traces: traceIDs(r.Exemplars), Select: r.Select,
		Figures: []findings.Figure{
			{Name: "attempts", Number: float64(r.Attempts)},
			{Name: "logical_calls", Number: float64(r.Logical)},
			{Name: "amplification_ratio", Number: r.Amplification},
			{Name: "peak_amplification_ratio", Number: r.Peak.Amplification},
			{Name: "recovered_calls", Number: float64(r.Recovered)},
			{Name: "most_attempts", Number: float64(r.Most)},
		},
	}
	if starts := d.retries.periods.starts; float64(r.Last-r.First) < mostOf*float64(starts[len(starts)-1]-starts[0]) {
		f.From, f.To = r.First, r.Last
	}
	if f.Service == "" || r.Client == r.Callee {
		f.Service, f.Client = r.Client, ""
	}
	if len(r.Exemplars) > 0 {
		f.Span = r.Exemplars[0].Span
	}
	return f
}

// Title is a sentence: "checkout sends POST /quotes to shipping up to 4 times: 312 of 4,120 calls are retried, 31 fail
// all the same, 45s lost".
func (r *RetryRow) Title() string {
	var b strings.Builder
	what := r.Operation
	if r.Served != "" {
		what = r.Served
	}
	fmt.Fprintf(&b, "%s sends %s", r.Client, what)
	if r.Callee != "" && r.Callee != r.Client {
		b.WriteString(" to " + r.Callee)
	}
	fmt.Fprintf(&b, " up to %d times: %s of %s calls are retried", r.Most, prose.Count(r.Retried), prose.Count(r.Logical))
	if lost := r.Retried - r.Recovered; lost > 0 {
		fmt.Fprintf(&b, ", %s fail all the same", prose.Count(lost))
	}
	fmt.Fprintf(&b, ", %s lost", prose.Duration(r.Wasted()))
	return b.String()
}

// Title is a sentence: "attempts multiply from web to stock: ×2.1 by web, ×1.9 by cart: 4 attempts for each call".
func (s *Storm) Title() string {
	var b strings.Builder
	last := &s.Path[len(s.Path)-1]
	to := last.Callee
	if to == "" {
		to = last.Operation
	}
	fmt.Fprintf(&b, "attempts multiply from %s to %s:", s.Path[0].Client, to)
	for i := range s.Path {
		fmt.Fprintf(&b, " ×%.2g by %s,", s.Path[i].Amplification, s.Path[i].Client)
	}
	fmt.Fprintf(&b, " %.2g attempts for each call", s.Product)
	return b.String()
}
