package files

import (
	"bytes"
	"encoding/json"
)

// format is what a JSON value holds.
type format uint8

const (
	formatUnknown format = iota
	formatNothing        // an empty list or object
	formatOTLP
	formatLogs
	formatMetrics
	formatJaeger
	formatZipkin
)

// byKey tells the format from a key at the top of a value. Jaeger writes traceID, Zipkin traceId.
func byKey(key string) format {
	switch key {
	case "resourceSpans", "resource_spans":
		return formatOTLP
	case "resourceLogs", "resource_logs":
		return formatLogs
	case "resourceMetrics", "resource_metrics":
		return formatMetrics
	case "data", "traceID", "processes", "spans":
		return formatJaeger
	case "traceId":
		return formatZipkin
	}
	return formatUnknown
}

// detect looks at the first key, which decides for what programs write; where it does not, at them all.
func detect(v []byte) format {
	// Zipkin lists spans, or traces that list spans and may be empty; Jaeger may list traces.
	v = bytes.TrimSpace(v)
	if bytes.HasPrefix(v, []byte("[")) {
		v = bytes.TrimLeft(v, spaces+"[],")
	}
	if len(v) == 0 {
		return formatNothing
	}
	if v[0] != '{' {
		return formatUnknown
	}
	d := json.NewDecoder(bytes.NewReader(v))
	if _, err := d.Token(); err != nil {
		return formatUnknown
	}
	if !d.More() && bytes.HasPrefix(bytes.TrimSpace(v[1:]), []byte("}")) {
		return formatNothing
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return formatUnknown
		}
		name, _ := key.(string)
		if f := byKey(name); f != formatUnknown {
			return f
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return formatUnknown
		}
	}
	return formatUnknown
}

// syntax says what is wrong with text that is not JSON.
func syntax(v []byte) error {
	var any json.RawMessage
	return json.Unmarshal(v, &any)
}
