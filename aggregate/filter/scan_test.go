package filter_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// dress gives the spans of a random trace what filters look at.
func dress(r *rand.Rand, spans []model.Span) []model.Span {
	values := []model.Value{
		model.StringValue("GET"), model.StringValue("500"), model.StringValue("a longer value that is not in a dictionary"),
		model.IntValue(500), model.IntValue(200), model.DoubleValue(1.5), model.BoolValue(true), model.StringValue("250ms"),
		model.ArrayValue([]model.Value{model.StringValue("GET"), model.IntValue(7)}),
	}
	pick := func() model.Value { return values[r.IntN(len(values))] }
	resources := map[string]*model.Resource{}
	scopes := []*model.Scope{nil, {Name: "net/http", Version: "1.2"}, {Name: "db", Attributes: []model.Attribute{{Key: "x", Value: pick()}}}}
	for i := range spans {
		s := &spans[i]
		res, ok := resources[s.Resource.Service]
		if !ok {
			copied := *s.Resource
			if r.IntN(2) == 0 {
				copied.Attributes = append(copied.Attributes, model.Attribute{Key: []string{"x", "pod"}[r.IntN(2)], Value: pick()})
			}
			res = &copied
			resources[s.Resource.Service] = res
		}
		s.Resource, s.Scope = res, scopes[r.IntN(len(scopes))]
		for _, k := range []string{"x", "http.method", "x"}[r.IntN(4):] {
			s.Attributes = append(s.Attributes, model.Attribute{Key: k, Value: pick()})
		}
		if r.IntN(6) == 0 {
			for range 1 + r.IntN(2) {
				s.Events = append(s.Events, model.Event{
					Name: []string{"exception", "log"}[r.IntN(2)], Attributes: []model.Attribute{{Key: "x", Value: pick()}},
				})
			}
		}
		if s.Status == model.StatusError && r.IntN(2) == 0 {
			s.StatusText = "deadline exceeded"
		}
	}
	return spans
}

// shapeOf names the shape of one of the traces that spans belong to.
func shapeOf(spans []model.Span, id model.TraceID) string {
	var own []model.Span
	for i := range spans {
		if spans[i].TraceID == id {
			own = append(own, spans[i])
		}
	}
	return request.ShapeName(request.ShapeOf(model.NewTrace(id, own, nil)))
}

// expression makes a random filter text over what dress makes.
func expression(r *rand.Rand, spans []model.Span) string {
	s := &spans[r.IntN(len(spans))]
	pick := func(xs ...string) string { return xs[r.IntN(len(xs))] }
	var condition func(depth int) string
	leaf := func() string {
		value := pick(`"GET"`, "GET", "500", `"500"`, "200", "1.5", "true", "250ms", "7", "nil", `"zzz"`)
		compare := pick("=", "!=", ">", ">=", "<", "<=")
		if value == "nil" {
			compare = pick("=", "!=")
		}
		if r.IntN(6) == 0 {
			compare, value = pick("=~", "!~"), pick(`"G.*"`, `".*0+"`, `"GET|500"`)
		}
		switch r.IntN(13) {
		case 0:
			return pick("service", "name", "rootService", "rootName") + pick(" = ", " != ") + fmt.Sprintf("%q", pick(s.Resource.Service, s.Name, "nobody"))
		case 1:
			return pick("service", "name") + pick("=~", "!~") + pick(`".*1"`, `"s.*"`, `"front|s1"`)
		case 2:
			return pick("kind = server", "kind != client", "kind =~ \"c.*\"", "status = error", "status != error", "error", "!error")
		case 3, 4:
			return pick("duration", "traceDuration") + pick(" = ", " != ", " > ", " >= ", " < ", " <= ") + fmt.Sprintf("%dns", max(0, s.Duration()+int64(r.IntN(3)-1)))
		case 5:
			return pick("spanId", "id", "parentId", "traceId") + pick(" = ", " != ") + pick(s.ID.String(), s.Parent.String(), s.TraceID.String())
		case 6:
			return pick("parentId = nil", "parentId != nil", "event:name = nil", "event:name = exception", "event:name != log",
				"scope:name = db", "scope:name != nil", "scope:version =~ \"1.*\"", "statusMessage =~ \".*exceeded\"", "statusMessage = nil")
		case 7:
			return pick(s.TraceID.String()[3:11], s.ID.String()[8:], pick("fron", "ser", "ice-1", "s1"), "GET")
		case 8:
			return "shape" + pick(" = ", " != ") + fmt.Sprintf("%q", pick(shapeOf(spans, s.TraceID), "0badcafe"))
		}
		return pick("span.x", ".x", "resource.x", "resource.pod", "event.x", "scope.x", "http.method", "x", "span.lacking") + " " + compare + " " + value
	}
	condition = func(depth int) string {
		if depth == 0 || r.IntN(3) == 0 {
			return pick("", "", "", "!") + "(" + leaf() + ")"
		}
		return pick("", "", "!") + "(" + condition(depth-1) + pick(" && ", " || ", " ") + condition(depth-1) + ")"
	}
	if r.IntN(2) == 0 {
		return condition(2)
	}
	var sets func(depth int) string
	sets = func(depth int) string {
		if depth == 0 || r.IntN(3) == 0 {
			if r.IntN(8) == 0 {
				return "{}"
			}
			return "{ " + condition(1) + " }"
		}
		return pick("", "", "", "!") + "(" + sets(depth-1) + pick(" && ", " || ", " > ", " >> ", " !> ") + sets(depth-1) + ")"
	}
	return sets(2)
}

// same compares the two evaluators on every trace of a store.
func same(t *testing.T, s store.Store, e *filter.Expr) (matched uint64) {
	t.Helper()
	snap := s.Snapshot()
	m, err := e.Scan(context.Background(), snap, s.Names())
	if err != nil {
		t.Fatal(err)
	}
	spans := map[uint32]map[string]int{} // by trace: the matching spans, as text since ids may be double
	for at, seg := range snap.Segments() {
		for i := range seg.Len() {
			if m.Span(at, i) {
				k := seg.Record(i).Trace
				if spans[k] == nil {
					spans[k] = map[string]int{}
				}
				spans[k][identity(seg.Span(i))]++
			}
		}
	}
	traces, total := uint64(0), uint64(0)
	snap.Traces(func(info *store.TraceInfo) bool {
		trace, _ := s.Trace(info.ID)
		want, ok := e.Match(trace)
		if ok {
			traces++
		}
		total += uint64(len(want))
		if m.Trace(info.Index) != ok {
			t.Fatalf("%s\ntrace %s: scan says %v, reference %v", e, info.ID, !ok, ok)
		}
		left := spans[info.Index]
		for _, i := range want {
			left[identity(trace.Spans[i])]--
		}
		for id, n := range left {
			if n != 0 {
				t.Fatalf("%s\nspan %s: scan has it %+d times more than the reference", e, id, n)
			}
		}
		return true
	})
	if m.Traces != traces || m.Spans != total {
		t.Fatalf("%s\nscan counts %d spans in %d traces, want %d in %d", e, m.Spans, m.Traces, total, traces)
	}
	return traces
}

func identity(s model.Span) string {
	return fmt.Sprint(s.ID, s.Parent, s.Start, s.End, s.Name, s.Kind, s.Status, s.Attributes)
}

func TestMain(m *testing.M) { modeltest.Run(m) }

func TestScanIsTheReferenceOnRandomTraces(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	none, all, some := 0, 0, 0
	for seed := range uint64(rounds) {
		r := modeltest.Rand(seed)
		s := storetest.New(nil)
		var spans []model.Span
		for i := range 12 {
			more := modeltest.Random(r, 1+r.IntN(30))
			if i%4 == 3 {
				more = modeltest.Hostile(r, 1+r.IntN(30))
			}
			spans = append(spans, dress(r, more)...)
		}
		r.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
		s.Add(spans...)
		for range 60 {
			text := expression(r, spans)
			e, err := filter.Parse(text)
			if err != nil {
				var p *filter.Error
				if errors.As(err, &p) && strings.Contains(p.Message, "nil") {
					continue
				}
				t.Fatalf("%s: %v", text, err)
			}
			switch same(t, s, e) {
			case 0:
				none++
			case s.Counters().Traces:
				all++
			default:
				some++
			}
		}
	}
	if some < none/4 || some < 10 {
		t.Errorf("expressions say little: %d match nothing, %d some, %d all traces", none, some, all)
	}
}

func TestScanEndsWithItsContext(t *testing.T) {
	s := storetest.New(nil)
	s.Add(modeltest.Random(modeltest.Rand(1), 500)...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, text := range []string{"error", "{error} && {cart}", "{error} >> {cart}"} {
		e, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Scan(ctx, s.Snapshot(), s.Names()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want that the context ended", text, err)
		}
	}
}

// TestMeaning pins what the package comment promises, on a trace drawn by hand.
func TestMeaning(t *testing.T) {
	cart := &model.Resource{Service: "cart", Attributes: []model.Attribute{{Key: "env", Value: model.StringValue("prod")}, {Key: "both", Value: model.StringValue("r")}}}
	db := &model.Resource{Service: "db"}
	id := model.TraceID{Hi: 0xabcdef, Lo: 1}
	attr := func(kv ...any) (as []model.Attribute) {
		for i := 0; i < len(kv); i += 2 {
			as = append(as, model.Attribute{Key: kv[i].(string), Value: kv[i+1].(model.Value)})
		}
		return as
	}
	spans := []model.Span{
		{TraceID: id, ID: 0xa0000001, Name: "GET /cart", Kind: model.KindServer, Start: 0, End: 1e9, Resource: cart,
			Attributes: attr("http.status_code", model.IntValue(500), "both", model.StringValue("s"), "tags", model.ArrayValue([]model.Value{model.StringValue("a"), model.StringValue("b")}))},
		{TraceID: id, ID: 0xa0000002, Parent: 0xa0000001, Name: "internal", Kind: model.KindInternal, Start: 1e6, End: 9e8, Resource: cart},
		{TraceID: id, ID: 0xa0000003, Parent: 0xa0000002, Name: "SELECT", Kind: model.KindClient, Status: model.StatusError, StatusText: "gone",
			Start: 2e6, End: 8e8, Resource: db, Attributes: attr("http.status_code", model.StringValue("404"), "took", model.StringValue("1.5s")),
			Events: []model.Event{{Name: "exception", Attributes: attr("exception.type", model.StringValue("IOError"))}, {Name: "retry"}}},
	}
	trace := model.NewTrace(id, spans, nil)
	s := storetest.New(nil)
	s.Add(spans...)
	for _, c := range []struct {
		text string
		want string // the numbers of the spans
	}{
		{`cart`, "01"}, {`CART`, "01"}, {`"get /c"`, "0"}, {`abcdef`, "012"}, {`a0000003`, "2"}, {`abcde`, ""}, {`error`, "2"},
		{`>850ms`, "01"}, {`duration >= 1s`, "0"}, {`duration = 1000ms`, "0"}, {`!cart`, "2"},
		{`span.http.status_code = 500`, "0"}, {`span.http.status_code = "500"`, "0"}, {`span.http.status_code >= 400`, "02"},
		{`span.http.status_code != 500`, "2"}, {`!(span.http.status_code = 500)`, "2"}, {`span.http.status_code = nil`, "1"},
		{`span.http.status_code != nil`, "02"}, {`span.http.status_code =~ "5.."`, "0"}, {`span.http.status_code =~ "5"`, ""},
		{`.both = s`, "0"}, {`.both = r`, "1"}, {`resource.both = r`, "01"}, {`env=prod`, "01"}, {`span.env = prod`, ""},
		{`took > 1s`, "2"}, {`span.tags = b`, "0"}, {`span.tags != b`, ""}, {`span.tags != c`, "0"}, {`span.tags =~ "[ab]"`, "0"},
		{`event:name = retry`, "2"}, {`event:name != retry`, ""}, {`event:name = nil`, "01"}, {`event.exception.type = IOError`, "2"},
		{`statusMessage = gone`, "2"}, {`statusMessage = nil`, "01"}, {`parentId = nil`, "0"}, {`rootName = "GET /cart"`, "012"},
		{`rootService = cart && kind = client`, "2"}, {`traceDuration >= 1s && error`, "2"},
		{`{ kind = server } > { error }`, ""}, {`{ kind = server } >> { error }`, "2"}, {`{ kind = server } > {} > {}`, "2"},
		{`{ kind = server } && { error }`, "02"}, {`{ kind = server } && { nobody }`, ""}, {`{ kind = server } || { nobody }`, "0"},
		{`!{ nobody }`, "012"}, {`!{ error }`, ""}, {`!!{ error }`, "012"}, {`!({ error } > { cart })`, "012"}, {`!({ cart } > { error })`, ""},
		{`{ error } && !{ nobody }`, "012"}, {`{ error } && !{ cart }`, ""},
		{`{ cart } >> { error } && { internal }`, "12"}, {`{error} >> {}`, ""}, {`{}`, "012"},
		{`{ cart } !> { db }`, ""}, {`{ kind = server } !> { db }`, "2"}, {`{ kind = server } !> {}`, "02"}, {`{ nobody } !> { error }`, "2"}, {`{} !> { parentId != nil }`, ""},
		{`{} !> {}`, "0"}, {`!({} !> { error })`, "012"}, {`({ cart } || {error}) !> ({ error })`, ""}, {`{ error } !>500ms`, ""},
		{`shape = "` + shapeOf(spans, id) + `"`, "012"}, {`error && trace:shape = "` + shapeOf(spans, id) + `"`, "2"}, {`shape = "00000000"`, ""}, {`shape !~ "0{8}" && db`, "2"},
		{`kind = server || error && cart`, "0"}, {`(kind = server || error) && db`, "2"}, {`service=cart !internal`, "0"},
	} {
		e, err := filter.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got := ""
		hits, _ := e.Match(trace)
		for _, i := range hits {
			got += fmt.Sprint(i)
		}
		if got != c.want {
			t.Errorf("%s: spans %q, want %q", c.text, got, c.want)
		}
		same(t, s, e)
	}
}
