package ui

import (
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/colorprofile"
)

// The help has every key that works on all screens, one line for keys that go together.
func TestHelpHasEveryKey(t *testing.T) {
	s := watch(newFake(), "1", 80, 24, colorprofile.TrueColor)
	entries := everywhere(&s.app.keys, nil)
	for _, b := range s.app.keys.global() {
		if !slices.ContainsFunc(entries, func(e helpEntry) bool { return slices.Contains(strings.Fields(e.key), b.Help().Key) }) {
			t.Errorf("%q (%s) is not in the help", b.Help().Key, b.Help().Desc)
		}
	}
	for _, l := range s.app.keys.lenses {
		if !strings.Contains(entries[0].desc, l.Key.Help().Desc) {
			t.Errorf("%s is not in %q", l.Key.Help().Desc, entries[0].desc)
		}
	}
}

// On the smallest of the usual terminals the first page has all keys of the screen and of the program.
func TestHelpShowsAllKeysAtOnce(t *testing.T) {
	for lens := range LensWaterfall {
		s := watch(newFake(), digit(lens), 80, 24, colorprofile.TrueColor)
		s.keys("?")
		text := s.screen()
		for _, b := range slices.Concat(s.app.screen().Keys(), []key.Binding{s.app.keys.Quit}) {
			if b.Enabled() && b.Help().Key != "" && !strings.Contains(text, b.Help().Key+" ") {
				t.Errorf("%v: %q is not on the first page:\n%s", lens, b.Help().Key, text)
			}
		}
		if !strings.Contains(text, " quit ") {
			t.Errorf("%v: the first page ends before the last key:\n%s", lens, text)
		}
	}
}

// digit is the key of a lens.
func digit(l Lens) string { return string(rune('1' + l)) }

// A key that the screen takes is listed with what it does here, not with what it does elsewhere as well.
func TestHelpHasEachKeyOnce(t *testing.T) {
	s := startOnTrace(t, 170, 60)
	s.keys("?")
	seen := map[string]string{}
	for _, e := range s.app.overlay.(*help).entries {
		if e.head == "Words and signs" {
			break
		}
		if e.key == "? t" { // one after the other
			continue
		}
		for _, k := range strings.Fields(e.key) {
			if was, ok := seen[k]; ok {
				t.Errorf("%q is %q and %q", k, was, e.desc)
			}
			seen[k] = e.desc
		}
	}
	if seen["/"] != "search" || seen["esc"] == "back" || seen["q"] != "quit" {
		t.Errorf("/ is %q, esc is %q, q is %q", seen["/"], seen["esc"], seen["q"])
	}
	s = watch(newFake(), "5", 170, 60, colorprofile.TrueColor)
	if all := everywhere(&s.app.keys, s.app.screen().Keys()); !slices.Contains(all, helpEntry{key: "esc", desc: "back"}) {
		t.Errorf("esc is not among %v", all)
	}
}
