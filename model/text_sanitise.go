package model

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may follow each other: enough for every living script, too few to
// draw over neighbouring rows.
const maxMarks = 4

// Sanitise makes raw fit for a terminal (TERMINAL.md, "Text in cells"): control characters become their
// visible pictures (U+2400…), invalid UTF-8 becomes U+FFFD, what has no glyph or changes how others are
// drawn (C1, bidi, zero width, tags, variation selectors, private use, unassigned) becomes its number as
// ‹HEX›, and combining marks after the fourth are dropped. Idempotent; clean ASCII is not copied.
func Sanitise(raw string) Text {
	for i := range len(raw) {
		if c := raw[i]; c < ' ' || c > '~' {
			return Text{sanitiseFrom(raw, i)}
		}
	}
	return Text{raw}
}

// sanitiseFrom copies only when it meets something to replace; raw[:at] is known to be clean ASCII.
func sanitiseFrom(raw string, at int) string {
	var b strings.Builder
	kept := 0 // raw[:kept] is in b, if anything is
	marks := 0
	for i := at; i < len(raw); {
		r, size := utf8.DecodeRuneInString(raw[i:])
		verdict := judge(r, size)
		if verdict == combining {
			marks++
		} else {
			marks = 0
		}
		if verdict == clean || (verdict == combining && marks <= maxMarks) {
			i += size
			continue
		}
		if b.Cap() == 0 {
			b.Grow(len(raw) + 16)
		}
		b.WriteString(raw[kept:i])
		replace(&b, r, verdict)
		i += size
		kept = i
	}
	if kept == 0 {
		return raw
	}
	b.WriteString(raw[kept:])
	return b.String()
}

// verdict is what becomes of a rune.
type verdict uint8

const (
	clean     verdict = iota
	combining         // kept unless there are too many
	picture           // a C0 control or DEL
	number            // ‹HEX›
	invalid           // U+FFFD
)

// judge classifies a rune of the given encoded size.
func judge(r rune, size int) verdict {
	switch {
	case r >= ' ' && r <= '~':
		return clean
	case r < ' ' || r == 0x7f:
		return picture
	case r == utf8.RuneError && size == 1:
		return invalid
	case r == utf8.RuneError:
		return clean
	case r < 0xa0 || isSelector(r) || isBlank(r):
		return number
	case unicode.Is(unicode.M, r):
		return combining
	case unicode.IsPrint(r):
		return clean
	}
	return number
}

// isSelector: variation selectors are marks by category, but have no glyph and change the width of the
// character before them, on which terminals disagree.
func isSelector(r rune) bool {
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef || r >= 0x180b && r <= 0x180f
}

// isBlank: letters and marks by category that have no glyph (fillers, the grapheme joiner), with which two
// different names would look the same.
func isBlank(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0:
		return true
	}
	return false
}

// replace writes what stands for r.
func replace(b *strings.Builder, r rune, v verdict) {
	switch v {
	case picture:
		if r == 0x7f {
			b.WriteRune('␡')
			return
		}
		b.WriteRune('\u2400' + r)
	case invalid:
		b.WriteRune(utf8.RuneError)
	case number:
		const digits = "0123456789ABCDEF"
		b.WriteRune('‹')
		for shift := (bits.Len32(uint32(r)) + 3) &^ 3; shift > 0; shift -= 4 {
			b.WriteByte(digits[r>>(shift-4)&0xf])
		}
		b.WriteRune('›')
	}
}
