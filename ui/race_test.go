//go:build race

package ui

import (
	"flag"
	"os"
	"testing"
)

// underRace: see norace_test.go.
const underRace = true

// TestMain runs the short forms of long tests: the race detector makes everything several times slower, and
// looks for races, which a small sample has as well as a large one.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.short", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
