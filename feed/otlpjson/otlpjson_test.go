package otlpjson

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// inSpan puts members into the only span of a request.
func inSpan(members string) []byte {
	return []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{` + members + `}]}]}]}`)
}

func onlySpan(t testing.TB, request *trace.TracesData) *trace.Span {
	t.Helper()
	return request.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()[0]
}

// attribute puts an AnyValue into the only attribute of the only span.
func attribute(value string) []byte {
	return inSpan(`"attributes":[{"key":"k","value":` + value + `}]`)
}

func TestAgainstProtojson(t *testing.T) {
	long := strings.Repeat("long ", 100)
	cases := map[string][]byte{
		"empty request":          []byte(`{}`),
		"white space":            []byte(" \t\r\n{ \"resourceSpans\" : [ { } , { } ] } \n"),
		"hex in upper case":      inSpan(`"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174"`),
		"hex in lower case":      inSpan(`"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173"`),
		"empty parent":           inSpan(`"parentSpanId":""`),
		"short ids":              inSpan(`"traceId":"5b8e","spanId":"ee"`),
		"long ids":               inSpan(`"traceId":"` + strings.Repeat("ab", 200) + `"`),
		"times as strings":       inSpan(`"startTimeUnixNano":"1544712660000000123","endTimeUnixNano":"18446744073709551615"`),
		"times as numbers":       inSpan(`"startTimeUnixNano":1544712660000000123,"endTimeUnixNano":18446744073709551615`),
		"times in scientific":    inSpan(`"startTimeUnixNano":1.544712660000000123e18,"endTimeUnixNano":15447126600e8`),
		"zero times":             inSpan(`"startTimeUnixNano":0,"endTimeUnixNano":"0"`),
		"whole with a point":     inSpan(`"droppedAttributesCount":5.000,"droppedEventsCount":50e-1,"droppedLinksCount":0e5`),
		"enums as numbers":       inSpan(`"kind":3,"status":{"code":2,"message":"no"}`),
		"enums by name":          inSpan(`"kind":"SPAN_KIND_CONSUMER","status":{"code":"STATUS_CODE_ERROR"}`),
		"zero enums by name":     inSpan(`"kind":"SPAN_KIND_UNSPECIFIED","status":{"code":"STATUS_CODE_UNSET"}`),
		"unknown enum numbers":   inSpan(`"kind":77,"status":{"code":-1}`),
		"snake case":             []byte(`{"resource_spans":[{"schema_url":"u","scope_spans":[{"spans":[{"trace_id":"5b8efff798038103d269b633813fc60c","start_time_unix_nano":"7","dropped_links_count":2,"attributes":[{"key":"k","value":{"string_value":"v"}}]}]}]}]}`),
		"unknown fields":         inSpan(`"new":{"a":[1,2.5e3,{"b":null}],"c":"\u00e9\n"},"name":"n","other":[[],{}],"more":true,"less":false,"none":null`),
		"out of order":           []byte(`{"resourceSpans":[{"schemaUrl":"s","scopeSpans":[{"schemaUrl":"t","spans":[{"status":{"code":1},"name":"n","traceId":"00"}],"scope":{"version":"1","name":"x"}}],"resource":{"droppedAttributesCount":1,"attributes":[]}}]}`),
		"nulls":                  []byte(`{"resourceSpans":[{"resource":null,"scopeSpans":[{"scope":null,"spans":[{"name":null,"kind":null,"startTimeUnixNano":null,"attributes":null,"events":null,"status":null,"traceId":null,"flags":null}]}]}]}`),
		"flags":                  inSpan(`"flags":257,"links":[{"flags":4294967295,"traceId":"0102","spanId":"03","traceState":"a=b","droppedAttributesCount":9,"attributes":[{"key":"x"}]}]`),
		"events":                 inSpan(`"events":[{"timeUnixNano":"1","name":"e","attributes":[{"key":"x","value":{"intValue":"1"}}],"droppedAttributesCount":3},{}]`),
		"scope":                  []byte(`{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"n","version":"v","attributes":[{"key":"a","value":{"boolValue":true}}],"droppedAttributesCount":4}}]}]}`),
		"entities":               []byte(`{"resourceSpans":[{"resource":{"entityRefs":[{"schemaUrl":"s","type":"t","idKeys":["a","","c"],"descriptionKeys":["d"]}]}}]}`),
		"no value":               inSpan(`"attributes":[{"key":"k"}]`),
		"null value":             attribute(`null`),
		"empty value":            attribute(`{}`),
		"null member":            attribute(`{"stringValue":null}`),
		"string":                 attribute(`{"stringValue":"v"}`),
		"empty string":           attribute(`{"stringValue":""}`),
		"true":                   attribute(`{"boolValue":true}`),
		"false":                  attribute(`{"boolValue":false}`),
		"int as string":          attribute(`{"intValue":"-9223372036854775808"}`),
		"int as number":          attribute(`{"intValue":9223372036854775807}`),
		"zero int":               attribute(`{"intValue":0}`),
		"minus zero":             attribute(`{"intValue":-0}`),
		"double":                 attribute(`{"doubleValue":-2.5e-3}`),
		"zero double":            attribute(`{"doubleValue":0}`),
		"minus zero double":      attribute(`{"doubleValue":-0.0}`),
		"double as string":       attribute(`{"doubleValue":"2.5"}`),
		"not a number":           attribute(`{"doubleValue":"NaN"}`),
		"infinity":               attribute(`{"doubleValue":"Infinity"}`),
		"minus infinity":         attribute(`{"doubleValue":"-Infinity"}`),
		"bytes":                  attribute(`{"bytesValue":"AQIDBA=="}`),
		"bytes without padding":  attribute(`{"bytesValue":"AQIDBA"}`),
		"bytes for URLs":         attribute(`{"bytesValue":"-_-_"}`),
		"empty bytes":            attribute(`{"bytesValue":""}`),
		"many bytes":             attribute(`{"bytesValue":"` + strings.Repeat("AAAA", 100) + `"}`),
		"mixed array":            attribute(`{"arrayValue":{"values":[{"stringValue":"s"},{"intValue":"1"},{},{"doubleValue":1.5},{"boolValue":false},{"arrayValue":{"values":[]}},{"bytesValue":"AA=="}]}}`),
		"empty array":            attribute(`{"arrayValue":{}}`),
		"map":                    attribute(`{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b","value":{"stringValue":"c"}}]}}},{"key":"d"}]}}`),
		"escapes":                inSpan(`"name":"\"\\\/\b\f\n\r\t\u0041\u00e9\u4e16\ud83d\ude00"`),
		"escapes in keys":        inSpan(`"n\u0061me":"n","k\u0069nd":2`),
		"escapes in ids":         inSpan(`"traceId":"5b8efff798038103d269b633813fc60\u0063"`),
		"escapes in numbers":     inSpan(`"startTimeUnixNano":"\u0031\u0032"`),
		"other scripts":          inSpan(`"name":"注文 заказ 🛒 ` + long + `"`),
		"long strings":           attribute(`{"stringValue":"` + long + `"}`),
		"long escaped":           attribute(`{"stringValue":"` + strings.Repeat(`\n`, 90) + `"}`),
		"one over 127":           attribute(`{"stringValue":"` + strings.Repeat("x", 128) + `"}`),
		"64 levels":              attribute(strings.Repeat(`{"arrayValue":{"values":[`, 64) + `{"intValue":1}` + strings.Repeat(`]}}`, 64)),
		"64 levels of maps":      attribute(strings.Repeat(`{"kvlistValue":{"values":[{"key":"k","value":`, 64) + `{"intValue":1}` + strings.Repeat(`}]}}`, 64)),
		"a thousand attributes":  inSpan(`"attributes":[` + strings.TrimSuffix(strings.Repeat(`{"key":"k","value":{"stringValue":"v"}},`, 1000), ",") + `]`),
		"a megabyte":             attribute(`{"stringValue":"` + strings.Repeat("y", 1<<20) + `"}`),
		"strings of each length": inSpan(`"attributes":[` + eachLength() + `]`),
	}
	for name, src := range cases {
		t.Run(name, func(t *testing.T) { compare(t, src) })
	}
}

// eachLength makes strings that end at every position of the eight bytes read at a time, with an escape
// or a character outside ASCII at every position.
func eachLength() string {
	var b strings.Builder
	for n := range 20 {
		for _, odd := range []string{"", `\n`, "é"} {
			for at := range n + 1 {
				if b.Len() > 0 {
					b.WriteByte(',')
				}
				b.WriteString(`{"key":"` + strings.Repeat("a", at) + odd + strings.Repeat("b", n-at) + `"}`)
			}
		}
	}
	return b.String()
}

// What protojson refuses and we take.
func TestLeniency(t *testing.T) {
	cases := []struct {
		name, members string
		want          *trace.Span
	}{
		{"invalid UTF-8", "\"name\":\"a\xff\xfeb\"", &trace.Span{Name: "a\uFFFD\uFFFDb"}},
		{"lone high surrogate", `"name":"a\ud83db"`, &trace.Span{Name: "a\uFFFDb"}},
		{"lone low surrogate", `"name":"\ude00"`, &trace.Span{Name: "\uFFFD"}},
		{"high surrogate before another escape", `"name":"\ud83d\u0041"`, &trace.Span{Name: "\uFFFDA"}},
		{"two high surrogates", `"name":"\ud83d\ud83d\ude00"`, &trace.Span{Name: "\uFFFD😀"}},
		{"enum number in a string", `"kind":"2"`, &trace.Span{Kind: trace.Span_SPAN_KIND_SERVER}},
		{"repeated scalar", `"name":"a","name":"b"`, &trace.Span{Name: "b"}},
		{"repeated message", `"status":{"code":2},"status":{"message":"m"}`, &trace.Span{Status: &trace.Status{Code: 2, Message: "m"}}},
		{"31 digits", `"traceId":"5b8efff798038103d269b633813fc60"`, &trace.Span{TraceId: []byte{0x5b, 0x8e, 0xff, 0xf7, 0x98, 0x03, 0x81, 0x03, 0xd2, 0x69, 0xb6, 0x33, 0x81, 0x3f, 0xc6}}},
		{"17 digits", `"spanId":"5b8efff7980381031"`, &trace.Span{SpanId: []byte{0x5b, 0x8e, 0xff, 0xf7, 0x98, 0x03, 0x81, 0x03, 0x10}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := onlySpan(t, transcode(t, inSpan(c.members))); !proto.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestNullElementsAreEmptyOnes(t *testing.T) {
	request := transcode(t, attribute(`{"arrayValue":{"values":[null,{"intValue":1},null]}}`))
	values := onlySpan(t, request).GetAttributes()[0].GetValue().GetArrayValue().GetValues()
	if len(values) != 3 || values[1].GetIntValue() != 1 {
		t.Errorf("got %v", values)
	}
	request = transcode(t, []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[null,{"name":"n"}]}]}]}`))
	if n := len(request.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()); n != 2 {
		t.Errorf("%d spans, want 2: a null span is for the sink to refuse", n)
	}
}

func TestErrors(t *testing.T) {
	cases := []struct{ name, src, want string }{
		{"nothing", ``, `offset 0: expected an object, found the end of the text`},
		{"a list", `[]`, `offset 0: expected an object, found an array`},
		{"null", `null`, `offset 0: expected an object, found null`},
		{"more behind", `{} {}`, `offset 3: expected the end of the text, found an object`},
		{"cut", `{"resourceSpans":[{`, `offset 19 in resourceSpans[0]: expected a key, found the end of the text`},
		{"not a list", `{"resourceSpans":{}}`, `offset 17 in resourceSpans: expected an array, found an object`},
		{"no colon", `{"a" 1}`, `offset 5: expected ':' after a key, found a number`},
		{"trailing comma", `{"a":1,}`, `offset 7: expected a key, found '}'`},
		{"trailing comma in a list", `{"a":[1,]}`, `offset 8 in a[1]: expected a value, found ']'`},
		{"no comma", `{"a":1 "b":2}`, `offset 7: expected ',' or '}' after a member, found a string`},
		{"wrong word", `{"a":nul}`, `offset 5 in a: expected a value, found 'n'`},
		{"leading zero", `{"a":01}`, `offset 6: expected ',' or '}' after a member, found a number`},
		{"half a number", `{"a":-}`, `offset 5 in a: expected a number, found a number`},
		{"bad escape", `{"a":"x\q"}`, `offset 7 in a: not an escape: "\\q"`},
		{"bad unicode escape", `{"a":"\u12g4"}`, `offset 6 in a: not an escape: "\\u12g4"`},
		{"control character", "{\"a\":\"x\ny\"}", `offset 7 in a: control character 0x0a in a string`},
		{"open string", `{"a":"x`, `offset 5 in a: string without an end`},
		{"open escape", `{"a":"x\`, `offset 5 in a: string without an end`},
		{"not JSON", "\x0a\x02", `offset 1: expected an object, found byte 0x02`},
		{"number as name", string(inSpan(`"name":5`)), `offset 51 in resourceSpans[0].scopeSpans[0].spans[0].name: expected a string, found a number`},
		{"id in base64", string(inSpan(`"traceId":"W47/95gDgQPSabYzgT/GDA=="`)), `offset 54 in resourceSpans[0].scopeSpans[0].spans[0].traceId: an id is 32 hex digits, found "W47/95gDgQPSabYzgT/GDA=="`},
		{"half a time", string(inSpan(`"startTimeUnixNano":1.5`)), `not an integer: "1.5"`},
		{"negative time", string(inSpan(`"startTimeUnixNano":"-1"`)), `integer out of range: "-1"`},
		{"huge time", string(inSpan(`"startTimeUnixNano":18446744073709551616`)), `not an integer: "18446744073709551616"`},
		{"huge exponent", string(inSpan(`"startTimeUnixNano":1e999999999999999999999`)), `not an integer`},
		{"number with a space", string(inSpan(`"startTimeUnixNano":" 1"`)), `not an integer: " 1"`},
		{"empty number", string(inSpan(`"startTimeUnixNano":""`)), `not an integer: ""`},
		{"dropped count", string(inSpan(`"droppedLinksCount":4294967296`)), `integer out of range`},
		{"kind", string(inSpan(`"kind":"SERVER"`)), `not a span kind: "SERVER"`},
		{"bool in a string", string(attribute(`{"boolValue":"true"}`)), `attributes[0].value.boolValue: expected a boolean, found a string`},
		{"int", string(attribute(`{"intValue":9223372036854775808}`)), `integer out of range`},
		{"double", string(attribute(`{"doubleValue":1e999}`)), `number out of range: "1e999"`},
		{"hex double", string(attribute(`{"doubleValue":"0x1p-2"}`)), `not a number: "0x1p-2"`},
		{"base64", string(attribute(`{"bytesValue":"A"}`)), `not base64: "A"`},
		{"too deep a value", string(attribute(strings.Repeat(`{"arrayValue":{"values":[`, 1000))), `nested deeper than 1000 levels`},
		{"too deep an unknown list", `{"a":` + strings.Repeat("[", 2000), `nested deeper than 1000 levels`},
		{"too deep an unknown object", strings.Repeat(`{"a":`, 2000), `nested deeper than 1000 levels`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			prefix := []byte("prefix")
			got, err := ToProto(prefix, []byte(c.src))
			var typed *Error
			if !errors.As(err, &typed) {
				t.Fatalf("error %v, want *Error", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error  %.300s\nwant …%s", err, c.want)
			}
			if len(err.Error()) > 2000 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
			if !bytes.Equal(got, prefix) {
				t.Errorf("dst became %q", got)
			}
		})
	}
}

func TestAppends(t *testing.T) {
	src := inSpan(`"name":"n"`)
	alone, err := ToProto(nil, src)
	if err != nil {
		t.Fatal(err)
	}
	behind, err := ToProto([]byte("before"), src)
	if err != nil {
		t.Fatal(err)
	}
	if string(behind) != "before"+string(alone) {
		t.Errorf("got %q", behind)
	}
}

func TestNegativeZeroAndNaNBits(t *testing.T) {
	value := onlySpan(t, transcode(t, attribute(`{"doubleValue":-0.0}`))).GetAttributes()[0].GetValue()
	if f := value.GetDoubleValue(); f != 0 || !math.Signbit(f) {
		t.Errorf("got %v, want -0", f)
	}
}

func TestCounts(t *testing.T) {
	cases := []struct {
		name  string
		count func([]byte) (int, error)
		src   string
		want  int
	}{
		{"no metrics", MetricPoints, `{"resourceMetrics":[]}`, 0},
		{"metrics", MetricPoints, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":"1"},{"asDouble":2}]}},{"sum":{"dataPoints":[{}],"isMonotonic":true}},
			{"histogram":{"dataPoints":[{"bucketCounts":["1","2"]}]}},{"exponentialHistogram":{"dataPoints":[{},{}]}},{"summary":{"dataPoints":[{}]}},{"other":{"dataPoints":[{}]}}]}]}]}`, 7},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, err := c.count([]byte(c.src)); err != nil || got != c.want {
				t.Errorf("got %d, %v; want %d", got, err, c.want)
			}
		})
	}
	for _, src := range []string{``, `[]`, `{`, `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{]}]}]}`, `{}x`} {
		if _, err := MetricPoints([]byte(src)); err == nil {
			t.Errorf("%q: no error", src)
		}
	}
}

// Logs are transcoded as google's protojson reads them.
func TestLogs(t *testing.T) {
	for _, src := range []string{
		`{}`, `{"resourceLogs":null}`, `{"resource_logs":[{"scope_logs":[{"log_records":[{},{"severity_number":9}]}]}]}`,
		`{"resourceLogs":[{"resource":{"attributes":[{"key":"a"}]},"schemaUrl":"r","scopeLogs":[{"schemaUrl":"s","scope":{"name":"n"},"logRecords":[{"timeUnixNano":"7",` +
			`"observedTimeUnixNano":"8","severityNumber":"SEVERITY_NUMBER_FATAL2","severityText":"fatal","eventName":"e","body":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"3"}}]}},` +
			`"attributes":[{"key":"b","value":{"boolValue":true}}],"droppedAttributesCount":2,"flags":1,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","unknown":[{}]},` +
			`{"severityNumber":17,"body":{"stringValue":""}}]}]},{}]}`,
	} {
		encoded, err := LogsToProto(nil, []byte(src))
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		got, want := new(logs.LogsData), new(logs.LogsData)
		if err := proto.Unmarshal(encoded, got); err != nil {
			t.Fatal(err)
		}
		oracleInto(t, []byte(src), want)
		if !proto.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	}
	_, err := LogsToProto(nil, []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},x]}]}]}`))
	if err == nil || !strings.Contains(err.Error(), "resourceLogs[0].scopeLogs[0].logRecords[1]: expected an object, found 'x'") {
		t.Errorf("got %v", err)
	}
}
