package failures

import "strings"

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
	return c == '-' || c == '.' || c == '_' || c == ':' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func writePart(b *strings.Builder, part string) {
	switch {
	case isUUID(part):
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
		if i > 0 && isDigit(s[i]) != isDigit(s[i-1]) {
			changes++
		}
		if !isDigit(s[i]) && !isLetter(s[i]) {
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
		if !isDigit(s[i]) {
			b.WriteByte(s[i])
			i++
			continue
		}
		end := i
		for end < len(s) && (isDigit(s[end]) || s[end] == '.' && end+1 < len(s) && isDigit(s[end+1])) {
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

// isUUID reports whether a text is 8-4-4-4-12 hexadecimal digits.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
		} else if !isHexDigit(s[i]) {
			return false
		}
	}
	return true
}

func isHexDigit(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// isHex reports whether a text is a hexadecimal number: 0x…, or eight digits or more of which some are letters
// and some are not.
func isHex(s string) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		return rest != "" && strings.Trim(rest, "0123456789abcdef") == ""
	}
	digits, letters := 0, 0
	for i := range len(s) {
		switch {
		case isDigit(s[i]):
			digits++
		case isHexDigit(s[i]):
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
	return len(s) >= 5 && isDigit(s[0]) && isDigit(s[1]) && s[2] == ':' && isDigit(s[3]) && isDigit(s[4]) && (len(s) == 5 || strings.IndexByte(":.Z+-", s[5]) >= 0) &&
		strings.Trim(s, "0123456789:.Z+-") == ""
}

// isTime reports whether a text is a date, a time of day, or both as RFC 3339 writes them.
func isTime(s string) bool {
	if len(s) < 10 || s[4] != '-' && s[4] != '/' || s[7] != s[4] || strings.Trim(s[:4]+s[5:7]+s[8:10], "0123456789") != "" {
		return isClock(s)
	}
	return len(s) == 10 || (s[10] == 'T' || s[10] == 't' || s[10] == '_') && isClock(strings.TrimSuffix(strings.ToUpper(s[11:]), "Z"))
}
