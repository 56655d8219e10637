// Lens 1, Map: a form that was once taken is kept while nodes and edges come and go.

package ui

// mapRoom is what a form is chosen for: the size of the screen, and the form that a person wants.
type mapRoom struct {
	w, h int
	wish mapForm
}

// heldForm is how the map was shown last. Services and calls that are seldom come and go with the time window; a map
// that just fits, or just does not, would change its form with each of them. So a way to show it that leaves less room
// is taken as soon as it must, one that takes more room only once a part of the screen would stay free.
type heldForm struct {
	room mapRoom
	rank int
}

// heldSpare is the part of the screen that has to stay free before the map takes more room again: with less, the next
// layer of nodes would take it back.
const heldSpare = 4

// rankOf orders the ways to show a map, the one that takes the most room first: by form, by the sizes of a form, and
// for each size with the story beside the map, then, one more, below it.
func rankOf(form mapForm, size int) int { return int(form)<<8 | size<<1 }

// returns reports whether a way to show the map would take more room than the one that is held.
func (x heldForm) returns(room mapRoom, rank int) bool { return x.room == room && rank < x.rank }

// spare says how much of a length has to stay free for a way to show the map.
func (x heldForm) spare(room mapRoom, rank int) func(length int) int {
	if x.returns(room, rank) {
		return func(length int) int { return length / heldSpare }
	}
	return func(int) int { return 0 }
}

// nodesAt is how many nodes a form is tried with, where it is not chosen by hand.
func (x heldForm) nodesAt(room mapRoom, form mapForm) int {
	most := autoMost(form)
	if x.returns(room, rankOf(form+1, 0)-1) {
		return most - most/heldSpare
	}
	return most
}
