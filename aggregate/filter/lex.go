package filter

import (
	"fmt"
	"strings"
	"unicode"
)

// MaxLength is the longest filter text, in runes.
const MaxLength = 4096

// Error says what is wrong with a filter text and where.
type Error struct {
	Column  int // 1-based, in runes
	Message string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Message) }

// fail makes an error at a 0-based place.
func fail(at int, format string, args ...any) *Error {
	return &Error{Column: at + 1, Message: fmt.Sprintf(format, args...)}
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenString
	tokenCompare // = != =~ !~ > >= < <=
	tokenBelow   // >>
	tokenAnd
	tokenOr
	tokenNot
	tokenOpen // (
	tokenClose
	tokenBrace // {
	tokenUnbrace
)

// token is a piece of the text. text is the content of strings and words, else the sign.
type token struct {
	kind     tokenKind
	text     string
	from, to int // runes
}

// signs are the operators, longest first.
var signs = [...]struct {
	text string
	kind tokenKind
}{
	{"&&", tokenAnd}, {"||", tokenOr}, {"==", tokenCompare}, {"=~", tokenCompare}, {"!=", tokenCompare},
	{"!~", tokenCompare}, {">=", tokenCompare}, {"<=", tokenCompare}, {">>", tokenBelow},
	{"=", tokenCompare}, {">", tokenCompare}, {"<", tokenCompare}, {"!", tokenNot},
	{"(", tokenOpen}, {")", tokenClose}, {"{", tokenBrace}, {"}", tokenUnbrace},
}

// lex splits the text. It always ends with a tokenEnd; on an error the tokens before it are returned.
func lex(text []rune) ([]token, *Error) {
	var out []token
	at := 0
	for {
		for at < len(text) && unicode.IsSpace(text[at]) {
			at++
		}
		if at == len(text) {
			return append(out, token{tokenEnd, "", at, at}), nil
		}
		t, err := next(text, at)
		if err != nil {
			return append(out, token{tokenEnd, "", at, at}), err
		}
		out = append(out, t)
		at = t.to
	}
}

func next(text []rune, at int) (token, *Error) {
	if isQuote(text[at]) {
		return quoted(text, at)
	}
	if isWordRune(text[at]) {
		return word(text, at)
	}
	for _, s := range signs {
		if n := len(s.text); at+n <= len(text) && string(text[at:at+n]) == s.text {
			t := token{s.kind, s.text, at, at + n}
			if t.text == "==" {
				t.text = "="
			}
			return t, nil
		}
	}
	return token{}, fail(at, "a single %q means nothing here; and is &&, or is ||", string(text[at]))
}

func isQuote(r rune) bool { return r == '"' || r == '\'' || r == '`' }

// isWordRune tells what a word without quotes may hold.
func isWordRune(r rune) bool {
	return !unicode.IsSpace(r) && !isQuote(r) && !strings.ContainsRune("=!<>&|(){}", r)
}

// word reads an unquoted word. After the prefix of an attribute scope a quoted key may follow.
func word(text []rune, at int) (token, *Error) {
	to := at
	for to < len(text) && isWordRune(text[to]) {
		to++
	}
	t := token{tokenWord, string(text[at:to]), at, to}
	if to < len(text) && isQuote(text[to]) && isScopePrefix(t.text) {
		key, err := quoted(text, to)
		if err != nil {
			return key, err
		}
		t.text, t.to = t.text+key.text, key.to
	}
	return t, nil
}

// quoted reads a string. In " and ' a backslash escapes the quote and itself and is literal otherwise, so
// that regular expressions need no doubling; in ` nothing is escaped.
func quoted(text []rune, at int) (token, *Error) {
	quote := text[at]
	var b strings.Builder
	for i := at + 1; i < len(text); i++ {
		r := text[i]
		if r == '\\' && quote != '`' && i+1 < len(text) && (text[i+1] == quote || text[i+1] == '\\') {
			i++
			b.WriteRune(text[i])
			continue
		}
		if r == quote {
			return token{tokenString, b.String(), at, i + 1}, nil
		}
		b.WriteRune(r)
	}
	return token{}, fail(at, "this quote is not closed")
}

// quote writes a string so that quoted reads it back.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
