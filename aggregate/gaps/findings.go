package gaps

import (
	"fmt"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/stats"
)

const (
	// manySilent and silentShare are how many successful calls, and what share of all, nobody has to have answered
	// before it is said that spans are missing: single spans get lost everywhere.
	manySilent  = 50
	silentShare = .2
)

var _ findings.Detector = (*Fold)(nil)

// Findings implements findings.Detector: pairs of services between which context is lost, and services whose spans are
// missing from most traces. Streams where neither is so give none (tested on recorded ones and the demo's).
func (f *Fold) Findings() []findings.Finding {
	var out []findings.Finding
	r := f.Result()
	for i := range r.Pairs {
		switch p := &r.Pairs[i]; {
		case p.Lost:
			out = append(out, p.lostFinding(r.Traces))
		case p.silent():
			out = append(out, p.silentFinding(r.Traces))
		}
	}
	return out
}

// Title says that context is lost, and how often.
func (p *Pair) Title() string {
	return fmt.Sprintf("trace context is lost between %s and %s: %.0f%% of %d calls start a trace of their own", p.Client, p.Server, 100*p.Rate(), p.Calls)
}

func (p *Pair) lostFinding(traces uint64) findings.Finding {
	return findings.Finding{
		Kind: findings.PropagationGap, Title: p.Title(), Client: p.Client, Service: p.Server,
		Harmed: min(p.Matched, traces), Of: traces, Traces: p.ClientTraces[:min(len(p.ClientTraces), findings.MaxTraces)],
		Figures: []findings.Figure{
			{Name: "calls", Number: float64(p.Calls)}, {Name: "lost_calls", Number: float64(p.Matched)}, {Name: "lost_share", Number: p.Rate()},
			{Name: "fitting_share", Number: p.Fits()}, {Name: "by_chance_share", Number: p.Chance},
		},
	}
}

// silent tells whether the spans of the server are missing from many traces that it took part in.
func (p *Pair) silent() bool {
	return p.Silent() >= manySilent && stats.Wilson(p.Silent(), p.Calls, stats.Z95).Lower >= silentShare
}

func (p *Pair) silentFinding(traces uint64) findings.Finding {
	return findings.Finding{
		Kind: findings.MissingSpans, Client: p.Client, Service: p.Server,
		Title: fmt.Sprintf("%s has no span for %.0f%% of %d calls from %s, though it sends others",
			p.Server, 100*float64(p.Silent())/float64(p.Calls), p.Calls, p.Client),
		Harmed: min(p.Silent(), traces), Of: traces, Traces: p.SilentTraces[:min(len(p.SilentTraces), findings.MaxTraces)],
		Figures: []findings.Figure{{Name: "calls", Number: float64(p.Calls)}, {Name: "silent_calls", Number: float64(p.Silent())}},
	}
}
