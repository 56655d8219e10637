// Lens 7, Compare: how changes and call paths share the screen.

package ui

// Room of the parts of the screen.
const (
	compareBeside = 150 // columns from which on changes and tree stand side by side
	pathsWidth    = 88  // columns in which the tree has its figures beside names of usual length
	pathsLeast    = 6   // rows that a tree needs below the changes; else it takes their place
	changesLeast  = 9
	headFigures   = 28 // what the title leaves for which baseline it is, and how many traces
)

// Rows below the changes that say in words what the selected one is and how sure that is, and how many there are: with
// both sentences in two lines or, where rows are left, one of them in three; with one of them in two lines where few rows
// are to hold the tree as well.
const (
	changeWords     = 5
	changeWordsMost = 6
	changeWordsLow  = 4
)

// compareRoom is the most that changes took of a screen since what is compared, or the screen, became another: while
// answers come with a change more or less, nothing moves to and fro.
type compareRoom struct {
	body  rect
	about compareAbout
	sure  int // rows of changes that are sure
	rows  int // and with those that are not
}

// take notes how many rows there are now.
func (m *compareRoom) take(body rect, c *Compare) {
	about := c.asked
	if c.answer != nil {
		about.wanted = c.chosen()
	}
	if m.body != body || m.about != about {
		*m = compareRoom{body: body, about: about}
	}
	m.sure, m.rows = max(m.sure, c.sure()), max(m.rows, len(c.rows))
}

// divide shares the room among changes and tree.
func (c *Compare) divide(body rect) {
	c.room.take(body, c)
	c.words.rows = changeWords
	low := body.h < lowHeight
	switch {
	case body.w >= compareBeside && c.room.sure+1+changeWords > body.h/2: // few changes leave whole lines, and names their ends
		c.lay.table, c.lay.tree = body, body
		c.lay.table.w = max(body.w/2, min(body.w*11/20, body.w-1-pathsWidth))
		c.lay.tree.x, c.lay.tree.w = c.lay.table.w+1, body.w-c.lay.table.w-1
	case !low || c.room.sure+1+changeWordsLow+pathsLeast <= body.h:
		if low {
			c.words.rows = changeWordsLow
		}
		body.w = min(body.w, compareBeside) // farther from their names figures are hard to follow
		c.lay.table, c.lay.tree = body, body
		c.lay.table.h = max(changesLeast, min(c.room.rows+1+c.words.rows, body.h*3/5))
		c.lay.tree.y, c.lay.tree.h = body.y+c.lay.table.h, body.h-c.lay.table.h
	case c.lay.inTree:
		c.lay.tree = body
	default:
		c.lay.table = body
	}
	if h := c.lay.table.h; c.words.rows == changeWords {
		c.words.rows = max(changeWords, min(changeWordsMost, h-c.room.rows-1))
	}
}
