// The pace of refreshing: how many bytes a second it may send to the terminal.

package ui

import (
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"
)

// Tuning of the pace.
const (
	// smallRate, cellRate and cell256Rate are the bytes a second that refreshing may send to the terminal
	// (DESIGN section 8): to a screen of any size, and per cell of a large one, in true colours and in fewer.
	smallRate   = 16_000
	cellRate    = 7.5
	cell256Rate = 4.5
	// lineBytes is what it takes to go to a part of a line and to set its style, besides its own bytes.
	lineBytes = 24
	// longestRest is the longest that refreshing rests for what keys made the terminal repaint.
	longestRest = time.Second
	// restSaved is how much rest may be saved up by frames that take little: then one that takes much puts off
	// nothing.
	restSaved = DefaultRefresh
)

// pace spaces refreshes, so that a screen of which much changes each time takes no more of a slow line than its
// share: then figures come less often, and what a key does is not behind them in the queue. Frames that keys ask
// for are drawn at once, whatever they take.
type pace struct {
	next time.Time // no refresh before
}

// sent takes note of bytes that were sent, on a line of which rate bytes a second are ours.
func (p *pace) sent(bytes int, rate float64, now time.Time) {
	if least := now.Add(-restSaved); p.next.Before(least) {
		p.next = least
	}
	p.next = p.next.Add(time.Duration(float64(bytes) / rate * 1e9))
	if most := now.Add(longestRest); p.next.After(most) {
		p.next = most
	}
}

// byteRate is what refreshing may send to this terminal, bytes a second.
func (a *App) byteRate() float64 {
	perCell := cell256Rate
	if a.profile == colorprofile.TrueColor {
		perCell = cellRate
	}
	return max(smallRate, perCell*float64(a.w*a.h))
}

// frameBytes is about what a terminal is sent to get from one frame to another: of each line that differs what
// lies between its first and its last difference, as the renderer does. Screens of the demo take 3 to 40 % less:
// blanks are told in short.
func frameBytes(was, is string) int {
	n := 0
	for is != "" {
		var old, line string
		old, was, _ = strings.Cut(was, "\n")
		line, is, _ = strings.Cut(is, "\n")
		if old == line {
			continue
		}
		from, most := 0, min(len(old), len(line))
		for from < most && old[from] == line[from] {
			from++
		}
		tail := 0
		for tail < most-from && old[len(old)-1-tail] == line[len(line)-1-tail] {
			tail++
		}
		n += len(line) - from - tail + lineBytes
	}
	return n
}
