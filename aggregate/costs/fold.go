package costs

import (
	"math"
	"slices"
	"strconv"

	"oteltop/aggregate/bounded"
	"oteltop/aggregate/hist"
	"oteltop/aggregate/request"
	"oteltop/aggregate/stats"
	"oteltop/model"
	"oteltop/model/store"
)

// kind is requests of one root operation.
type kind struct {
	requests, spans, calls, errors uint64
	self, duration, bytes          int64
	sized                          uint64 // requests of which any size is known
	selves                         hist.Histogram
	sent                           hist.Histogram // bytes, one more each
	perRequest                     hist.Histogram // calls, one more each: the histogram does not know 0
	most                           int64          // self time of the costliest
	costliest                      model.TraceID
}

// size is the values of one measure of one operation.
type size struct {
	n           uint64
	sum         int64
	values      hist.Histogram // one more each
	least, most int64
	largest     model.TraceID
	span        model.SpanID
	latency     stats.Pairs
	seen        uint64
}

type sizeKey struct {
	op      uint32
	measure int8
}

// source is where a class keeps a measure.
type source struct {
	measure int8
	pos     int
}

// Fold counts traces. Not safe for concurrent use.
type Fold struct {
	names    store.Names
	measures []measure
	plans    map[store.Segment][]*[]source
	kinds    map[uint32]*kind
	sizes    map[sizeKey]*size
	traces   uint64
	dropped  uint64

	carried []uint16 // by node, of the trace that is being looked at: measures that its span has
}

// New returns an empty fold.
func New(names store.Names) *Fold {
	return &Fold{names: names, measures: measures(), plans: map[store.Segment][]*[]source{}, kinds: map[uint32]*kind{}, sizes: map[sizeKey]*size{}}
}

// Fold counts a trace.
func (f *Fold) Fold(t *request.Trace) {
	if t.Root < 0 {
		return
	}
	f.traces++
	f.carried = append(f.carried[:0], make([]uint16, len(t.Tree.Nodes))...)
	var self, bytes int64
	var calls uint64
	sized := false
	own := t.Self()
	for i := range t.Tree.Nodes {
		s := t.Span(int32(i))
		if s == nil {
			continue
		}
		self = bounded.Sum(self, own[i])
		if s.Kind.IsExit() {
			calls++
		}
		n, ok := f.span(t, int32(i), s)
		bytes, sized = bounded.Sum(bytes, n), sized || ok
	}
	k := bounded.Entry(f.kinds, t.Span(t.Root).Op, maxKinds, &f.dropped)
	k.requests++
	k.spans += uint64(len(t.Spans))
	k.calls += calls
	if t.Errors > 0 {
		k.errors++
	}
	k.perRequest.Add(int64(calls) + 1)
	k.self, k.duration, k.bytes = bounded.Sum(k.self, self), bounded.Sum(k.duration, t.Duration()), bounded.Sum(k.bytes, bytes)
	k.selves.Add(self)
	if sized {
		k.sized++
		k.sent.Add(bounded.Sum(bytes, 1))
	}
	if self > k.most || k.requests == 1 || self == k.most && before(t.ID, k.costliest) {
		k.most, k.costliest = self, t.ID
	}
}

// span counts the sizes of a span, and returns the bytes that no other span has counted: of a call and its answering
// span, both of which know the body, the caller's count.
func (f *Fold) span(t *request.Trace, node int32, s *store.Settled) (bytes int64, sized bool) {
	place := t.Place(node)
	for _, from := range f.plan(place) {
		v, ok := number(place.Segment.Value(place.Index, from.pos))
		if !ok {
			continue
		}
		m := &f.measures[from.measure]
		f.size(t, s, from.measure, v)
		bit := uint16(1) << from.measure
		f.carried[node] |= bit
		if !m.bytes || m.Measure == Envelope && f.carried[node]&(bit>>1) != 0 {
			continue
		}
		if p := t.Parent(node); p >= 0 && s.Kind.IsEntry() && f.carried[p]&bit != 0 {
			continue
		}
		bytes, sized = bounded.Sum(bytes, v), true
	}
	return bytes, sized
}

func (f *Fold) size(t *request.Trace, s *store.Settled, m int8, v int64) {
	x := bounded.Entry(f.sizes, sizeKey{s.Op, m}, maxSizes, &f.dropped)
	x.n++
	x.sum = bounded.Sum(x.sum, v)
	x.values.Add(bounded.Sum(v, 1))
	if x.n == 1 || v < x.least {
		x.least = v
	}
	if x.n == 1 || v > x.most || v == x.most && before(t.ID, x.largest) {
		x.most, x.largest, x.span = v, t.ID, s.ID
	}
	if x.seen != f.traces { // spans of one trace depend on each other
		x.seen = f.traces
		x.latency.Add(t.ID.Hi^t.ID.Lo, float64(v), float64(s.Duration()))
	}
}

// number is a size, whichever way it was recorded: Jaeger and Zipkin have texts only. Sizes below 0 are none.
func number(v model.Value) (int64, bool) {
	var x float64
	switch v.Kind() {
	case model.ValueInt:
		return v.Int(), v.Int() >= 0
	case model.ValueDouble:
		x = v.Double()
	case model.ValueString:
		n, err := strconv.ParseFloat(v.Str(), 64)
		if err != nil {
			return 0, false
		}
		x = n
	default:
		return 0, false
	}
	if !(x >= 0) { // nor is NaN
		return 0, false
	}
	if x >= math.MaxInt64 {
		return math.MaxInt64, true
	}
	return int64(x), true
}

// plan is where spans of a class keep sizes.
func (f *Fold) plan(place store.Place) []source {
	plans := f.plans[place.Segment]
	c := int(place.Segment.Record(place.Index).Class)
	if c >= len(plans) {
		plans = append(plans, make([]*[]source, max(c, place.Segment.Classes())+1-len(plans))...)
		f.plans[place.Segment] = plans
	}
	if plans[c] == nil {
		found := []source{}
		keys := place.Segment.Class(uint32(c)).Keys
		for m := range f.measures {
			for _, k := range f.measures[m].keys {
				if pos := slices.Index(keys, k); pos >= 0 {
					found = append(found, source{int8(m), pos})
					break
				}
			}
		}
		plans[c] = &found
	}
	return *plans[c]
}

func before(a, b model.TraceID) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }
