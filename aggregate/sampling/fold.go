package sampling

import (
	"cmp"
	"slices"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxOperations bounds the operations that are counted apart; the store's own bound is below it.
	maxOperations = 1 << 16
	maxSample     = 5
	// remoteParent in a span's flags: its parent is known to be in another process (OTLP SpanFlags, bit 9; bit 8
	// says that bit 9 means something).
	knownRemote, remoteParent = 1 << 8, 1 << 9
)

// Operation is what was seen of an operation, and what it stands for.
type Operation struct {
	Service     string
	Name        string
	Kind        model.Kind
	Seen        uint64
	Told        uint64  // of Seen: the span says with which probability it was kept
	Malformed   uint64  // of Seen: what it says makes no sense
	Estimate    float64 // about how many there were: the sum of 1/p, those that do not say counting once
	Least, Most float64 // the smallest and the largest p of those that say; 1 where none does
}

// Probability is the share of the spans that was kept, as far as they tell.
func (o *Operation) Probability() float64 {
	if o.Estimate == 0 {
		return 1
	}
	return float64(o.Seen) / o.Estimate
}

// Service is how a service samples compared with the others of its traces.
type Service struct {
	Name   string
	Traces uint64 // in which its spans and those of others say how they are sampled
	Behind uint64 // of these: all of its spans were kept with a smaller probability than some of another service
	Least  float64
	sample []model.TraceID
}

// Result is what the spans stand for. Immutable.
type Result struct {
	Operations []Operation // by Estimate
	Services   []Service   // that are behind in any trace, by how many
	Total      Operation   // of everything

	Traces      uint64
	Mixed       uint64 // traces with spans of different probabilities
	Partly      uint64 // traces of which some spans say their probability and others do not
	LeafClient  uint64 // traces that begin with a client: what called it is not recorded
	LeafServer  uint64 // traces that begin with a server which says that its parent is remote
	Headless    uint64 // traces without a root, of which the first span says that its parent is remote
	MixedSample []model.TraceID
	LeafSample  []model.TraceID // of LeafClient and LeafServer
	Dropped     uint64          // spans of operations that there was no room for
}

// LeafStarted is how many traces begin where they cannot have begun.
func (r *Result) LeafStarted() uint64 { return r.LeafClient + r.LeafServer }

// Fold counts spans. Not safe for concurrent use.
type Fold struct {
	names      store.Names
	operations map[uint32]*Operation
	services   map[uint32]*Service
	result     Result

	// Of the trace that is looked at: the smallest threshold of each service that tells one.
	least map[uint32]uint64
}

// New returns an empty Fold.
func New(names store.Names) *Fold {
	return &Fold{names: names, operations: map[uint32]*Operation{}, services: map[uint32]*Service{}, least: map[uint32]uint64{},
		result: Result{Total: Operation{Least: 1, Most: 1}}}
}

// Fold counts the spans of a trace.
func (f *Fold) Fold(t *request.Trace) {
	if len(t.Spans) == 0 {
		return
	}
	f.result.Traces++
	clear(f.least)
	told, untold := false, false
	low, high := uint64(0), uint64(0)
	for i := range t.Tree.Nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		th, o := uint64(0), absent
		if place := t.Place(int32(i)); t.Class(int32(i)).Extra {
			th, o = threshold(place.Segment.Rare(place.Index).TraceState)
		}
		f.count(s, th, o)
		if o != present {
			untold = true
			continue
		}
		if !told {
			low, high = th, th
		}
		told = true
		low, high = min(low, th), max(high, th)
		if was, ok := f.least[s.Service]; !ok || th < was {
			f.least[s.Service] = th
		}
	}
	if low != high {
		f.result.Mixed++
		f.result.MixedSample = sampled(f.result.MixedSample, t.ID)
	}
	if told && untold {
		f.result.Partly++
	}
	f.compare(t.ID, low)
	f.begin(t)
}

func sampled(to []model.TraceID, id model.TraceID) []model.TraceID {
	if len(to) < maxSample {
		return append(to, id)
	}
	return to
}

func (f *Fold) count(s *store.Settled, th uint64, o outcome) {
	x, ok := f.operations[s.Op]
	if !ok {
		if len(f.operations) < maxOperations {
			x = &Operation{Least: 1, Most: 1}
			f.operations[s.Op] = x
		} else {
			f.result.Dropped++
		}
	}
	f.result.Total.add(th, o)
	if x != nil {
		x.add(th, o)
	}
}

func (x *Operation) add(th uint64, o outcome) {
	x.Seen++
	p := 1.0
	switch o {
	case present:
		p = probability(th)
		if x.Told == 0 {
			x.Least, x.Most = p, p
		}
		x.Told++
		x.Least, x.Most = min(x.Least, p), max(x.Most, p)
	case malformed:
		x.Malformed++
	}
	x.Estimate += 1 / p
}

// compare counts the services that are sampled less than the service of the trace that is sampled most.
func (f *Fold) compare(id model.TraceID, low uint64) {
	if len(f.least) < 2 {
		return
	}
	for service, th := range f.least {
		x := f.services[service]
		if x == nil {
			x = &Service{Name: f.names.Service(service), Least: 1}
			f.services[service] = x
		}
		x.Traces++
		x.Least = min(x.Least, probability(th))
		if th > low {
			x.Behind++
			x.sample = sampled(x.sample, id)
		}
	}
}

// begin looks at how a trace begins.
func (f *Fold) begin(t *request.Trace) {
	root := t.Span(t.Root)
	if root == nil {
		return
	}
	flags := t.Class(t.Root).Flags
	remote := flags&knownRemote != 0 && flags&remoteParent != 0
	switch {
	case root.Parent != 0:
		if !t.HasRoot && remote {
			f.result.Headless++
		}
		return
	case root.Kind == model.KindClient:
		f.result.LeafClient++
	case root.Kind == model.KindServer && remote:
		f.result.LeafServer++
	default:
		return
	}
	f.result.LeafSample = sampled(f.result.LeafSample, t.ID)
}

// Result is what was counted so far.
func (f *Fold) Result() *Result {
	r := f.result
	for op, x := range f.operations {
		o := *x
		name := f.names.Operation(op)
		o.Service, o.Name, o.Kind = name.ServiceName, name.Name, name.Kind
		r.Operations = append(r.Operations, o)
	}
	slices.SortFunc(r.Operations, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(b.Estimate, a.Estimate), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	for _, x := range f.services {
		if x.Behind > 0 {
			r.Services = append(r.Services, *x)
		}
	}
	slices.SortFunc(r.Services, func(a, b Service) int {
		return cmp.Or(cmp.Compare(b.Behind, a.Behind), cmp.Compare(a.Name, b.Name))
	})
	return &r
}
