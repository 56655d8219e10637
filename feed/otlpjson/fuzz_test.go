package otlpjson

import (
	"encoding/json"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// FuzzToProto: it never panics, what it takes is JSON, and what it writes decodes and is stable.
func FuzzToProto(f *testing.F) {
	seeds := []string{
		`{}`, `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"scope":{"name":"n"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a\u00e9\ud83d\ude00","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1","endTimeUnixNano":2e3,"status":{"code":2}}]}]}]}`,
		string(attribute(`{"arrayValue":{"values":[null,{"doubleValue":"NaN"},{"bytesValue":"AQ=="},{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"-1"}}]}}]}}`)),
		string(inSpan(`"unknown":[1,-2.5e+3,true,false,null,{"x":"\n"}],"traceId":"abc","events":[{"timeUnixNano":1.0}],"links":[{"flags":1}]`)),
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		encoded, err := ToProto(nil, src)
		_, logErr := LogsToProto(nil, src)
		_, metricErr := MetricPoints(src)
		valid := json.Valid(src)
		if (err == nil || logErr == nil || metricErr == nil) && !valid {
			t.Fatalf("taken, but not JSON: %q", src)
		}
		if err != nil {
			return
		}
		if metricErr != nil {
			t.Fatalf("a request counts as malformed: %v", metricErr)
		}
		request := new(trace.TracesData)
		if err := proto.Unmarshal(encoded, request); err != nil {
			t.Fatalf("the result does not decode: %v\nfrom %q", err, src)
		}
		again := append([]byte(nil), encoded...)
		if once, err := ToProto(again[:0], src); err != nil || string(once) != string(encoded) {
			t.Fatalf("a second run differs: %v", err)
		}
	})
}
