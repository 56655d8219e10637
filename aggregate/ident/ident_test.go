package ident

import (
	"strings"
	"testing"
)

func TestIsUUID(t *testing.T) {
	for text, want := range map[string]bool{
		"6f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f":  true,
		"6F1C2D3E-4A5B-6C7D-8E9F-0A1B2C3D4E5F":  true,
		"6f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5":   false, // a digit short
		"6f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f0": false, // a digit long
		"6f1c2d3e04a5b-6c7d-8e9f-0a1b2c3d4e5f":  false, // a digit for a dash
		"6f1c2d-e-4a5b-6c7d-8e9f-0a1b2c3d4e5f":  false, // a dash for a digit
		"6f1c2d3g-4a5b-6c7d-8e9f-0a1b2c3d4e5f":  false,
		"":                                      false,
	} {
		if got := IsUUID(text); got != want {
			t.Errorf("IsUUID(%q) = %v", text, got)
		}
	}
}

func TestDigits(t *testing.T) {
	for c := range 256 {
		digit := strings.IndexByte("0123456789", byte(c)) >= 0
		hex := strings.IndexByte("0123456789abcdefABCDEF", byte(c)) >= 0
		if IsDigit(byte(c)) != digit || IsHexDigit(byte(c)) != hex {
			t.Errorf("%q: digit %v, hexadecimal %v", byte(c), IsDigit(byte(c)), IsHexDigit(byte(c)))
		}
	}
}
