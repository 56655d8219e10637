package patterns

import (
	"strings"

	"oteltop/aggregate/ident"
)

// tokenLeast is how long a part of a path with digits in it has to be for an identifier of any alphabet.
const tokenLeast = 16

// address writes the path of a URL over out, with identifiers replaced by ?, and the names of the parameters of its
// query without their values. Host and fragment are left out: the peer says where it leads.
func address(out []byte, url string) ([]byte, traits) {
	out, url = out[:0], cut(url)
	if i := strings.Index(url, "://"); i >= 0 {
		url = url[i+3:]
		if i = strings.IndexAny(url, "/?#"); i < 0 {
			i = len(url)
		}
		url = url[i:]
	}
	url, _, _ = strings.Cut(url, "#")
	path, query, asked := strings.Cut(url, "?")
	if path == "" {
		path = "/"
	}
	var t traits
	for at := 0; at < len(path); {
		if path[at] == '/' {
			out = append(out, '/')
			at++
			continue
		}
		part, _, _ := strings.Cut(path[at:], "/")
		at += len(part)
		if isToken(part) {
			t |= parametrised
			out = append(out, '?')
		} else {
			out = append(out, part...)
		}
	}
	if asked {
		out = append(out, '?')
	}
	for n := 0; query != ""; n++ {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(pair, "=")
		t |= parametrised
		if isPageKey(key) {
			t |= paged
		}
		if strings.Contains(value, "REDACTED") || strings.Contains(value, "***") {
			t |= sanitised
		}
		if n > 0 {
			out = append(out, '&')
		}
		out = append(out, key...)
	}
	return out, t
}

// isToken tells a part of a path that identifies something from one that says what it is.
func isToken(s string) bool {
	if l := identifier(s); l == len(s) {
		return true
	}
	digits := 0
	for i := range len(s) {
		switch {
		case ident.IsDigit(s[i]):
			digits++
		case s[i] == '@' || s[i] == '%' || s[i] == '*':
			return true
		}
	}
	return len(s) >= tokenLeast && digits >= 2 || len(s) > 2 && 2*digits >= len(s)
}

// isPageKey tells parameters by which clients ask for one page after the other.
func isPageKey(key string) bool {
	switch strings.ToLower(strings.NewReplacer("_", "", "-", "", "[", "", "]", "", "$", "", ".", "").Replace(key)) {
	case "page", "pageno", "pagenumber", "pageindex", "pagetoken", "nextpagetoken", "nexttoken", "offset", "pageoffset", "cursor", "pagecursor", "pageafter",
		"start", "startat", "startindex", "startafter", "startkey", "exclusivestartkey", "skip", "after", "before", "since", "sinceid", "maxid",
		"marker", "continue", "continuation", "continuationtoken", "scrollid", "from":
		return true
	}
	return false
}

// isPaged tells statements that read one page after the other, normalised and in capitals: the next takes where the
// previous one ended.
func isPaged(upper string) bool {
	first, _, _ := strings.Cut(upper, " ")
	switch first {
	case "FETCH", "SCAN", "SSCAN", "HSCAN", "ZSCAN", "GETMORE", "SCROLL":
		return true
	}
	for _, sign := range [...]string{" OFFSET ", "\"GETMORE\"", "\"SEARCH_AFTER\"", "\"SCROLL_ID\"", "EXCLUSIVESTARTKEY"} {
		if strings.Contains(upper, sign) {
			return true
		}
	}
	return false
}

// isPagedByKey tells statements that go on after the last key of the page before, unless they ask for one row only
// (asksForOne): … WHERE id > ? ORDER BY id LIMIT ?
func isPagedByKey(upper string) bool {
	return strings.Contains(upper, " LIMIT ?") && strings.Contains(upper, " ORDER BY ") && (strings.Contains(upper, "> ?") || strings.Contains(upper, "< ?"))
}

// asksForOne tells statements, as they are, that read a single row: the next event, the latest price. That is no page.
func asksForOne(text string) bool {
	const sign = "limit 1"
	for i := strings.LastIndexByte(text, '1'); i >= len(sign)-1; i = strings.LastIndexByte(text[:i], '1') {
		if strings.EqualFold(text[i+1-len(sign):i+1], sign) && (i+1 == len(text) || !isWord(text[i+1])) {
			return true
		}
	}
	return false
}

// isReadingStatement is isReading of a statement, normalised and in capitals.
func isReadingStatement(upper string) bool {
	verb, rest, _ := strings.Cut(upper, " ")
	switch verb {
	case "SELECT": // without FROM it asks for a function or for a sign of life; with FOR it locks
		return strings.Contains(rest, " FROM ") && !strings.Contains(rest, " FOR UPDATE") && !strings.Contains(rest, " FOR SHARE")
	case "WITH":
		return !strings.Contains(rest, "INSERT ") && !strings.Contains(rest, "UPDATE ") && !strings.Contains(rest, "DELETE ")
	}
	return isReading(verb)
}

// isReadingMethod tells remote procedures that by their name change nothing.
func isReadingMethod(name string) bool {
	name = name[strings.LastIndexAny(name, "/.")+1:]
	for _, verb := range [...]string{"Get", "List", "Find", "Search", "Query", "Read", "Fetch", "Lookup", "Check", "Count", "Describe", "BatchGet"} {
		if len(name) >= len(verb) && strings.EqualFold(name[:len(verb)], verb) {
			return true
		}
	}
	return false
}

// isReading tells statements and commands that change nothing. The list is closed: what it does not know may.
func isReading(verb string) bool {
	switch strings.ToUpper(verb) {
	case "SELECT", "WITH", "SHOW", "DESCRIBE", "FIND", "FINDONE", "AGGREGATE", "COUNT", "DISTINCT", "SEARCH", "MSEARCH", "QUERY", "SCAN",
		"GETITEM", "BATCHGETITEM", "GET", "MGET", "HGET", "HMGET", "HGETALL", "HKEYS", "HVALS", "LRANGE", "LINDEX", "LLEN", "SMEMBERS", "SISMEMBER",
		"SCARD", "ZRANGE", "ZSCORE", "ZCARD", "EXISTS", "STRLEN", "GETS":
		return true
	}
	return false
}
