package logbook

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/wire"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"
)

func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

func id(n uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, 1), n)
}

func trace(n uint64) model.TraceID { return model.TraceID{Hi: 1, Lo: n} }

func record(trace, span uint64, at uint64, body string) *logspb.LogRecord {
	r := &logspb.LogRecord{TimeUnixNano: at, SeverityNumber: logspb.SeverityNumber_SEVERITY_NUMBER_WARN, Body: text(body)}
	if trace > 0 {
		r.TraceId = id(trace)
	}
	if span > 0 {
		r.SpanId = binary.BigEndian.AppendUint64(nil, span)
	}
	return r
}

func request(t testing.TB, service string, records ...*logspb.LogRecord) []byte {
	t.Helper()
	b, err := proto.Marshal(&logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{
		Resource:  &resourcepb.Resource{Attributes: []*common.KeyValue{{Key: "service.name", Value: text(service)}}},
		ScopeLogs: []*logspb.ScopeLogs{{Scope: &common.InstrumentationScope{Name: "lib"}, LogRecords: records, SchemaUrl: "u"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *Book) mustAppend(t testing.TB, req []byte) model.LogReceipt {
	t.Helper()
	rc, err := b.Append(req)
	if err != nil {
		t.Fatal(err)
	}
	return rc
}

func TestRecordComesBackAsItWasSent(t *testing.T) {
	b := New(1 << 20)
	full := record(7, 3, 50, "card declined")
	full.SeverityText, full.EventName, full.DroppedAttributesCount = "warning", "payment.declined", 2
	full.Attributes = []*common.KeyValue{{Key: "attempt", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: 3}}}}
	early := record(7, 0, 0, "begin")
	early.ObservedTimeUnixNano, early.SeverityNumber = 10, 99
	b.mustAppend(t, request(t, "payments", full, record(8, 1, 1, "of another trace")))
	b.mustAppend(t, request(t, "front", early))
	got, more := b.Of(trace(7))
	if len(got) != 2 || more != 0 {
		t.Fatalf("%d records and %d more", len(got), more)
	}
	first, second := got[0], got[1]
	if first.Time != 10 || first.Span != 0 || first.Body.Str() != "begin" || first.Level() != "" || first.Resource.Service != "front" {
		t.Errorf("%+v", first)
	}
	want := model.Log{
		Trace: trace(7), Span: 3, Time: 50, Severity: model.SeverityWarn, Text: "warning", Event: "payment.declined",
		Body: model.StringValue("card declined"), Dropped: 2, Attributes: []model.Attribute{{Key: "attempt", Value: model.IntValue(3)}},
		Resource: second.Resource, Scope: second.Scope,
	}
	if !reflect.DeepEqual(second, want) {
		t.Errorf("%+v, want %+v", second, want)
	}
	if r, s := second.Resource, second.Scope; r.Service != "payments" || s.Name != "lib" || s.SchemaURL != "u" || second.Level() != "WARN" {
		t.Errorf("%+v %+v %q", r, s, second.Level())
	}
	if got, _ := b.Of(trace(9)); got != nil {
		t.Errorf("a trace that was never named has %v", got)
	}
}

func TestLevels(t *testing.T) {
	for s, want := range map[model.Severity]string{0: "", 1: "TRACE", 4: "TRACE4", 9: "INFO", 13: "WARN", 18: "ERROR2", 21: "FATAL", 24: "FATAL4", 25: ""} {
		if got := s.String(); got != want {
			t.Errorf("severity %d is %q, want %q", s, got, want)
		}
	}
	if l := (model.Log{Text: "notice"}); l.Level() != "notice" {
		t.Error(l.Level())
	}
}

// Every record is accounted for, and what is kept is what a plain list of the newest would keep.
func TestEveryRecordIsAccountedFor(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	b := New(6 * segmentBytes)
	kept := map[uint64][]string{} // bodies by trace, all that was ever stored
	var sum model.LogReceipt
	for n := range 4000 {
		var records []*logspb.LogRecord
		for k := range r.IntN(5) {
			trace, body := uint64(r.IntN(40)), fmt.Sprintf("%d %d %s", n, k, strings.Repeat("x", r.IntN(300)))
			if r.IntN(500) == 0 {
				body = strings.Repeat("y", segmentBytes)
			} else if trace > 0 {
				kept[trace] = append(kept[trace], body)
			}
			records = append(records, record(trace, uint64(k), uint64(n), body))
		}
		rc := b.mustAppend(t, request(t, fmt.Sprint("service-", r.IntN(3)), records...))
		if rc.Received != len(records) || rc.Received != rc.Stored+rc.Untraced+rc.Refused+rc.Duplicate {
			t.Fatalf("%+v of %d", rc, len(records))
		}
		sum.Received += rc.Received
		sum.Untraced += rc.Untraced
		sum.Refused += rc.Refused
	}
	c := b.Counters()
	if c.Received != uint64(sum.Received) || c.Untraced != uint64(sum.Untraced) || c.Refused != uint64(sum.Refused) || c.Received != c.Retained+c.Evicted+c.Untraced+c.Refused+c.Duplicate {
		t.Errorf("%+v, receipts %+v", c, sum)
	}
	if c.Bytes > c.Budget || c.Evicted == 0 || c.Refused == 0 || c.Untraced == 0 {
		t.Errorf("%+v", c)
	}
	found := 0
	for n := range uint64(41) {
		got, _ := b.Of(trace(n))
		var bodies []string
		for i := range got {
			bodies = append(bodies, got[i].Body.Str())
		}
		all := kept[n]
		if want := all[len(all)-len(bodies):]; !slices.Equal(bodies, want) {
			t.Errorf("trace %d: %d records, not the newest ones", n, len(bodies))
		}
		found += len(got)
	}
	if uint64(found) != c.Retained {
		t.Errorf("%d found by trace, %d retained", found, c.Retained)
	}
}

// A request that is sent again, because its answer got lost, adds nothing; what one request says twice stays.
func TestRepeatedRequest(t *testing.T) {
	b := New(1 << 20)
	twice := record(1, 1, 5, "retrying")
	first := request(t, "s", record(1, 1, 4, "a"), twice, twice, record(2, 1, 4, "a"), record(0, 0, 1, "of no trace"))
	if rc := b.mustAppend(t, first); rc.Stored != 4 || rc.Duplicate != 0 {
		t.Fatalf("%+v", rc)
	}
	b.mustAppend(t, request(t, "s", record(1, 2, 6, strings.Repeat("between ", 100))))
	if rc := b.mustAppend(t, first); rc.Stored != 0 || rc.Duplicate != 4 || rc.Untraced != 1 {
		t.Errorf("the same request again: %+v", rc)
	}
	if rc := b.mustAppend(t, request(t, "another", twice, record(1, 1, 7, "a"))); rc.Stored != 2 {
		t.Errorf("the same text of another service, and at another time: %+v", rc)
	}
	if got, _ := b.Of(trace(1)); len(got) != 6 {
		t.Errorf("%d records of the trace, want 6", len(got))
	}
	many := make([]*logspb.LogRecord, maxEarlier)
	for i := range many {
		many[i] = record(3, 1, uint64(i), strings.Repeat("x", segmentBytes/maxEarlier)) // more than a segment holds
	}
	b.mustAppend(t, request(t, "s", many...))
	if rc := b.mustAppend(t, request(t, "s", many...)); rc.Duplicate != maxEarlier {
		t.Errorf("%d of %d records are known again: %+v", rc.Duplicate, maxEarlier, rc)
	}
	if c := b.Counters(); c.Duplicate != 4+maxEarlier || c.Received != c.Retained+c.Evicted+c.Untraced+c.Refused+c.Duplicate {
		t.Errorf("%+v", c)
	}
}

// Nothing of a malformed request is kept, and the error says where it is wrong.
func TestMalformed(t *testing.T) {
	good := request(t, "s", record(1, 1, 1, "a"), record(1, 1, 2, "b"))
	for n := 1; n < len(good); n++ {
		b := New(1 << 20)
		if _, err := b.Append(good[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were taken", n, len(good))
		} else if b.Counters().Received != 0 {
			t.Fatalf("something of a malformed request was kept: %v", err)
		}
	}
}

func TestManyRecordsOfATrace(t *testing.T) {
	b := New(64 << 20)
	for n := range 11 {
		var records []*logspb.LogRecord
		for k := range 1000 {
			records = append(records, record(1, 1, uint64(n*1000+k), "again"))
		}
		b.mustAppend(t, request(t, "s", records...))
	}
	got, more := b.Of(trace(1))
	if len(got) != maxOfTrace || more != 1000 || got[0].Time != 1000 || got[len(got)-1].Time != 10_999 {
		t.Errorf("%d records from %d to %d, %d more", len(got), got[0].Time, got[len(got)-1].Time, more)
	}
}

// The budget is one of the heap: what the book says it takes covers what it takes.
func TestBytesCoverTheHeap(t *testing.T) {
	modeltest.OneGoroutine(t)
	for _, c := range []struct{ name, body string }{{"tiny", ""}, {"lines", strings.Repeat("a line of a log ", 12)}} {
		var req [][]byte
		for n := range 2000 {
			var records []*logspb.LogRecord
			for k := range 100 {
				records = append(records, record(uint64(n*50+k/2+1), 1, 1, c.body))
			}
			req = append(req, request(t, fmt.Sprint("service-", n%20), records...))
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		b := New(32 << 20)
		for i := range req {
			b.mustAppend(t, req[i])
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		heap, says := int64(after.HeapAlloc)-int64(before.HeapAlloc), b.Counters().Bytes
		t.Logf("%s: %d bytes on the heap, %d said, %d records", c.name, heap, says, b.Counters().Retained)
		if heap > says*21/20 {
			t.Errorf("%s: %d bytes on the heap, %d said", c.name, heap, says)
		}
		runtime.KeepAlive(req)
		runtime.KeepAlive(b)
	}
}

// FuzzAppend compares with the protobuf library: what it decodes is kept record by record.
func FuzzAppend(f *testing.F) {
	f.Add(request(f, "s", record(1, 2, 3, "a"), record(0, 0, 0, "")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, req []byte) {
		b := New(1 << 20)
		rc, err := b.Append(req)
		var d logspb.LogsData
		if err != nil {
			if c := b.Counters(); c.Received != 0 {
				t.Errorf("%v, and yet %+v", err, c)
			}
			return
		}
		if rc.Received != rc.Stored+rc.Untraced+rc.Refused || rc.Duplicate > 0 { // there was no request before
			t.Fatalf("%+v", rc)
		}
		if (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(req, &d) != nil {
			return // text that is not UTF-8 is taken here
		}
		want, total := map[model.TraceID]int{}, 0
		for _, r := range d.ResourceLogs {
			for _, s := range r.ScopeLogs {
				for _, l := range s.LogRecords {
					if t := wire.TraceID(l.TraceId); !t.IsZero() {
						want[t]++
					}
					total++
				}
			}
		}
		if total != rc.Received {
			t.Fatalf("%d records, %d received", total, rc.Received)
		}
		for id, n := range want {
			if got, more := b.Of(id); rc.Refused == 0 && len(got)+more != n {
				t.Errorf("%d of %v, want %d", len(got), id, n)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	var reqs [64][]byte // when the first comes again the book has let go of it
	for n := range reqs {
		var records []*logspb.LogRecord
		for k := range 512 {
			records = append(records, record(uint64(n*512+k/4+1), 1, 1, fmt.Sprintf("GET /cart/%d took 12 ms and found 3 items", k)))
		}
		reqs[n] = request(b, "front", records...)
	}
	book := New(2 << 20)
	b.ReportAllocs()
	b.SetBytes(int64(len(reqs[0])))
	n := 0
	for b.Loop() {
		if rc, err := book.Append(reqs[n%len(reqs)]); err != nil || rc.Duplicate > 0 {
			b.Fatal(rc, err)
		}
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/record")
}
