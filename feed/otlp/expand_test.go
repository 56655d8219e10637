package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/klauspost/compress/zstd"

	"oteltop/model"
)

// squeezed is n bytes in one zstd frame that asks for a window.
func squeezed(t *testing.T, n, window int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	for range n / 1000 {
		if _, err := z.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a decoder for zstd takes by its sender's choice counts into the budget.
func TestZstdWindowsCount(t *testing.T) {
	const n = 3_000_000
	twoFrames := append(squeezed(t, n, 64<<10), squeezed(t, n, 8<<20)...)
	for _, c := range []struct {
		body []byte
		room int64
		why  []model.Refusal // none: taken
	}{
		{squeezed(t, n, 64<<10), 2*n + smallWindow + 1<<20, nil},
		{squeezed(t, n, 64<<10), smallWindow, []model.Refusal{model.RefusedOverload}},
		{squeezed(t, n, 8<<20), 2*n + largestWindow + 1<<20, nil},
		{squeezed(t, n, 8<<20), largestWindow - 1, []model.Refusal{model.RefusedOverload}},
		{squeezed(t, n, 16<<20), 1 << 30, []model.Refusal{model.RefusedMalformed}},
		{twoFrames, 1 << 30, []model.Refusal{model.RefusedMalformed}}, // the decoder was chosen for the first
	} {
		t.Run(fmt.Sprint(len(c.body), c.room), func(t *testing.T) {
			r := bare()
			r.budget.limit = c.room
			l := r.budget.lease()
			defer l.release()
			var got []byte
			err := r.expander.fill(&got, bytes.NewReader(c.body), zstandard, 1<<26, &l, 0)
			var f *refusal
			switch errors.As(err, &f); {
			case len(c.why) == 0 && (err != nil || len(got) != n):
				t.Errorf("%d bytes, %v", len(got), err)
			case len(c.why) > 0 && (f == nil || f.reason != c.why[0]):
				t.Errorf("%v, want a refusal for %v", err, c.why)
			}
		})
	}
}
