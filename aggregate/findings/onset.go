package findings

import (
	"slices"
	"strings"

	"oteltop/aggregate/suspects"
)

// OfOnset is the moment from which on requests are different as a finding about the likeliest suspect. A
// suspect's score is how much of a request it costs on average (see suspects.Suspect), so it harms at most
// as large a share of the requests.
func OfOnset(x *suspects.Onset) Finding {
	first := &x.Suspects[0]
	f := Finding{
		Kind: Onset, Title: title(first), Service: first.Service, From: x.At, To: x.To,
		Harmed: uint64(min(1, first.Score) * float64(x.Focus)), Of: uint64(x.Focus), Suspects: x.Suspects,
		Figures: []Figure{
			{Name: "score", Number: first.Score},
			{Name: "baseline_traces", Number: float64(x.Baseline)},
			{Name: "focus_traces", Number: float64(x.Focus)},
		},
		Traces: first.Traces[:min(len(first.Traces), MaxTraces)],
	}
	f.Harmed = max(f.Harmed, 1)
	if len(first.Changes) == 0 {
		return f
	}
	c := &first.Changes[0]
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
		f.Failed = uint64(max(0, c.After-c.Before) * float64(x.Focus))
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
	return s.Service + ": " + why
}
