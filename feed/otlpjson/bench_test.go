package otlpjson

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// batch writes n spans with ten attributes, like those that INGEST.md measures with.
func batch(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}}]},"scopeSpans":[{"scope":{"name":"http"},"spans":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"traceId":"%032x","spanId":"%016x","parentSpanId":"%016x","name":"GET /api/v1/items/{id}","kind":"SPAN_KIND_CLIENT","startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[`, i+1, i+1, i, 1700000000000000000+i, 1700000000001000000+i)
		for _, a := range []string{`"http.request.method","value":{"stringValue":"GET"}`, `"http.route","value":{"stringValue":"/api/v1/items/{id}"}`, `"server.address","value":{"stringValue":"inventory.default.svc"}`,
			`"server.port","value":{"intValue":"8080"}`, `"http.response.status_code","value":{"intValue":"200"}`, `"url.path","value":{"stringValue":"/api/v1/items/4711"}`,
			`"net.peer.ip","value":{"stringValue":"10.0.12.7"}`, `"retry","value":{"boolValue":false}`, `"db.rows","value":{"intValue":17}`, `"cache.ratio","value":{"doubleValue":0.75}`} {
			if !strings.HasSuffix(b.String()[b.Len()-1:], "[") {
				b.WriteByte(',')
			}
			b.WriteString(`{"key":` + a + `}`)
		}
		b.WriteString(`],"droppedAttributesCount":0,"status":{"code":0}}`)
	}
	b.WriteString(`]}]}]}`)
	return []byte(b.String())
}

func BenchmarkToProto(b *testing.B) {
	const spans = 512
	src := batch(spans)
	dst, err := ToProto(nil, src)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = ToProto(dst[:0], src); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/spans, "ns/span")
}

// A request costs a fixed number of allocations, whatever it holds.
func TestAllocationsDoNotGrowWithSpans(t *testing.T) {
	count := func(src []byte) float64 {
		dst := bytes.Clone(src)
		return testing.AllocsPerRun(20, func() {
			var err error
			if dst, err = ToProto(dst[:0], src); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := count(batch(1)), count(batch(200))
	if many > few || many > 4 {
		t.Errorf("%v allocations for 1 span, %v for 200", few, many)
	}
}
