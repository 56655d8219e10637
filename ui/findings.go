// Lens 4, Findings: what is worth a look, ranked; its questions, and where a finding leads.

package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	"oteltop/model"

	"charm.land/bubbles/v2/key"
)

// Findings is the list of what is worth a look, and the evidence for the one under the cursor. The list is
// asked for aside, because looking at every trace takes longer than a screen should wait for its figures, and
// so is, after it, what is special about the requests that show that finding;
// the screen's own question is for the trends of the places that findings are about.
type Findings struct {
	table  table[findingID]
	order  findingOrder
	asked  any // the scope that is shown
	given  any // that of the answer
	answer *aggregate.Findings
	round  int // how many answers there were
	rows   map[findingID]*findingRow
	trends map[operationID]*aggregate.OperationRow
	calls  map[[2]string]*aggregate.Edge // by client and server
	failed uint64                        // spans of the scope that failed, whether or not anything was found
	basis  basis
	part   findingsPart // where keys go

	examples examples
	special  findingSpecial

	keys, exampleKeys, specialKeys []key.Binding // of each part
}

// findingsPart is a part of the screen that has the keys.
type findingsPart uint8

const (
	onFindings findingsPart = iota
	onExamples
	onSpecial
	findingsParts
)

// findingID identifies a finding from answer to answer.
type findingID struct {
	kind                       findings.Kind
	service, operation, client string
	from                       int64
}

func idOfFinding(f *findings.Finding) findingID {
	return findingID{f.Kind, f.Service, f.Operation, f.Client, f.From}
}

// findingOrder is what the list is sorted by.
type findingOrder uint8

const (
	findingsByScore findingOrder = iota
	findingsByTime               // the latest first
	findingsByCost               // what cost the most time first
	findingOrders
)

// Columns of the list.
const (
	findingsKind = iota
	findingsTitle
	findingsSince
	findingsHarmed
	findingsCost
	findingsTrend
)

// sinceWidth is the width of a time of day, and sinceOver of when what is over began and ended.
const sinceWidth, sinceOver = 8, 17

// harmBar is the width of the bar in findingsHarmed.
const harmBar = 5

// findingsLimit is how many findings are asked for: more than anyone reads; the count says the rest.
const findingsLimit = 100

func newFindings() *Findings {
	return &Findings{
		examples: newExamples(), special: newFindingSpecial(),
		keys: findingsKeys(), exampleKeys: findingExampleKeys(), specialKeys: findingSpecialKeys(),
		table: table[findingID]{cols: []column{
			findingsKind:   {title: "kind", width: 15},
			findingsTitle:  {title: "finding", least: 60},
			findingsSince:  {title: "since", width: sinceWidth, right: true, rank: 2},
			findingsHarmed: {title: "requests", width: 12, right: true, chart: harmBar},
			findingsCost:   {title: "cost", width: 6, right: true, rank: 3},
			findingsTrend:  {title: "trend", width: 16, rank: 4, chart: 16},
		}},
	}
}

// Basis is what was looked at.
func (s *Findings) Basis() *basis { return &s.basis }

// placesAnswer is how the places fare that findings are about.
type placesAnswer struct {
	operations *aggregate.Operations
	edges      *aggregate.Map // nil where no finding is about calls
}

// Question asks for the trends.
func (s *Findings) Question(at Moment) Question {
	q, between := at.Query(), s.betweenServices()
	return func(ctx context.Context, e aggregate.Engine) (any, error) {
		operations, err := e.Operations(ctx, q)
		if err != nil || !between {
			return placesAnswer{operations: operations}, err
		}
		edges, err := e.Map(ctx, q)
		return placesAnswer{operations, edges}, err
	}
}

// betweenServices reports whether a finding is about the calls from one service to another.
func (s *Findings) betweenServices() bool {
	for _, r := range s.rows {
		if r.Client != "" {
			return true
		}
	}
	return false
}

// Answer takes the trends.
func (s *Findings) Answer(result any) {
	r, ok := result.(placesAnswer)
	if !ok {
		return
	}
	s.takeOperations(r.operations)
	s.calls = nil
	if r.edges != nil {
		s.calls = make(map[[2]string]*aggregate.Edge, len(r.edges.Edges))
		for i := range r.edges.Edges {
			x := &r.edges.Edges[i]
			ends := [2]string{x.Client, x.Server}
			if had := s.calls[ends]; had == nil || had.Calls < x.Calls {
				s.calls[ends] = x
			}
		}
	}
	s.place()
}

// takeOperations takes the trends of services and operations.
func (s *Findings) takeOperations(r *aggregate.Operations) {
	s.trends = make(map[operationID]*aggregate.OperationRow, len(r.Rows)+len(r.Services))
	s.failed = 0
	for i := range r.Rows {
		s.failed += r.Rows[i].RED.Errors
	}
	for _, rows := range [2][]aggregate.OperationRow{r.Rows, r.Services} {
		for i := range rows {
			row := &rows[i]
			s.trends[operationID{row.Service, row.Operation, row.Kind}] = row
			// Findings that do not know the kind mean the busiest operation of the name.
			any := operationID{row.Service, row.Operation, 0}
			if had := s.trends[any]; had == nil || had.RED.Calls < row.RED.Calls {
				s.trends[any] = row
			}
		}
	}
}

// findingsAbout is what is asked aside: the list of a scope, and after each new answer to that, what is special about
// the requests that show the finding under the cursor.
type findingsAbout struct {
	scope   any
	special explainAbout
	round   int // of the list that it is asked after
}

// Aside asks for the findings of the scope, then for what is special about the selected one, and then, when it is time
// to, for the findings again.
func (s *Findings) Aside(at Moment) (about any, q Question) {
	scope, list := askFindings(at, findingsLimit)
	s.asked = scope
	last := findingsAbout{scope, s.special.done, s.special.round} // the list, in its time
	if !s.Listed() {
		return last, list
	}
	special, explain := s.explanation(at)
	if explain == nil || s.special.known(special, s.round) {
		return last, list
	}
	return findingsAbout{scope, special, s.round}, explain
}

// Lacks reports whether the explanation is older than the list.
func (s *Findings) Lacks() bool { return s.Listed() && s.special.round != s.round }

// Listed reports whether the list is of the scope that is shown.
func (s *Findings) Listed() bool { return s.answer != nil && s.given == s.asked }

// askFindings asks what is worth a look in a scope. The focus is no part of the question: findings are about
// whole requests, and those that do not touch the focus are left out afterwards.
func askFindings(at Moment, limit int) (about any, q Question) {
	query := at.Query()
	focus := query.Focus
	at.Scope.Baseline = aggregate.Window{}
	return scopeOf(at), func(ctx context.Context, e aggregate.Engine) (any, error) {
		found, err := findingsIn(ctx, e, query, limit)
		if err != nil || focus.IsZero() {
			return found, err
		}
		here := *found
		here.Rows = slices.DeleteFunc(slices.Clone(found.Rows), func(f findings.Finding) bool { return !touches(&f, focus) })
		here.Found = len(here.Rows)
		return &here, nil
	}
}

// findingsIn are the findings of a scope. Whoever asks like this shares the engine's answer.
func findingsIn(ctx context.Context, e aggregate.Engine, q aggregate.Query, limit int) (*aggregate.Findings, error) {
	q.Focus, q.Baseline = aggregate.Focus{}, aggregate.Window{}
	return e.Findings(ctx, aggregate.FindingsQuery{Query: q, Limit: limit})
}

// touches reports whether a finding is about the subject of a focus.
func touches(f *findings.Finding, focus aggregate.Focus) bool {
	if focus.Server != "" {
		return f.Client == focus.Client && f.Service == focus.Server
	}
	return (f.Service == focus.Service || f.Client == focus.Service) && (focus.Operation == "" || f.Operation == focus.Operation)
}

// AsideAnswer takes the findings, or what is special about one.
func (s *Findings) AsideAnswer(about, result any) {
	switch r := result.(type) {
	case *aggregate.Findings:
		s.found(about.(findingsAbout).scope, r)
	case specialAnswer:
		s.special.answered(&r)
	}
}

// found takes the findings of a scope.
func (s *Findings) found(scope any, r *aggregate.Findings) {
	if scope != s.given {
		s.table.toTop()
	}
	if r != s.answer {
		s.round++
	}
	was, reading := s.table.selected()
	reading = reading && scope == s.given
	s.given, s.answer, s.basis = scope, r, basisOf(r.Provenance)
	s.rows = make(map[findingID]*findingRow, len(r.Rows))
	for i := range r.Rows {
		s.rows[idOfFinding(&r.Rows[i])] = newFindingRow(&r.Rows[i])
	}
	s.arrange()
	if reading {
		s.stayOn(was)
	}
	s.place()
	s.follow()
}

// stayOn keeps the cursor on a finding, whenever that is said to have begun by now, also where nobody has moved it: who
// reads the first one is not to find another under Enter because something worse came.
func (s *Findings) stayOn(was findingID) {
	t := &s.table
	at := slices.Index(t.keys, was)
	if at < 0 {
		was.from = 0
		at = slices.IndexFunc(t.keys, func(id findingID) bool { id.from = 0; return id == was })
	}
	if at >= 0 {
		t.at, t.sel = at, t.keys[at]
	}
}

// arrange sorts the rows and hands them to the table.
func (s *Findings) arrange() {
	if s.answer == nil {
		return
	}
	ids := make([]findingID, 0, len(s.answer.Rows))
	s.table.cols[findingsSince].width = sinceWidth
	for i := range s.answer.Rows {
		f := &s.answer.Rows[i]
		if ids = append(ids, idOfFinding(f)); f.Ended != 0 {
			s.table.cols[findingsSince].width = sinceOver
		}
	}
	slices.SortStableFunc(ids, func(a, b findingID) int {
		x, y := s.rows[a], s.rows[b]
		switch s.order {
		case findingsByTime:
			return cmp.Compare(y.From, x.From)
		case findingsByCost:
			return cmp.Compare(y.Lost, x.Lost)
		}
		return 0 // as they came
	})
	s.table.setRows(ids)
}

// place finds the trend of each finding's place.
func (s *Findings) place() {
	for _, r := range s.rows {
		r.place = s.trends[operationID{r.Service, r.Operation, r.OpKind}]
		if r.place == nil {
			r.place = s.trends[operationID{r.Service, "", 0}]
		}
		if r.place == nil && r.Client != "" { // a peer sends no spans: who calls it does
			r.place = cmp.Or(s.trends[operationID{r.Client, r.Operation, model.KindClient}], s.trends[operationID{r.Client, "", 0}])
		}
		if r.place != nil {
			r.placeService, r.placeOperation = model.Sanitise(r.place.Service), model.Sanitise(r.place.Operation)
		}
		// What a caller waits is not in the spans of who is called.
		if r.calls = s.calls[[2]string{r.Client, r.Service}]; r.calls != nil {
			r.callsTitle = model.Sanitise(focusTitle(r.focus()))
		}
	}
}

// selected is the finding under the cursor, nil for none.
func (s *Findings) selected() *findingRow { return selectedOf(&s.table, s.rows) }

// act does what a key other than Enter does with a finding.
func (r *findingRow) act(pressed string, s Scope) Action {
	switch pressed {
	case "o":
		return r.example()
	case "T":
		return Drill{LensTraces, r.narrow(s)}
	case "f": // in the time that is looked at: a map of the change alone has nothing that it changed from, and no mark
		s.Focus, s.Selection = r.focus(), nil
		return Drill{LensMap, s}
	}
	return Copy{"finding", r.evidence()}
}

// example opens the trace that shows the finding best, at the span to look at: where the finding names none, the
// span of its place.
func (r *findingRow) example() Action {
	if len(r.Traces) == 0 {
		return Say{Text: "the finding names no trace", Problem: true}
	}
	return r.open(r.Traces[0])
}

// open opens one of the traces that show the finding.
func (r *findingRow) open(id model.TraceID) Action {
	if r.Span == 0 || id != r.Traces[0] {
		return OpenSubject{ID: id, Focus: r.focus()}
	}
	return OpenTrace{ID: id, Span: r.Span}
}

// drill goes to where a finding is seen best: slowness among its latencies, failures and odd requests among
// the traces, what a single request shows in the request.
func (r *findingRow) drill(s Scope, newest int64) Action {
	n := r.narrow(s)
	switch r.Kind.Class() {
	case findings.Changed, findings.Slow:
		if r.Select != "" {
			return Drill{LensTraces, n}
		}
		if r.explains() {
			return Drill{LensLatency, r.explained(s, newest)}
		}
		return Drill{LensLatency, n}
	case findings.Broken:
		if r.Select == "" {
			n.Selection = &aggregate.Selection{ErrorsOnly: true}
		}
		return Drill{LensTraces, n}
	}
	if r.Select != "" || len(r.Traces) == 0 {
		return Drill{LensTraces, n}
	}
	return r.example()
}

// explains reports whether there are requests that show the finding and others, so that Enter leads to what is special
// about them.
func (r *findingRow) explains() bool {
	return r.Kind.Class() <= findings.Slow && r.Kind.Class() != findings.Broken && r.Select == "" && r.From != 0
}

// explained is the scope in which that is explained.
func (r *findingRow) explained(s Scope, newest int64) Scope {
	n := r.narrow(s)
	n.Window = aggregate.Window{}
	n = n.reaching(r.From, newest)
	n.Selection = r.telling()
	return n
}

// telling selects, among the latencies of the place, the calls that show what changed: since it began and until it was
// over, those that failed, or that take as long as they hardly did before. Among all of that time they would be few.
func (r *findingRow) telling() *aggregate.Selection {
	s := &aggregate.Selection{Window: aggregate.Window{From: r.From, To: r.To}}
	if r.Kind != findings.Onset {
		return s
	}
	s.Window.To = r.Ended
	switch {
	case r.Failed > 0:
		s.ErrorsOnly = true
	case r.focus() == aggregate.FocusOf(r.Finding):
		s.MinDur = r.MinDur
	}
	return s
}

// narrow is the scope of the requests that a finding is about: by its filter where it has one, else by its
// place and time.
func (r *findingRow) narrow(s Scope) Scope {
	s.Selection = nil
	if r.Select != "" {
		if n, err := s.filtered(r.Select); err == nil {
			return n
		}
	}
	s.Focus = r.focus()
	if r.From != 0 {
		s.Window = aggregate.Window{From: r.From, To: r.To}
	}
	return s
}

// focus is the place that a finding is about.
func (r *findingRow) focus() aggregate.Focus {
	f := aggregate.FocusOf(r.Finding)
	if f == (aggregate.Focus{Service: r.Service}) && r.Operation != "" && r.place != nil && r.place.Operation == r.Operation {
		f.Operation, f.Kind = r.Operation, r.place.Kind
	}
	return f
}

// pointsAt is the place of the finding under the cursor; of calls, who is called.
func (s *Findings) pointsAt() aggregate.Focus {
	r := s.selected()
	if r == nil {
		return aggregate.Focus{}
	}
	if f := r.focus(); f.Server == "" {
		return f
	}
	return aggregate.Focus{Service: r.Service}
}

// evidence is the finding as text, for a message to others.
func (r *findingRow) evidence() string {
	var b strings.Builder
	b.WriteString(r.title.String())
	for _, l := range r.lines {
		b.WriteString("\n  " + l.String())
	}
	for _, id := range r.Traces {
		b.WriteString("\n  trace " + id.String())
	}
	return b.String()
}
