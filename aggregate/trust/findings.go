package trust

import (
	"fmt"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/stats"
	"oteltop/model"
)

const (
	// manyOrphans, orphanTraces and orphanShare are how many spans of a service, in how many traces, and what share of
	// them have to lack their parent, with 95 % confidence, before it is said that spans are missing: single spans get
	// lost everywhere. The recorded healthy streams stay below, 3 in 1,000 spans lost at random, too.
	manyOrphans, orphanTraces = 30, 20
	orphanShare               = .1
)

var _ findings.Detector = (*Fold)(nil)

// Findings implements findings.Detector: services whose spans, or whose callers' spans, do not arrive, one for a
// service, of the side from which more is missing.
func (f *Fold) Findings() []findings.Finding {
	r := f.Result()
	var out []findings.Finding
	for i := range r.Services {
		if f, ok := r.Services[i].finding(r.Requests.Traces); ok {
			out = append(out, f)
		}
	}
	return out
}

func (s *Service) finding(traces uint64) (findings.Finding, bool) {
	missing, of, title := s.EntryOrphans, s.Entries, "the callers' spans of %.0f%% of the requests to %s are missing: %d of %d"
	if s.InnerOrphans > s.EntryOrphans {
		missing, of, title = s.InnerOrphans, s.Inner, "the parents of %.0f%% of the inner spans of %s are missing: %d of %d"
	}
	if missing < manyOrphans || s.OrphanTraces < orphanTraces || stats.Wilson(missing, of, stats.Z95).Lower < orphanShare {
		return findings.Finding{}, false
	}
	f := findings.Finding{
		Kind: findings.MissingSpans, Service: s.Name, Harmed: s.OrphanTraces, Of: traces,
		Title: fmt.Sprintf(title, 100*float64(missing)/float64(of), s.Name, missing, of),
		Figures: []findings.Figure{
			{Name: "orphans", Number: float64(missing)}, {Name: "orphan_share", Number: float64(missing) / float64(of)},
		},
	}
	for _, x := range s.Examples[Orphan] {
		if id := []model.TraceID{x.Trace}; len(f.Traces) == 0 {
			f.Traces, f.Span = id, x.Span
		} else if f.Traces[len(f.Traces)-1] != x.Trace {
			f.Traces = append(f.Traces, x.Trace)
		}
	}
	return f, true
}
