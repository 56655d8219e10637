package model_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// linkCase is spans as they arrive, and the tree that they are.
type linkCase struct{ name, drawing, want string }

func TestLink(t *testing.T) {
	checkLinks(t, []linkCase{
		{"a healthy trace, in order of start", `
			web GET / server 0..100
			  pay charge client 50..90
			  cart load client 10..40
			    db SELECT client 12..30`, `
			web GET / server 0..100
			  cart load client 10..40
			    db SELECT client 12..30
			  pay charge client 50..90`},
		{"siblings of one start: the longer first, then by id", `
			a root server 0..9
			  a short internal 1..2
			  a long internal 1..5
			  a short2 internal 1..2`, `
			a root server 0..9
			  a long internal 1..5
			  a short internal 1..2
			  a short2 internal 1..2`},
		{"orphans of one parent share a missing node", `
			a root server 5..9
			b one server 1..2 parent=ff
			c two server 3..4 parent=ff
			d other server 7..8 parent=fe`, `
			(missing 00000000000000ff)
			  b one server 1..2 orphan
			  c two server 3..4 orphan
			a root server 5..9
			(missing 00000000000000fe)
			  d other server 7..8 orphan`},
		{"two roots", `
			a one server 2..3
			b two server 1..2`, `
			b two server 1..2
			a one server 2..3`},
		{"ends: before the start, and after the parent's", `
			a root server 5..9
			  b back client 7..6
			  c late consumer 8..12`, `
			a root server 5..9
			  b back client 7..6 negative
			  c late consumer 8..12 async-tail`},
	})
}

func TestLinkCutsCycles(t *testing.T) {
	checkLinks(t, []linkCase{
		{"its own parent", `
			a self server 1..2 id=7 parent=7
			  b child client 1..2`, `
			a self server 1..2 cycle-cut
			  b child client 1..2`},
		{"a cycle of two is cut at the earliest start", `
			a late server 2..3 id=1 parent=2
			b early server 1..3 id=2 parent=1`, `
			b early server 1..3 cycle-cut
			  a late server 2..3`},
		{"a cycle of three with a tail", `
			a x server 5..9 id=1 parent=2
			b y server 4..9 id=2 parent=3
			c z server 3..9 id=3 parent=1
			d tail client 1..2 id=4 parent=1
			e root server 8..9`, `
			c z server 3..9 cycle-cut
			  b y server 4..9
			    a x server 5..9
			      d tail client 1..2
			e root server 8..9`},
	})
}

func TestLinkTellsSharedIDs(t *testing.T) {
	checkLinks(t, []linkCase{
		{"client and server share an id", `
			a root server 0..9 id=1
			a call client 1..8 id=2 parent=1
			b call server 2..7 id=2 parent=1
			b db client 3..4 id=3 parent=2`, `
			a root server 0..9
			  a call client 1..8
			    b call server 2..7 shared-id
			      b db client 3..4`},
		{"client and server share an id, server clock early", `
			a call client 5..8 id=2 parent=0
			b call server 2..7 id=2 parent=0
			b db client 3..4 id=3 parent=2`, `
			a call client 5..8
			  b call server 2..7 shared-id
			    b db client 3..4`},
		{"two clients and a server share an id", `
			a call client 1..8 id=2 parent=0
			a again client 3..6 id=2 parent=0
			b call server 4..5 id=2 parent=0
			c db client 4..5 id=3 parent=2`, `
			a call client 1..8 duplicate-id
			  b call server 4..5 shared-id duplicate-id
			    c db client 4..5
			a again client 3..6 duplicate-id`},
		{"a shared id in a cycle", `
			a call client 5..8 id=2 parent=3
			b call server 2..9 id=2 parent=3
			b db client 3..4 id=3 parent=2`, `
			b call server 2..9 cycle-cut
			  b db client 3..4
			    a call client 5..8 async-tail`},
		{"another duplicate: the children go to the first", `
			a one internal 1..8 id=2 parent=0
			a two internal 2..8 id=2 parent=0
			c child client 3..5 id=3 parent=2`, `
			a one internal 1..8 duplicate-id
			  c child client 3..5
			a two internal 2..8 duplicate-id`},
	})
}

func checkLinks(t *testing.T, cases []linkCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := modeltest.Draw(modeltest.Trace(t, c.drawing))
			if want := undent(c.want); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// undent drops the leading line break and the indentation that all lines have.
func undent(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\n"), "\t", "") + "\n"
}

// checkTree asserts what holds for every tree of whatever spans.
func checkTree(t *testing.T, heads []model.Head, tree *model.Tree) {
	t.Helper()
	used := make([]bool, len(heads))
	missing, roots := 0, 0
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		if n.Span < 0 {
			missing++
			if n.Parent != -1 || n.Flags != model.Missing || n.End < int32(i)+2 {
				t.Fatalf("missing node %d: %+v", i, *n)
			}
		} else {
			if used[n.Span] {
				t.Fatalf("span %d has two nodes", n.Span)
			}
			used[n.Span] = true
		}
		if n.Parent < 0 {
			if n.Depth != 0 || n.Flags&model.Orphan != 0 {
				t.Fatalf("root %d: %+v", i, *n)
			}
			if n.Span >= 0 {
				roots++
			}
			continue
		}
		p := &tree.Nodes[n.Parent]
		if n.Parent >= int32(i) || n.End > p.End || n.Depth != p.Depth+1 || n.End <= int32(i) {
			t.Fatalf("node %d %+v below %+v", i, *n, *p)
		}
		if (p.Span < 0) != (n.Flags&model.Orphan != 0) {
			t.Fatalf("node %d: orphan is %v below %+v", i, n.Flags&model.Orphan != 0, *p)
		}
		if p.Span >= 0 && heads[p.Span].ID != heads[n.Span].Parent && n.Flags&model.SharedID == 0 {
			t.Fatalf("node %d is below a span that is not its parent", i)
		}
	}
	if slices.Contains(used, false) || missing != len(tree.Missing) || roots != tree.Roots {
		t.Fatalf("used %v, %d missing of %d, %d roots of %d", used, missing, len(tree.Missing), roots, tree.Roots)
	}
}

func TestLinkProperties(t *testing.T) {
	r := modeltest.Rand(1)
	var tree model.Tree // used again and again, as a scan does
	for range 3000 {
		spans := modeltest.Hostile(r, 1+r.IntN(40))
		heads := model.Heads(spans)
		tree.Link(heads)
		checkTree(t, heads, &tree)
		a := modeltest.Draw(model.NewTrace(spans[0].TraceID, spans, nil))
		order := r.Perm(len(heads)) // the heads too: ids of equality derived anew would break ties otherwise
		b := modeltest.Draw(model.NewTrace(spans[0].TraceID, permuted(order, spans), permuted(order, heads)))
		if a != b {
			t.Fatalf("the order of the spans matters:\n%s---\n%s", a, b)
		}
	}
}

// Where parents are known, the tree is the one that Link finds by ids: whatever the times, with spans that are their
// own parents and with longer cycles.
func TestLinkKnown(t *testing.T) {
	r := modeltest.Rand(3)
	var tree, known model.Tree
	for range 3000 {
		heads := model.Heads(modeltest.Hostile(r, 1+r.IntN(80)))
		parents := make([]int32, len(heads))
		for i := range heads {
			p := r.IntN(len(heads) + 1)
			heads[i].ID, heads[i].Parent, parents[i] = model.SpanID(i+1), model.SpanID(p), int32(p)-1
		}
		tree.Link(heads)
		known.LinkKnown(heads, parents)
		if !slices.Equal(tree.Nodes, known.Nodes) || tree.Roots != known.Roots || len(known.Missing) > 0 {
			t.Fatalf("with parents %v of %+v:\n%+v\nnot\n%+v", parents, heads, known.Nodes, tree.Nodes)
		}
	}
}

// Roots stand in the canonical order, whatever their starts and however many start together.
func TestOrderOfStarts(t *testing.T) {
	r := modeltest.Rand(2)
	var tree model.Tree
	for range 500 {
		starts := []int64{0, 1, 2, 3, 1_700_000_000_000_000_000, 1_700_000_000_000_000_001}
		if r.IntN(2) == 0 {
			starts = append(starts, math.MinInt64, math.MaxInt64, -1)
		}
		heads := make([]model.Head, 1+r.IntN(60))
		for i := range heads {
			start := starts[r.IntN(len(starts))]
			heads[i] = model.Head{ID: model.SpanID(1 + r.IntN(8)), Start: start, End: start | int64(r.IntN(3)), Op: uint32(r.IntN(3))}
		}
		tree.Link(heads)
		var before *model.Head
		for _, n := range tree.Nodes {
			h := &heads[n.Span]
			if b := before; b != nil && (b.Start > h.Start || b.Start == h.Start && (b.End < h.End || b.End == h.End && (b.ID > h.ID || b.ID == h.ID && b.Op > h.Op))) {
				t.Fatalf("%+v stands before %+v", *b, *h)
			}
			before = h
		}
		if len(tree.Nodes) != len(heads) {
			t.Fatalf("%d nodes of %d spans", len(tree.Nodes), len(heads))
		}
	}
}

func permuted[T any](order []int, from []T) []T {
	out := make([]T, len(from))
	for i := range from {
		out[i] = from[order[i]]
	}
	return out
}

func TestLinkExtremes(t *testing.T) {
	modeltest.OneGoroutine(t)
	const n = 100_000
	for name, spans := range map[string][]model.Span{
		"chain": modeltest.Chain(n), "wide": modeltest.Wide(n), "none": nil,
		"staircase": modeltest.Staircase(n), "hostile": modeltest.Hostile(modeltest.Rand(8), n),
	} {
		t.Run(name, func(t *testing.T) {
			tr := model.NewTrace(model.TraceID{Lo: 1}, modeltest.Shuffled(modeltest.Rand(2), spans), nil)
			checkTree(t, tr.Heads, &tr.Tree)
			if name == "chain" && tr.Tree.Nodes[n-1].Depth != n-1 {
				t.Errorf("depth %d", tr.Tree.Nodes[n-1].Depth)
			}
			if name == "staircase" && len(tr.Sections) != n {
				t.Errorf("%d sections, want each step once, and the root", len(tr.Sections))
			}
			if name == "none" && tr.Root != -1 {
				t.Errorf("root %d of no spans", tr.Root)
			}
		})
	}
}

// FuzzLink reads five bytes a span: id, parent, start, length, kind.
func FuzzLink(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x09\x02\x02\x01\x01\x03\x03\x02\x01\x02\x02\x02"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var spans []model.Span
		for ; len(raw) >= 5 && len(spans) < 300; raw = raw[5:] {
			start := int64(raw[2])
			spans = append(spans, model.Span{ID: model.SpanID(raw[0]), Parent: model.SpanID(raw[1]),
				Start: start, End: start + int64(int8(raw[3])), Kind: model.Kind(raw[4] % 6)})
		}
		tr := model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
		checkTree(t, tr.Heads, &tr.Tree)
		for i := range tr.Tree.Nodes {
			if tr.Tree.Nodes[i].Span >= 0 {
				checkPath(t, tr, int32(i), tr.PathOf(int32(i)))
			}
		}
	})
}
