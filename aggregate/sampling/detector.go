package sampling

import (
	"fmt"
	"strings"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

const (
	// fewTraces and littleShare are how many traces, and what share of its traces, a service has to be sampled less
	// in than others before it is worth a look.
	fewTraces   = 20
	littleShare = .05
	manyNames   = 3
)

// Detector finds services that sample less than the rest of their traces: what they did is missing from most. Where
// no span says how it was sampled there is nothing to find.
type Detector struct{ fold *Fold }

var _ findings.Detector = (*Detector)(nil)

// NewDetector returns one.
func NewDetector(names store.Names) *Detector { return &Detector{New(names)} }

// Fold implements findings.Detector.
func (d *Detector) Fold(t *request.Trace) { d.fold.Add(t) }

// Findings implements findings.Detector. It is one at most.
func (d *Detector) Findings() []findings.Finding {
	r := d.fold.Result()
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
		Title: fmt.Sprintf("%s kept fewer spans than the rest of the same traces, down to %.3g %%: %d of %d traces are sampled unevenly",
			strings.Join(names, ", "), 100*first.Least, r.Mixed, r.Traces),
		Figures: []findings.Figure{
			{Name: "least_probability_share", Number: first.Least}, {Name: "uneven_traces", Number: float64(r.Mixed)},
			{Name: "service_traces", Number: float64(first.Behind)},
		},
	}}
}
