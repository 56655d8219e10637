package model_test

import (
	"path/filepath"
	"strings"
	"testing"

	"oteltop/model"
)

// TestRecordedTraces: what holds for made-up traces holds for recorded ones.
func TestRecordedTraces(t *testing.T) {
	files, err := filepath.Glob("../../shared/fixtures/single/*/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skip("no recorded traces at ../shared/fixtures/single, seen from the module's root")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			shared := 0
			for id, spans := range readTraces(t, file) {
				tr := model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
				checkTree(t, tr.Heads, &tr.Tree)
				for i := range tr.Tree.Nodes {
					n := &tr.Tree.Nodes[i]
					if n.Span >= 0 && n.Parent < 0 {
						checkPath(t, tr, int32(i), tr.PathOf(int32(i)))
					}
					if n.Flags&model.SharedID != 0 {
						shared++
					}
					if n.Span >= 0 && (tr.Self[i] < 0 || tr.Self[i] > tr.Heads[n.Span].Duration()) {
						t.Errorf("trace %s: self time %d of %d", id, tr.Self[i], tr.Heads[n.Span].Duration())
					}
				}
			}
			if want := strings.Contains(file, "shared-ids"); want != (shared > 0) {
				t.Errorf("%d servers share their client's id, want some: %v", shared, want)
			}
		})
	}
}
