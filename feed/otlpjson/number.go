package otlpjson

import (
	"math"
	"strconv"
)

// number reads a number and returns its text.
func (s *scanner) number() ([]byte, *Error) {
	n := numberLen(s.src[s.pos:])
	if n == 0 {
		return nil, s.expected("a number")
	}
	text := s.src[s.pos : s.pos+n]
	s.pos += n
	return text, nil
}

// numberOrText reads a number, or a string that may hold one.
func (s *scanner) numberOrText() ([]byte, *Error) {
	if s.peek() == '"' {
		return s.plainText()
	}
	return s.number()
}

// numberLen is the length of the JSON number at the start of b, 0 where there is none. A number that
// runs on into other letters is for whoever reads on to refuse.
func numberLen(b []byte) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// integer reads an integer as a number or in a string, in any notation whose value is whole (1e3, 5.0).
// The result is the two's complement of a value from low to high; low is 0 or negative.
func (s *scanner) integer(low int64, high uint64) (uint64, *Error) {
	at := s.pos
	text, err := s.numberOrText()
	if err != nil {
		return 0, err
	}
	return s.whole(text, at, low, high)
}

// whole is integer for text that was read at the offset at.
func (s *scanner) whole(text []byte, at int, low int64, high uint64) (uint64, *Error) {
	magnitude, negative, ok := parseWhole(text)
	if !ok {
		return 0, s.failAt(at, "not an integer: %s", quoted(text))
	}
	if negative && magnitude > -uint64(low) || !negative && magnitude > high {
		return 0, s.failAt(at, "integer out of range: %s", quoted(text))
	}
	if negative {
		return -magnitude, nil
	}
	return magnitude, nil
}

// parseWhole reads a JSON number that is whole and at most 64 bits long, exactly.
func parseWhole(text []byte) (magnitude uint64, negative, ok bool) {
	i := 0
	if len(text) > 0 && text[0] == '-' {
		negative = true
		i = 1
	}
	if len(text)-i == 0 || len(text)-i > 19 || text[i] == '0' && len(text)-i > 1 {
		return parseNotation(text, i, negative)
	}
	for _, c := range text[i:] { // 19 digits cannot overflow
		if c-'0' > 9 {
			return parseNotation(text, i, negative)
		}
		magnitude = magnitude*10 + uint64(c-'0')
	}
	return magnitude, negative, true
}

// parseNotation reads numbers with a point, an exponent or 20 digits; text[i:] follows the sign.
func parseNotation(text []byte, i int, negative bool) (uint64, bool, bool) {
	if len(text) == 0 || numberLen(text) != len(text) {
		return 0, false, false
	}
	mantissa, point, exponent := []byte(nil), 0, 0
	for ; i < len(text) && text[i]|0x20 != 'e'; i++ {
		if text[i] == '.' {
			point = len(mantissa) + 1
			continue
		}
		mantissa = append(mantissa, text[i])
	}
	if i < len(text) {
		var err error
		if exponent, err = strconv.Atoi(string(text[i+1:])); err != nil {
			return 0, false, false
		}
	}
	if point > 0 {
		exponent -= len(mantissa) - (point - 1)
	}
	for len(mantissa) > 0 && mantissa[len(mantissa)-1] == '0' {
		mantissa = mantissa[:len(mantissa)-1]
		exponent++
	}
	magnitude, err := uint64(0), error(nil)
	if len(mantissa) > 0 {
		magnitude, err = strconv.ParseUint(string(mantissa), 10, 64)
	}
	if err != nil || magnitude > 0 && exponent < 0 {
		return 0, false, false
	}
	for ; magnitude > 0 && exponent > 0; exponent-- {
		if magnitude > math.MaxUint64/10 {
			return 0, false, false
		}
		magnitude *= 10
	}
	return magnitude, negative, true
}

// double reads a floating-point number as a number or in a string, or NaN, Infinity or -Infinity.
func (s *scanner) double() (float64, *Error) {
	at := s.pos
	text, err := s.numberOrText()
	if err != nil {
		return 0, err
	}
	switch string(text) {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if len(text) == 0 || numberLen(text) != len(text) {
		return 0, s.failAt(at, "not a number: %s", quoted(text))
	}
	f, parseErr := strconv.ParseFloat(string(text), 64)
	if parseErr != nil {
		return 0, s.failAt(at, "number out of range: %s", quoted(text))
	}
	return f, nil
}

// quoted is text for an error, not too much of it.
func quoted(text []byte) string {
	const enough = 40
	if len(text) > enough {
		return strconv.QuoteToASCII(string(text[:enough])) + "…"
	}
	return strconv.QuoteToASCII(string(text))
}
