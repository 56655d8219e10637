package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oteltop/ui"

	"github.com/spf13/pflag"
)

// What each part may import of ours (DESIGN section 3). Test files may import more.
var mayImport = map[string][]string{
	"model":     {"model"},
	"feed":      {"feed", "model"},
	"aggregate": {"aggregate", "model"},
	"themes":    {"themes"},
	"ui":        {"ui", "aggregate", "model", "themes"},
}

// What each part may import of others, where that is restricted. Prefixes.
var mayImportOf = map[string][]string{
	"model":  {},
	"themes": {"charm.land/lipgloss/", "github.com/charmbracelet/colorprofile"},
}

func TestImportDirection(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		part, _, nested := strings.Cut(filepath.ToSlash(path), "/")
		if !nested || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			name, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(part, name); why != "" {
				t.Errorf("%s imports %s: %s", path, name, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files were looked at", files)
	}
}

func forbidden(part, name string) string {
	if own, ok := strings.CutPrefix(name, "oteltop/"); ok {
		target, _, _ := strings.Cut(own, "/")
		if !slices.Contains(mayImport[part], target) {
			return part + " may import of this project: " + strings.Join(mayImport[part], ", ")
		}
		return ""
	}
	host, _, _ := strings.Cut(name, "/")
	if !strings.Contains(host, ".") {
		return "" // the standard library
	}
	allowed, restricted := mayImportOf[part]
	if !restricted {
		return ""
	}
	for _, p := range allowed {
		if strings.HasPrefix(name, p) {
			return ""
		}
	}
	return part + " may not import it"
}

func TestForbiddenImportsAreFound(t *testing.T) {
	for _, c := range []struct {
		part, name string
		ok         bool
	}{
		{"model", "strings", true}, {"model", "oteltop/model/wire", true}, {"model", "oteltop/feed", false},
		{"model", "google.golang.org/grpc", false}, {"feed", "google.golang.org/grpc", true}, {"feed", "oteltop/aggregate", false},
		{"aggregate", "oteltop/ui", false}, {"ui", "oteltop/feed", false}, {"themes", "oteltop/ui/canvas", false},
	} {
		if got := forbidden(c.part, c.name) == ""; got != c.ok {
			t.Errorf("%s importing %s: allowed %v, want %v", c.part, c.name, got, c.ok)
		}
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]int64{"512MiB": 512 << 20, "2GiB": 2 << 30, "64k": 64 << 10, "1000": 1000, "1.5 GB": 3 << 29} {
		var b byteSize
		if err := b.Set(text); err != nil || int64(b) != want {
			t.Errorf("%q is %d, %v; want %d", text, b, err, want)
		}
	}
	for _, text := range []string{"", "many", "-1", "12parsecs", "1e30GiB", "999999999999GiB", "NaN"} {
		var b byteSize
		if err := b.Set(text); err == nil {
			t.Errorf("%q is taken for %d", text, b)
		}
	}
}

// Flags win over the environment, the environment over the file.
func TestPrecedence(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	if err := os.MkdirAll(filepath.Join(home, "oteltop"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, "oteltop", "config.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("memory = \"64MiB\"\ntheme = \"light\"\nlast = \"1h\"\ngrpc = [\"127.0.0.1:1\", \"[::1]:1\"]\n")
	t.Setenv("OTELTOP_THEME", "contrast")
	t.Setenv("OTELTOP_LAST", "15m")

	parse := func(args ...string) (*flags, error) {
		f := &flags{}
		fs := pflag.NewFlagSet("", pflag.ContinueOnError)
		f.shared(fs)
		f.screen(fs)
		f.receiver(fs)
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		return f, f.settle(fs)
	}
	f, err := parse("--last", "1m")
	if err != nil {
		t.Fatal(err)
	}
	if f.memory != 64<<20 || f.theme != "contrast" || f.last.String() != "1m0s" || len(f.grpc) != 2 {
		t.Errorf("memory %v theme %v last %v grpc %v", f.memory, f.theme, f.last, f.grpc)
	}
	for text, want := range map[string]string{"colour = 1\n": "unknown setting \"colour\"", "memory = \"lots\"\n": "memory", "memory = \n": "config.toml",
		"[[view]]\nname = \"x\"\nlens = \"mirror\"\n": "no such lens", "[[view]]\nlens = \"map\"\n": "needs a name",
		"[[view]]\nname = \"x\"\nlens = \"map\"\nfilter = \"duration >\"\n": "filter"} {
		write(text)
		if _, err := parse(); err == nil || !strings.Contains(err.Error(), want) || exitCodeOf(err) != exitUsage {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

// A view that was kept is there at the next start, and what stood in the file stays as it was.
func TestKeptViews(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	if v := (ui.View{Name: "slow \"carts\"", Lens: "latency", Filter: `service = "cart"`, LastText: "15m"}); true {
		if _, err := keepView(v); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(home, "oteltop", "config.toml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mine := "# mine\nmemory = \"64MiB\"\n"
	if err := os.WriteFile(path, append([]byte(mine), b...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, lens := range []string{"map", "tail", "traces"} {
		if _, err := keepView(ui.View{Name: "again", Lens: lens}); err != nil {
			t.Fatal(err)
		}
	}
	flags, views, err := readConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	if flags["memory"] != "64MiB" || len(views) != 2 || views[0].Name != "slow \"carts\"" || views[0].Last != 15*time.Minute || views[1].Lens != "traces" {
		t.Errorf("%v, %+v", flags, views)
	}
	if b, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(b), mine) {
		t.Errorf("%v: %s", err, b)
	}
}
