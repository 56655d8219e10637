package contention

import (
	"fmt"
	"math"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/request"
	"oteltop/model/store"
)

// Detector finds what is slow because it is busy.
type Detector struct{ fold *Fold }

var (
	_ findings.Detector  = (*Detector)(nil)
	_ findings.Estimator = (*Detector)(nil)
)

// NewDetector returns one; see New.
func NewDetector(names store.Names, peerName func(*store.Settled) string) *Detector {
	return &Detector{New(names, peerName)}
}

// Fold implements findings.Detector.
func (d *Detector) Fold(t *request.Trace) { d.fold.Add(t) }

// Thinned implements findings.Estimator.
func (d *Detector) Thinned(n int) { d.fold.Thinned(n) }

// Findings implements findings.Detector.
func (d *Detector) Findings() []findings.Finding {
	var found []findings.Finding
	r := d.fold.Result()
	for i := range r.Rows {
		if r.Rows[i].Contended {
			found = append(found, d.finding(&r.Rows[i]))
		}
	}
	return found
}

func (d *Detector) finding(r *Row) findings.Finding {
	f := findings.Finding{
		Kind: findings.Contention, Title: r.Title(d.fold.thinned > 1), Service: r.Service, Operation: r.Operation, OpKind: r.Kind,
		Harmed: uint64(r.BusySpans), Of: uint64(d.fold.traces), Lost: r.Lost, Q: r.Q, Traces: r.Traces,
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
	f.Harmed = min(f.Harmed, f.Of)
	return f
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
