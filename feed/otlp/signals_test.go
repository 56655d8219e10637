package otlp

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/logbook"
	otlpwire "oteltop/model/wire"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
)

func someLogs() *logspb.LogsData {
	records := []*logspb.LogRecord{{SeverityText: "INFO"}, {}}
	return &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{
		{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: records}, {SchemaUrl: "u", LogRecords: records[:1]}}}, {},
	}}
}

func someMetrics() *metricspb.MetricsData {
	points := []*metricspb.NumberDataPoint{{TimeUnixNano: 1}, {TimeUnixNano: 2}}
	return &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{{ScopeMetrics: []*metricspb.ScopeMetrics{{Metrics: []*metricspb.Metric{
		{Name: "g", Unit: "s", Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: points}}},
		{Name: "s", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: points, IsMonotonic: true}}},
		{Name: "h", Data: &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{DataPoints: []*metricspb.HistogramDataPoint{{Count: 4, BucketCounts: []uint64{1, 3}}}}}},
		{Name: "e", Data: &metricspb.Metric_ExponentialHistogram{ExponentialHistogram: &metricspb.ExponentialHistogram{DataPoints: []*metricspb.ExponentialHistogramDataPoint{{Count: 4}}}}},
		{Name: "q", Data: &metricspb.Metric_Summary{Summary: &metricspb.Summary{DataPoints: []*metricspb.SummaryDataPoint{{Count: 4}}}}},
		{Name: "none"},
	}}}}}}
}

// Logs reach the sink, metrics are counted, and both are answered with success, so that SDKs see no errors.
func TestLogsAndMetrics(t *testing.T) {
	logBody, err := proto.Marshal(someLogs())
	if err != nil {
		t.Fatal(err)
	}
	metricBody, err := proto.Marshal(someMetrics())
	if err != nil {
		t.Fatal(err)
	}
	jsonLogs := []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}},{},{}]}]}]}`)
	jsonMetrics := []byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{},{}]}},{"sum":{"dataPoints":[{},{},{},{}]}}]}]}]}`)
	for _, transport := range transports {
		for _, compression := range []string{"", "gzip"} {
			f := start(t, Options{}, nil)
			l, m := logBody, metricBody
			if transport == "http/json" {
				l, m = jsonLogs, jsonMetrics
			}
			for path, body := range map[string][]byte{"/v1/logs": l, "/v1/metrics": m} {
				a := f.send(t, call{transport: transport, compression: compression, path: path, body: body})
				if a.code != codes.OK || a.partial {
					t.Errorf("%s %s: %+v", transport, path, a)
				}
			}
			if n := f.intake.LogRecords.Load(); n != 3 {
				t.Errorf("%s: %d log records", transport, n)
			}
			if n := f.intake.MetricPoints.Load(); n != 7 {
				t.Errorf("%s: %d data points", transport, n)
			}
			if len(f.sink.requests) != 0 {
				t.Errorf("%s: logs or metrics reached the sink for traces", transport)
			}
		}
	}
}

// logSink keeps the log records that it is given.
type logSink struct {
	*recorder
	book *logbook.Book
}

func (s logSink) Logs(_ context.Context, req []byte) (model.LogReceipt, error) {
	return s.book.Append(req)
}

// A log record arrives as it was sent, over every transport; one that is larger than what is kept is refused in
// words, and a malformed request as a whole.
func TestLogsReachTheSink(t *testing.T) {
	large := strings.Repeat("x", 70_000)
	const traceHex, spanHex = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
	id, _ := hex.DecodeString(traceHex)
	span, _ := hex.DecodeString(spanHex)
	body := func(text string) *commonpb.AnyValue {
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: text}}
	}
	encoded, err := proto.Marshal(&logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{
		{TraceId: id, SpanId: span, TimeUnixNano: 5, SeverityNumber: 17, Body: body("declined")},
		{TraceId: id, SpanId: span, TimeUnixNano: 6, Body: body(large)},
	}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	inJSON := []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[
		{"traceId":"` + traceHex + `","spanId":"` + spanHex + `","timeUnixNano":"5","severityNumber":"SEVERITY_NUMBER_ERROR","body":{"stringValue":"declined"}},
		{"traceId":"` + traceHex + `","spanId":"` + spanHex + `","timeUnixNano":"6","body":{"stringValue":"` + large + `"}}]}]}]}`)
	for _, transport := range transports {
		for _, compression := range []string{"", "gzip"} {
			sink := logSink{&recorder{}, logbook.New(1 << 20)}
			f := startInto(t, Options{}, sink)
			request, broken := encoded, encoded[:len(encoded)-1]
			if transport == "http/json" {
				request, broken = inJSON, inJSON[:len(inJSON)-1]
			}
			a := f.send(t, call{transport: transport, compression: compression, path: "/v1/logs", body: request})
			if a.code != codes.OK || !a.partial || a.rejected != 1 {
				t.Errorf("%s %q: %+v", transport, compression, a)
			}
			if a := f.send(t, call{transport: transport, compression: compression, path: "/v1/logs", body: broken}); a.code != codes.InvalidArgument {
				t.Errorf("%s %q, cut off: %+v", transport, compression, a)
			}
			got, _ := sink.book.Of(otlpwire.TraceID(id))
			if len(got) != 1 || got[0].Span != otlpwire.ID(span) || got[0].Time != 5 || got[0].Severity != model.SeverityError || got[0].Body.Str() != "declined" {
				t.Errorf("%s %q: %+v", transport, compression, got)
			}
			if n := f.intake.LogRecords.Load(); n != 2 {
				t.Errorf("%s %q: %d log records received", transport, compression, n)
			}
		}
	}
}

func FuzzCounts(f *testing.F) {
	body, err := proto.Marshal(someMetrics())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := metricPoints(body); err != nil && proto.Unmarshal(body, new(metricspb.MetricsData)) == nil {
			t.Errorf("metrics that decode are refused: %v", err)
		}
	})
}
