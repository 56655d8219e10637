package ui

import (
	"strings"

	"oteltop/model"

	"github.com/charmbracelet/x/ansi"
)

// wrapText breaks raw text into lines of at most width columns: at its own line ends, else after a blank or
// a separator in the last third, else anywhere. Tabs become blanks. At most limit lines are made; more
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
		if columns > width*2/3 && breaksAfter(g, line[at:]) {
			soft = at
		}
	}
	return at
}

// breaksAfter reports whether a line may end after a grapheme: blanks and separators; dots and brackets only
// before a letter, so that figures stay whole.
func breaksAfter(g, rest string) bool {
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
