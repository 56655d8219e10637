package model

import "strings"

// nextSecret finds the first secret in s[from:] that can be recognised without its key; hi is -1 for none.
// One pass: each candidate is looked at only where its first byte stands at a boundary, so that the cost
// stays linear for hostile values.
func nextSecret(s string, from int) (lo, hi int) {
	for i := from; i < len(s); i++ {
		length, skip := 0, 0
		switch s[i] {
		case ':':
			if strings.HasPrefix(s[i:], "://") {
				skip = len("://")
				length = userinfo(s[i+skip:])
				break
			}
			skip, length = assigned(s, i)
		case '=':
			if signs(s[:i]) {
				skip = 1
				length = parameter(s[i+skip:])
				break
			}
			skip, length = assigned(s, i)
		case 'e':
			if !follows(s, i, isBase64URL) {
				length = webToken(s[i:])
			}
		case 'A':
			if !follows(s, i, isAlphanumeric) {
				length = accessKey(s[i:])
			}
		case '-':
			length = pemBlock(s[i:])
		}
		if length > 0 {
			return i + skip, i + skip + length
		}
	}
	return 0, -1
}

// follows reports whether s[i] is preceded by a byte of the class: then no word starts there.
func follows(s string, i int, class func(byte) bool) bool { return i > 0 && class(s[i-1]) }

// userinfo is the length of the user and password at the start of a URL's authority. One that is masked
// already counts as none.
func userinfo(s string) int {
	if end := strings.IndexAny(s, "/?# \t\r\n\"'<>"); end >= 0 {
		s = s[:end]
	}
	end := strings.LastIndexByte(s, '@')
	if end < 0 || s[:end] == Masked {
		return 0
	}
	return end
}

// signs reports whether s ends with the name of a query parameter that semantic conventions want hidden.
func signs(s string) bool {
	for _, name := range [...]string{"AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "X-Amz-Signature"} {
		at := len(s) - len(name)
		if at >= 0 && strings.EqualFold(s[at:], name) && (at == 0 || strings.IndexByte("?&; \t\"'", s[at-1]) >= 0) {
			return true
		}
	}
	return false
}

// parameter is the length of a query parameter's value. One that is masked already counts as none.
func parameter(s string) int {
	if strings.HasPrefix(s, Masked) {
		return 0
	}
	if end := strings.IndexAny(s, "&;# \t\r\n\"'<>"); end >= 0 {
		return end
	}
	return len(s)
}

// webToken is the length of a JSON web token at the start of s: two base64url parts that hold JSON
// objects, and a signature, which may be empty.
func webToken(s string) int {
	const object = "eyJ" // {" in base64
	if !strings.HasPrefix(s, object) {
		return 0
	}
	header := run(s, isBase64URL)
	if header == len(s) || s[header] != '.' || !strings.HasPrefix(s[header+1:], object) {
		return 0
	}
	n := header + 1 + run(s[header+1:], isBase64URL)
	if n == len(s) || s[n] != '.' {
		return 0
	}
	return n + 1 + run(s[n+1:], isBase64URL)
}

// accessKey is the length of an AWS access key id at the start of s.
func accessKey(s string) int {
	const length = 20
	if !strings.HasPrefix(s, "AKIA") && !strings.HasPrefix(s, "ASIA") || len(s) < length {
		return 0
	}
	for i := range length {
		if c := s[i]; !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return 0
		}
	}
	if len(s) > length && isAlphanumeric(s[length]) {
		return 0
	}
	return length
}

// pemBlock is the length of a PEM block at the start of s, which may have been cut off.
func pemBlock(s string) int {
	const dashes = "-----"
	if !strings.HasPrefix(s, dashes+"BEGIN ") {
		return 0
	}
	end := strings.Index(s, dashes+"END ")
	if end < 0 {
		return len(s)
	}
	end += len(dashes + "END ")
	if last := strings.Index(s[end:], dashes); last >= 0 {
		return end + last + len(dashes)
	}
	return len(s)
}

// run is the length of the bytes of the class at the start of s.
func run(s string, class func(byte) bool) int {
	n := 0
	for n < len(s) && class(s[n]) {
		n++
	}
	return n
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isBase64URL(c byte) bool { return isAlphanumeric(c) || c == '-' || c == '_' }
