package report

import (
	"context"
	"strconv"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/dependencies"
	"oteltop/model"
)

// The views of what a service or an operation calls, and of who calls it (--service, --operation).
const (
	ViewDependencies View = "dependencies"
	ViewFrequency    View = "frequency"
)

// dependencyRow is one of these, by direction:
//
//	focal      what was asked of: calls, with what they cause
//	caller     who makes the focal calls; service is empty for nobody that was seen
//	upstream   a service, peer or operation (else operation is empty) above focal calls, by distance
//	downstream likewise below them
//	route      a service-level path from the root to focal calls, by calls
//
// Each call is counted once. Figures that a direction does not have are null.
type dependencyRow struct {
	Direction     string   `json:"direction"`
	Service       string   `json:"service"`
	Operation     string   `json:"operation"`
	Kind          *string  `json:"kind"` // of an operation
	Calls         uint64   `json:"calls"`
	Errors        *uint64  `json:"errors"`
	Traces        *uint64  `json:"traces"`
	Distance      *int     `json:"distance"`      // least: 1 for direct
	Direct        *uint64  `json:"direct_calls"`  // of the calls, those with no other between
	Amplification *float64 `json:"amplification"` // downstream: calls for each focal call
	Share         *float64 `json:"focal_share"`   // of the focal calls: made by this caller, below this service, with any such call, on this route
	Caused        *uint64  `json:"caused_calls"`  // focal: all calls beneath
	Routes        *int     `json:"routes"`        // focal: how many different ones
	Nested        *uint64  `json:"nested_calls"`  // focal: those below other focal calls
	Cycle         bool     `json:"cycle"`         // it is the focal service itself, or a service occurs twice on the route
	Callers       []string `json:"callers"`       // downstream: whose focal calls cause it, as "checkout 75%"
	Route         string   `json:"route"`         // services from the root, separated by " > "
	TraceID       *string  `json:"trace_id"`
}

func dependenciesView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	q.Focus = aggregate.Focus{Service: o.Service, Operation: o.Operation}
	d, err := e.Dependencies(ctx, q)
	if err != nil {
		return nil, err
	}
	routes := len(d.Routes)
	rows := []dependencyRow{{
		Direction: "focal", Service: o.Service, Operation: o.Operation, Calls: d.Calls, Errors: &d.Errors, Traces: &d.Traces,
		Caused: &d.Caused, Routes: &routes, Nested: &d.Nested, Cycle: d.Nested > 0,
	}}
	for i := range d.Callers {
		c := &d.Callers[i]
		rows = append(rows, dependencyRow{Direction: "caller", Service: callerName(c), Calls: c.Calls, Share: &c.Share, Cycle: c.Service == o.Service})
	}
	for i := range d.Above {
		rows = append(rows, newDependencyRow("upstream", &d.Above[i]))
	}
	for i := range d.Below {
		rows = append(rows, newDependencyRow("downstream", &d.Below[i]))
	}
	for i := range d.Routes {
		p := &d.Routes[i]
		last := p.Steps[len(p.Steps)-1]
		share := float64(p.Calls) / float64(d.Calls)
		row := dependencyRow{
			Direction: "route", Service: last.Service, Calls: p.Calls, Errors: &p.Errors, Traces: &p.Traces,
			Share: &share, Cycle: p.Cycle, Route: routeText(p.Steps),
		}
		if len(p.Traced) > 0 {
			id := idText(p.Traced[0])
			row.TraceID = &id
		}
		rows = append(rows, row)
	}
	for i := range rows {
		rows[i].Callers = append([]string{}, rows[i].Callers...) // an empty list, not null
	}
	return &document{View: ViewDependencies, Provenance: d.Provenance, Rows: rows}, nil
}

func newDependencyRow(direction string, r *dependencies.Relative) dependencyRow {
	id := idText(r.Example)
	row := dependencyRow{
		Direction: direction, Service: r.Service, Operation: r.Operation, Kind: kindOf(r), Calls: r.Calls, Errors: &r.Errors, Traces: &r.Traces,
		Distance: &r.Distance, Direct: &r.Direct, Share: &r.Frequency.Share, Cycle: r.Recursive, TraceID: &id,
	}
	if direction == "downstream" {
		row.Amplification = &r.Amplification
	}
	for i := range r.By {
		row.Callers = append(row.Callers, callerName(&r.By[i].Caller)+" "+strconv.FormatFloat(100*r.By[i].Part, 'f', 0, 64)+"%")
	}
	return row
}

func kindOf(r *dependencies.Relative) *string {
	if r.Operation == "" {
		return nil
	}
	kind := r.Kind.String()
	return &kind
}

// callerName says who made a call, also where no span does.
func callerName(c *dependencies.Caller) string {
	switch {
	case c.Orphan:
		return "(not seen)"
	case c.Service == "":
		return "(outside)"
	}
	return c.Service
}

func routeText(steps []model.Place) string {
	names := make([]string, len(steps))
	for i := range steps {
		names[i] = steps[i].Service
	}
	return strings.Join(names, " > ")
}

// frequencyRow says how often a call of the service or operation asked of calls another service, peer or
// operation (else operation is empty), directly or not. What is called least often, but is called, comes first.
type frequencyRow struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation"`
	Kind      *string  `json:"kind"` // of an operation
	Distance  int      `json:"distance"`
	Focal     uint64   `json:"focal_calls"`
	Present   uint64   `json:"present_calls"` // focal calls with any
	Share     float64  `json:"present_share"`
	Lower     float64  `json:"lower_share"` // Wilson's interval of it, 95 %
	Upper     float64  `json:"upper_share"`
	Rare      bool     `json:"rare"` // present in fewer than a twentieth
	Mean      float64  `json:"mean"` // calls for each focal call
	P95       uint64   `json:"p95"`
	Max       uint64   `json:"max"`
	Histogram []string `json:"histogram"` // focal calls by number of calls, as "3-4: 17"
	TraceID   string   `json:"trace_id"`
}

func frequencyView(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
	q.Focus = aggregate.Focus{Service: o.Service, Operation: o.Operation}
	d, err := e.Dependencies(ctx, q)
	if err != nil {
		return nil, err
	}
	below := append([]dependencies.Relative(nil), d.Below...)
	dependencies.RareFirst(below)
	rows := make([]frequencyRow, 0, len(below))
	for i := range below {
		r := &below[i]
		f := &r.Frequency
		row := frequencyRow{
			Service: r.Service, Operation: r.Operation, Kind: kindOf(r), Distance: r.Distance, Focal: f.Calls, Present: f.Present,
			Share: f.Share, Lower: f.Interval.Lower, Upper: f.Interval.Upper, Rare: f.Rare, Mean: f.Mean, P95: f.P95, Max: f.Max,
			Histogram: []string{}, TraceID: idText(r.Example),
		}
		for _, b := range f.Histogram {
			if b.Calls > 0 {
				row.Histogram = append(row.Histogram, binText(b)+": "+strconv.FormatUint(b.Calls, 10))
			}
		}
		rows = append(rows, row)
	}
	return &document{View: ViewFrequency, Provenance: d.Provenance, Rows: rows}, nil
}

func binText(b dependencies.FrequencyBin) string {
	if b.From == b.To {
		return strconv.FormatUint(b.From, 10)
	}
	return strconv.FormatUint(b.From, 10) + "-" + strconv.FormatUint(b.To, 10)
}
