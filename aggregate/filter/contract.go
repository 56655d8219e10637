package filter

import "errors"

// The declarations of this file are what ui calls. The owner of this package moves and fills them in;
// names and signatures stay.

// MaxLength is the longest filter text, in runes.
const MaxLength = 4096

// Error says what is wrong with a filter text and where.
type Error struct {
	Column  int // 1-based, in runes
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Parse parses a filter; an error is an *Error.
func Parse(text string) (*Expr, error) {
	if text == "" {
		return nil, errors.New("empty")
	}
	return &Expr{text: text}, nil
}

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

// Complete suggests what may stand at the cursor (in runes); c may be nil.
func Complete(text string, cursor int, c Catalog) []Suggestion { return nil }

// Term is a line of the reference: an example of a construct, and what it means.
type Term struct{ Example, Meaning string }

// Reference lists the language, for help.
func Reference() []Term { return nil }
