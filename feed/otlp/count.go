package otlp

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// metricPoints counts the data points of an ExportMetricsServiceRequest in protobuf: resource_metrics 1,
// scope_metrics 2, metrics 2, one of the shapes, data_points 1.
func metricPoints(request []byte) (int, error) {
	return countAt(request, isField1, isField2, isField2, isMetricShape, isField1)
}

func isField1(n protowire.Number) bool { return n == 1 }
func isField2(n protowire.Number) bool { return n == 2 }

// isMetricShape knows gauge 5, sum 7, histogram 9, exponential_histogram 10 and summary 11.
func isMetricShape(n protowire.Number) bool { return n == 5 || n == 7 || n >= 9 && n <= 11 }

// countAt counts the messages at the end of a path of field numbers. What lies beside the path is only
// checked for its length.
func countAt(message []byte, path ...func(protowire.Number) bool) (int, error) {
	count := 0
	for rest := message; len(rest) > 0; {
		number, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return 0, malformed(protowire.ParseError(n))
		}
		rest = rest[n:]
		if kind != protowire.BytesType || !path[0](number) {
			if n = protowire.ConsumeFieldValue(number, kind, rest); n < 0 {
				return 0, malformed(protowire.ParseError(n))
			}
			rest = rest[n:]
			continue
		}
		inner, n := protowire.ConsumeBytes(rest)
		if n < 0 {
			return 0, malformed(protowire.ParseError(n))
		}
		rest = rest[n:]
		if len(path) == 1 {
			count++
			continue
		}
		below, err := countAt(inner, path[1:]...)
		if err != nil {
			return 0, err
		}
		count += below
	}
	return count, nil
}

func malformed(err error) error { return fmt.Errorf("malformed protobuf: %w", err) }
