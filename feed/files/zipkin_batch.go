package files

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// zipkinBatchSpans is how many spans are held back at most beyond those of the value being read, so
	// that the halves of a shared span and the parents of spans without a time are found though each
	// stands on its own line.
	zipkinBatchSpans = 20_000
	// zipkinBatchBytes bounds the same by the JSON text they came in, for spans that are large.
	zipkinBatchBytes = 32 << 20
)

// zipkinBatch holds spans by trace until nothing more of their trace is likely to come: when the bounds
// are reached, the traces that have not grown for longest go first, down to half of the bounds. So a
// trace is split only if it is larger than that itself, or if its lines lie further apart.
type zipkinBatch struct {
	traces map[string]*zipkinTrace // by the 16 bytes of the id; "" for spans without a valid one
	spans  int
	bytes  int
	values int // given to add so far
}

// zipkinTrace is what has come of one trace.
type zipkinTrace struct {
	spans []zipkinHeld
	bytes int // of JSON text, about
	line  int // of the first span
	grown int // the value that the last span came in
}

type zipkinHeld struct {
	*trace.Span
	local zipkinEndpoint
}

// add takes the spans of a value that begins on line. The error says what is wrong with some of them;
// the others are taken all the same. some tells whether there are any.
func (z *zipkinBatch) add(line int, v []byte) (some bool, err error) {
	list, err := zipkinSpans(v)
	var mistyped *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &mistyped) {
		return false, fmt.Errorf("zipkin: %w", err)
	}
	if z.traces == nil {
		z.traces = map[string]*zipkinTrace{}
	}
	z.values++
	for i := range list {
		span, bad := list[i].span()
		if bad != nil {
			err = firstError(err, fmt.Errorf("span %d: %w", i+1, bad))
		}
		z.hold(line, len(v)/len(list), &list[i], span)
	}
	if err != nil {
		err = fmt.Errorf("zipkin: %w", err)
	}
	return len(list) > 0, err
}

// hold puts a span to its trace.
func (z *zipkinBatch) hold(line, bytes int, from *zipkinSpan, span *trace.Span) {
	t := z.traces[string(span.TraceId)]
	if t == nil {
		t = &zipkinTrace{line: line}
		z.traces[string(span.TraceId)] = t
	}
	h := zipkinHeld{Span: span}
	if from.Local != nil {
		h.local = *from.Local
	}
	t.spans = append(t.spans, h)
	t.bytes += bytes
	t.grown = z.values
	z.spans++
	z.bytes += bytes
}

// full tells whether flush is due.
func (z *zipkinBatch) full() bool { return z.spans > zipkinBatchSpans || z.bytes > zipkinBatchBytes }

// flush gives a request for every trace to deliver, with the line of its first span, the earliest trace
// first; of all traces, or of as many as bring the batch down to half of its bounds.
func (z *zipkinBatch) flush(all bool, deliver func(line int, request []byte, err error)) {
	ids := slices.Sorted(maps.Keys(z.traces))
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(z.traces[a].grown, z.traces[b].grown) })
	var out []*zipkinTrace
	for _, id := range ids {
		if !all && z.spans <= zipkinBatchSpans/2 && z.bytes <= zipkinBatchBytes/2 {
			break
		}
		t := z.traces[id]
		delete(z.traces, id)
		z.spans -= len(t.spans)
		z.bytes -= t.bytes
		t.splitShared()
		t.giveTimes()
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b *zipkinTrace) int { return cmp.Compare(a.start(), b.start()) })
	for _, t := range out {
		request, err := t.request()
		deliver(t.line, request, err)
	}
}

// start is the first start of a span, ns; 0 where none has a time.
func (t *zipkinTrace) start() uint64 {
	var first uint64
	for _, s := range t.spans {
		if at := s.StartTimeUnixNano; at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

// request is the trace in OTLP protobuf.
func (t *zipkinTrace) request() ([]byte, error) {
	g := newGroups()
	for i := range t.spans {
		e := &t.spans[i].local
		g.add(fmt.Sprintf("%s\x00%s\x00%s\x00%d", e.ServiceName, e.IPv4, e.IPv6, e.Port), e.resource, scopeName{}, t.spans[i].Span)
	}
	return proto.Marshal(g.request())
}
