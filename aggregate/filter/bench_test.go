package filter_test

import (
	"context"
	"fmt"
	"testing"

	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/model/store"
)

// The benchmarks scan flat segments, so that they measure the filter and an interface call per attribute,
// not a store. The bars of INGEST are 4 ns per span for the head and 15 ns for an attribute.
const (
	benchSpans   = 32_768
	benchClasses = 200
	benchCodes   = 500
)

// flat is a segment whose spans have one attribute.
type flat struct {
	store.Segment // what benchmarks do not call
	records       []store.Record
	classes       []*store.Class
	codes         []uint16
}

func newFlat() *flat {
	f := &flat{}
	services := make([]*model.Resource, 20)
	for i := range services {
		services[i] = &model.Resource{Service: fmt.Sprintf("service-%d", i)}
	}
	for c := range benchClasses {
		f.classes = append(f.classes, &store.Class{
			Op: uint32(c + 1), Service: uint32(c%20 + 1), Name: fmt.Sprintf("GET /api/%d", c), Kind: model.KindServer,
			Resource: services[c%20], Keys: []string{"http.route"}, Types: []model.ValueKind{model.ValueString},
		})
	}
	for i := range benchSpans {
		f.records = append(f.records, store.Record{
			ID: model.SpanID(i + 1), Start: int64(i) * 1e3, Duration: int64(i * 7919 % 1_000_003), Trace: uint32(i / 25), Class: uint32(i * 31 % benchClasses),
		})
		f.codes = append(f.codes, uint16(i*17%benchCodes))
	}
	return f
}

func (f *flat) Len() int                           { return len(f.records) }
func (f *flat) Record(i int) store.Record          { return f.records[i] }
func (f *flat) Classes() int                       { return len(f.classes) }
func (f *flat) Class(c uint32) *store.Class        { return f.classes[c] }
func (f *flat) Codes() int                         { return benchCodes }
func (f *flat) Rare(int) store.Rare                { return store.Rare{} }
func (f *flat) Code(i, _ int) (uint32, bool)       { return uint32(f.codes[i]), true }
func (f *flat) Decode(code uint32) model.Value     { return model.StringValue(fmt.Sprint("/cart/", code)) }
func (f *flat) Segments() []store.Segment          { return []store.Segment{f} }
func (f *flat) Traces(func(*store.TraceInfo) bool) {}
func (f *flat) Trace(i uint32) (store.TraceInfo, bool) {
	return store.TraceInfo{Index: i, RootDur: int64(i)}, true
}
func (f *flat) Dropped(uint32) bool                                 { return false }
func (f *flat) Spans(_ uint32, buf []store.Settled) []store.Settled { return buf }
func (f *flat) Places(_ uint32, buf []store.Place) []store.Place    { return buf }

func (f *flat) Records(wanted []bool, yield func(i int, r *store.Record) bool) {
	for i := range f.records {
		if r := &f.records[i]; (wanted == nil || wanted[r.Class]) && !yield(i, r) {
			return
		}
	}
}

func BenchmarkScan(b *testing.B) {
	f := newFlat()
	for _, text := range []string{
		`duration > 900us`, `service = "service-3"`, `service-3 && >500us`, `http.route = "/cart/77"`,
		`http.route =~ "/cart/7.*" && duration > 500us`, `traceDuration > 1us`, `{ service-3 } && { >900us }`,
	} {
		b.Run(text, func(b *testing.B) {
			e, err := filter.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Scan(context.Background(), f, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchSpans, "ns/span")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := filter.Parse(`service = "cart" && duration > 100ms && span.http.route =~ "/api/.*"`); err != nil {
			b.Fatal(err)
		}
	}
}
