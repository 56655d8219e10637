// Sheet: sessions, each with its traces on a lane of time.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/sessions"
	"oteltop/model"
)

// laneWidth is the width of the lanes of sessions; laneGrow how much wider they are where there is room.
const laneWidth, laneGrow = 30, 90

// sessionsSheet lists sessions, each with its traces on a lane of time.
func sessionsSheet() *sheetSpec {
	return &sheetSpec{
		title: "what did users go through?",
		cols: []column{
			{title: "session", least: 22},
			{title: "when", width: laneWidth, chart: laneWidth, grow: laneGrow},
			{title: "traces", width: 6, right: true},
			{title: "failed", width: 6, right: true},
			{title: "worst", width: 7, right: true},
			{title: "pause", width: 7, right: true, rank: 2},
			{title: "retries", width: 7, right: true, rank: 3},
			{title: "services", width: 8, right: true, rank: 3},
		},
		ask: func(at Moment, about string) Question {
			q := aggregate.SessionsQuery{Query: at.Query(), By: about}
			return asked(func(ctx context.Context, e aggregate.Engine) (*aggregate.Sessions, error) { return e.Sessions(ctx, q) }, sessionsAnswer)
		},
	}
}

func sessionsAnswer(s *aggregate.Sessions) *sheetAnswer {
	a := &sheetAnswer{basis: basisOf(s.Provenance), none: sayf("no session: no span of these traces has session.id, user.id or enduser.id, and no trace links to another")}
	var from, to int64
	for i := range s.Result.Sessions {
		x := &s.Result.Sessions[i]
		if from == 0 || x.Start < from {
			from = x.Start
		}
		to = max(to, x.End)
	}
	if s.Total > 0 {
		a.head = sessionsHead(s, from, to)
	}
	for i := range s.Result.Sessions {
		x := &s.Result.Sessions[i]
		a.rows = append(a.rows, sheetRow{
			id: x.Key + "\x00" + x.Value, cells: []sheetCell{
				nameCell(x.Key, x.Value), {kind: cellLane, lane: laneOf(x, from, to)}, figureCell(cellCount, float64(x.Count)),
				{kind: cellCount, n: float64(x.Failed), loud: x.Failed > 0}, figureCell(cellDuration, float64(x.Worst.Duration)),
				figureCell(cellDuration, float64(x.Gap)), figureCell(cellCount, float64(x.Retries)), figureCell(cellCount, float64(len(x.Services))),
			},
			say: sayf("%s %s: %s", x.Key, x.Value, x.Verdict()), drill: sessionDrill(x), trace: sessionExample(x),
		})
	}
	return a
}

// sessionsHead says how many sessions there are, how many of them had errors, and when the lanes are.
func sessionsHead(s *aggregate.Sessions, from, to int64) model.Text {
	return sayf("%s between %s and %s, %d with errors; %s in none.", plural(s.Total, "session"), appendClock(nil, from), appendClock(nil, to), s.Failing, plural(s.Without, "trace"))
}

// laneOf places the traces of a session between two times.
func laneOf(x *sessions.Session, from, to int64) []laneMark {
	marks := make([]laneMark, 0, len(x.Traces))
	for _, t := range x.Traces {
		marks = append(marks, laneMark{float64(t.Start-from) / float64(max(1, to-from)), t.Failed})
	}
	return marks
}

// sessionDrill lists the traces of a session, or opens the worst where no attribute tells them.
func sessionDrill(x *sessions.Session) func(s Scope) Action {
	worst := OpenTrace{ID: x.Worst.ID}
	return func(s Scope) Action {
		n, err := s.filtered("." + x.Key + " = " + filter.Quote(x.Value))
		if err != nil || x.Key == "" {
			return worst
		}
		return Drill{LensTraces, n}
	}
}

// sessionExample opens where the first error began, else what took longest.
func sessionExample(x *sessions.Session) func() (OpenTrace, bool) {
	open := OpenTrace{ID: x.Worst.ID}
	if x.First != nil {
		open = OpenTrace{ID: x.First.Trace, Span: x.First.Span}
	}
	return func() (OpenTrace, bool) { return open, true }
}
