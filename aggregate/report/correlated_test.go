package report_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/report"
	"oteltop/model"
)

// swaying is six minutes of requests web → cart, web → ads and stock alone, ten a second each: how long cart takes is
// another thing every six seconds, and so is stock.
func swaying() *aggregate.Memory {
	rng := rand.New(rand.NewPCG(27, 27))
	s := storetest.New(nil)
	e := enginetest.Over(s)
	resources := map[string]*model.Resource{}
	begin := int64(1e18) / 6e9 * 6e9
	load, other := 1.0, 1.0
	for i := range uint64(3600) {
		if i%60 == 0 {
			load, other = math.Exp(.5*rng.NormFloat64()), math.Exp(.5*rng.NormFloat64())
		}
		add := func(id, parent model.SpanID, service string, trace uint64, from, to float64) {
			if resources[service] == nil {
				resources[service] = &model.Resource{Service: service}
			}
			at := begin + int64(i)*1e8
			s.Add(model.Span{TraceID: model.TraceID{Hi: trace, Lo: i + 1}, ID: id, Parent: parent, Name: "do", Kind: model.KindServer, Resource: resources[service], Scope: &model.Scope{}, Start: at + int64(from*1e6), End: at + int64(to*1e6)})
		}
		cart, ads, stock := 20*load*math.Exp(.1*rng.NormFloat64()), 2*math.Exp(.1*rng.NormFloat64()), 20*other*math.Exp(.1*rng.NormFloat64())
		add(1, 0, "web", 1, 0, cart+ads+2)
		add(2, 1, "cart", 1, 1, cart+1)
		add(3, 1, "ads", 1, cart+1, cart+ads+1)
		add(1, 0, "stock", 2, 0, stock)
	}
	s.Flush()
	return e
}

func TestCorrelatedReport(t *testing.T) {
	a := ask(t, swaying(), report.ViewCorrelated, report.Options{})
	requireFields(t, "correlated", a.Rows, "relation service operation other_service other_operation r n p q lag_ns window_ns on_path_share critical_share congestion_ratio")
	pairs := 0
	for _, r := range a.Rows {
		if r["relation"] == "services" {
			pairs++
		}
	}
	first := a.Rows[0]
	if r := number(t, first, "r"); pairs != 2 || first["service"] != "web" || first["other_service"] != "cart" || integer(t, first, "lag_ns") != 0 || r < .95 {
		t.Errorf("%d pairs, %v", pairs, first)
	}
	if q := number(t, a.Rows[1], "q"); a.Rows[1]["other_service"] != "ads" || q < .05 {
		t.Errorf("%v", a.Rows[1])
	}
	important := a.Rows[pairs]
	if r := number(t, important, "r"); important["relation"] != "request" || important["service"] != "stock" && important["service"] != "cart" || r < .95 {
		t.Errorf("%v", important)
	}
	for _, r := range a.Rows[pairs:] {
		if r["service"] == "ads" && number(t, r, "r") > .2 {
			t.Errorf("%v", r)
		}
	}
	if a := ask(t, swaying(), report.ViewCorrelated, report.Options{Limit: 1}); len(a.Rows) != 1 {
		t.Errorf("%d rows", len(a.Rows))
	}
}

func number(t testing.TB, row map[string]any, key string) float64 {
	t.Helper()
	f, err := row[key].(json.Number).Float64()
	if err != nil {
		t.Fatalf("%s: %v is not a number", key, row[key])
	}
	return f
}
