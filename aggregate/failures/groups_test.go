package failures_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/aggregate/failures"
	"oteltop/aggregate/filter/storetest"
	"oteltop/model"
	"oteltop/model/modeltest"
)

func exception(typ, message string) model.Event {
	return model.Event{Name: "exception", Attributes: []model.Attribute{
		{Key: "exception.type", Value: model.StringValue(typ)}, {Key: "exception.message", Value: model.StringValue(message)},
	}}
}

// Where the type of an error is read, and that present and former attributes give the same.
func TestTypes(t *testing.T) {
	for name, c := range map[string]struct {
		extras string
		events []model.Event
		typ    string
		source failures.Source
	}{
		"error.type":                          {extras: "error error.type=timeout", typ: "timeout", source: failures.FromType},
		"error.type goes before exceptions":   {extras: "error error.type=timeout", events: []model.Event{exception("E", "")}, typ: "timeout", source: failures.FromType},
		"exception":                           {extras: "error", events: []model.Event{exception("a.B", "x")}, typ: "a.B", source: failures.FromException},
		"the last exception":                  {extras: "error", events: []model.Event{exception("a.B", "x"), exception("a.C", "x")}, typ: "a.C", source: failures.FromException},
		"an exception behind a status code":   {extras: "error error.type=500", events: []model.Event{exception("a.B", "x")}, typ: "a.B", source: failures.FromException},
		"an exception behind _OTHER":          {extras: "error error.type=_OTHER", events: []model.Event{exception("a.B", "x")}, typ: "a.B", source: failures.FromException},
		"an exception without a type":         {extras: "error", events: []model.Event{exception("", "item 17 is gone")}, typ: "item <n> is gone", source: failures.FromMessage},
		"OpenTracing":                         {extras: "error", events: []model.Event{{Name: "error", Attributes: []model.Attribute{{Key: "error.kind", Value: model.StringValue("IOError")}}}}, typ: "IOError", source: failures.FromMessage},
		"status code, present":                {extras: "error error.type=503 http.response.status_code=503", typ: "503", source: failures.FromStatus},
		"status code, former":                 {extras: "error http.status_code=503", typ: "503", source: failures.FromStatus},
		"status code, a text":                 {extras: "error http.status_code=\"503 \"", typ: "", source: failures.FromNothing},
		"gRPC, present":                       {extras: "error rpc.response.status_code=UNAVAILABLE", typ: "UNAVAILABLE", source: failures.FromRPC},
		"gRPC, former":                        {extras: "error=\"no healthy upstream\" rpc.grpc.status_code=14", typ: "UNAVAILABLE", source: failures.FromRPC},
		"gRPC, unknown number":                {extras: "error rpc.grpc.status_code=99", typ: "99", source: failures.FromRPC},
		"status message":                      {extras: "error=\"cart 17 of 10.0.0.1 is locked\" rpc.grpc.status_code=0", typ: "cart <n> of <ip> is locked", source: failures.FromMessage},
		"_OTHER and nothing else":             {extras: "error error.type=_OTHER", typ: "_OTHER", source: failures.FromType},
		"nothing":                             {extras: "error", typ: "", source: failures.FromNothing},
		"a log line that is not an exception": {extras: "error", events: []model.Event{{Name: "retry", Attributes: []model.Attribute{{Key: "exception.type", Value: model.StringValue("x")}}}}, source: failures.FromNothing},
	} {
		spans := modeltest.Spans(t, "cart load server 0..10 "+c.extras)
		spans[0].Events = c.events
		r := groups(storetest.Of(spans...))
		if len(r.Rows) != 1 || r.Rows[0].Type != c.typ || r.Rows[0].Source != c.source {
			t.Errorf("%s: %+v", name, r.Rows)
		}
		if o := origins(storetest.Of(spans...)); len(o.Rows) != 1 || o.Rows[0].Type != c.typ {
			t.Errorf("%s: %+v", name, o.Rows)
		}
	}
}

func TestSoftErrorsAreNotCounted(t *testing.T) {
	r := groups(drawn(t, `
		web GET server 0..100
		  cart load server 10..90 error.type=timeout
		  cart load server 10..90 error error.type=timeout`))
	if r.Soft != 1 || len(r.Rows) != 1 || r.Rows[0].Spans != 1 || r.Failing != 1 {
		t.Errorf("%+v", r)
	}
}

// burst is n requests to a cart, one a second, that fail with a share that depends on the number of the request,
// and a message that differs each time.
func burst(seed uint64, n int, share func(i int) float64) *storetest.Store {
	rng := rand.New(rand.NewPCG(seed, 16))
	s := storetest.New(nil)
	for i := range n {
		x := model.Span{
			TraceID: model.TraceID{Lo: uint64(i) + 1}, ID: 1, Name: "load", Kind: model.KindServer, Resource: &model.Resource{Service: "cart"},
			Scope: &model.Scope{}, Start: modeltest.Base + int64(i)*1e9, End: modeltest.Base + int64(i)*1e9 + 1e6,
		}
		if rng.Float64() < share(i) {
			x.Status, x.StatusText = model.StatusError, fmt.Sprintf("cart %d is locked by 10.0.0.%d", i, i%256)
		}
		s.Add(x)
	}
	return s
}

func TestWhatIsNewAndWhatIncreases(t *testing.T) {
	for name, c := range map[string]struct {
		share  func(i int) float64
		change failures.Change
		since  int // request
		over   bool
	}{
		"new":        {func(i int) float64 { return float64(boolean(i >= 750)) * .1 }, failures.New, 750, false},
		"burst":      {func(i int) float64 { return float64(boolean(i >= 250 && i < 400)) * .4 }, failures.New, 250, true},
		"increasing": {func(i int) float64 { return .02 + float64(boolean(i >= 500))*.1 }, failures.Increasing, 500, false},
		"steady":     {func(int) float64 { return .1 }, failures.Steady, -1, false},
		"decreasing": {func(i int) float64 { return .02 + float64(boolean(i < 500))*.1 }, failures.Steady, -1, false},
		"a little":   {func(i int) float64 { return .01 + float64(boolean(i >= 500))*.004 }, failures.Steady, -1, false},
		"all along":  {func(int) float64 { return 1 }, failures.Steady, -1, false},
	} {
		r := groups(burst(1, 1000, c.share))
		g := r.Rows[0]
		if len(r.Rows) != 1 || g.Type != "cart <n> is locked by <ip>" || g.Change != c.change || g.Over != c.over {
			t.Errorf("%s: %+v", name, r.Rows)
		}
		if at := int((g.Since - modeltest.Base) / 1e9); c.since >= 0 && (at < c.since-63 || at > c.since+63) {
			t.Errorf("%s: since request %d, want %d", name, at, c.since)
		}
		if g.Before+g.After != g.Traces || g.BeforeOf+g.AfterOf != g.Of || g.Of != 1000 {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Negative control: of 200 × 1,000 requests of which a steady share fails, none shows an error that is new or
// increases: less than 1 in 200,000 requests.
func TestSteadyErrorsAreNoNews(t *testing.T) {
	runs := uint64(200)
	if testing.Short() {
		runs = 30
	}
	for seed := range runs {
		rate := []float64{.001, .005, .02, .1, .4}[seed%5]
		for _, g := range groups(burst(seed, 1000, func(int) float64 { return rate })).Rows {
			if g.Change != failures.Steady {
				t.Errorf("seed %d, rate %v: %+v", seed, rate, g)
			}
		}
	}
}

// With a turn that is given, what is before and after it is compared, and nothing else.
func TestTurn(t *testing.T) {
	s := burst(1, 1000, func(i int) float64 { return float64(boolean(i >= 250)) * .1 })
	for at, want := range map[int]failures.Change{250: failures.New, 900: failures.Steady} {
		f := failures.NewGroups(s.Names())
		f.Turn(modeltest.Base + int64(at)*1e9)
		each(s, f.Add)
		g := f.Result().Rows[0]
		if g.Change != want || g.BeforeOf != uint64(at) || g.AfterOf != uint64(1000-at) {
			t.Errorf("turn at %d: %+v", at, g)
		}
	}
}

// Millions of keys are a bounded number of groups, and what found no room is counted.
func TestGroupsAreBounded(t *testing.T) {
	s := storetest.New(nil)
	const n = 20_000
	for i := range n {
		letters := strings.Map(func(r rune) rune { return 'a' + r - '0' }, fmt.Sprintf("%05d", i))
		s.Add(model.Span{
			TraceID: model.TraceID{Lo: uint64(i)/100 + 1}, ID: model.SpanID(i%100 + 1), Name: "x", Kind: model.KindServer, Resource: &model.Resource{}, Scope: &model.Scope{},
			Start: 1, End: 2, Status: model.StatusError, Attributes: []model.Attribute{{Key: "error.type", Value: model.StringValue(letters)}},
		})
	}
	r := groups(s)
	var spans uint64
	for i := range r.Rows {
		spans += r.Rows[i].Spans
	}
	if len(r.Rows) >= n || len(r.Rows) < 1000 || r.Dropped == 0 || spans+r.Dropped < n {
		t.Errorf("%d groups of %d spans, %d dropped", len(r.Rows), spans, r.Dropped)
	}
}
