package demo

import (
	"context"
	"encoding/binary"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"oteltop/model"
	"oteltop/model/logbook"
	"oteltop/model/wire"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

var origin = time.Unix(1_800_000_000, 0)

// received is a span as a receiver sees it.
type received struct {
	*tracepb.Span
	service, version string
}

func (r received) text(key string) string {
	for _, a := range r.Attributes {
		if a.Key == key {
			if s, ok := a.Value.Value.(*commonpb.AnyValue_IntValue); ok {
				return time.Duration(s.IntValue).String()
			}
			return a.Value.GetStringValue()
		}
	}
	return ""
}

func (r received) duration() time.Duration {
	return time.Duration(r.EndTimeUnixNano - r.StartTimeUnixNano)
}

func decode(t *testing.T, reqs [][]byte) []received {
	t.Helper()
	var out []received
	for _, q := range reqs {
		var d tracepb.TracesData
		if err := proto.Unmarshal(q, &d); err != nil {
			t.Fatal(err)
		}
		for _, rs := range d.ResourceSpans {
			r := received{}
			for _, a := range rs.Resource.Attributes {
				switch a.Key {
				case "service.name":
					r.service = a.Value.GetStringValue()
				case "service.version":
					r.version = a.Value.GetStringValue()
				}
			}
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					r.Span = s
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// minutes generates a stretch of the cycle.
func minutes(t *testing.T, from, to time.Duration) []received {
	return decode(t, Generate(Options{Seed: 7, Origin: origin}, origin.Add(from), origin.Add(to)))
}

func TestSeedAndTimeDecideEverything(t *testing.T) {
	o := Options{Seed: 1, Origin: origin}
	whole := decode(t, Generate(o, origin, origin.Add(4*time.Second)))
	var parts []received
	for at := origin; at.Before(origin.Add(4 * time.Second)); at = at.Add(700 * time.Millisecond) {
		end := at.Add(700 * time.Millisecond)
		if end.After(origin.Add(4 * time.Second)) {
			end = origin.Add(4 * time.Second)
		}
		parts = append(parts, decode(t, Generate(o, at, end))...)
	}
	if a, b := ids(whole), ids(parts); len(a) == 0 || !reflect.DeepEqual(a, b) {
		t.Errorf("%d spans at once, %d in parts", len(a), len(b))
	}
	o.Seed = 2
	if reflect.DeepEqual(ids(whole), ids(decode(t, Generate(o, origin, origin.Add(4*time.Second))))) {
		t.Error("another seed gives the same spans")
	}
}

func ids(spans []received) []uint64 {
	var out []uint64
	for _, s := range spans {
		out = append(out, binary.BigEndian.Uint64(s.SpanId))
	}
	slices.Sort(out)
	return out
}

func TestTracesHoldTogether(t *testing.T) {
	spans := minutes(t, 0, 40*time.Second)
	type key struct{ trace, span string }
	byID := map[key]received{}
	services := map[string]bool{}
	for _, s := range spans {
		k := key{string(s.TraceId), string(s.SpanId)}
		if _, twice := byID[k]; twice {
			t.Fatalf("span id %x stands twice in a trace", s.SpanId)
		}
		byID[k] = s
		services[s.service] = true
		if s.EndTimeUnixNano <= s.StartTimeUnixNano {
			t.Errorf("%s of %s ends before it starts", s.Name, s.service)
		}
	}
	if len(services) < 13 {
		t.Errorf("only %d services: %v", len(services), services)
	}
	orphans := 0
	for _, s := range spans {
		if len(s.ParentSpanId) == 0 {
			continue
		}
		p, ok := byID[key{string(s.TraceId), string(s.ParentSpanId)}]
		if !ok {
			orphans++
			continue
		}
		async := s.Kind == tracepb.Span_SPAN_KIND_CONSUMER
		skew := s.service == "shipping" || p.service == "shipping"
		if !async && !skew && (s.StartTimeUnixNano < p.StartTimeUnixNano || s.EndTimeUnixNano > p.EndTimeUnixNano) {
			t.Errorf("%s of %s is not inside %s of %s", s.Name, s.service, p.Name, p.service)
		}
	}
	if share := float64(orphans) / float64(len(spans)); share == 0 || share > 0.02 {
		t.Errorf("%.2f %% orphans", share*100)
	}
}

// Every fault shows in the spans while it is on, and not before.
func TestFaultsShowInTheSpans(t *testing.T) {
	measures := map[string]func([]received) float64{
		"error-burst": func(ss []received) float64 {
			return shareOf(ss, func(s received) (bool, bool) {
				threw := len(s.Events) > 0 && s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR
				return s.service == "inventory" && s.Name == "POST /reservations", threw
			})
		},
		"slow-tenant": func(ss []received) float64 {
			of := func(acme bool) float64 {
				return p95(ss, func(s received) bool { return s.Name == "SELECT ledger" && (s.text("tenant") == "acme") == acme })
			}
			return of(true) / of(false)
		},
		"n-plus-one": func(ss []received) float64 {
			n := map[string]int{}
			most := 0
			for _, s := range ss {
				if s.Name == "SELECT items" && s.service == "catalog" {
					n[string(s.ParentSpanId)]++
					most = max(most, n[string(s.ParentSpanId)])
				}
			}
			return float64(most)
		},
		"slow-release": func(ss []received) float64 {
			return p95(ss, func(s received) bool { return s.Name == "rank candidates" && s.version == slowVersion }) /
				p95(ss, func(s received) bool { return s.Name == "rank candidates" && s.version != slowVersion })
		},
		"retry-storm": func(ss []received) float64 {
			return shareOf(ss, func(s received) (bool, bool) {
				return s.service == "checkout" && s.Name == "POST" && s.text("server.address") == "shipping", s.text("http.request.resend_count") != ""
			})
		},
	}
	least := map[string]float64{"error-burst": 0.5, "slow-tenant": 5, "n-plus-one": 15, "slow-release": 2.5, "retry-storm": 0.4}
	healthy := minutes(t, 0, 50*time.Second)
	for _, f := range Faults() {
		m, ok := measures[f.Name]
		if !ok {
			t.Errorf("fault %s is not measured", f.Name)
			continue
		}
		middle := (f.Start + f.End) / 2
		if got := m(minutes(t, middle-20*time.Second, middle+20*time.Second)); !(got >= least[f.Name]) {
			t.Errorf("%s measures %.2f while it is on, want at least %v", f.Name, got, least[f.Name])
		}
		if got := m(healthy); got >= least[f.Name] {
			t.Errorf("%s measures %.2f while all is well", f.Name, got)
		}
	}
}

// shareOf is how many of those that count have it.
func shareOf(ss []received, f func(received) (counts, has bool)) float64 {
	n, with := 0.0, 0.0
	for _, s := range ss {
		if counts, has := f(s); counts {
			n++
			if has {
				with++
			}
		}
	}
	if n == 0 {
		return 0
	}
	return with / n
}

func p95(ss []received, want func(received) bool) float64 {
	var ds []time.Duration
	for _, s := range ss {
		if want(s) {
			ds = append(ds, s.duration())
		}
	}
	if len(ds) == 0 {
		return 1
	}
	slices.Sort(ds)
	return float64(ds[len(ds)*95/100])
}

// recorder is a sink that checks that no span arrives before it has ended.
type recorder struct {
	t     *testing.T
	now   func() time.Time
	mu    sync.Mutex
	spans int
	early int

	failed map[model.TraceID]string // the message of a span that failed by itself
	book   *logbook.Book
}

func (r *recorder) Logs(_ context.Context, req []byte) (model.LogReceipt, error) {
	return r.book.Append(req)
}

func (r *recorder) Traces(_ context.Context, req []byte) (model.Receipt, error) {
	spans := decode(r.t, [][]byte{req})
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range spans {
		if s.EndTimeUnixNano > uint64(r.now().UnixNano()) {
			r.early++
		}
		for _, e := range s.Events {
			if e.Name == "exception" {
				r.failed[wire.TraceID(s.TraceId)] = s.Status.GetMessage()
			}
		}
	}
	r.spans += len(spans)
	return model.Receipt{Received: len(spans), Stored: len(spans)}, nil
}

func TestRunBackfillsThenGoesLiveAndStops(t *testing.T) {
	synctest.Test(t, backfillThenLive) // its clock waits for the generator, however busy the machine is
}

func backfillThenLive(t *testing.T) {
	in := new(model.Intake)
	r := &recorder{t: t, now: time.Now, failed: map[model.TraceID]string{}, book: logbook.New(1 << 20)}
	ctx, cancel := context.WithTimeout(context.Background(), 1200*time.Millisecond)
	defer cancel()
	if err := New(Options{Backfill: 10 * time.Second, Intake: in, Origin: time.Now().Add(-80 * time.Second)}).Run(ctx, r); err != nil {
		t.Fatal(err)
	}
	if r.spans < 10*defaultRate*8 {
		t.Errorf("only %d spans of 10 s of history", r.spans)
	}
	if r.early > 0 {
		t.Errorf("%d spans were sent before they ended", r.early)
	}
	if got := in.Spans[model.TransportDemo].Load(); got != uint64(r.spans) {
		t.Errorf("intake counts %d of %d spans", got, r.spans)
	}
	if c := r.book.Counters(); c.Received == 0 || c.Received != c.Retained || in.LogRecords.Load() != c.Received {
		t.Errorf("%+v, intake counts %d", c, in.LogRecords.Load())
	}
	if len(r.failed) == 0 {
		t.Error("nothing failed")
	}
	for id, message := range r.failed { // who fails says so
		logs, _ := r.book.Of(id)
		if !slices.ContainsFunc(logs, func(l model.Log) bool {
			return l.Severity == model.SeverityError && l.Body.Str() == message && l.Span != 0
		}) {
			t.Errorf("%q is in no log of its trace: %v", message, logs)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	spans := 0
	e := encoder{}
	o := Options{Seed: 1}.withDefaults()
	for i := range b.N {
		e.each(o.spans(int64(i)*slot), func(_ []byte, n int) { spans += n })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
}
