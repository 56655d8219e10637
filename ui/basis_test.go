package ui

import (
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func TestBasis(t *testing.T) {
	for _, c := range []struct {
		name                string
		p                   aggregate.Provenance
		long, medium, short string
	}{
		{"nothing came", aggregate.Provenance{}, "", "", ""},
		{"all rollups", aggregate.Provenance{Basis: aggregate.BasisRollups, Spans: 1_230_000, Of: 1_230_000}, "n=1.23M from all spans received", "n=1.23M spans", "n=1.23M"},
		{"rollups of a window", aggregate.Provenance{Basis: aggregate.BasisRollups, Of: 4000, From: 1, To: 1 + int64(90*time.Second)},
			"every span of 1m30s, 4000 received in all", "every span of 1m30s", "every span"},
		{"all rollups of a while", aggregate.Provenance{Basis: aggregate.BasisRollups, Spans: 200, Of: 200, From: 1, To: 1 + int64(90*time.Second)},
			"n=200 from all spans received, over 1m30s", "n=200 spans  1m30s", "n=200"},
		{"retained traces", aggregate.Provenance{Basis: aggregate.BasisRing, Spans: 900, Traces: 40, Of: 4000},
			"n=900 spans of 40 retained traces, 4000 received", "n=900 of 4000 spans", "n=900 of 4000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if b := basisOf(c.p); b.long.String() != c.long || b.medium.String() != c.medium || b.short.String() != c.short {
				t.Errorf("got %q, %q, %q", b.long, b.medium, b.short)
			}
		})
	}
}

// Every lens says what its figures were computed from, in the same place, at every width.
func TestEveryLensSaysItsBasis(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	for _, w := range []int{80, 120, 200} {
		for _, k := range []string{"1", "2", "3", "5", "8"} {
			s := start(newShop(t, 5, time.Minute), w, 40)
			s.keys(k)
			line := splitLines(s.screen())[lensRow]
			b := s.app.screen().Basis()
			if indexColumns(line, b.long.String()) < 0 && indexColumns(line, b.short.String()) < 0 || b.short == (model.Text{}) {
				t.Errorf("%d columns, lens %s: neither %q nor %q in %q", w, k, b.long, b.short, line)
			}
			if w == 200 && indexColumns(line, b.long.String()) < 0 {
				t.Errorf("lens %s: the long form does not stand where there is room: %q", k, line)
			}
		}
	}
}
