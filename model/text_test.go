package model_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestSanitise(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"empty", "", ""},
		{"ASCII", "GET /api/{id}~", "GET /api/{id}~"},
		{"other scripts", "prüfen 注文 заказ हिन्दी ✓ 🙂", "prüfen 注文 заказ हिन्दी ✓ 🙂"},
		{"C0", "a\x00b\tc\r\nd\x1f", "a␀b␉c␍␊d␟"},
		{"DEL", "a\x7f", "a␡"},
		{"CSI", "\x1b[2J\x1b[31mred", "␛[2J␛[31mred"},
		{"OSC that is not terminated", "\x1b]0;title", "␛]0;title"},
		{"OSC 8", "\x1b]8;;http://x\x1b\\y\x07", "␛]8;;http://x␛\\y␇"},
		{"C1 as UTF-8", "a\u009b31m\u0085", "a‹9B›31m‹85›"},
		{"C1 as a byte", "a\x9b31m", "a\ufffd31m"},
		{"bidi", "a\u202eb\u2066c\u200fd\u061c", "a‹202E›b‹2066›c‹200F›d‹61C›"},
		{"zero width", "a\u200bb\u200dc\ufeffd\u2060", "a‹200B›b‹200D›c‹FEFF›d‹2060›"},
		{"soft hyphen", "a\u00adb", "a‹AD›b"},
		{"tags", "a\U000e0041\U000e007f", "a‹E0041›‹E007F›"},
		{"variation selectors", "❤\ufe0f\U000e0100\u180b", "❤‹FE0F›‹E0100›‹180B›"},
		{"lines", "a\u2028b\u2029", "a‹2028›b‹2029›"},
		{"private use", "\ue0b0\U000f0000\U0010fffd", "‹E0B0›‹F0000›‹10FFFD›"},
		{"unassigned and noncharacters", "\u0378\uffff\ufdd0", "‹378›‹FFFF›‹FDD0›"},
		{"blank letters and spaces", "a\u3164\u115f\u00a0\u2003\u034f", "a‹3164›‹115F›‹A0›‹2003›‹34F›"},
		{"invalid UTF-8", "a\xff\xc0\xafb\xed\xa0\x80\xf4\x90", "a\ufffd\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd\ufffd"},
		{"cut off UTF-8", "a\xe2\x82", "a\ufffd\ufffd"},
		{"replacement character itself", "a\ufffd", "a\ufffd"},
		{"four marks stay", "e\u0301\u0302\u0303\u0304x", "e\u0301\u0302\u0303\u0304x"},
		{"more do not", "e" + strings.Repeat("\u0301", 99) + "x\u0301", "e\u0301\u0301\u0301\u0301x\u0301"},
		{"only marks", strings.Repeat("\u20dd", 6), strings.Repeat("\u20dd", 4)},
		{"pictures stay", "␛‹9B›", "␛‹9B›"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := model.Sanitise(c.raw).String()
			if got != c.want {
				t.Errorf("got %+q, want %+q", got, c.want)
			}
			checkText(t, c.raw)
		})
	}
	if got := model.Textf("%s: %d", "a\x1b", 3).String(); got != "a␛: 3" {
		t.Errorf("Textf: %q", got)
	}
}

// checkText asserts what a terminal needs of whatever text.
func checkText(t *testing.T, raw string) {
	t.Helper()
	got := model.Sanitise(raw).String()
	if again := model.Sanitise(got).String(); again != got {
		t.Errorf("not idempotent: %+q then %+q", got, again)
	}
	if !utf8.ValidString(got) {
		t.Errorf("%+q is not UTF-8", got)
	}
	marks := 0
	for _, r := range got {
		if r != ' ' && !unicode.IsPrint(r) {
			t.Errorf("%+q holds %U", got, r)
		}
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		if marks > 4 || unicode.Is(unicode.Variation_Selector, r) {
			t.Errorf("%+q has %d marks at %U", got, marks, r)
		}
	}
}

// TestSanitiseEveryRune: nothing in Unicode slips through, alone or between letters.
func TestSanitiseEveryRune(t *testing.T) {
	modeltest.OneGoroutine(t)
	for r := rune(0); r <= unicode.MaxRune && !t.Failed(); r++ {
		checkText(t, string(r))
		checkText(t, "a"+string(r)+"b")
	}
}

func TestSanitiseAllocations(t *testing.T) {
	for _, clean := range []string{"GET /api/cart/{id}", "prüfen 注文 ✓"} {
		if n := testing.AllocsPerRun(100, func() { model.Sanitise(clean) }); n != 0 {
			t.Errorf("%q: %v allocations", clean, n)
		}
	}
}

func FuzzSanitise(f *testing.F) {
	f.Add("GET /\x1b]8;;\u202e\u009b\xff")
	f.Add("e\u0301\u0301\u0301\u0301\u200d\u0301\u0301")
	f.Fuzz(checkText)
}
