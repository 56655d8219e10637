package patterns

import (
	"fmt"
	"slices"
	"strings"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/prose"
)

const (
	// minHarmedShare: a pattern is a finding where it costs at least one in a hundred of the requests in which the
	// caller makes calls. What rarer ones have in common is their data, not their code.
	minHarmedShare = .01
	// perKind is how many findings of a kind are made, those that cost the most time together: whoever has fixed
	// three has learnt how to find the others, in the view patterns.
	perKind = 3
)

var _ findings.Detector = (*Fold)(nil)

// Findings implements findings.Detector: the patterns that cost requests the most time.
func (f *Fold) Findings() []findings.Finding {
	r := f.Result()
	var out []findings.Finding
	made := map[Kind]int{}
	slices.SortStableFunc(r.Rows, func(a, b Row) int { // those of one kind by what they cost those that they harm
		switch {
		case a.Lost > b.Lost:
			return -1
		case a.Lost < b.Lost:
			return 1
		}
		return 0
	})
	for i := range r.Rows {
		x := &r.Rows[i]
		if x.Harmed == 0 || float64(x.Harmed) < minHarmedShare*float64(x.Of) || x.Cache || x.Kind == Serial && !x.Independent ||
			x.Kind == CrossRegion && !x.ServedHere || made[x.Kind] == perKind {
			continue
		}
		made[x.Kind]++
		out = append(out, x.finding(r.Traces))
	}
	return out
}

// finding is what a kind of pattern is called among findings.
func (k Kind) finding() findings.Kind {
	switch k {
	case NPlusOne:
		return findings.NPlusOne
	case Serial:
		return findings.SerialCalls
	case FanOut:
		return findings.FanOut
	case Duplicates:
		return findings.DuplicateCalls
	case CrossRegion:
		return findings.CrossRegion
	}
	return findings.CallCycle
}

func (r *Row) finding(traces uint64) findings.Finding {
	f := findings.Finding{
		Kind: r.Kind.finding(), Title: r.Title(), Service: r.Service, Operation: r.Operation, OpKind: r.OpKind,
		Harmed: r.Harmed, Of: traces, Lost: r.Lost, Select: r.Filter(),
		Figures: []findings.Figure{
			{Name: "requests_of_caller", Number: float64(r.Of)},
			{Name: "median_save_at_most_ns", Number: float64(r.LostP50)},
			{Name: "median_request_ns", Number: float64(r.HarmedP50)},
		},
	}
	if r.Call != "" {
		f.Figures = append(f.Figures, findings.Figure{Name: "call", Text: r.Call}, findings.Figure{Name: "calls", Number: float64(r.Calls)})
	}
	if r.Statement != "" {
		f.Figures = append(f.Figures, findings.Figure{Name: "statement", Text: r.Statement})
	}
	if r.Within != "" {
		f.Figures = append(f.Figures, findings.Figure{Name: "within", Text: r.Within})
	}
	for _, e := range r.Examples[:min(len(r.Examples), findings.MaxTraces)] {
		f.Traces = append(f.Traces, e.Trace)
	}
	if len(r.Examples) > 0 {
		f.Span = r.Examples[0].Span
	}
	return f
}

// Title says in a sentence what happens and what it costs, by the medians of the requests that it harms.
func (r *Row) Title() string {
	who := strings.TrimSpace(r.Service + " " + r.Operation)
	runs, what := "calls", r.Call
	if r.Protocol == "database" {
		runs = "runs"
	} else if r.Peer != "" && !strings.HasPrefix(what, r.Peer) {
		what = r.Peer + " " + what
	}
	cost, of := r.LostP50, r.HarmedP50
	if r.Harmed == 0 {
		cost, of = r.SaveP50, r.RootP50
	}
	switch r.Kind {
	case NPlusOne:
		return fmt.Sprintf("%s %s %s %d times one after the other: %s of %s", who, runs, what, r.Calls, prose.Duration(r.TimeP50), prose.Duration(r.RootP50))
	case Serial:
		return fmt.Sprintf("%s runs %s one after the other: side by side they save up to %s of %s", who, prose.List(r.Path), prose.Duration(cost), prose.Duration(of))
	case FanOut:
		return fmt.Sprintf("%s %s %s %d times at once and waits for the slowest: %s longer than for the median one, of %s", who, runs, what, r.Calls, prose.Duration(cost), prose.Duration(of))
	case Duplicates:
		again := "with the same arguments"
		if r.AcrossService {
			again = "although another service has just done so"
		}
		return fmt.Sprintf("%s %s %s %s, %d times in a request: %s of %s", who, runs, what, again, r.Calls, prose.Duration(cost), prose.Duration(of))
	case CrossRegion:
		served := ""
		if r.ServedHere {
			served = ", although " + r.Path[0] + " has it"
		}
		return fmt.Sprintf("%s in %s calls %s in %s%s: %s of %s on the way", who, r.Path[0], what, r.Path[1], served, prose.Duration(cost), prose.Duration(of))
	case Cycle:
		if len(r.Path) == 0 {
			return fmt.Sprintf("%s calls itself through other operations: %s of %s inside of the inner call", who, prose.Duration(cost), prose.Duration(of))
		}
		return fmt.Sprintf("%s calls itself through %s: %s of %s inside of the inner call", who, prose.List(r.Path[1:len(r.Path)-1]), prose.Duration(cost), prose.Duration(of))
	}
	return fmt.Sprintf("%s is up to %d spans deep", who, r.CallsMax)
}

// Filter selects the traces, empty where nothing sets them apart.
func (r *Row) Filter() string {
	s := &r.Select
	switch {
	case r.Kind == CrossRegion:
		return fmt.Sprintf("{ service = %s && name = %s } >> { service = %s && name = %s && resource.%s = %s }", filter.Quote(r.Service), filter.Quote(r.Operation),
			filter.Quote(s.Service), filter.Quote(s.Name), s.Key, filter.Quote(s.Value))
	case r.Kind == Cycle && len(r.Path) > 2:
		return fmt.Sprintf("{ service = %s } >> { service = %s } >> { service = %s }", filter.Quote(r.Path[0]), filter.Quote(r.Path[1]), filter.Quote(r.Path[0]))
	case r.Kind == Cycle:
		call := fmt.Sprintf("{ service = %s && name = %s && kind = client }", filter.Quote(r.Service), filter.Quote(r.Operation))
		return call + " >> " + call
	case s.Name == "" && s.Key == "":
		return ""
	}
	call := "service = " + filter.Quote(s.Service) + " && kind = client"
	if s.Name != "" {
		call += " && name = " + filter.Quote(s.Name)
	}
	if s.Key != "" {
		call += " && span." + s.Key + " = " + filter.Quote(s.Value)
	}
	return fmt.Sprintf("{ service = %s && name = %s } >> { %s }", filter.Quote(r.Service), filter.Quote(r.Operation), call)
}
