package model_test

import (
	"fmt"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// benchHeads is many traces of about size spans, so that no branch is learnt by heart.
func benchHeads(size int) [][]model.Head {
	r := modeltest.Rand(5)
	out := make([][]model.Head, max(1, min(500, 100_000/size)))
	for i := range out {
		out[i] = model.Heads(modeltest.Shuffled(r, modeltest.Random(r, size)))
	}
	return out
}

func benchPerSpan(b *testing.B, each func(heads []model.Head, t *model.Tree)) {
	for _, size := range []int{5, 20, 200, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			traces := benchHeads(size)
			var t model.Tree
			for _, heads := range traces {
				t.Link(heads)
				each(heads, &t)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				each(traces[i%len(traces)], &t)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/span")
		})
	}
}

// benchLinked benchmarks what follows linking on one linked trace.
func benchLinked(b *testing.B, each func(heads []model.Head, t *model.Tree)) {
	for _, size := range []int{20, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			traces := benchHeads(size)
			trees := make([]model.Tree, len(traces))
			for i := range traces {
				trees[i].Link(traces[i])
				each(traces[i], &trees[i])
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				k := i % len(traces)
				each(traces[k], &trees[k])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/span")
		})
	}
}

func BenchmarkLink(b *testing.B) {
	benchPerSpan(b, func(heads []model.Head, t *model.Tree) { t.Link(heads) })
}

func BenchmarkSelfTimes(b *testing.B) {
	var dst []int64
	benchLinked(b, func(heads []model.Head, t *model.Tree) { dst = model.SelfTimes(heads, t, dst) })
}

func BenchmarkCriticalPath(b *testing.B) {
	var dst []model.Section
	benchLinked(b, func(heads []model.Head, t *model.Tree) { dst = model.CriticalPath(heads, t, 0, dst) })
}

func BenchmarkShape(b *testing.B) {
	hash := func(op uint32) uint64 { return uint64(op) * 0x9e3779b97f4a7c15 }
	benchLinked(b, func(heads []model.Head, t *model.Tree) { model.Shape(heads, t, hash) })
}

// TestWarmAllocations: a scan over the ring links each trace into one Tree and must not allocate.
func TestWarmAllocations(t *testing.T) {
	traces := benchHeads(40)
	var tree model.Tree
	var self, critical []int64
	var path []model.Section
	hash := func(op uint32) uint64 { return uint64(op) }
	scan := func() {
		for _, heads := range traces {
			tree.Link(heads)
			self = model.SelfTimes(heads, &tree, self)
			path = model.CriticalPath(heads, &tree, 0, path)
			critical = model.CriticalTimes(path, len(tree.Nodes), critical)
			model.Shape(heads, &tree, hash)
		}
	}
	scan()
	if n := testing.AllocsPerRun(3, scan); n != 0 {
		t.Errorf("%v allocations in a warm scan", n)
	}
}

func BenchmarkSanitise(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"ascii", "GET /api/cart/{id}"}, {"unicode", "Bestellung prüfen ✓ 注文"}, {"hostile", "a\x1b[31m\u202eb\x00"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				model.Sanitise(c.text)
			}
		})
	}
}

func BenchmarkMask(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		model.Mask("url.full", "https://shop.example/cart/items?page=2&sort=price")
	}
}
