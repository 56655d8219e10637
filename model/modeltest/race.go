//go:build race

package modeltest

// UnderRace tells whether the tests run under the race detector.
const UnderRace = true
