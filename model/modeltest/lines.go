package modeltest

import (
	"bufio"
	"compress/gzip"
	"io"
	"iter"
	"os"
	"strings"
	"testing"
)

// maxLine bounds a line of a recording; the longest that there are have some MB.
const maxLine = 64 << 20

// Lines are the lines of a recording, unpacked where it is a .gz, at most limit where that is not 0. A line is valid
// until the next one. The test is skipped where the file is not there: recordings are no part of this repository.
func Lines(t testing.TB, path string, limit int) iter.Seq[[]byte] {
	return func(yield func(line []byte) bool) {
		t.Helper()
		file, err := os.Open(path)
		if err != nil {
			t.Skipf("recorded traces are not here: %v", err)
		}
		defer func() { _ = file.Close() }()
		var in io.Reader = file
		if strings.HasSuffix(path, ".gz") {
			if in, err = gzip.NewReader(file); err != nil {
				t.Fatal(err)
			}
		}
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, maxLine)
		for n := 0; (limit == 0 || n < limit) && lines.Scan(); n++ {
			if !yield(lines.Bytes()) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
}
