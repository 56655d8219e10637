package sampling

import "bytes"

// whole is the number of sampling thresholds: 56 bits of randomness.
const (
	whole  = 1 << 56
	digits = 14 // hexadecimal
)

// outcome of looking for a threshold.
type outcome uint8

const (
	absent outcome = iota
	present
	malformed
)

// threshold finds the sampling threshold T in a W3C trace state: the member "ot", and of its fields "th", up to 14
// hexadecimal digits of which trailing zeros may be left out. The span was kept with probability (2⁵⁶−T)/2⁵⁶.
func threshold(state []byte) (uint64, outcome) {
	for len(state) > 0 {
		var member []byte
		member, state, _ = bytes.Cut(state, []byte(","))
		fields, ours := bytes.CutPrefix(bytes.TrimSpace(member), []byte("ot="))
		for ours && len(fields) > 0 {
			var field []byte
			field, fields, _ = bytes.Cut(fields, []byte(";"))
			if text, ok := bytes.CutPrefix(field, []byte("th:")); ok {
				return parse(text)
			}
		}
	}
	return 0, absent
}

func parse(text []byte) (t uint64, o outcome) {
	if len(text) == 0 || len(text) > digits {
		return 0, malformed
	}
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, malformed
		}
		t = t<<4 | uint64(c)
	}
	return t << (4 * (digits - len(text))), present
}

// probability with which a span of a threshold was kept: more than 0, at most 1.
func probability(t uint64) float64 { return float64(whole-t) / whole }
