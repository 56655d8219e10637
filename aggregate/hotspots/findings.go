package hotspots

import (
	"fmt"
	"strings"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/stats"
)

var _ findings.Detector = (*Fold)(nil)

// Findings implements findings.Detector: the chokepoint of the requests that fail. At most one: what lies on the same
// way has the same evidence, and is named with it.
func (f *Fold) Findings() []findings.Finding {
	all := f.Result().Chokepoints()
	if len(all) == 0 {
		return nil
	}
	n := all[0]
	found := findings.Finding{
		Kind: findings.Chokepoint, Service: n.Name,
		Title:  fmt.Sprintf("%d of %d requests that fail pass %s; of those like them that succeed %.0f%% do", n.Failing, n.FailingOf, n.Name, 100*n.HealthyShare),
		Harmed: n.Failing, Failed: n.Failing, Of: f.traces, Q: n.Q, Traces: n.Sample,
		Figures: []findings.Figure{
			{Name: "failing_share", Number: n.FailingShare},
			{Name: "healthy_share", Number: n.HealthyShare},
			{Name: "more_at_least_share", Number: n.MoreAtLeast},
			{Name: "error_path_share", Number: stats.Ratio(n.OnPath, max(n.OnPath, n.Failing))},
		},
	}
	var also []string
	for _, other := range all[1:] {
		also = append(also, other.Name)
	}
	if len(also) > 0 {
		found.Figures = append(found.Figures, findings.Figure{Name: "also", Text: strings.Join(also, ", ")})
	}
	return []findings.Finding{found}
}
