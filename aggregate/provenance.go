// What is noted about an answer.

package aggregate

import "fmt"

// count adds a note about a number of things, where there are any.
func (p *Provenance) count(n uint64, format string) {
	if n > 0 {
		p.Note = joinNotes(p.Note, fmt.Sprintf(format, n))
	}
}

func joinNotes(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
