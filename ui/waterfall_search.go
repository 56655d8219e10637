// Waterfall: search in names and attributes.

package ui

import (
	"strings"
	"unicode/utf8"

	"oteltop/model"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

const (
	// searchMax bounds what can be typed.
	searchMax = 200
	// searchDeep is the number of spans up to which every key searches attributes as well; above it typing
	// searches names and services, and Enter everything, so that a key never takes longer than a frame.
	searchDeep = 10_000
)

// search finds spans by text: in service, operation, id, status, attributes, events, whatever their case.
type search struct {
	typing bool
	text   string // lower case
	input  string // as typed
	found  []bool // per node; nil: not searched
	count  int
	deep   bool // attributes were searched too
}

// stale drops what was found: nodes are other ones now.
func (s *search) stale() { s.found = nil }

// hit reports whether a node was found.
func (s *search) hit(node int32) bool { return s.found != nil && s.found[node] }

// hitsEntry reports whether an entry of the details contains the text.
func (s *search) hitsEntry(e *paneEntry) bool {
	return s.text != "" && (containsFold(e.key, s.text) || containsFold(e.text, s.text))
}

// run searches the trace. Operations are looked at once each, however many spans they have.
func (s *search) run(m *traceModel, deep bool) {
	s.text = strings.ToLower(s.input)
	s.count = 0
	if s.text == "" {
		s.found = nil
		return
	}
	s.deep = deep || len(m.t.Spans) <= searchDeep
	s.found = make([]bool, len(m.t.Tree.Nodes))
	names := map[uint32]bool{}
	shared := map[*model.Resource]bool{}
	for i := range s.found {
		n := int32(i)
		if !m.real(n) {
			s.found[i] = strings.Contains(m.missing[n].String(), s.text)
		} else {
			op := m.head(n).Op
			hit, known := names[op]
			if !known {
				hit = containsFold(m.span(n).Name, s.text) || containsFold(m.service(n), s.text)
				names[op] = hit
			}
			s.found[i] = hit || s.deep && (s.inSpan(m.span(n), shared) || s.inLogs(m, n))
		}
		if s.found[i] {
			s.count++
		}
	}
}

// inSpan searches what is not the operation.
func (s *search) inSpan(sp *model.Span, shared map[*model.Resource]bool) bool {
	if len(s.text) == 16 && sp.ID.String() == s.text || containsFold(sp.StatusText, s.text) || s.inAttributes(sp.Attributes) {
		return true
	}
	for i := range sp.Events {
		if containsFold(sp.Events[i].Name, s.text) || s.inAttributes(sp.Events[i].Attributes) {
			return true
		}
	}
	if sp.Resource == nil {
		return false
	}
	hit, known := shared[sp.Resource]
	if !known {
		hit = s.inAttributes(sp.Resource.Attributes)
		shared[sp.Resource] = hit
	}
	return hit
}

func (s *search) inAttributes(as []model.Attribute) bool {
	for i := range as {
		v := as[i].Value
		text := v.Str()
		if k := v.Kind(); k != model.ValueString {
			text = v.String()
		}
		if containsFold(as[i].Key, s.text) || containsFold(text, s.text) {
			return true
		}
	}
	return false
}

// containsFold reports whether s contains lower, which is in lower case; without an allocation for ASCII.
func containsFold(s, lower string) bool {
	if len(lower) > len(s) {
		return false
	}
	c := lower[0]
	if c >= utf8.RuneSelf {
		return strings.Contains(strings.ToLower(s), lower)
	}
	for i := 0; i+len(lower) <= len(s); i++ {
		if lowerASCII(s[i]) == c && foldPrefix(s[i:], lower) {
			return true
		}
	}
	return false
}

// foldPrefix reports whether s, in lower case, starts with lower.
func foldPrefix(s, lower string) bool {
	for i := range len(lower) {
		if lower[i] >= utf8.RuneSelf {
			return strings.HasPrefix(strings.ToLower(s), lower)
		}
		if lowerASCII(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// edit changes the input by a key; done tells that it was entered or given up.
func (s *search) edit(key, text string) (changed, done bool) {
	switch key {
	case "enter":
		s.typing = false
		return false, true
	case "esc", "ctrl+g":
		s.typing, s.input, s.text, s.found, s.count = false, "", "", nil, 0
		return false, true
	case "backspace":
		if s.input == "" {
			return s.edit("esc", "")
		}
		_, n := utf8.DecodeLastRuneInString(s.input)
		s.input = s.input[:len(s.input)-n]
		return true, false
	case "ctrl+u":
		s.input = ""
		return true, false
	}
	if text == "" || len(s.input)+len(text) > searchMax {
		return false, false
	}
	s.input += text
	return true, false
}

// place is which of what was found a node is, counted from 1.
func (s *search) place(node int32) (n int) {
	for _, hit := range s.found[:node+1] {
		if hit {
			n++
		}
	}
	return n
}

// draw shows the text and how often it was found; with the cursor on a match, which that is.
func (s *search) draw(a canvas.Area, at *waterfallRow, f *Frame) {
	var buf [32]byte
	b := buf[:0]
	if at != nil && at.group < 0 && s.hit(at.node) {
		b = append(num.Count(b, uint64(s.place(at.node))), " of "...)
	}
	b = append(num.Count(b, uint64(s.count)), " found"...)
	style := f.Theme.Dim
	switch {
	case s.text == "":
		b = b[:0]
	case s.count == 0:
		style = f.Theme.Warn
	}
	room := max(0, a.W-len(b)-4)
	a.Rune(1, 0, '/', f.Theme.Accent)
	x := 2 + a.Cut(2, 0, room, model.Sanitise(s.input), f.G.Ellipsis, f.Theme.Input)
	if s.typing {
		a.Sub(x, 0, 1, 1).Tint(f.Theme.Selected)
	}
	a.Figure(a.W-len(b)-1, 0, b, style)
}
