package filter

import (
	"errors"
	"strings"
	"testing"
)

func TestCanonicalForm(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`service = "cart" && duration > 100ms && span.http.route =~ "/api/.*"`, `{ service = "cart" && duration > 100ms && span.http.route =~ "/api/.*" }`},
		{`{status=error}`, `{ status = "error" }`},
		{`{}`, `{}`},
		{`cart`, `{ "cart" }`},
		{`!cart`, `{ !"cart" }`},
		{`error`, `{ status = "error" }`},
		{`!error`, `{ status != "error" }`},
		{`"error"`, `{ "error" }`},
		{`>500ms`, `{ duration > 500ms }`},
		{`cart >500ms`, `{ "cart" && duration > 500ms }`},
		{`cart > 500ms`, `{ .cart > 500ms }`},
		{`span.cart >500ms`, `{ span.cart > 500ms }`},
		{`duration >500ms`, `{ duration > 500ms }`},
		{`http.status_code=500 cart`, `{ .http.status_code = 500 && "cart" }`},
		{`resource.k8s.pod.name = 'x y'`, `{ resource.k8s.pod.name = "x y" }`},
		{`."odd key" = nil`, `{ ."odd key" = nil }`},
		{`span."a=b"=c`, `{ span."a=b" = "c" }`},
		{`"odd key"=1`, `{ ."odd key" = 1 }`},
		{`a || b && c`, `{ "a" || ("b" && "c") }`},
		{`a b || c`, `{ ("a" && "b") || "c" }`},
		{`!(a && span.x = 1)`, `{ !"a" || span.x != 1 }`},
		{`!(a || !b)`, `{ !"a" && "b" }`},
		{`!!a`, `{ "a" }`},
		{`!(duration > 1s)`, `{ duration <= 1s }`},
		{`{a} && {b}`, `{ "a" } && { "b" }`},
		{`{a} {b}`, `{ "a" } && { "b" }`},
		{`{a} >> {b} > {c}`, `({ "a" } >> { "b" }) > { "c" }`},
		{`({a} >> {b}) && span.x = "y"`, `({ "a" } >> { "b" }) && { span.x = "y" }`},
		{`{a} && (b || c)`, `{ "a" } && { "b" || "c" }`},
		{`{a} || {b} && {c}`, `{ "a" } || ({ "b" } && { "c" })`},
		{`{} !> {parentId != nil} > {a}`, `({} !> { parentId != nil }) > { "a" }`},
		{`{a} !> ({b} || {c})`, `{ "a" } !> ({ "b" } || { "c" })`},
		{`{a} !>500ms`, `{ "a" } && { duration <= 500ms }`},
		{`!{a}`, `!{ "a" }`},
		{`!!{a}`, `!!{ "a" }`},
		{`(b c) && !{a && !d}`, `{ "b" && "c" } && !{ "a" && !"d" }`},
		{`!({a} && !{b})`, `!({ "a" } && !{ "b" })`},
		{`trace:rootName = x`, `{ rootName = "x" }`},
		{`kind=CLIENT`, `{ kind = "client" }`},
		{`id = ABCDEF`, `{ id = "abcdef" }`},
		{`name =~ "\d+"`, `{ name =~ "\\d+" }`},
		{"name = `a\\b`", `{ name = "a\\b" }`},
		{`service == cart`, `{ service = "cart" }`},
		{`service = 500`, `{ service = "500" }`},
		{`span.x = true && span.y = "true"`, `{ span.x = true && span.y = "true" }`},
		{`span.x = inf`, `{ span.x = "inf" }`},
		{`event:name = "exception" && event.exception.type != nil`, `{ event:name = "exception" && event.exception.type != nil }`},
		{`parentId = nil`, `{ parentId = nil }`},
		{`name="日本"`, `{ name = "日本" }`},
	} {
		e, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if e.String() != c.text {
			t.Errorf("String is %q, want the text %q", e.String(), c.text)
		}
		if e.Canonical() != c.want {
			t.Errorf("%s: got %s, want %s", c.text, e.Canonical(), c.want)
		}
		again, err := Parse(c.want)
		if err != nil || again.Canonical() != c.want {
			t.Errorf("%s is not stable: %v, %v", c.want, again, err)
		}
	}
}

func TestErrorsHaveAColumnAndAReason(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		part   string
	}{
		{``, 1, "empty"},
		{`   `, 1, "empty"},
		{`service =`, 10, "missing"},
		{`service = && a`, 11, "missing"},
		{`name = "日本`, 8, "not closed"},
		{`日本 & b`, 4, "&&"},
		{`(a`, 1, "not closed"},
		{`a)`, 2, "not opened"},
		{`{a`, 1, "not closed"},
		{`{a}}`, 4, "not opened"},
		{`duration > 100`, 12, "unit"},
		{`duration =~ 1s`, 13, "takes"},
		{`service > a`, 11, "only"},
		{`status = bad`, 10, "one of"},
		{`kind = bad`, 8, "one of"},
		{`service = nil`, 11, "always"},
		{`span.x > nil`, 10, "nil"},
		{`span. = 1`, 6, "missing"},
		{`span.x`, 7, "compare"},
		{`span:foo = 1`, 1, "no field"},
		{`name =~ "("`, 9, "regular"},
		{`a and b`, 3, "&&"},
		{`!{a`, 2, "not closed"},
		{`!{a} !`, 7, "missing"},
		{`a &&`, 5, "missing"},
		{`>> b`, 1, "{…}"},
		{`= b`, 1, "field"},
		{`""`, 1, "empty word"},
		{strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), 65, "nested"},
		{strings.Repeat("a", MaxLength+1), MaxLength + 1, "at most"},
		{strings.Repeat("{a} ", maxSets+1), 4*maxSets + 2, "pairs"},
		{`name =~ "` + strings.Repeat("[ab]{1000}", 12) + `"`, 9, "too large"},
	} {
		_, err := Parse(c.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an *Error", c.text, err)
			continue
		}
		if e.Column != c.column || !strings.Contains(e.Message, c.part) {
			t.Errorf("%s: got column %d %q, want column %d and %q", c.text, e.Column, e.Message, c.column, c.part)
		}
	}
}

func TestReferenceExamplesParse(t *testing.T) {
	for _, term := range Reference() {
		if strings.ContainsAny(term.Example, "…~<,") || strings.HasSuffix(term.Example, "key") {
			continue // lists of signs and patterns, not filters
		}
		if _, err := Parse(term.Example); err != nil {
			t.Errorf("%s: %v", term.Example, err)
		}
	}
}

type catalog struct{}

func (catalog) Keys() []string {
	return []string{"span.http.route", "resource.host.name", "span.odd key"}
}

func (catalog) Values(key string) []string {
	return map[string][]string{
		"service":         {"cart", "checkout"},
		"span.http.route": {"/cart", "/pay"},
	}[key]
}

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		text   string // the cursor is at |
		first  string
		from   int
		to     int
		absent bool // nothing is suggested
	}{
		{text: `serv|`, first: "service", from: 0, to: 4},
		{text: `a && serv|x`, first: "service", from: 5, to: 10},
		{text: `route|`, first: "span.http.route", from: 0, to: 5},
		{text: `odd|`, first: `span."odd key"`, from: 0, to: 3},
		{text: `service |`, first: "=", from: 8, to: 8},
		{text: `duration |`, first: ">", from: 9, to: 9},
		{text: `service = |`, first: `"cart"`, from: 10, to: 10},
		{text: `service = "che|`, first: `"checkout"`, from: 10, to: 14},
		{text: `http.route = /p|`, first: `"/pay"`, from: 13, to: 15},
		{text: `status=e|`, first: "error", from: 7, to: 8},
		{text: `>|`, first: "10ms", from: 1, to: 1},
		{text: `service = "zzz|`, absent: true},
		{text: `|`, first: "service"},
	} {
		cursor := strings.IndexByte(c.text, '|')
		got := Complete(strings.Replace(c.text, "|", "", 1), cursor, catalog{})
		if c.absent != (len(got) == 0) {
			t.Errorf("%s: %d suggestions", c.text, len(got))
		} else if len(got) > 0 && (got[0].Text != c.first || got[0].From != c.from || got[0].To != c.to) {
			t.Errorf("%s: got %+v", c.text, got[0])
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`service = "cart" && duration > 100ms`, `{a} >> {b} || !(c d)`, `span."x y" != nil`, `>500ms error`, `a =~ "(b|c)*"`,
		"`\\`", `"\\\""`, `((((`, `!{}`, `x >5s`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		Complete(text, len(text)/2, catalog{})
		e, err := Parse(text)
		if err != nil {
			var p *Error
			if !errors.As(err, &p) || p.Column < 1 || p.Column > len([]rune(text))+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		form := e.Canonical()
		again, err := Parse(form)
		if err != nil {
			var p *Error
			if errors.As(err, &p) && len([]rune(form)) > MaxLength {
				return // quotes and spaces make it longer than what was typed
			}
			t.Fatalf("%q became %q: %v", text, form, err)
		}
		if again.Canonical() != form {
			t.Fatalf("%q became %q, then %q", text, form, again.Canonical())
		}
	})
}
