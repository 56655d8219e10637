package filter_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"oteltop/aggregate/filter"
	"oteltop/feed/files/filestest"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// TestScanIsTheReferenceOnRecordedTraces: on the ring, with what instrumentation really sends.
func TestScanIsTheReferenceOnRecordedTraces(t *testing.T) {
	paths, err := filepath.Glob("../../../shared/fixtures/single/*/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Skip("no recorded traces at ../shared/fixtures/single, seen from the module's root")
	}
	for i, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			ring := store.New(store.Options{})
			filestest.Fill(t, ring, path)
			var spans []model.Span
			for _, seg := range ring.Snapshot().Segments() {
				for i := range seg.Len() {
					spans = append(spans, seg.Span(i))
				}
			}
			r := modeltest.Rand(uint64(i))
			for range 40 {
				s := &spans[r.IntN(len(spans))]
				text := "duration >= " + fmt.Sprint(s.Duration()) + "ns"
				if n := len(s.Attributes); n > 0 {
					a := s.Attributes[r.IntN(n)]
					scope := []string{"span", "", "resource"}[r.IntN(3)]
					text = []string{"", "!"}[r.IntN(2)] + "(" + scope + `."` + a.Key + `" = ` + fmt.Sprintf("`%s`", a.Value) + ")"
				}
				switch r.IntN(4) {
				case 0:
					text += fmt.Sprintf(" && name = `%s`", s.Name)
				case 1:
					text = fmt.Sprintf("{ %s } >> { service = `%s` }", text, model.ServiceOf(s.Resource))
				case 2:
					text = fmt.Sprintf("{ kind = client } > { %s } || { error && %s }", text, text)
				}
				e, err := filter.Parse(text)
				if err != nil {
					continue // a backquote or a NUL in a value
				}
				same(t, ring, e)
			}
		})
	}
}
