// What is noted about an answer.

package aggregate

import (
	"strings"

	"oteltop/aggregate/prose"
)

// count adds a note about a number of things, where there are any.
func (p *Provenance) count(n uint64, format string) {
	if n > 0 {
		p.AddNote(strings.Replace(format, "%d", prose.Count(n), 1))
	}
}

// AddNote adds to what a reader must know, behind what is noted already; nothing where the text is empty.
func (p *Provenance) AddNote(text string) { p.Note = joinNotes(p.Note, text) }

func joinNotes(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
