package modeltest

import (
	"flag"
	"testing"
)

// Run is the TestMain of packages with long tests. Under the race detector it runs their short forms: the detector
// makes everything several times slower, and looks for races, which a small sample has as well as a large one.
func Run(m *testing.M) {
	if UnderRace {
		flag.Parse()
		if err := flag.Set("test.short", "true"); err != nil {
			panic(err)
		}
	}
	m.Run() // the testing package exits with its result when TestMain returns
}

// Statistic marks a test that counts what is found in hours of traffic. Under the race detector it is left out: it
// would take minutes, and the tests of single questions run the same code.
func Statistic(t *testing.T) {
	t.Helper()
	if UnderRace {
		t.Skip("a statistic over hours of traffic, not under the race detector")
	}
}

// OneGoroutine marks a long test of what a single goroutine draws or allocates: the race detector has nothing to see
// in it.
func OneGoroutine(t *testing.T) {
	t.Helper()
	if UnderRace {
		t.Skip("one goroutine alone, not under the race detector")
	}
}
