package modeltest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"oteltop/model"
)

// Base is time zero of drawn and generated traces: 2023-11-14T22:13:20Z in Unix ns.
const Base int64 = 1_700_000_000_000_000_000

// Spans parses a drawing and fails the test where it cannot be read.
func Spans(tb testing.TB, drawing string) []model.Span {
	tb.Helper()
	spans, err := Parse(drawing)
	if err != nil {
		tb.Fatal(err)
	}
	return spans
}

// Trace parses the drawing of one trace and links it.
func Trace(tb testing.TB, drawing string) *model.Trace {
	tb.Helper()
	spans := Spans(tb, drawing)
	if len(spans) == 0 {
		tb.Fatal("modeltest: the drawing holds no span")
	}
	return model.NewTrace(spans[0].TraceID, spans, nil)
}

// Parse reads a drawing; the package comment tells the language. Errors name the line.
func Parse(drawing string) ([]model.Span, error) {
	p := parser{trace: model.TraceID{Lo: 1}, resources: make(map[string]*model.Resource)}
	for i, line := range strings.Split(drawing, "\n") {
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("modeltest: line %d %q: %w", i+1, strings.TrimSpace(line), err)
		}
	}
	return p.spans, nil
}

type parser struct {
	trace     model.TraceID
	spans     []model.Span
	open      []ancestor // the lines that a deeper line may be a child of
	resources map[string]*model.Resource
}

type ancestor struct {
	indent int
	id     model.SpanID
}

func (p *parser) line(line string) error {
	text := strings.TrimSpace(line)
	if text == "" || strings.HasPrefix(text, "#") {
		return nil
	}
	words, err := split(text)
	if err != nil {
		return err
	}
	if words[0] == "trace" && len(words) == 2 {
		id, err := strconv.ParseUint(words[1], 16, 64)
		p.trace, p.open = model.TraceID{Lo: id}, nil
		return err
	}
	at, err := rangeIndex(words)
	if err != nil {
		return err
	}
	s := model.Span{TraceID: p.trace, ID: model.SpanID(len(p.spans) + 1), Name: strings.Join(words[1:at-1], " ")}
	if s.Kind, err = kind(words[at-1]); err != nil {
		return err
	}
	if s.Start, s.End, err = interval(words[at]); err != nil {
		return err
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	for len(p.open) > 0 && p.open[len(p.open)-1].indent >= indent {
		p.open = p.open[:len(p.open)-1]
	}
	if len(p.open) > 0 {
		s.Parent = p.open[len(p.open)-1].id
	}
	resource, err := extras(&s, words[at+1:])
	if err != nil {
		return err
	}
	s.Resource = p.resource(words[0], resource)
	p.open = append(p.open, ancestor{indent, s.ID})
	p.spans = append(p.spans, s)
	return nil
}

// resource makes equal resources one.
func (p *parser) resource(service string, more []model.Attribute) *model.Resource {
	key := fmt.Sprint(service, more)
	if r := p.resources[key]; r != nil {
		return r
	}
	r := &model.Resource{Service: model.UnknownService, Attributes: more}
	if service != "-" {
		r.Service = service
		r.Attributes = append([]model.Attribute{{Key: "service.name", Value: model.StringValue(service)}}, more...)
	}
	p.resources[key] = r
	return r
}

// split cuts a line into words at blanks outside of double quotes, and drops the quotes.
func split(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quoted, started := false, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted, started = !quoted, true
		case !quoted && (r == ' ' || r == '\t'):
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quote is not closed")
	}
	if started {
		words = append(words, word.String())
	}
	return words, nil
}

// rangeIndex finds the word that is the interval; before it stand service, operation and kind.
func rangeIndex(words []string) (int, error) {
	for i := 3; i < len(words); i++ {
		if _, _, err := interval(words[i]); err == nil {
			return i, nil
		}
	}
	return 0, fmt.Errorf("want: service operation kind start..end")
}

func kind(word string) (model.Kind, error) {
	for k := model.KindUnspecified; k <= model.KindConsumer; k++ {
		if word == k.String() {
			return k, nil
		}
	}
	return 0, fmt.Errorf("%q is no kind", word)
}

func interval(word string) (start, end int64, err error) {
	from, to, ok := strings.Cut(word, "..")
	if !ok {
		return 0, 0, fmt.Errorf("%q is no interval", word)
	}
	if start, err = instant(from); err != nil {
		return 0, 0, err
	}
	end, err = instant(to)
	return start, end, err
}

func instant(word string) (int64, error) {
	if ms, err := strconv.ParseFloat(word, 64); err == nil {
		return Base + int64(ms*1e6), nil
	}
	d, err := time.ParseDuration(word)
	return Base + int64(d), err
}

// extras applies what follows the interval, and returns the attributes of the resource.
func extras(s *model.Span, words []string) (resource []model.Attribute, err error) {
	for _, w := range words {
		key, value, assigned := strings.Cut(w, "=")
		switch {
		case key == "error":
			s.Status, s.StatusText = model.StatusError, value
		case w == "ok":
			s.Status = model.StatusOK
		case !assigned:
			return nil, fmt.Errorf("%q is not understood", w)
		case key == "id" || key == "parent":
			id, err := strconv.ParseUint(value, 16, 64)
			if err != nil {
				return nil, err
			}
			if key == "id" {
				s.ID = model.SpanID(id)
			} else {
				s.Parent = model.SpanID(id)
			}
		case strings.HasPrefix(key, "@"):
			resource = append(resource, model.Attribute{Key: key[1:], Value: guess(value)})
		default:
			s.Attributes = append(s.Attributes, model.Attribute{Key: key, Value: guess(value)})
		}
	}
	return resource, nil
}

// guess makes a value of the type that the text looks like.
func guess(text string) model.Value {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return model.IntValue(n)
	}
	switch text {
	case "true", "false":
		return model.BoolValue(text == "true")
	}
	return model.StringValue(text)
}
