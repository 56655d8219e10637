package model

import "strings"

// Masked is what Mask puts in place of a secret.
const Masked = "[masked]"

// Mask hides what a screen or a copy should not show unasked (PROTOCOL.md, "Sensitive data"): the whole
// value where the key names a secret, else the secrets that can be recognised within it: the user part of
// URLs, signatures in queries, JSON web tokens, PEM blocks, AWS access keys, and what is assigned to a name that says
// secret (password=…). did tells whether anything
// was hidden. A value without secrets is returned as it is, without an allocation.
func Mask(key, value string) (masked string, did bool) {
	if value == "" || value == Masked {
		return value, false
	}
	if SecretKey(key) && !isTokenCount(key, value) {
		return Masked, true
	}
	lo, hi := nextSecret(value, 0)
	if hi < 0 {
		return value, false
	}
	var b strings.Builder
	at := 0
	for hi >= 0 {
		b.WriteString(value[at:lo])
		b.WriteString(Masked)
		at = hi
		lo, hi = nextSecret(value, at)
	}
	b.WriteString(value[at:])
	return b.String(), true
}

// SecretKey reports whether key names a secret whatever its value: it contains, in any case,
// authorization, cookie, passw, secret, token, credential, or api key with at most one of -_. between.
func SecretKey(key string) bool {
	for i := range len(key) {
		rest := key[i:]
		switch rest[0] | 0x20 {
		case 'a':
			if hasFold(rest, "authorization") || isAPIKey(rest) {
				return true
			}
		case 'c':
			if hasFold(rest, "cookie") || hasFold(rest, "credential") {
				return true
			}
		case 'p':
			if hasFold(rest, "passw") {
				return true
			}
		case 's':
			if hasFold(rest, "secret") {
				return true
			}
		case 't':
			if hasFold(rest, "token") {
				return true
			}
		}
	}
	return false
}

// isTokenCount lets the usage figures of language models through (gen_ai.usage.input_tokens): a short
// number under a key that speaks of several tokens is no token.
func isTokenCount(key, value string) bool {
	if len(value) > 12 {
		return false
	}
	for i := range len(value) {
		if value[i] < '0' || value[i] > '9' {
			return false
		}
	}
	for i := range len(key) {
		if hasFold(key[i:], "tokens") {
			return true
		}
	}
	return false
}

func isAPIKey(s string) bool {
	if !hasFold(s, "api") {
		return false
	}
	s = s[len("api"):]
	if s != "" && (s[0] == '-' || s[0] == '_' || s[0] == '.') {
		s = s[1:]
	}
	return hasFold(s, "key")
}

// hasFold reports whether s starts with prefix, in any case of ASCII.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
