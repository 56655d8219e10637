package model

import "strings"

// maxName bounds how far back the name of an assignment is looked for, bytes: the search stays linear.
const maxName = 64

// assigned finds the secret that is assigned to a name which says so, in text that people and libraries write:
// password=…, "api_key": "…", {Token:…}, Authorization: Basic …, Cookie: a=b. s[at] is the = or the colon; the secret
// is s[at+skip : at+skip+length], of length 0 where there is none.
//
// A colon stands in sentences too ("cannot read secret: permission denied"), which tell more than they give away: what
// follows one is taken for a value only where a quote or the lack of a space shows it, or where the name is hardly ever
// written before anything else.
func assigned(s string, at int) (skip, length int) {
	name, quoted, before := nameBefore(s, at)
	if name == "" || !SecretKey(name) || s[at] == '=' && strings.HasPrefix(s[at+1:], "=") {
		return 0, 0
	}
	skip = 1
	if strings.HasPrefix(s[at+skip:], " ") {
		skip++
	}
	value, colon := s[at+skip:], s[at] == ':'
	if from, n, ok := headerSecret(name, colon, value); ok {
		return skip + from, n
	}
	quote := openingQuote(value)
	if colon && !quoted && quote == "" && !bareValue(name, skip == 1, before) {
		return 0, 0
	}
	value = value[len(quote):]
	if standsIn(value) {
		return 0, 0
	}
	end := valueEnd(value, quote)
	if isTokenCount(name, value[:end]) || isNothing(value[:end]) {
		return 0, 0
	}
	return skip + len(quote), end
}

// headerSecret is assigned for the headers whose values have a form of their own; ok is false for other names.
func headerSecret(name string, colon bool, value string) (from, length int, ok bool) {
	switch lower := strings.ToLower(name); {
	case strings.Contains(lower, "authorization"):
		if from = authScheme(value); from > 0 && !standsIn(value[from:]) {
			length = restOfLine(value[from:])
		}
		return from, length, true
	case strings.Contains(lower, "cookie"):
		start := value[:min(len(value), maxName)]
		if end := strings.IndexAny(start, "= \r\n"); !standsIn(value) && (!colon || end >= 0 && start[end] == '=') {
			length = restOfLine(value)
		}
		return 0, length, true
	}
	return 0, 0, false
}

// valueEnd is where a value ends that was opened by a quote, or by none.
func valueEnd(value, quote string) int {
	if quote == "" {
		if end := strings.IndexAny(value, "&;,# \t\r\n\"'<>)}]\\"); end >= 0 {
			return end
		}
		return len(value)
	}
	for i := range len(value) {
		if strings.HasPrefix(value[i:], quote) && (i == 0 || value[i-1] != '\\') {
			return i
		}
	}
	return len(value)
}

// nameBefore is the name that ends at s[:at], but for a space and a closing quote, and what stands before it.
func nameBefore(s string, at int) (name string, quoted bool, before byte) {
	s = strings.TrimSuffix(s[:at], " ")
	for _, q := range [...]string{`\"`, `"`, `'`} {
		if t, ok := strings.CutSuffix(s, q); ok {
			s, quoted = t, true
			break
		}
	}
	from := len(s)
	for from > 0 && len(s)-from < maxName && (isBase64URL(s[from-1]) || s[from-1] == '.') {
		from--
	}
	if from > 0 {
		before = s[from-1]
	}
	return s[from:], quoted, before
}

// openingQuote is the quote that a value begins with.
func openingQuote(value string) string {
	for _, q := range [...]string{`\"`, `"`, `'`} {
		if strings.HasPrefix(value, q) {
			return q
		}
	}
	return ""
}

// bareValue reports whether what follows the colon after a name is likely a value, though nothing is quoted: {Token:x},
// password: x; but neither arn:aws:secretsmanager:eu-1 nor a sentence that goes on after the word secret.
func bareValue(name string, close bool, before byte) bool {
	if close {
		return strings.IndexByte(":/.-", before) < 0
	}
	for i := range len(name) {
		if hasFold(name[i:], "passw") || isAPIKey(name[i:]) {
			return true
		}
	}
	return false
}

// standsIn reports whether a value begins like what only stands for one: a parameter of a statement, or what was
// hidden before.
func standsIn(value string) bool {
	return value == "" || strings.IndexByte("?$%:@{*<", value[0]) >= 0 || strings.HasPrefix(value, Masked)
}

// isNothing reports whether a value is a word for none.
func isNothing(value string) bool {
	switch value {
	case "null", "nil", "None", "undefined", "true", "false":
		return true
	}
	return false
}

// authScheme is the length of the name of an authentication scheme and the space behind it, 0 for anything else.
func authScheme(value string) int {
	value = strings.TrimPrefix(value, `"`)
	for _, scheme := range [...]string{"Basic ", "Bearer ", "Digest ", "Token ", "ApiKey ", "Negotiate ", "AWS4-HMAC-SHA256 "} {
		if hasFold(value, scheme) {
			return len(scheme)
		}
	}
	return 0
}

// restOfLine is how far the value of a header goes.
func restOfLine(s string) int {
	if end := strings.IndexAny(s, "\r\n\"'\\"); end >= 0 {
		return end
	}
	return len(s)
}
