// Spans and names by attackers: screens keep their cells and show nothing but text.

package ui

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// raw stands for bytes that are not UTF-8, which the encoder of tests refuses and senders do not.
const raw = "(raw)"

// faultTexts try one way each to reach the terminal or to upset the layout.
var faultTexts = []string{
	"\x1b[2J\x1b[H", "\x1b]0;title", "\x1b]8;;http://evil\x1b\\x", "\u009b2J\u009d0;x\u009c", "\x1bP$qm\x1b\\", raw + "C1", "\u202egnp.exe\u2066",
	"\u200b\u200d\ufeff", "e" + strings.Repeat("\u0301", 40), "a\r\nb\tc\u2028d\x00\x7f", strings.Repeat("長", 70), "👩‍👩‍👧‍👦🏳️‍🌈\ufe0f", strings.Repeat("w", 100_000),
	"", " ", "\U000e0041\U000e0001", "\U000f0000\ue000", "ｱﾞ한글각",
}

// faultRequests are requests, one per trace, whose every text is hostile, and whose spans break rules as well:
// cycles, the end before the start, years 1970 and 2500.
func faultRequests(tb testing.TB, now time.Time, traces int) (requests [][]byte) {
	tb.Helper()
	n := 0
	text := func() string { n++; return faultTexts[(n+n/len(faultTexts))%len(faultTexts)] }
	pairs := func() (out []*common.KeyValue) {
		for range 3 {
			value := &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: text()}}
			out = append(out, &common.KeyValue{Key: text(), Value: value},
				&common.KeyValue{Key: "list", Value: &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: []*common.AnyValue{value, value}}}}})
		}
		return append(out, &common.KeyValue{Key: "nan", Value: &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: math.NaN()}}})
	}
	for t := range traces {
		request := &trace.TracesData{}
		for i := range 6 {
			begin := uint64(now.UnixNano()) - uint64(t)*1e6
			end := begin + uint64(1+i)*3e6
			switch (t + i) % 7 {
			case 3:
				end = begin - 5
			case 4:
				begin, end = 1, uint64(16725225600000000000)
			}
			s := &trace.Span{
				TraceId: []byte{1, 15: byte(t + 1)}, SpanId: []byte{7: byte(i + 1)}, TraceState: text(), Name: text(), Kind: trace.Span_SpanKind(i % 6),
				StartTimeUnixNano: begin, EndTimeUnixNano: end, Attributes: pairs(), Status: &trace.Status{Code: trace.Status_STATUS_CODE_ERROR, Message: text()},
				Events: []*trace.Span_Event{{Name: text(), TimeUnixNano: begin, Attributes: pairs()}, {Name: "exception", TimeUnixNano: end, Attributes: pairs()}},
				Links:  []*trace.Span_Link{{TraceId: []byte{9, 15: 1}, SpanId: []byte{7: 1}, TraceState: text(), Attributes: pairs()}},
			}
			if i > 0 {
				s.ParentSpanId = []byte{7: byte((i+t%3)%6 + 1)} // itself, a cycle, or the next one
			}
			named := append([]*common.KeyValue{{Key: "service.name", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: text()}}}}, pairs()...)
			request.ResourceSpans = append(request.ResourceSpans, &trace.ResourceSpans{SchemaUrl: text(), Resource: &resource.Resource{Attributes: named},
				ScopeSpans: []*trace.ScopeSpans{{SchemaUrl: text(), Scope: &common.InstrumentationScope{Name: text(), Version: text(), Attributes: pairs()}, Spans: []*trace.Span{s}}}})
		}
		b, err := proto.Marshal(request)
		if err != nil {
			tb.Fatal(err)
		}
		requests = append(requests, bytes.ReplaceAll(b, []byte(raw), []byte("\x9b2J\xff\xfe")))
	}
	return requests
}

// faultEngine is the real engine over hostile traces.
func faultEngine(tb testing.TB) *aggregate.Memory {
	tb.Helper()
	clock := epoch
	now := func() time.Time { return clock }
	obs := &arrivals{}
	ring := store.New(store.Options{Budget: 128 << 20, Encoders: 1, Observer: obs, Now: now})
	obs.Rollup = rollup.New(rollup.Options{Names: ring.Names(), Find: ring.Find, Now: now})
	for _, request := range faultRequests(tb, epoch.Add(-time.Minute), 60) {
		if r, err := ring.Append(request); err != nil || r.Stored != 6 {
			tb.Fatalf("stored %d, refused %v: %v", r.Stored, r.Refused, err)
		}
	}
	clock = clock.Add(11 * time.Second)
	ring.Flush()
	return aggregate.NewMemory(ring, obs.Rollup, new(model.Intake), aggregate.MemoryOptions{Live: true, Now: now})
}

// frameFault says what is wrong with a frame: another size than the screen's, or bytes that text must not bring.
func frameFault(frame string, w, h int) string {
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		return fmt.Sprintf("%d lines, want %d", len(lines), h)
	}
	for y, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			return fmt.Sprintf("line %d is %d cells wide, want %d: %q", y, got, w, line)
		}
	}
	state := byte(0)
	for rest := strings.ReplaceAll(frame, "\n", ""); rest != ""; {
		seq, _, n, next := ansi.DecodeSequence(rest, state, nil)
		state, rest = next, rest[n:]
		if strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") {
			continue // a style
		}
		for _, r := range seq {
			if unicode.Is(unicode.Cc, r) || unicode.In(r, unicode.Co, unicode.Zl, unicode.Zp) || unicode.Is(unicode.Cf, r) && r != '\u200d' {
				return fmt.Sprintf("%q is in the frame", seq)
			}
		}
	}
	return ""
}

// Whatever the spans say, every screen at every size is exactly as large as the terminal and holds nothing
// but text and styles.
func TestHostileSpansKeepTheirCells(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := faultEngine(t)
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		w, h := size[0], size[1]
		s := start(e, w, h)
		for _, keys := range []string{
			"1 down down right enter esc", "4 down o esc", "6 down tab down o esc esc", "7 down p esc", "2 o s down down enter esc o", "3 enter down esc", "5 s down enter", "e tab down down down pgdown pgdown", "n n / esc x z Z M K", "esc down enter e tab pgdown c", "8 pgdown pgdown",
			": f down esc", "/ = esc", "? x", "1 t T",
		} {
			for _, key := range strings.Fields(keys) {
				s.keys(key)
				if fault := frameFault(s.app.View().Content, w, h); fault != "" {
					t.Fatalf("%dx%d after %q of %q: %s", w, h, key, keys, fault)
				}
			}
		}
		for i := range 30 { // while a person drags the window's corner
			s.send(tea.WindowSizeMsg{Width: 20 + i*7, Height: 5 + i*2})
			if fault := frameFault(s.app.View().Content, 20+i*7, 5+i*2); fault != "" {
				t.Fatalf("%dx%d: %s", 20+i*7, 5+i*2, fault)
			}
		}
	}
}

func TestFrameFaultsAreFound(t *testing.T) {
	for frame, faulty := range map[string]bool{
		"ab\n\x1b[1mcd\x1b[m": false, "ab": true, "ab\nc": true, "ab\n\x1b]0;x\acd": true, "ab\n\x1b[2Jcd": true, "ab\nc\u202ed": true, "ab\nc\u009bd": true, "ab\nc\rd": true, "ab\n長": false,
	} {
		if got := frameFault(frame, 2, 2); (got != "") != faulty {
			t.Errorf("%q: %q", frame, got)
		}
	}
}
