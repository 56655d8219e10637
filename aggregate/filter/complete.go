package filter

import (
	"cmp"
	"slices"
	"strings"
)

// maxSuggestions is more than a person looks through.
const maxSuggestions = 50

// Suggestion replaces the runes [From, To) of the text by Text; Note says what it is.
type Suggestion struct {
	From, To   int
	Text, Note string
}

// Catalog knows the attribute keys and values in the data; engines may implement it.
type Catalog interface {
	// Keys lists attribute keys with their scope: "span.http.route", "resource.service.version".
	Keys() []string
	// Values lists frequent values of a key as Keys gives it, or of service, name, kind, status, rootName.
	Values(key string) []string
}

// Complete suggests what may stand at the cursor (in runes): values after an operator, operators after a
// field and a space, else fields and attribute keys. Names that begin with what was typed come before
// those that contain it. c may be nil.
func Complete(text string, cursor int, c Catalog) []Suggestion {
	runes := []rune(text)
	cursor = max(0, min(cursor, len(runes), MaxLength))
	tokens, broken := lex(runes[:cursor])
	typed := token{kind: tokenEnd, from: cursor, to: cursor}
	if broken != nil { // a quote that is still open
		if at := tokens[len(tokens)-1].from; at < cursor && isQuote(runes[at]) {
			typed = token{tokenString, string(runes[at+1 : cursor]), at, cursor}
		}
	}
	tokens = tokens[:len(tokens)-1]
	if n := len(tokens); typed.kind == tokenEnd && n > 0 && tokens[n-1].kind == tokenWord && tokens[n-1].to == cursor {
		typed = tokens[n-1]
		tokens = tokens[:n-1]
	}
	// What follows the cursor within the same word is replaced with it.
	to := cursor
	for typed.kind == tokenWord && to < len(runes) && isWordRune(runes[to]) {
		to++
	}
	s := suggester{from: typed.from, to: to, typed: strings.ToLower(typed.text)}
	switch n := len(tokens); {
	case n > 1 && tokens[n-1].kind == tokenCompare && tokens[n-2].kind == tokenWord:
		s.values(tokens[n-2], c)
	case n > 0 && tokens[n-1].kind == tokenCompare:
		s.durations()
	case typed.kind == tokenEnd && n > 0 && isField(tokens[n-1]):
		s.operators(tokens[n-1])
	case typed.kind != tokenString:
		s.fields(c)
	}
	return s.ranked()
}

// isField reports whether a word can only be the left side of a comparison.
func isField(t token) bool {
	f, _, err := parseField(t)
	return t.kind == tokenWord && err == nil && (f != fieldAnyKey || strings.HasPrefix(t.text, "."))
}

// suggester collects what fits what was typed.
type suggester struct {
	from, to int
	typed    string
	out      []Suggestion
	rank     []int // parallel to out
}

// offer adds a suggestion that is replaced by text when name fits what was typed.
func (s *suggester) offer(name, text, note string) {
	lower := strings.ToLower(name)
	rank := 0
	switch {
	case lower == s.typed && text == name:
		return // nothing to complete
	case strings.HasPrefix(lower, s.typed):
	case strings.Contains(lower, s.typed):
		rank = 1
	default:
		return
	}
	s.out = append(s.out, Suggestion{s.from, s.to, text, note})
	s.rank = append(s.rank, rank)
}

func (s *suggester) ranked() []Suggestion {
	order := make([]int, len(s.out))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.rank[a], s.rank[b]) })
	var out []Suggestion
	for _, i := range order[:min(len(order), maxSuggestions)] {
		out = append(out, s.out[i])
	}
	return out
}

func (s *suggester) fields(c Catalog) {
	for _, f := range fieldSpecs {
		s.offer(f.name, f.name, f.note)
	}
	s.offer("error", "error", "status = error")
	if c != nil {
		for _, k := range c.Keys() {
			for _, p := range scopeSpecs {
				if key, ok := strings.CutPrefix(k, p.prefix); ok {
					s.offer(k, p.prefix+QuoteKey(key), p.note)
					break
				}
			}
		}
	}
	for _, p := range scopeSpecs {
		s.offer(p.prefix, p.prefix, p.note)
	}
}

// operators offers those that make sense for the values of a field.
func (s *suggester) operators(field token) {
	f, _, _ := parseField(field)
	spec, _ := specOf(f)
	signs := []string{"=", "!=", "=~", "!~"}
	switch spec.values {
	case sortDuration:
		signs = []string{">", ">=", "<", "<=", "=", "!="}
	case sortAny:
		signs = []string{"=", "!=", "=~", "!~", ">", ">=", "<", "<=", "= nil", "!= nil"}
	}
	for _, x := range signs {
		s.offer(x, x, "compare "+field.text)
	}
}

// values offers the values that a field may have, or has in the catalog.
func (s *suggester) values(field token, c Catalog) {
	f, key, err := parseField(field)
	if err != nil {
		return
	}
	spec, _ := specOf(f)
	switch spec.values {
	case sortKind, sortStatus:
		for _, v := range strings.Split(spec.note, ", ") {
			s.offer(v, v, spec.name)
		}
		return
	case sortDuration:
		s.durations()
		return
	}
	if c == nil {
		return
	}
	seen := map[string]bool{}
	for _, name := range catalogNames(f, key) {
		for _, v := range c.Values(name) {
			if !seen[v] {
				seen[v] = true
				s.offer(v, quote(v), name)
			}
		}
	}
}

// catalogNames are the keys under which a catalog knows the values of a field.
func catalogNames(f field, key string) []string {
	switch {
	case f == fieldAnyKey:
		return []string{"span." + key, "resource." + key}
	case key == "":
		spec, _ := specOf(f)
		return []string{spec.name}
	}
	var names []string
	for _, p := range scopeSpecs {
		if p.field == f {
			names = append(names, p.prefix+key)
		}
	}
	return names
}

func (s *suggester) durations() {
	for _, d := range [...]string{"10ms", "100ms", "500ms", "1s", "5s", "1m"} {
		s.offer(d, d, "duration")
	}
}
