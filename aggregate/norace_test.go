//go:build !race

package aggregate_test

import "testing"

// statistic marks a test that counts what is found in hours of traffic; see race_test.go.
func statistic(*testing.T) {}
