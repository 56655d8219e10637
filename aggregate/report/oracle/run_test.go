package oracle_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/aggregate/rollup"
	"oteltop/feed/files/filestest"
	"oteltop/model"
	"oteltop/model/store"
)

// run is a file as the program read it, and as the oracle did.
type run struct {
	*data
	engine *aggregate.Memory
	// What the figures are of: the traces that the filter matches.
	filter *filter.Expr
	scope  map[string][]*span
}

// open reads bytes in both ways. The wiring is that of main's report command.
func open(t testing.TB, text []byte) *run {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spans.jsonl")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := store.New(store.Options{Budget: 1 << 30})
	r := rollup.New(rollup.Options{Names: s.Names(), Find: s.Find})
	s.Observe(r)
	intake := filestest.Fill(t, s, path)
	d := read(t, text)
	return &run{data: d, engine: aggregate.NewMemory(s, r, intake, aggregate.MemoryOptions{}), scope: d.traces}
}

// row is a row of a report, decoded without the types of the program.
type row map[string]any

func (r row) text(key string) string { s, _ := r[key].(string); return s }

func (r row) int(t testing.TB, key string) int64 {
	t.Helper()
	n, _ := r[key].(json.Number)
	i, err := n.Int64()
	if err != nil {
		t.Fatalf("%s: %v is not an integer", key, r[key])
	}
	return i
}

// answer is a report.
type answer struct {
	Provenance row
	Rows       []row
	Spans      []row
	Critical   []row `json:"critical_path"`
}

func (r *run) ask(t testing.TB, v report.View, id string) answer {
	t.Helper()
	o := report.Options{Filter: r.filter}
	if id != "" {
		var err error
		if o.ID, err = model.ParseTraceID(id); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := report.Write(context.Background(), &b, r.engine, v, o); err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	d := json.NewDecoder(&b)
	d.UseNumber()
	var a answer
	if err := d.Decode(&a); err != nil {
		t.Fatalf("%s: %v", v, err)
	}
	return a
}

func wantInt(t testing.TB, where string, r row, key string, want int64) {
	t.Helper()
	if got := r.int(t, key); got != want {
		t.Errorf("%s: %s is %d, want %d", where, key, got, want)
	}
}

func wantText(t testing.TB, where string, r row, key, want string) {
	t.Helper()
	if got, ok := r[key].(string); !ok || got != want {
		t.Errorf("%s: %s is %v, want %q", where, key, r[key], want)
	}
}

// bound is half a bin, geometrically: 2^(1/64)−1.
const bound = .01090

// wantQuantile compares with the nearest-rank quantile, within the histogram's bound and a ns of rounding.
func wantQuantile(t testing.TB, where string, r row, key string, sorted []int64, q float64) {
	t.Helper()
	want := int64(0)
	if n := len(sorted); n > 0 {
		want = sorted[max(int(math.Ceil(q*float64(n)-1e-9))-1, 0)]
	}
	if got := r.int(t, key); math.Abs(float64(got-want)) > bound*float64(want)+1 {
		t.Errorf("%s: %s is %d, want %d ± 1.09 %%", where, key, got, want)
	}
}

func wantFloat(t testing.TB, where string, r row, key string, want float64) {
	t.Helper()
	n, _ := r[key].(json.Number)
	got, err := n.Float64()
	if err != nil || math.Abs(got-want) > 1e-9*max(math.Abs(want), 1) {
		t.Errorf("%s: %s is %v, want %g", where, key, r[key], want)
	}
}

// wantRank compares a percentile with the share of smaller durations: those that may share its bin of
// the histogram can count or not.
func wantRank(t testing.TB, where string, r row, of []int64, d int64) {
	t.Helper()
	const bin = 1.0220 // 2^(1/32)
	n, _ := r["percentile"].(json.Number)
	got, err := n.Float64()
	if err != nil {
		t.Errorf("%s: percentile is %v", where, r["percentile"])
		return
	}
	below, upTo := 0, 0
	for _, x := range of {
		if float64(x)*bin < float64(d)-1 {
			below++
		}
		if float64(x) <= float64(d)*bin+1 {
			upTo++
		}
	}
	share := 100 / float64(len(of))
	if got < float64(below)*share-1e-9 || got > float64(upTo)*share+1e-9 {
		t.Errorf("%s: percentile is %g, want %g to %g", where, got, float64(below)*share, float64(upTo)*share)
	}
}

func sorted(ds []int64) []int64 { return slices.Sorted(slices.Values(ds)) }
