// Text broken into lines.

package ui

import (
	"strings"

	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// prose is a sentence broken into lines, kept while neither it nor the room changes: a frame allocates nothing.
type prose struct {
	of    model.Text
	w, h  int
	lines []model.Text
	more  bool // than there is room for
}

// draw draws a sentence into an area, in as many lines as it takes and returns how many those are.
func (p *prose) draw(a canvas.Area, of model.Text, s themes.Style, f *Frame) int {
	p.lay(of, a.W, a.H)
	p.paint(a, s, f)
	return len(p.lines)
}

// paint draws the lines that were laid last.
func (p *prose) paint(a canvas.Area, s themes.Style, f *Frame) {
	for y, line := range p.lines {
		x := a.Text(0, y, line, s)
		if p.more && y == len(p.lines)-1 {
			a.Rune(min(x, a.W-1), y, f.G.Ellipsis, s)
		}
	}
}

// lay breaks a sentence into at most h lines of w columns and returns how many they are.
func (p *prose) lay(of model.Text, w, h int) int {
	if p.of != of || p.w != w || p.h != h {
		p.of, p.w, p.h = of, w, h
		p.lines, p.more = wrapText(of.String(), w, h)
	}
	return len(p.lines)
}

// wrapText breaks raw text into lines of at most width columns: at its own line ends, else after a blank or
// a separator in the second half, else anywhere. Tabs become blanks. At most limit lines are made; more
// tells that there was more.
func wrapText(raw string, width, limit int) (lines []model.Text, more bool) {
	width = max(1, width)
	for rest := strings.TrimRight(raw, "\r\n"); ; {
		line, tail, found := strings.Cut(rest, "\n")
		line = strings.TrimSuffix(strings.ReplaceAll(line, "\t", "    "), "\r")
		safe := model.Sanitise(line).String()
		for {
			if len(lines) == limit {
				return lines, true
			}
			n := breakAt(safe, width)
			lines = append(lines, model.Sanitise(safe[:n]))
			if safe = safe[n:]; safe == "" {
				break
			}
		}
		if !found {
			return lines, false
		}
		rest = tail
	}
}

// breakAt is how many bytes of a line fit into width columns, at least one grapheme.
func breakAt(line string, width int) int {
	at, columns, soft := 0, 0, 0
	before := ""
	for at < len(line) {
		g, w := ansi.FirstGraphemeCluster(line[at:], ansi.GraphemeWidth)
		if columns+w > width && at > 0 {
			if soft > 0 {
				return soft
			}
			return at
		}
		at += max(1, len(g))
		columns += w
		if columns > width/2 && breaksAfter(before, g, line[at:]) {
			soft = at
		}
		before = g
	}
	return at
}

// breaksAfter reports whether a line may end after a grapheme: blanks and separators; dots and brackets only
// before a letter, so that figures stay whole, and no bracket that a remark begins with, nor the slash of a path.
func breaksAfter(before, g, rest string) bool {
	if rest != "" && strings.IndexByte(":;,.)", rest[0]) >= 0 { // these stay with what they end
		return false
	}
	if (g == "(" || g == "/") && before == " " || g != " " && strings.HasPrefix(rest, " ") { // there it breaks before, or after the blank
		return false
	}
	if g == "." || g == "(" {
		return rest != "" && rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z'
	}
	if g == "," { // not within 4,120
		return rest == "" || rest[0] < '0' || rest[0] > '9'
	}
	return strings.ContainsAny(g, " /;&?|)")
}

// dedent takes away what all lines of a text are indented by, and blank lines around it: statements come as
// they stood in the source code.
func dedent(raw string) string {
	if !strings.Contains(raw, "\n") {
		return raw
	}
	lines := strings.Split(raw, "\n")
	for len(lines) > 1 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	least := -1
	for _, l := range lines {
		if n := len(l) - len(strings.TrimLeft(l, " \t")); strings.TrimSpace(l) != "" && (least < 0 || n < least) {
			least = n
		}
	}
	for i, l := range lines {
		lines[i] = l[min(len(l), max(0, least)):]
	}
	return strings.TrimRight(strings.Join(lines, "\n"), " \t\r\n")
}

// wrapWords breaks prose between words into lines of at most width columns; a longer word has a line of its
// own.
func wrapWords(s string, width int) []string {
	var ls []string
	line, room := "", 0
	for _, word := range strings.Fields(s) {
		w := canvas.Width(model.Sanitise(word))
		if line != "" && w+1 > room {
			ls = append(ls, line)
			line = ""
		}
		if line == "" {
			line, room = word, width-w
			continue
		}
		line, room = line+" "+word, room-w-1
	}
	return append(ls, line)
}
