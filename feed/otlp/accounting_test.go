package otlp

import (
	"context"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"

	"oteltop/model"
	"oteltop/model/store"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// ringSink is the real store behind the receiver. It takes nothing before open is closed; nil is open.
type ringSink struct {
	*store.Ring
	open chan struct{}
}

func (s ringSink) Traces(_ context.Context, request []byte) (model.Receipt, error) {
	if s.open != nil {
		<-s.open
	}
	return s.Append(request)
}

func (s ringSink) Logs(context.Context, []byte) (model.LogReceipt, error) {
	return model.LogReceipt{}, nil
}

// numbered are n spans of a trace each, with ids that only from decides.
func numbered(from, n int, pad string) []*trace.Span {
	var spans []*trace.Span
	for i := from; i < from+n; i++ {
		s := span(1)
		s.TraceId = binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i+1))
		s.SpanId = binary.BigEndian.AppendUint64(nil, uint64(i+1))
		s.Attributes = []*common.KeyValue{str("pad", strconv.Itoa(i)+pad)}
		spans = append(spans, s)
	}
	return spans
}

// Under overload, with duplicates and invalid spans among what is sent over every transport, each span is
// accounted for once: what the senders were told, what the receiver counted and what the store counted agree.
func TestEverySpanIsAccountedFor(t *testing.T) {
	const senders, rounds, spans = 4, 12, 200
	ring := store.New(store.Options{Budget: 6 << 20, Encoders: 2})
	// The store is stuck until the first sender has been told to come back: then there was an overload.
	open := make(chan struct{})
	unstick := sync.OnceFunc(func() { close(open) })
	f := startInto(t, Options{InFlight: 3 << 19}, ringSink{ring, open})
	pad := strings.Repeat("x", 2000)
	var accepted, rejected, overloaded atomic.Uint64
	var busy sync.WaitGroup
	for sender := range senders {
		for _, transport := range transports {
			busy.Go(func() {
				for round := range rounds {
					// Every other sender repeats what the one before it sent.
					list := numbered((sender/2*rounds+round)*spans, spans, pad)
					list[3].SpanId, list[5].TraceId = list[3].SpanId[:3], make([]byte, 16)
					c := call{transport: transport, request: request(list...)}
					if round%2 == 1 {
						c.compression = "gzip"
					}
					switch a := f.send(t, c); a.code {
					case codes.OK:
						accepted.Add(spans)
						rejected.Add(uint64(a.rejected))
					case codes.Unavailable:
						overloaded.Add(1)
						unstick()
						checkRetry(t, transport, a)
					default:
						t.Errorf("%s: %v %s", transport, a.code, a.text)
					}
				}
			})
		}
	}
	busy.Wait()
	ring.Flush()
	c := ring.Counters()
	var refused, received, refusedByReceiver uint64
	for i := range c.Refused {
		refused += c.Refused[i]
		refusedByReceiver += f.intake.RefusedSpans[i].Load()
	}
	for i := range f.intake.Spans {
		received += f.intake.Spans[i].Load()
	}
	if accepted.Load() != c.Received || received != c.Received {
		t.Errorf("senders were told that %d spans arrived, the receiver counted %d, the store %d", accepted.Load(), received, c.Received)
	}
	if c.Received != c.Spans+c.Evicted+c.Duplicate+refused || c.Stored != c.Spans+c.Evicted {
		t.Errorf("received %d is not retained %d + evicted %d + duplicate %d + refused %d; stored %d", c.Received, c.Spans, c.Evicted, c.Duplicate, refused, c.Stored)
	}
	if refused != rejected.Load() || refused != refusedByReceiver {
		t.Errorf("refused: the store %d, the receiver %d, senders were told %d", refused, refusedByReceiver, rejected.Load())
	}
	if n := f.intake.RefusedRequests[model.RefusedOverload].Load(); n != overloaded.Load() {
		t.Errorf("%d overloads counted, senders were told %d times", n, overloaded.Load())
	}
	if c.Duplicate == 0 || c.Evicted == 0 || refused == 0 || overloaded.Load() == 0 || c.Spans == 0 {
		t.Errorf("not everything happened: %d duplicates, %d evicted, %d refused, %d overloads, %d retained", c.Duplicate, c.Evicted, refused, overloaded.Load(), c.Spans)
	}
	t.Logf("%d received, %d duplicates, %d evicted, %d refused, %d overloads, %d retained", c.Received, c.Duplicate, c.Evicted, refused, overloaded.Load(), c.Spans)
}

// Budgets of one request lead to partial success, over every transport.
func TestBudgetsOfARequest(t *testing.T) {
	wide := span(7)
	for range 50 {
		wide.Attributes = append(wide.Attributes, str("k", "v"))
		wide.Events = append(wide.Events, &trace.Span_Event{Name: "e"})
	}
	for name, c := range map[string]struct {
		options  store.Options
		spans    []*trace.Span
		rejected int
	}{
		"spans":      {store.Options{MaxSpans: 10}, numbered(0, 25, ""), 15},
		"attributes": {store.Options{MaxAttributes: 40}, []*trace.Span{wide, span(1)}, 1},
		"events":     {store.Options{MaxEvents: 40}, []*trace.Span{wide, span(1)}, 1},
	} {
		for _, transport := range transports {
			for _, compression := range []string{"", "gzip"} {
				ring := store.New(c.options)
				f := startInto(t, Options{}, ringSink{Ring: ring})
				a := f.send(t, call{transport: transport, compression: compression, request: request(c.spans...)})
				if a.code != codes.OK || !a.partial || a.rejected < c.rejected || a.text == "" {
					t.Errorf("%s %s %s: %+v", name, transport, compression, a)
				}
				if n := ring.Counters(); n.Refused[model.RefusedBudget] != uint64(a.rejected) || f.intake.RefusedSpans[model.RefusedBudget].Load() != uint64(a.rejected) {
					t.Errorf("%s %s: %d rejected, counted %v", name, transport, a.rejected, n.Refused)
				}
			}
		}
	}
}

// Deep nesting and a crowd of empty spans, the messages that cost most per byte, are survived by the
// receiver and the store together.
func TestCostlyMessages(t *testing.T) {
	nested := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "x"}}
	for range 64 {
		nested = &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: []*common.AnyValue{nested}}}}
	}
	deep := span(1)
	deep.Attributes = []*common.KeyValue{{Key: "deep", Value: nested}}
	large := span(2)
	large.Attributes = []*common.KeyValue{str("large", string(make([]byte, 1<<20)))}
	crowd := make([]*trace.Span, 100_000)
	for i := range crowd {
		crowd[i] = &trace.Span{}
	}
	for _, transport := range transports {
		ring := store.New(store.Options{})
		f := startInto(t, Options{}, ringSink{Ring: ring})
		if a := f.send(t, call{transport: transport, compression: "gzip", request: request(deep, large)}); a.code != codes.OK || a.partial {
			t.Errorf("%s: %+v", transport, a)
		}
		a := f.send(t, call{transport: transport, compression: "gzip", request: request(crowd...)})
		if a.code != codes.OK || a.rejected != len(crowd) {
			t.Errorf("%s: a crowd of spans without ids: %v, %d rejected", transport, a.code, a.rejected)
		}
		if c := ring.Counters(); c.Stored != 2 || c.Received != 2+uint64(len(crowd)) {
			t.Errorf("%s: %d of %d spans stored", transport, c.Stored, c.Received)
		}
	}
}
