// Lens 4, Findings: how the room is shared.

package ui

const (
	// evidenceLeast is the fewest rows that the evidence of a finding is worth.
	evidenceLeast = 7
	// evidenceWide is the width from which a trend stands beside the evidence; its own is trendWidth, or a third of
	// the screen up to trendWidest. trendRows are those that its charts and their axis take.
	evidenceWide = 110
	trendWidth   = 44
	trendWidest  = 72
	trendRows    = chartRows*int(charts) + 1
	// specialLeast is the fewest rows that an explanation is worth: title, column titles, some rows, one in words.
	specialLeast = 7
)

// findingsLayout is where the parts of the screen are; the zero rect: nowhere.
type findingsLayout struct {
	list     int  // rows, from the top
	evidence rect // all that is said of the finding under the cursor, a rule above it

	words, chart, examples, special rect // parts of evidence
}

// lay shares a screen of a size: the list has up to half of it, below is all that is known of the finding under the
// cursor. Of that, an explanation gets room before each figure has a line of its own.
func (s *Findings) lay(w, h int) (l findingsLayout) {
	l.list = s.listRows(w, h)
	r := s.selected()
	if r == nil || h-1-l.list < 2 {
		return l
	}
	l.evidence = rect{0, l.list, w, h - 1 - l.list}
	l.words = rect{1, l.list + 1, w - 2, l.evidence.h - 1}
	end := l.words.y + l.words.h
	if w >= evidenceWide && r.trend() != nil {
		chart := max(trendWidth, min(trendWidest, w/3))
		l.chart = rect{1 + l.words.w - chart, l.words.y, chart, min(l.words.h, trendRows+1)}
		l.words.w -= chart + 3
	}
	least := r.wordsLeast(l.words.w)
	examples := s.examples.rows(l.words.h - least)
	l.words.h -= examples
	l.chart.h = min(l.chart.h, l.words.h)
	if short := l.words.h - specialLeast; r.explains() && short >= max(least, l.chart.h) {
		l.words.h = short
	}
	r.wrap(findingRoom{l.words.w, l.words.h, examples == 0})
	y := l.words.y + min(l.words.h, max(len(r.wrapped), l.chart.h))
	if examples > 0 {
		l.examples = rect{0, y, w, examples}
		y += examples
	}
	if r.explains() && end-y >= specialLeast {
		l.special = rect{0, y, w, min(end-y, max(specialLeast, s.special.height()))}
	}
	return l
}

// listRows is the height of the list, its title and a free line among it. Rows are of as many lines as the longest
// title needs, where all of them find room like that.
func (s *Findings) listRows(w, h int) int {
	s.table.tall = 1
	s.table.lay(w)
	tall := 1
	for _, id := range s.table.keys {
		tall = max(tall, s.rows[id].titleNeeds(s.table.w[findingsTitle]))
	}
	for tall = min(tall, titleMost); tall > 1; tall-- {
		if rows := tall*len(s.table.keys) + 2; rows <= h-1-max(evidenceLeast, h/4) {
			s.table.tall = tall
			return rows
		}
	}
	return min(len(s.table.keys)+2, h-1-max(evidenceLeast, h/2))
}
