package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"oteltop/feed/otlpjson"

	"github.com/charmbracelet/x/ansi"
)

// plainName and hostileName make the i-th text of a trace.
func plainName(i int) string { return fmt.Sprintf("name %d", i) }

// hostileTexts are what attackers put into names: each tries another way to reach the terminal.
var hostileTexts = []string{
	"\x1b[2J\x1b[Hcleared", "\x1b]0;owned", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
	"\u009b31mC1\u009d0;title\u009c", "\x1bP$qm\x1b\\", "\x1b[?1049l\x1b[?25h", "\x1b_Ga=d\x1b\\", "\x1b^private",
	"rtl\u202egnp.exe\u202c", "\u2066isolate\u2069", "zero\u200bwidth\u200d\ufeff", "line\r\nnext\u2028and\u2029more\vtab\tbell\a\b\b\b",
	strings.Repeat("e\u0301\u0302\u0303\u0304\u0305", 40), "\U000e0001\U000e0041tags", "\x00nul\x7fdel", "\x1b[6n\x1b[c\x1bZ", "\x1bc\x1b(0lqqk",
	"\x9b2J\xff\xfe", strings.Repeat("長", 80), raw + "C1", strings.Repeat("w", 20_000), "👩‍👩‍👧‍👦🏳️‍🌈", "a\ufe0f\u20e3",
}

// raw stands for bytes that are not UTF-8, C1 controls among them: JSON cannot carry them, protobuf can.
const (
	raw      = "(raw)"
	rawBytes = "\x9b2J\xff\xfe"
)

func hostileName(i int) string {
	return fmt.Sprintf("%d%s", i, hostileTexts[(i+i/len(hostileTexts))%len(hostileTexts)]) // another one in each trace
}

// export is a request of n traces of 8 spans as OTLP JSON, with text from name in every field that takes text.
func export(n int, name func(int) string) string {
	q := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	now := time.Now().Add(-time.Second).UnixNano()
	k := 0
	next := func() string { k++; return q(name(k)) }
	attribute := func() string { return fmt.Sprintf(`{"key":%s,"value":{"stringValue":%s}}`, next(), next()) }
	var resources []string
	for trace := range n {
		for span := range 8 {
			parent := ""
			if span > 0 {
				parent = fmt.Sprintf(`"parentSpanId":"%016x",`, trace<<8+(span+1)/2)
			}
			service := name(100 + span/2)
			resources = append(resources, fmt.Sprintf(`{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%s}},%s]},"schemaUrl":%s,"scopeSpans":[{"scope":{"name":%s,"version":%s},"spans":[{
				"traceId":"%032x","spanId":"%016x",%s"traceState":%s,"name":%s,"kind":%d,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
				"attributes":[%s,%s,{"key":"http.route","value":{"stringValue":%s}},{"key":"peer.service","value":{"stringValue":%s}}],
				"status":{"code":2,"message":%s},"events":[{"name":%s,"timeUnixNano":"%d","attributes":[%s]},
				{"name":"exception","timeUnixNano":"%d","attributes":[{"key":"exception.message","value":{"stringValue":%s}},{"key":"exception.stacktrace","value":{"stringValue":%s}}]}],
				"links":[{"traceId":"%032x","spanId":"%016x","traceState":%s,"attributes":[%s]}]}]}]}`,
				q(service), attribute(), next(), next(), next(), trace+1, trace<<8+span+1, parent, next(), next(), 2+span%2, now+int64(span)*1e6, now+1e8-int64(span)*2e6,
				attribute(), attribute(), next(), next(), next(), next(), now+5e6, attribute(), now+6e6, next(), next(), trace+2, 1, next(), attribute()))
		}
	}
	return strings.ReplaceAll(`{"resourceSpans":[`+strings.Join(resources, ",")+"]}", "\n", "")
}

// loops is a request of n traces that ask one thing 30 times over, one after the other: what is found in them has
// text from name in it.
func loops(n int, at time.Time, name func(int) string) string {
	q := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	var spans []string
	add := func(trace, id, parent, kind int, op string, from, to time.Duration) {
		spans = append(spans, fmt.Sprintf(`{"traceId":"%016x%016x","spanId":"%016x","parentSpanId":"%016x","kind":%d,"name":%s,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
			"attributes":[{"key":"db.system.name","value":{"stringValue":"postgresql"}},{"key":"db.query.text","value":{"stringValue":%s}}]}`,
			at.UnixNano(), trace+1, id, parent, kind, q(op), at.Add(from).UnixNano(), at.Add(to).UnixNano(), q(op)))
	}
	for trace := range n {
		add(trace, 1, 0, 2, name(301), 0, 200*time.Millisecond)
		for k := range 30 {
			begin := time.Duration(k+1) * 6 * time.Millisecond
			add(trace, k+2, 1, 3, name(302), begin, begin+5*time.Millisecond)
		}
	}
	return strings.ReplaceAll(fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%s}}]},"scopeSpans":[{"spans":[%s]}]}]}`,
		q(name(300)), strings.Join(spans, ",")), "\n", "")
}

// exportLogs is a request with a log record for each span of export(n, name), with text from name in every field that
// takes text.
func exportLogs(n int, name func(int) string) string {
	q := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	var records []string
	for k := range n * 8 {
		trace, span := k/8, k%8
		records = append(records, fmt.Sprintf(`{"timeUnixNano":"%d","severityNumber":%d,"severityText":%s,"eventName":%s,"body":{"stringValue":%s},
			"traceId":"%032x","spanId":"%016x","attributes":[{"key":%s,"value":{"stringValue":%s}}]}`, time.Now().UnixNano(), k%5*5, q(name(k)), q(name(k+1)), q(name(k+2)),
			trace+1, trace<<8+span+1, q(name(k+3)), q(name(k+4))))
	}
	return fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%s}}]},"scopeLogs":[{"scope":{"name":%s},"logRecords":[%s]}]}]}`,
		q(name(1)), q(name(2)), strings.Join(records, ","))
}

// pageDown is pressed as often as it takes.
const pageDown = "\x1b[6~"

// window is what the screen shows where nothing else is asked for.
const window = 5 * time.Minute

// tour shows every screen of a program that received the names, and gives all that it wrote and the screens.
func tour(t *testing.T, name func(int) string) (written, screens string) {
	t.Helper()
	s := onScreen(t, append([]string{"--color", "truecolor"}, anyPort...)...)
	text := s.untilShown("Waiting for the first span", "OTLP/HTTP")
	addr := regexp.MustCompile(`OTLP/HTTP +(\S+)`).FindStringSubmatch(text)
	post(t, addr[1], export(20, name))
	others := func(body string) string { return strings.ReplaceAll(body, `"traceId":"0000`, `"traceId":"00ff`) }
	postRaw(t, addr[1], "traces", others(export(5, func(i int) string { return name(i + 15) })), otlpjson.ToProto)
	postRaw(t, addr[1], "logs", exportLogs(20, name), otlpjson.LogsToProto)
	postRaw(t, addr[1], "logs", others(exportLogs(5, name)), otlpjson.LogsToProto)
	// In either half of the window, for Compare, and in it for as long as the tour may take.
	for _, ago := range []time.Duration{window/2 + 15*time.Second, time.Second} {
		postRaw(t, addr[1], "traces", loops(40, time.Now().Add(-ago), name), otlpjson.ToProto)
	}
	s.untilShown("q quit", " edges")
	for _, step := range []struct{ keys, shown string }{
		{"2", "Operations last 5m"},
		{"o", "entry spans"},
		{"3", "some failed"},
		{"V", "Latency last 5m"},
		{"4", "enter show where"},
		{"4", "n=2680"},
		{"6", "Shapes last 5m"},
		{"7", "call paths, before"},
		{"p", "esc all changes"},
		{"5", "Traces last 5m"},
		{"s", "root operation▼"},
		{"\r", "how unusual"},
		{"e", "how unusual"},
		{"\t", "how unusual"},
		{pageDown, "Logs 1"},
		{"8", "can the figures be trusted"},
		{":", "esc closes"}, // while the palette is open the footer names its keys
		{"\x1b", "can the figures be trusted"},
		{"?", "any other key closes"},
		{"x", "can the figures be trusted"},
		{"1", "n=2680 "},
	} {
		s.press(step.keys)
		for pages := 0; step.keys == pageDown && pages < 10 && !s.soon(step.shown); pages++ {
			s.press(step.keys)
		}
		footer := "q quit"
		if step.keys == ":" {
			footer = step.shown
		}
		got := s.untilShown("oteltop", footer, step.shown)
		lines := strings.Split(got, "\n")
		if len(lines) != screenHeight || !strings.Contains(lines[0], "oteltop") || !strings.Contains(lines[screenHeight-1], footer) {
			t.Errorf("after %q a frame of %d lines is cut:\n%s", step.keys, len(lines), got)
		}
		screens += got
	}
	s.press("q")
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	const last = "the end" // written behind the program's last byte
	if _, err := s.tty.WriteString(last); err != nil {
		t.Fatal(err)
	}
	s.until(last, func(string) bool { return bytes.HasSuffix(s.raw.Bytes(), []byte(last)) })
	return strings.TrimSuffix(s.written(), last), screens
}

// soon waits for a text for as long as a frame takes on a busy machine, and says whether it came.
func (s *screen) soon(text string) bool {
	for range 20 {
		if strings.Contains(s.text(), text) {
			return true
		}
		time.Sleep(25 * time.Millisecond)
	}
	return false
}

// postRaw exports OTLP JSON as protobuf, with raw bytes where their place is.
func postRaw(t *testing.T, addr, signal, body string, toProto func(dst, src []byte) ([]byte, error)) {
	t.Helper()
	request, err := toProto(nil, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post("http://"+addr+"/v1/"+signal, "application/x-protobuf", bytes.NewReader(bytes.ReplaceAll(request, []byte(raw), []byte(rawBytes))))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if answer, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK || len(answer) > 0 {
		t.Fatalf("%s %q", r.Status, answer)
	}
}

// What a renderer writes to place, erase and style text. Which of these it takes is a matter of what is shortest for the
// cells that changed, so a run may have one that another run of the same session lacks. None of them reaches beyond the
// screen; most of hostileTexts is told by sequences that are not among them.
const (
	drawing  = "ABCDGHIJKLMPSTXZ@`abdfmr" // final bytes of control sequences
	movement = "\b\t\n\r"
)

// chosen are the sequences of that sort that are not told by their final byte: a line up, and the modes put off and on
// again around the last cell of the screen and around a cell that is inserted.
var chosen = []string{
	ansi.ReverseIndex, ansi.SetModeAutoWrap, ansi.ResetModeAutoWrap, ansi.SetModeInsertReplace, ansi.ResetModeInsertReplace,
}

// sequences are the distinct control sequences in what was written, other than those for drawing, and the
// characters that must never be written at all.
func sequences(written string) (controls map[string]bool, forbidden []string) {
	controls = map[string]bool{}
	state := byte(0)
	for len(written) > 0 {
		seq, _, n, next := ansi.DecodeSequence(written, state, nil)
		state, written = next, written[n:]
		switch {
		case len(seq) > 0 && (seq[0] < 0x20 || seq[0] == 0x7f):
			plain := strings.HasPrefix(seq, "\x1b[") && len(seq) > 2 && !strings.ContainsRune("<=>?", rune(seq[2])) &&
				strings.IndexByte(drawing, seq[len(seq)-1]) >= 0
			if !plain && !strings.Contains(movement, seq) && !slices.Contains(chosen, seq) {
				controls[seq] = true
			}
		default:
			for _, r := range seq {
				if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || r >= 0x2028 && r <= 0x202e {
					forbidden = append(forbidden, fmt.Sprintf("%q", seq))
				}
			}
		}
	}
	return controls, forbidden
}

// Whatever the names are, the terminal gets the same control sequences.
func TestHostileNamesDoNotReachTheTerminal(t *testing.T) {
	written, _ := tour(t, plainName)
	benign, _ := sequences(written)
	if len(benign) < 5 {
		t.Fatalf("only %d kinds of control sequences in a whole session: %v", len(benign), benign)
	}
	written, screens := tour(t, hostileName)
	controls, forbidden := sequences(written)
	for c := range controls {
		if !benign[c] {
			t.Errorf("%q was written for hostile names only", c)
		}
	}
	if len(forbidden) > 0 {
		t.Errorf("characters that steer terminals were written: %v", forbidden[:min(10, len(forbidden))])
	}
	seen := 0
	for _, shown := range []string{"␛[2J", "␛]0;", "␛]52;", "␛]8;", "‹9B›", "␛P", "␛[?1049l", "‹202E›", "‹2066›", "‹200B›", "␍␊", "␀", "␛[6n", "␛c"} {
		if strings.Contains(screens, shown) {
			seen++
		}
	}
	if seen < 5 {
		t.Errorf("only %d of the hostile names were shown", seen)
	}
}
