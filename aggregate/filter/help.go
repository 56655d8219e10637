package filter

// Term is a line of the reference: an example of a construct, and what it means.
type Term struct{ Example, Meaning string }

// Reference lists the language, for help.
func Reference() []Term {
	terms := []Term{
		{`cart`, "a part of the service, operation or (from 6 hex digits) id, in either case"},
		{`error`, "status = error"},
		{`>500ms`, "duration > 500ms; units ns us ms s m h"},
		{`http.route=/cart`, "attribute of the span, else of its resource; quotes only where needed"},
	}
	for _, s := range fieldSpecs {
		terms = append(terms, Term{s.name, s.note})
	}
	for _, s := range scopeSpecs {
		if s.prefix != "instrumentation." {
			terms = append(terms, Term{s.prefix + "key", s.note})
		}
	}
	return append(terms,
		Term{`= != > >= < <=`, "compare; numbers and durations also inside strings"},
		Term{`=~ !~`, "regular expression (RE2) on the whole value: \".*part.*\" for a part"},
		Term{`span.x = nil`, "spans without x; != nil: with x"},
		Term{`span.x != "a"`, "spans that have x with another value; false where x is missing"},
		Term{`a b, a && b`, "both, of the same span"},
		Term{`a || b, !a, (a)`, "either; not; group"},
		Term{`{ a } && { b }`, "traces with a span a and a span b; || likewise"},
		Term{`!{ a }`, "traces without a span a"},
		Term{`{ a } > { b }`, "spans b whose parent is an a"},
		Term{`{ a } >> { b }`, "spans b below an a"},
		Term{`{ a } !> { b }`, "spans b whose parent is no a; {} !> { parentId != nil }: it never came"},
		Term{`"…" '…' ` + "`…`", "strings; `…` takes backslashes as they are"},
	)
}
