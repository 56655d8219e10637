package report

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// escaper writes JSON such that it can be looked at on a terminal: characters of texts that a terminal would obey, or
// that turn the order of a line around, are written as \u escapes. A reader of JSON gets the same texts. encoding/json
// escapes those below U+0020 by itself.
type escaper struct{ w io.Writer }

// Write takes whole JSON texts: an Encoder writes each at once.
func (e escaper) Write(p []byte) (int, error) {
	if _, err := e.w.Write(escaped(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// escaped is JSON with the controls in it escaped. Outside of texts there are none.
func escaped(text []byte) []byte {
	if bytes.IndexFunc(text, isControl) < 0 {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if isControl(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}

// isControl: DEL, the C1 controls (U+009B begins an escape sequence as ESC [ does), and what sets the direction of
// text (Unicode's Bidi_Control).
func isControl(r rune) bool {
	switch {
	case r < 0x7f:
		return false
	case r <= 0x9f, r == 0x61c, r == 0x200e, r == 0x200f:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
