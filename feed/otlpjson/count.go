package otlpjson

// MetricPoints counts the data points of an OTLP/JSON ExportMetricsServiceRequest. The error is an *Error.
func MetricPoints(src []byte) (int, error) {
	return count(src, metricPath)
}

// step is a level of a path through a document: whether a key leads on.
type step func(key string) bool

// metricPath leads to what is counted. It is never written to.
var metricPath = []step{either("resourceMetrics", "resource_metrics"), either("scopeMetrics", "scope_metrics"), either("metrics", ""), metricShape, either("dataPoints", "data_points")}

func either(name, snake string) step {
	return func(key string) bool { return key == name || key == snake && snake != "" }
}

// metricShape knows the members of a metric that hold data points.
func metricShape(key string) bool {
	switch key {
	case "gauge", "sum", "histogram", "summary", "exponentialHistogram", "exponential_histogram":
		return true
	}
	return false
}

func count(src []byte, path []step) (int, error) {
	s := scanner{src: src}
	n := 0
	err := s.document(func() *Error {
		if s.peek() != '{' {
			return s.expected("an object")
		}
		return s.follow(path, 1, &n)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// follow reads a value and counts the array elements at the end of the path. Arrays on the way are
// walked element by element, so a path names members only.
func (s *scanner) follow(path []step, depth int, n *int) *Error {
	switch s.peek() {
	case '[':
		return s.array(depth, func() *Error {
			if len(path) == 0 {
				*n++
				return s.skip(depth + 1)
			}
			return s.follow(path, depth+1, n)
		})
	case '{':
		return s.object(depth, func(key []byte) *Error {
			name := string(key[:min(len(key), longestName)])
			next := s.skip
			if len(path) > 0 && path[0](name) {
				next = func(depth int) *Error { return s.follow(path[1:], depth, n) }
			}
			if err := next(depth + 1); err != nil {
				return err.inKey(name)
			}
			return nil
		})
	}
	return s.skip(depth)
}
