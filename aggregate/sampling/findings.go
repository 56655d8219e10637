package sampling

import (
	"fmt"
	"strings"

	"oteltop/aggregate/findings"
)

const (
	// fewTraces and littleShare are how many traces, and what share of its traces, a service has to be sampled less
	// in than others before it is worth a look.
	fewTraces   = 20
	littleShare = .05
	manyNames   = 3
)

var _ findings.Detector = (*Fold)(nil)

// Findings implements findings.Detector, one at most: services that sample less than the rest of their traces, so that
// what they did is missing from most. Where no span says how it was sampled there is nothing to find.
func (f *Fold) Findings() []findings.Finding {
	r := f.Result()
	var names []string
	var first *Service
	for i := range r.Services {
		if s := &r.Services[i]; s.Behind >= fewTraces && float64(s.Behind) >= littleShare*float64(s.Traces) {
			if first == nil {
				first = s
			}
			if len(names) < manyNames {
				names = append(names, s.Name)
			}
		}
	}
	if first == nil {
		return nil
	}
	return []findings.Finding{{
		Kind: findings.PartialSampling, Service: first.Name, Harmed: r.Mixed, Of: r.Traces, Traces: first.sample,
		Title: fmt.Sprintf("%s kept fewer spans than the rest of the same traces, down to %.3g%%: %d of %d traces are sampled unevenly",
			strings.Join(names, ", "), 100*first.Least, r.Mixed, r.Traces),
		Figures: []findings.Figure{
			{Name: "least_probability_share", Number: first.Least}, {Name: "uneven_traces", Number: float64(r.Mixed)},
			{Name: "service_traces", Number: float64(first.Behind)},
		},
	}}
}
