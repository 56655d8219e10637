// Figures and names as text, for sentences, copies and breadcrumbs. What tables draw of them is in cells.go.

package ui

import (
	"fmt"
	"strconv"
	"strings"

	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// durationText is a duration in a sentence or breadcrumb.
func durationText(ns int64) string { return string(num.Duration(nil, ns)) }

// shareText, countText and ratioText are likewise figures in a sentence.
func shareText(v float64) string { return string(num.Share(nil, v)) }
func countText(n uint64) string  { return string(num.Count(nil, n)) }
func ratioText(v float64) string { return strings.Replace(string(num.Ratio(nil, v)), "x", "×", 1) }

// plural writes "1 span", "18.2k spans".
func plural(n int, what string) string {
	s := string(num.Count(nil, uint64(n))) + " " + what
	if n != 1 {
		s += "s"
	}
	return s
}

// sayNoneFailed tells that a list of failed traces would be empty. what is plural, with whose they are.
func sayNoneFailed(n uint64, what string) Say {
	if n == 0 {
		return Say{Text: "no " + what + " here"}
	}
	return Say{Text: "none of " + countText(n) + " " + what + " failed"}
}

// oneOrMany is plural for words that are written beside their figure.
func oneOrMany(n int, one, many canvas.Literal) canvas.Literal {
	if n == 1 {
		return one
	}
	return many
}

// signedText writes a difference of durations.
func signedText(ns int64) string {
	if ns > 0 {
		return "+" + durationText(ns)
	}
	return durationText(ns)
}

// appendNumber writes counts as counts and other numbers with two digits.
func appendNumber(b []byte, v float64) []byte {
	if v >= 0 && v == float64(uint64(v)) {
		return num.Count(b, uint64(v))
	}
	return strconv.AppendFloat(b, v, 'f', 2, 64)
}

// appendQ writes a false discovery rate; what is smaller than a thousandth is certain enough.
func appendQ(b []byte, q float64) []byte {
	switch {
	case q < 0.001:
		return append(b, "<.001"...)
	case q > 0.9995:
		return append(b, '1')
	}
	return append(b, strconv.FormatFloat(q, 'f', 3, 64)[1:]...)
}

// sayf is a sentence for the screen.
func sayf(format string, args ...any) model.Text { return model.Sanitise(fmt.Sprintf(format, args...)) }

// shortID is how a trace is named where there is no room for all of its id: the first digits, or the
// last ones of an id of 64 bits, whose first are zeros.
func shortID(id model.TraceID) string {
	s := id.String()
	if id.Hi == 0 {
		return s[16:24]
	}
	return s[:8]
}
