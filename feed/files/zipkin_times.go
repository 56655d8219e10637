package files

import (
	"encoding/binary"
	"slices"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

const (
	// noTimestamp marks spans whose time was taken from a relative.
	noTimestamp = "oteltop.no_timestamp"
	// serverHalf makes the id of the server's half of a shared span, which OTLP needs to differ from the
	// client's. Any fixed odd-looking pattern does.
	serverHalf = 0x5e17e25bad5eed01
)

// splitShared gives the server's half of a span that client and server reported under one id an id of
// its own, makes it the client's child, and moves to it the children that carry on from the server.
func (t *zipkinTrace) splitShared() {
	clients := map[string]bool{}
	for _, s := range t.spans {
		if s.Kind == trace.Span_SPAN_KIND_CLIENT && len(s.SpanId) == 8 {
			clients[string(s.SpanId)] = true
		}
	}
	halves := map[string][]byte{}
	for _, s := range t.spans {
		if id := string(s.SpanId); s.Kind == trace.Span_SPAN_KIND_SERVER && clients[id] {
			half := binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(s.SpanId)^serverHalf)
			halves[id] = half
			s.ParentSpanId, s.SpanId = s.SpanId, half
		}
	}
	for _, s := range t.spans {
		if half := halves[string(s.ParentSpanId)]; half != nil && string(half) != string(s.SpanId) {
			s.ParentSpanId = half
		}
	}
}

// giveTimes gives spans without a time that of their first annotation, else of their parent, else of the
// earliest below them, and marks them. Two passes over the spans, children first and then parents first,
// so that long chains of them cost no more than others.
func (t *zipkinTrace) giveTimes() {
	if !t.markTimeless() {
		return
	}
	parents := t.parents()
	order := childrenFirst(parents)
	earliest := make([]uint64, len(t.spans)) // at or below each span
	for _, i := range order {
		at := t.spans[i].StartTimeUnixNano
		if at == 0 {
			at = earliest[i]
		}
		earliest[i] = at
		if p := parents[i]; p >= 0 && at != 0 && (earliest[p] == 0 || at < earliest[p]) {
			earliest[p] = at
		}
	}
	for _, i := range slices.Backward(order) {
		s := t.spans[i]
		if s.StartTimeUnixNano != 0 {
			continue
		}
		at := earliest[i]
		if p := parents[i]; p >= 0 && t.spans[p].StartTimeUnixNano != 0 {
			at = t.spans[p].StartTimeUnixNano
		}
		if at != 0 { // until now the end is the duration
			s.StartTimeUnixNano = at
			s.EndTimeUnixNano += at
		}
	}
}

// markTimeless marks the spans without a time and gives them that of their first annotation. It tells
// whether some still have none.
func (t *zipkinTrace) markTimeless() bool {
	left := false
	for _, s := range t.spans {
		if s.StartTimeUnixNano != 0 {
			continue
		}
		s.Attributes = append(s.Attributes, &common.KeyValue{Key: noTimestamp, Value: anyValue(true)})
		if len(s.Events) > 0 && s.Events[0].TimeUnixNano != 0 {
			s.StartTimeUnixNano = s.Events[0].TimeUnixNano
			s.EndTimeUnixNano += s.StartTimeUnixNano
			continue
		}
		left = true
	}
	return left
}

// parents is the place of each span's parent among the spans, -1 for none.
func (t *zipkinTrace) parents() []int {
	places := make(map[string]int, len(t.spans))
	for i, s := range t.spans {
		if _, taken := places[string(s.SpanId)]; !taken && len(s.SpanId) > 0 {
			places[string(s.SpanId)] = i
		}
	}
	parents := make([]int, len(t.spans))
	for i, s := range t.spans {
		p, ok := places[string(s.ParentSpanId)]
		if !ok || len(s.ParentSpanId) == 0 {
			p = -1
		}
		parents[i] = p
	}
	return parents
}

// childrenFirst orders spans so that each comes after its children. Those of a cycle come last.
func childrenFirst(parents []int) []int {
	children := make([]int, len(parents)) // that are not yet in order
	for _, p := range parents {
		if p >= 0 {
			children[p]++
		}
	}
	order := make([]int, 0, len(parents))
	for i := range parents {
		if children[i] == 0 {
			order = append(order, i)
		}
	}
	for k := 0; k < len(order); k++ {
		if p := parents[order[k]]; p >= 0 {
			if children[p]--; children[p] == 0 {
				order = append(order, p)
			}
		}
	}
	for i := range parents {
		if children[i] > 0 {
			order = append(order, i)
		}
	}
	return order
}
