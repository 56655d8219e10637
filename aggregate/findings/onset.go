package findings

import (
	"slices"
	"strings"

	"oteltop/aggregate/suspects"
)

// OfOnset is the moment from which on requests are different: a finding about the likeliest suspect, and one
// about each other that has a good part of the change. Each says when it was over: two things that began within a
// minute may well end apart.
func OfOnset(x *suspects.Onset) []Finding {
	found := []Finding{ofSuspect(x, &x.Suspects[0])}
	if x.Recovery {
		return found
	}
	found[0].Suspects = x.Suspects
	found[0].End(x.Ended)
	for i := 1; i < len(x.Suspects); i++ {
		if s := &x.Suspects[i]; s.Score > 0 && s.Share >= suspects.OtherShare {
			f := ofSuspect(x, s)
			f.Suspects = x.Suspects[i : i+1]
			f.End(s.Ended)
			found = append(found, f)
		}
	}
	return found
}

// ofSuspect is what a suspect did since an onset.
func ofSuspect(x *suspects.Onset, s *suspects.Suspect) Finding {
	f := Finding{
		Kind: Onset, Title: title(s), Service: s.Service, From: x.At, To: x.To,
		Harmed: s.Harmed, Of: uint64(x.Focus), Effect: s.Score,
		Figures: []Figure{
			{Name: "score", Number: s.Score},
			{Name: "earliest_unix_nano", Number: float64(x.Earliest)},
			{Name: "latest_unix_nano", Number: float64(x.Latest)},
			{Name: "baseline_traces", Number: float64(x.Baseline)},
			{Name: "focus_traces", Number: float64(x.Focus)},
			{Name: "passing_traces", Number: float64(s.Passing)},
		},
		Traces: s.Traces[:min(len(s.Traces), MaxTraces)],
	}
	if x.Recovery {
		f.Kind, f.Title = Recovery, s.Recovered()
	}
	if len(s.Changes) == 0 {
		return f
	}
	c := &s.Changes[0]
	f.Operation, f.OpKind, f.Q = c.Operation, c.Kind, c.Q
	switch {
	case c.Server == "" || c.Peer && c.Client == f.Service:
	case c.Server == f.Service:
		f.Client = c.Client // what is between the two is what changed
	default:
		f.OpKind = 0 // the operation is the other's
	}
	switch {
	case c.Mechanism == suspects.Errors:
		f.Failed = s.Harmed
	case slices.Contains([]suspects.Mechanism{suspects.Work, suspects.Wait}, c.Mechanism):
		f.Lost = int64(max(0, c.After-c.Before) * float64(c.Calls))
	}
	return f
}

// title names the suspect first, whatever the sentence begins with.
func title(s *suspects.Suspect) string {
	why := s.Why()
	if strings.HasPrefix(why, s.Service+" ") {
		return why
	}
	if s.Peer && len(s.Changes) > 0 && s.Changes[0].Database {
		return "database " + s.Service + ": " + why
	}
	return s.Service + ": " + why
}
