package contention

import (
	"fmt"
	"math"

	"oteltop/aggregate/findings"
)

var (
	_ findings.Detector  = (*Fold)(nil)
	_ findings.Estimator = (*Fold)(nil)
)

// Findings implements findings.Detector: what is slow because it is busy.
func (f *Fold) Findings() []findings.Finding {
	var found []findings.Finding
	r := f.Result()
	for i := range r.Rows {
		if r.Rows[i].Contended {
			found = append(found, f.finding(&r.Rows[i]))
		}
	}
	return found
}

func (f *Fold) finding(r *Row) findings.Finding {
	found := findings.Finding{
		Kind: findings.Contention, Title: r.Title(f.thinned > 1), Service: r.Service, Operation: r.Operation, OpKind: r.Kind,
		Harmed: uint64(r.BusySpans), Of: uint64(f.traces), Lost: r.Lost, Q: r.Q, Traces: r.Traces,
		Figures: []findings.Figure{
			{Name: "slower_ratio", Number: r.Ratio()},
			{Name: "in_flight", Number: r.Busy},
			{Name: "busy_p50_ns", Number: r.BusyNs},
			{Name: "quiet_p50_ns", Number: r.QuietNs},
			{Name: "rho", Number: r.Rho},
			{Name: "arrivals_rho", Number: r.RhoArrive},
			{Name: "per_one_ratio", Number: r.PerOne},
			{Name: "resource", Text: r.Resource},
		},
	}
	found.Harmed = min(found.Harmed, found.Of)
	return found
}

// Title is a sentence: "redis GET of cart is ×3.1 slower when 8 or more run at once". estimated says that not all
// that ran was seen.
func (r *Row) Title(estimated bool) string {
	about, where := "", ""
	if estimated {
		about = "about "
	}
	who := fmt.Sprintf("%s of %s", r.Operation, r.Service)
	if r.Peer {
		who = r.Resource + " " + who
	} else {
		where = " in an instance"
	}
	return fmt.Sprintf("%s is ×%.2g slower when %s%.0f or more run at once%s", who, r.Ratio(), about, math.Round(r.Busy), where)
}
