// What the program says about who may reach it.

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// lensTitles is what each lens shows on its first line, by the key that leads there.
var lensTitles = map[string]string{
	"2": "Operations last 5m", "3": "Latency last 5m", "4": "Findings last 5m", "5": "Traces last 5m", "6": "Shapes last 5m",
	"7": "Compare last 5m", "8": "Coverage last 5m", "1": "Map last 5m",
}

// Open to everybody, the program says so on every screen; a token spares it that.
func TestUnprotectedSaysSo(t *testing.T) {
	t.Parallel()
	const banner = "open to the network without authentication"
	everywhere := []string{"--grpc", "0.0.0.0:0", "--http", "0.0.0.0:0"}
	s := onScreen(t, append([]string{"--insecure", "--demo"}, everywhere...)...)
	s.untilShown("q quit", "next, previous problem")
	for _, key := range slices.Sorted(maps.Keys(lensTitles)) {
		s.press(key)
		s.untilShown(lensTitles[key], banner)
	}
	s.press("?")
	s.untilShown("any other key closes", banner)
	s.press("q")
	s.press("q")
	s.end()
	s = onScreen(t, append([]string{"--token-file", fileOf(t, "token", "s3cret\n")}, everywhere...)...)
	if text := s.untilShown("Waiting for the first span", "OTLP/HTTP"); strings.Contains(text, banner) || strings.Contains(text, "s3cret") {
		t.Errorf("with a token:\n%s", text)
	}
	s.press("q")
	s.end()
}
