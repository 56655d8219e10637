package otlp

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

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

// Logs and metrics are counted and answered with success, so that SDKs see no errors.
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

func FuzzCounts(f *testing.F) {
	for _, m := range []proto.Message{someLogs(), someMetrics()} {
		body, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var l logspb.LogsData
		if proto.Unmarshal(body, &l) == nil {
			want := 0
			for _, resource := range l.ResourceLogs {
				for _, scope := range resource.ScopeLogs {
					want += len(scope.LogRecords)
				}
			}
			if got, err := logRecords(body); err != nil || got != want {
				t.Errorf("%d log records, %v; want %d", got, err, want)
			}
		}
		if _, err := metricPoints(body); err != nil && proto.Unmarshal(body, new(metricspb.MetricsData)) == nil {
			t.Errorf("metrics that decode are refused: %v", err)
		}
	})
}
