package hotspots

import (
	"fmt"
	"strings"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// Detector finds the chokepoint of the requests that fail. At most one: what lies on the same way has the same
// evidence, and is named with it.
type Detector struct{ fold *Fold }

var _ findings.Detector = (*Detector)(nil)

// NewDetector returns one; see New.
func NewDetector(names store.Names, peerName func(*store.Settled) string) *Detector {
	return &Detector{New(names, peerName)}
}

// Fold implements findings.Detector.
func (d *Detector) Fold(t *request.Trace) { d.fold.Add(t) }

// Findings implements findings.Detector.
func (d *Detector) Findings() []findings.Finding {
	all := d.fold.Result().Chokepoints()
	if len(all) == 0 {
		return nil
	}
	n := all[0]
	f := findings.Finding{
		Kind: findings.Chokepoint, Service: n.Name,
		Title:  fmt.Sprintf("%d of %d requests that fail pass %s; of those like them that succeed %.0f %% do", n.Failing, n.FailingOf, n.Name, 100*n.HealthyShare),
		Harmed: n.Failing, Failed: n.Failing, Of: d.fold.traces, Q: n.Q, Traces: n.Sample,
		Figures: []findings.Figure{
			{Name: "failing_share", Number: n.FailingShare},
			{Name: "healthy_share", Number: n.HealthyShare},
			{Name: "more_at_least_share", Number: n.MoreAtLeast},
			{Name: "error_path_share", Number: ratio(n.OnPath, max(n.OnPath, n.Failing))},
		},
	}
	var also []string
	for _, other := range all[1:] {
		also = append(also, other.Name)
	}
	if len(also) > 0 {
		f.Figures = append(f.Figures, findings.Figure{Name: "also", Text: strings.Join(also, ", ")})
	}
	return []findings.Finding{f}
}
