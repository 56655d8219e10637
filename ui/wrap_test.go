// Text broken into lines loses none of it.

package ui

import (
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/ui/canvas"
)

func TestWrapText(t *testing.T) {
	for _, c := range []struct {
		raw   string
		width int
		want  string
	}{
		{"", 10, ""},
		{"short", 10, "short"},
		{"one two three four", 10, "one two |three four"},
		{"abcdefghijklmnop", 10, "abcdefghij|klmnop"},
		{"a\tb\r\nc\n", 10, "a    b|c"},
		{"日本語日本語", 5, "日本|語日|本語"},
		{"日", 1, "日"}, // wider than the room: still drawn, not lost
		{"figure 12.5 ms", 10, "figure |12.5 ms"},
		{"java.util.concurrent", 12, "java.util.|concurrent"},
		{"takes 12 ms (before: 3 ms)", 15, "takes 12 ms |(before: 3 ms)"},
		{"handler(context)", 12, "handler(|context)"},
		{"begins in inventory POST /reservations (busy)", 26, "begins in inventory POST |/reservations (busy)"},
		{"needs (before: 5.71ms): network", 22, "needs (before: |5.71ms): network"},
		{"all of 564 calls, by one", 17, "all of 564 |calls, by one"},
	} {
		lines, more := wrapText(c.raw, c.width, 100)
		var got []string
		for _, l := range lines {
			got = append(got, l.String())
		}
		if s := strings.Join(got, "|"); s != c.want || more {
			t.Errorf("%q in %d: %q, want %q", c.raw, c.width, s, c.want)
		}
	}
	if lines, more := wrapText("a\nb\nc", 10, 2); len(lines) != 2 || !more {
		t.Errorf("limit 2: %v %v", lines, more)
	}
}

func TestWrapTextLosesNothing(t *testing.T) {
	r := modeltest.Rand(7)
	alphabet := []rune("ab ,./(日e\u0301\x1b\u202e1")
	for range 2000 {
		var raw []rune
		for range r.IntN(60) {
			raw = append(raw, alphabet[r.IntN(len(alphabet))])
		}
		width := 2 + r.IntN(20)
		lines, _ := wrapText(string(raw), width, 1000)
		var all string
		for _, l := range lines {
			if w := canvas.Width(l); w > width {
				t.Fatalf("%q in %d: a line of %d", string(raw), width, w)
			}
			all += l.String()
		}
		if want := model.Sanitise(string(raw)).String(); all != want {
			t.Fatalf("%q became %q", want, all)
		}
	}
}

func TestDedent(t *testing.T) {
	for raw, want := range map[string]string{
		"one":                            "one",
		" kept":                          " kept",
		"\n    SELECT a,\n      b\n  \n": "SELECT a,\n  b",
		"Error: x\n\tat y\n\tat z\n":     "Error: x\n\tat y\n\tat z",
		"\n\n":                           "",
		"a\n   \n  b":                    "a\n   \n  b",
		"  a\n\n  b":                     "a\n\nb",
	} {
		if got := dedent(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
