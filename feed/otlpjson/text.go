package otlpjson

import (
	"encoding/base64"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends raw, the inside of a JSON string that starts at offset of the text, with its escapes
// resolved. Bytes that are not UTF-8 and surrogates without their other half become U+FFFD.
func unescape(dst, raw []byte, offset int) ([]byte, *Error) {
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '\\':
			r, n := escape(raw[i:])
			if n == 0 {
				return dst, &Error{Offset: offset + i, Reason: "not an escape: " + strconv.QuoteToASCII(string(raw[i:min(i+6, len(raw))]))}
			}
			dst = utf8.AppendRune(dst, r)
			i += n
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRune(raw[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		}
	}
	return dst, nil
}

// escape reads the escape at the start of b: its character and its length, which is 0 where there is none.
func escape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	r, ok := codeUnit(b)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := codeUnit(b[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return utf8.RuneError, 6
	}
	return r, 6
}

// codeUnit reads \uXXXX at the start of b.
func codeUnit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	r := rune(0)
	for _, c := range b[2:6] {
		digit := hexDigits[c]
		if digit == notHex {
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}

// notHex marks the bytes that are no hex digit in hexDigits.
const notHex = 0xff

// hexDigits gives the value of each hex digit of either case. It is never written to.
var hexDigits = func() (t [256]byte) {
	for i := range t {
		t[i] = notHex
	}
	for i := range 10 {
		t['0'+i] = byte(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = byte(10+i), byte(10+i)
	}
	return t
}()

// appendHex appends the bytes that hex digits stand for, or returns the index of the first byte that is
// no hex digit. An odd number of digits cannot be an id; so that it does not become one of the wanted
// length, half a byte is dropped from a shorter one and kept in a longer one.
func appendHex(dst, digits []byte, want int) (_ []byte, bad int) {
	i := 0
	for ; i+1 < len(digits); i += 2 {
		high, low := hexDigits[digits[i]], hexDigits[digits[i+1]]
		if high|low == notHex { // digits are below 16, so only notHex sets all bits
			if high != notHex {
				i++
			}
			return dst, i
		}
		dst = append(dst, high<<4|low)
	}
	if i < len(digits) {
		last := hexDigits[digits[i]]
		if last == notHex {
			return dst, i
		}
		if len(digits) > 2*want {
			dst = append(dst, last<<4)
		}
	}
	return dst, -1
}

// appendBase64 appends what base64 text stands for, in the standard or the URL alphabet, padded or not.
func appendBase64(dst, text []byte) ([]byte, error) {
	for len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
	}
	encoding := base64.RawStdEncoding
	for _, c := range text {
		if c == '-' || c == '_' {
			encoding = base64.RawURLEncoding
			break
		}
	}
	return encoding.AppendDecode(dst, text)
}
