// Package ident recognises what identifies a single thing within a text, so that texts which differ in nothing else
// can be counted as one.
package ident

// UUIDLen is the length of a UUID in its usual form, bytes.
const UUIDLen = 36

// IsUUID reports whether a text is 8-4-4-4-12 hexadecimal digits.
func IsUUID(s string) bool {
	if len(s) != UUIDLen {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !IsHexDigit(s[i]) {
			return false
		}
	}
	return true
}

// IsHexDigit reports whether a byte is a hexadecimal digit, in either case.
func IsHexDigit(c byte) bool { return IsDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// IsDigit reports whether a byte is a decimal digit.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }
