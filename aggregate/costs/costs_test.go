package costs_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/costs"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request/requesttest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func fold(spans []model.Span) *costs.Result {
	s := storetest.Of(spans...)
	f := costs.New(s.Names())
	requesttest.Each(s, f.Fold)
	return f.Result()
}

const shop = `
web GET / server 0..100 http.response.body.size=5000
  web call client 10..50 http.request.body.size=300 http.response.body.size=700
    cart POST /load server 20..40 http.request.body.size=300 http.response.body.size=700
      cart SELECT client 22..32 db.response.returned_rows=48
      cart MGET client 33..38 db.operation.batch.size=7
  web orders send producer 60..90 messaging.message.body.size=2000 messaging.message.envelope.size=2100
    mail orders process consumer 95..135 messaging.message.body.size=2000 messaging.batch.message_count=3
trace 2
web GET / server 1000..1040 http.response.body.size=0
`

func TestCosts(t *testing.T) {
	r := fold(modeltest.Spans(t, shop))
	var got []string
	for _, k := range r.Kinds {
		got = append(got, fmt.Sprintf("%s %s n=%d errors=%d spans=%d calls=%d/%d/%d self=%d bytes=%d of %d, p95 %d, %d", k.Service, k.Operation, k.Requests, k.Errors, k.Spans, k.Calls,
			k.CallsP50, k.CallsP95, k.Self/1e6, k.Bytes, k.Sized, k.BytesP95, k.Costliest.Lo))
	}
	for _, s := range r.Sizes {
		got = append(got, fmt.Sprintf("%s %s %s n=%d sum=%d %d..%d p50=%d", s.Service, s.Operation, s.Measure, s.N, s.Sum, s.Least, s.Most, s.P50))
	}
	want := []string{
		"web GET / n=2 errors=0 spans=8 calls=4/0/4 self=180 bytes=8000 of 2, p95 7929, 1", // a consumer's time counts, though nobody waited
		"cart MGET db_batch n=1 sum=7 7..7 p50=7",
		"cart POST /load http_request_body_bytes n=1 sum=300 300..300 p50=300",
		"cart POST /load http_response_body_bytes n=1 sum=700 700..700 p50=700",
		"cart SELECT db_returned_rows n=1 sum=48 48..48 p50=48",
		"mail orders process message_batch n=1 sum=3 3..3 p50=3",
		"mail orders process message_body_bytes n=1 sum=2000 2000..2000 p50=2000",
		"web GET / http_response_body_bytes n=2 sum=5000 0..5000 p50=0",
		"web call http_request_body_bytes n=1 sum=300 300..300 p50=300",
		"web call http_response_body_bytes n=1 sum=700 700..700 p50=700",
		"web orders send message_body_bytes n=1 sum=2000 2000..2000 p50=2000",
		"web orders send message_envelope_bytes n=1 sum=2100 2100..2100 p50=2100",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Old and new names of attributes tell the same.
func TestConventions(t *testing.T) {
	old := strings.NewReplacer("http.request.body.size", "http.request_content_length", "http.response.body.size", "http.response_content_length",
		"messaging.message.body.size", "messaging.message_payload_size_bytes").Replace(shop)
	if a, b := fold(modeltest.Spans(t, shop)), fold(modeltest.Spans(t, old)); !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// sized is requests whose response has a random size, and takes longer for a large one where grows.
func sized(seed uint64, n int, grows bool) []model.Span {
	rng := rand.New(rand.NewPCG(seed, 34))
	var spans []model.Span
	for i := range n {
		bytes := 100 + rng.Int64N(100_000)
		d := int64(1e6) + rng.Int64N(1e7)
		if grows {
			d += bytes * 500
		}
		spans = append(spans, model.Span{
			TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: "GET", Kind: model.KindServer, Resource: &model.Resource{Service: "web"}, Scope: &model.Scope{},
			Start: 1e18, End: 1e18 + d, Attributes: []model.Attribute{{Key: "http.response.body.size", Value: model.StringValue(fmt.Sprint(bytes))}},
		})
	}
	return spans
}

// Large responses take longer, whatever the order the requests come in; without a reason, hardly ever.
func TestSizeAndLatency(t *testing.T) {
	spans := sized(1, 1000, true)
	a := fold(spans).Sizes[0]
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
	if b := fold(spans).Sizes[0]; a != b || !a.Tested || a.Rho < .9 || a.Q > 1e-6 || a.N != 1000 {
		t.Errorf("%+v, shuffled %+v", a, b)
	}
	found := 0
	for seed := range uint64(40) {
		if s := fold(sized(seed, 300, false)).Sizes[0]; s.Q < .01 {
			found++
		}
	}
	if found > 2 { // .4 expected
		t.Errorf("%d of 40 have a correlation that is not there", found)
	}
}

// Numbers that nobody can send do no harm.
func TestHostileSizes(t *testing.T) {
	values := []model.Value{
		model.IntValue(-1), model.IntValue(1 << 62), model.IntValue(1 << 62), model.IntValue(1 << 62), model.DoubleValue(1e300), model.StringValue("NaN"), model.StringValue("-Inf"),
		model.StringValue("+Inf"), model.StringValue("many"), model.BoolValue(true), model.ArrayValue(nil), model.StringValue("7.5"),
	}
	var spans []model.Span
	for i, v := range values {
		spans = append(spans, model.Span{
			TraceID: model.TraceID{Lo: 1}, ID: model.SpanID(i + 1), Name: "GET", Kind: model.KindServer, Resource: &model.Resource{Service: "web"}, Scope: &model.Scope{},
			Start: 1e18, End: 1e18, Attributes: []model.Attribute{{Key: "http.response.body.size", Value: v}},
		})
	}
	r := fold(spans)
	if s := r.Sizes[0]; s.N != 6 || s.Least != 7 || s.Sum <= 0 || r.Kinds[0].Bytes <= 0 || s.P50 < s.Least || s.P99 > s.Most {
		t.Errorf("%+v", r)
	}
	spans = spans[:0]
	for i := range 10_000 {
		spans = append(spans, model.Span{
			TraceID: model.TraceID{Lo: uint64(i)}, ID: 1, Name: fmt.Sprint("GET /", i), Kind: model.KindServer, Resource: &model.Resource{Service: "web"}, Scope: &model.Scope{},
			Start: 1e18, End: 1e18, Attributes: []model.Attribute{{Key: "http.response.body.size", Value: model.IntValue(1)}},
		})
	}
	if testing.Short() {
		return
	}
	if r := fold(spans); len(r.Kinds) > 1<<13 || len(r.Sizes) > 1<<13 || r.Dropped != 2*(10_000-1<<13) {
		t.Errorf("%d kinds, %d sizes, %d dropped", len(r.Kinds), len(r.Sizes), r.Dropped)
	}
}
