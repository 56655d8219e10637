package failures

import (
	"strings"

	"oteltop/aggregate/ident"
)

// maxMessage is how much of a message is looked at, bytes: what tells errors apart stands at the beginning.
const maxMessage = 256

// Tokens that stand for what differs from one occurrence of an error to the next.
const (
	tokenURL    = "<url>"
	tokenUUID   = "<uuid>"
	tokenIP     = "<ip>"
	tokenTime   = "<time>"
	tokenHex    = "<hex>"
	tokenNumber = "<n>"
	tokenValue  = "<value>"
)

// normalise is a message without what identifies a single occurrence: URLs, UUIDs, addresses, times, hexadecimal
// numbers, the values of id=… and numbers become tokens. Only the first line counts, blanks collapse. What it
// yields it leaves as it is: normalise(normalise(x)) = normalise(x).
func normalise(message string) string {
	if i := strings.IndexAny(message, "\r\n"); i >= 0 && strings.TrimSpace(message[:i]) != "" {
		message = message[:i]
	}
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "")
	}
	for range maxPasses {
		next := tokens(message)
		if next == message {
			break
		}
		message = next
	}
	return message
}

// maxPasses bounds how often a message is gone over: a token may leave beside it what is single by itself, as A00A00
// in "1.000A00A00". Ordinary messages take one, and another to see that.
const maxPasses = 8

// tokens puts tokens into a message for what is single.
func tokens(message string) string {
	var b strings.Builder
	for i, word := range strings.Fields(message) {
		if i > 0 {
			b.WriteByte(' ')
		}
		writeWord(&b, word)
	}
	return strings.ReplaceAll(b.String(), tokenTime+" "+tokenTime, tokenTime) // a date and a time of day
}

// writeWord writes a word without blanks: what stands in brackets and quotes around it is kept.
func writeWord(b *strings.Builder, word string) {
	from := len(word) - len(strings.TrimLeft(word, `"'([{`))
	to := len(strings.TrimRight(word, `"')]},;:.!?`))
	if from >= to {
		b.WriteString(word)
		return
	}
	b.WriteString(word[:from])
	core := word[from:to]
	switch {
	case strings.Contains(core, "://"):
		b.WriteString(tokenURL)
	case isTime(core):
		b.WriteString(tokenTime)
	case strings.HasPrefix(core, "<") && strings.HasSuffix(core, ">"):
		b.WriteString(core)
	default:
		writeParts(b, core)
	}
	b.WriteString(word[to:])
}

// writeParts writes what a word consists of: runs of what identifiers are made of, and what is between them.
func writeParts(b *strings.Builder, word string) {
	for len(word) > 0 {
		n := 0
		for n < len(word) && isPart(word[n]) {
			n++
		}
		if n == 0 {
			b.WriteByte(word[0])
			word = word[1:]
			continue
		}
		part, rest := word[:n], word[n:]
		if len(rest) > 1 && rest[0] == '=' && isID(part) {
			b.WriteString(part)
			b.WriteByte('=')
			end := strings.IndexAny(rest[1:], ",;&|)]}")
			if end < 0 {
				end = len(rest) - 1
			}
			b.WriteString(tokenValue)
			word = rest[1+end:]
			continue
		}
		writePart(b, part)
		word = rest
	}
}

// isPart reports whether a byte may be within an identifier, an address or a number.
func isPart(c byte) bool {
	return c == '-' || c == '.' || c == '_' || c == ':' || ident.IsDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func writePart(b *strings.Builder, part string) {
	switch {
	case ident.IsUUID(part):
		b.WriteString(tokenUUID)
	case isAddress(part):
		b.WriteString(tokenIP)
	case isTime(part):
		b.WriteString(tokenTime)
	case isHex(part):
		b.WriteString(tokenHex)
	default:
		writeSegments(b, part)
	}
}

// writeSegments writes what may still hold identifiers within: pod names, hosts, codes.
func writeSegments(b *strings.Builder, part string) {
	for len(part) > 0 {
		n := strings.IndexAny(part, "-_:")
		if n < 0 {
			n = len(part)
		}
		if s := part[:n]; isHex(s) || isRandom(s) {
			b.WriteString(tokenHex)
		} else {
			writeNumbers(b, s)
		}
		if n < len(part) {
			b.WriteByte(part[n])
			n++
		}
		part = part[n:]
	}
}

// isRandom reports whether a text changes between letters and digits too often to be a word: 7d9f8b, x2x9z.
func isRandom(s string) bool {
	changes := 0
	for i := range len(s) {
		if i > 0 && ident.IsDigit(s[i]) != ident.IsDigit(s[i-1]) {
			changes++
		}
		if !ident.IsDigit(s[i]) && !isLetter(s[i]) {
			return false
		}
	}
	return changes >= 3
}

// fewDigits is how many digits after letters belong to a name (utf8, h264, HY000) and not to a number.
const fewDigits = 3

// writeNumbers replaces runs of digits, with their fraction.
func writeNumbers(b *strings.Builder, s string) {
	for i := 0; i < len(s); {
		if !ident.IsDigit(s[i]) {
			b.WriteByte(s[i])
			i++
			continue
		}
		end := i
		for end < len(s) && (ident.IsDigit(s[end]) || s[end] == '.' && end+1 < len(s) && ident.IsDigit(s[end+1])) {
			end++
		}
		if i > 0 && isLetter(s[i-1]) && end-i <= fewDigits {
			b.WriteString(s[i:end])
		} else {
			b.WriteString(tokenNumber)
		}
		i = end
	}
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }

// isID reports whether a key names something single: id, user_id, requestId, trace-id.
func isID(key string) bool {
	if i := strings.LastIndexAny(key, "_-."); i >= 0 {
		key = key[i+1:]
	}
	return strings.EqualFold(key, "id") || strings.EqualFold(key, "uuid") || strings.HasSuffix(key, "Id") || strings.HasSuffix(key, "ID")
}

// isHex reports whether a text is a hexadecimal number: 0x…, or eight digits or more of which some are letters
// and some are not.
func isHex(s string) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		return rest != "" && strings.Trim(rest, "0123456789abcdef") == ""
	}
	digits, letters := 0, 0
	for i := range len(s) {
		switch {
		case ident.IsDigit(s[i]):
			digits++
		case ident.IsHexDigit(s[i]):
			letters++
		default:
			return false
		}
	}
	return digits > 0 && letters > 0 && digits+letters >= 8
}

// isAddress reports whether a text is an IP address, of either version, with or without a port.
func isAddress(s string) bool {
	host, port, found := strings.Cut(s, ":")
	if found && strings.Trim(port, "0123456789") != "" || strings.Count(s, ":") > 1 {
		return strings.Count(s, ":") >= 2 && strings.Trim(s, "0123456789abcdefABCDEF:.") == "" && strings.ContainsAny(s, "0123456789") && !isClock(s)
	}
	parts := strings.Split(host, ".")
	if len(parts) != 4 {
		return false
	}
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

// isClock reports whether a text is a time of day: 12:03 or 12:03:04.567, possibly with a zone.
func isClock(s string) bool {
	return len(s) >= 5 && ident.IsDigit(s[0]) && ident.IsDigit(s[1]) && s[2] == ':' && ident.IsDigit(s[3]) && ident.IsDigit(s[4]) && (len(s) == 5 || strings.IndexByte(":.Z+-", s[5]) >= 0) &&
		strings.Trim(s, "0123456789:.Z+-") == ""
}

// isTime reports whether a text is a date, a time of day, or both as RFC 3339 writes them.
func isTime(s string) bool {
	if len(s) < 10 || s[4] != '-' && s[4] != '/' || s[7] != s[4] || strings.Trim(s[:4]+s[5:7]+s[8:10], "0123456789") != "" {
		return isClock(s)
	}
	return len(s) == 10 || (s[10] == 'T' || s[10] == 't' || s[10] == '_') && isClock(strings.TrimSuffix(strings.ToUpper(s[11:]), "Z"))
}
