//go:build !race

package ui

// underRace tells tests that count allocations: the race detector drops some of what pools keep.
const underRace = false
