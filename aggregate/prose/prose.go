// Package prose writes the figures and names in sentences: the titles of findings, the reasons of suspects.
// Figures on screens have a fixed width and are written by ui/num.
package prose

import (
	"strconv"
	"strings"
	"time"
)

// Duration writes ns to three digits: 1.21s, 312µs, 5m0s.
func Duration(ns int64) string {
	d := time.Duration(ns)
	for unit := time.Nanosecond; ; unit *= 10 {
		if d/1000 < unit {
			return d.Round(unit).String()
		}
	}
}

// Count writes a number with a comma at each thousand.
func Count(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// List writes names as a person would: a, b and c.
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
