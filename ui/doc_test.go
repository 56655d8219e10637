package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The guide of the package names every screen and idea that has a file, and every file says first what it holds.
func TestGuideNamesEveryFile(t *testing.T) {
	guide, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(string(guide), -1) {
		named[word] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "doc.go" {
			continue
		}
		if idea, _, _ := strings.Cut(strings.TrimSuffix(file, ".go"), "_"); !named[idea] {
			t.Errorf("doc.go does not say what %s is", file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "// ") || !strings.Contains(string(text), "\n\npackage ui\n") {
			t.Errorf("%s does not begin with what it is", file)
		}
	}
}
