package otlpjson

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// oracle reads OTLP/JSON by google's protojson, which differs in that it wants base64 for ids.
// TracesData is ExportTraceServiceRequest by another name, in a package without gRPC stubs.
func oracle(t testing.TB, src []byte) *trace.TracesData {
	t.Helper()
	request := new(trace.TracesData)
	oracleInto(t, src, request)
	return request
}

func oracleInto(t testing.TB, src []byte, request proto.Message) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(src))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatalf("oracle: %v", err)
	}
	text, err := json.Marshal(idsToBase64(tree))
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, request); err != nil {
		t.Fatalf("oracle: %v", err)
	}
}

func idsToBase64(tree any) any {
	switch x := tree.(type) {
	case []any:
		for i := range x {
			x[i] = idsToBase64(x[i])
		}
	case map[string]any:
		for key, value := range x {
			switch key {
			case "traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id":
				if digits, ok := value.(string); ok {
					if id, err := hex.DecodeString(digits); err == nil {
						x[key] = base64.StdEncoding.EncodeToString(id)
					}
				}
			default:
				x[key] = idsToBase64(value)
			}
		}
	}
	return tree
}

// transcode runs ToProto and reads the result back.
func transcode(t testing.TB, src []byte) *trace.TracesData {
	t.Helper()
	encoded, err := ToProto(nil, src)
	if err != nil {
		t.Fatalf("ToProto: %v", err)
	}
	request := new(trace.TracesData)
	if err := proto.Unmarshal(encoded, request); err != nil {
		t.Fatalf("the result of ToProto does not decode: %v", err)
	}
	return request
}

func compare(t testing.TB, src []byte) {
	t.Helper()
	got, want := transcode(t, src), oracle(t, src)
	if !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v\nfrom %.2000s", got, want, src)
	}
}
