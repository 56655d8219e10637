// Package findings is what analyses found worth a look, in one form, so that findings of all kinds can be
// ranked, thinned out and shown together.
//
//	request.Trace ─▶ Detector.Fold … ─▶ Detector.Findings ─▶ Merge ─▶ the list of the lens Findings
//
// An analysis keeps its own, richer result; a Finding is the line that makes a person open it.
package findings

import (
	"oteltop/aggregate/prose"
	"oteltop/aggregate/request"
	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// Detector looks at traces one by one and says in the end what was worth a look. It keeps nothing of a
// trace but what it counts, in bounded memory.
type Detector interface {
	// Fold looks at a settled trace. Traces come in order of their start.
	Fold(t *request.Trace)
	// Findings is called once, after the last trace.
	Findings() []Finding
}

// Estimator is a Detector that counts what happens at the same time, and has to know how much it was not shown.
type Estimator interface {
	// Thinned is called before Findings: only each n-th trace was folded.
	Thinned(n int)
}

// Kind says what was found. Its values are stable: scripts read them.
type Kind string

// The kinds.
const (
	Recovery        Kind = "recovery"         // from a moment on, requests are again as they used to be
	Onset           Kind = "onset"            // from a moment on, requests are different, and a service is behind it
	ErrorOrigin     Kind = "error_origin"     // where errors begin that reach users
	ErrorGroup      Kind = "error_group"      // a kind of error that is new or increasing
	RetryStorm      Kind = "retry_storm"      // attempts multiply along a path
	Retries         Kind = "retries"          // calls that are repeated until they succeed
	LatencyOutlier  Kind = "latency_outlier"  // requests that take far longer than their own kind does
	ShapeOutlier    Kind = "shape_outlier"    // requests that do something which hardly any other does
	Growth          Kind = "growth"           // latency that grows steadily
	Step            Kind = "step"             // latency that changed at once
	Contention      Kind = "contention"       // slow because busy
	NPlusOne        Kind = "n_plus_one"       // one call per item instead of one for all
	SerialCalls     Kind = "serial_calls"     // calls one after the other that could run side by side
	FanOut          Kind = "fan_out"          // many calls at once, the slowest of which decides
	DuplicateCalls  Kind = "duplicate_calls"  // the same call with the same arguments again
	CallCycle       Kind = "call_cycle"       // a service that calls itself through others
	CrossRegion     Kind = "cross_region"     // a call into another region that its own has an answer to
	Amplification   Kind = "amplification"    // one caller causes far more calls than others do
	Chokepoint      Kind = "chokepoint"       // nearly every failing request passes here
	PropagationGap  Kind = "propagation_gap"  // trace context is lost between two services
	ClockSkew       Kind = "clock_skew"       // the clocks of two hosts disagree
	MissingSpans    Kind = "missing_spans"    // a service whose spans or parents do not arrive
	PartialSampling Kind = "partial_sampling" // some services of a trace are sampled away
)

// Class is how much a kind of finding matters to whoever is called at night.
type Class uint8

// The classes, gravest first.
const (
	Changed  Class = iota // from a moment on, requests are different
	Broken                // requests fail
	Slow                  // requests are slower than they were, or than others
	Wasteful              // requests do more than they need to
	Unusual               // requests that differ from all others
	Untold                // what the traces do not tell
)

// Class of a kind.
func (k Kind) Class() Class {
	switch k {
	case Onset:
		return Changed
	case ErrorOrigin, ErrorGroup, RetryStorm, Chokepoint:
		return Broken
	case LatencyOutlier, Growth, Step, Contention:
		return Slow
	case NPlusOne, SerialCalls, FanOut, DuplicateCalls, Retries, Amplification, CallCycle, CrossRegion:
		return Wasteful
	case PropagationGap, ClockSkew, MissingSpans, PartialSampling, Recovery:
		return Untold
	}
	return Unusual
}

// Finding is something worth a look. Names in it are raw: whoever shows them sanitises them.
type Finding struct {
	Kind  Kind
	Title string // a sentence that a tired person understands: who, what, how much

	// Where: an operation (Operation and OpKind), a service, or the edge from Client to Service.
	Service   string
	Operation string
	OpKind    model.Kind
	Client    string

	From, To int64 // when, Unix ns; 0: all through the scope
	Ended    int64 // of what has a begin, see End: when it was over, Unix ns; 0: it goes on, or nobody knows

	// MinDur is the duration, ns, from which on the calls of that place show it, of a change; 0: they do not tell.
	MinDur int64

	// Evidence. Harmed are the requests that it harmed, Failed those of them that failed, Of those that
	// were looked at and could have been harmed. Lost is the time that it cost them together, ns.
	Harmed, Failed, Of uint64
	Lost               int64
	Effect             float64            // how much of a request it costs on average; 0: not known, and the share harmed counts
	Figures            []Figure           // further figures of the kind
	Q                  float64            // false discovery rate at which it is still significant; 0 where no test was made
	Suspects           []suspects.Suspect // of an Onset: who may be behind it, the likeliest first

	Traces []model.TraceID // at most MaxTraces, the most telling first
	Span   model.SpanID    // in Traces[0], the span to look at; 0: none in particular
	Select string          // a filter that these traces match and others do not; empty: none is known

	Score float64 // set by Merge
}

// End says when what began at From was over, Unix ns; 0: it goes on, or nobody knows.
func (f *Finding) End(at int64) {
	if at == 0 || f.From == 0 {
		return
	}
	f.Ended = at
	if f.To == 0 || f.To > at {
		f.To = at
	}
	f.Title += "; over after " + prose.Duration(at-f.From)
}

// MaxTraces is how many traces a finding names.
const MaxTraces = 5

// Figure is a number or a text of the evidence. Its name is stable: snake_case with the unit at the end
// (_ns, _share from 0 to 1, _ratio, _unix_nano); counts have none.
type Figure struct {
	Name   string
	Number float64
	Text   string // instead of Number, where not empty
}
