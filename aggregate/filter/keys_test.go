package filter

import (
	"slices"
	"testing"
)

func TestKeys(t *testing.T) {
	for text, want := range map[string][]string{
		"error":          nil,
		"{}":             nil,
		"service = cart": nil,
		`region = "eu"`:  {"region"},
		`span.a = 1 || !(resource.b = 2 && .a = 3)`:     {"a", "b"},
		`{ span.x = nil } >> { y != 1 && event.z = 2 }`: {"x", "y"},
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := e.Keys(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
