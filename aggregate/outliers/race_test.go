//go:build race

package outliers_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs the short forms of long tests: the race detector makes everything several times slower, and
// looks for races, which a small sample has as well as a large one.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.short", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// statistic leaves out a test that counts what is found in hours of traffic: it would take minutes, and races in the
// same code are found by the tests of single questions.
func statistic(t *testing.T) {
	t.Helper()
	t.Skip("a statistic over hours of traffic, not under the race detector")
}
