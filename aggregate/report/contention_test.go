package report_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/enginetest"
	"oteltop/aggregate/filter/storetest"
	"oteltop/aggregate/report"
	"oteltop/model"
)

// queueing is a minute of requests to cart, which asks redis, in bursts: redis takes perOne longer for each
// other call that it is busy with, ads takes what it takes. dbKey is the attribute that names it.
func queueing(dbKey string, perOne float64, shuffle bool) *aggregate.Memory {
	rng := rand.New(rand.NewPCG(2, 9))
	var spans []model.Span
	cart, ads := &model.Resource{Service: "cart"}, &model.Resource{Service: "ads"}
	var ends []float64
	for i, s := uint64(1), 0.0; s < 60; i++ {
		rate := 30.0
		if math.Mod(s, 2) < .5 {
			rate = 120
		}
		s += rng.ExpFloat64() / rate
		ends = slices.DeleteFunc(ends, func(e float64) bool { return e <= s })
		query := .02 * math.Exp(.3*rng.NormFloat64()) * (1 + perOne*float64(len(ends)))
		ends = append(ends, s+query)
		other := .02 * math.Exp(.3*rng.NormFloat64())
		add := func(id, parent model.SpanID, name string, kind model.Kind, r *model.Resource, from, to float64) {
			x := model.Span{TraceID: model.TraceID{Lo: i}, ID: id, Parent: parent, Name: name, Kind: kind, Resource: r, Scope: &model.Scope{}, Start: 1e18 + int64(from*1e9), End: 1e18 + int64(to*1e9)}
			if name == "GET" {
				x.Attributes = []model.Attribute{{Key: dbKey, Value: model.StringValue("redis")}}
			}
			spans = append(spans, x)
		}
		add(1, 0, "load", model.KindServer, cart, s-.001, s+query+other+.001)
		add(2, 1, "GET", model.KindClient, cart, s, s+query)
		add(3, 1, "show", model.KindServer, ads, s+query, s+query+other)
	}
	if shuffle {
		rng.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
	}
	store := storetest.New(nil)
	e := enginetest.Over(store)
	store.Add(spans...)
	store.Flush()
	return e
}

func TestContentionReport(t *testing.T) {
	a := ask(t, queueing("db.system.name", .2, false), report.ViewContention, report.Options{})
	requireFields(t, "contention", a.Rows, "resource service operation kind contended slower_ratio busy_in_flight busy_p50_ns quiet_in_flight quiet_p50_ns lost_ns rho "+
		"arrivals_rho per_one_ratio p q spans stretches in_flight little_in_flight trace_ids")
	row := a.Rows[0]
	if row["resource"] != "redis" || row["service"] != "cart" || row["operation"] != "GET" || row["contended"] != true || len(row["trace_ids"].([]any)) != 5 {
		t.Errorf("%v", row)
	}
	for _, r := range a.Rows[1:] {
		if r["contended"] != false {
			t.Errorf("%v", r)
		}
	}
	if len(a.Rows) != 3 {
		t.Errorf("%d rows", len(a.Rows))
	}
	f := ask(t, queueing("db.system.name", .2, false), report.ViewFindings, report.Options{})
	if title := "redis GET of cart is ×2.1 slower when 6 or more run at once"; len(f.Rows) != 1 || f.Rows[0]["kind"] != "contention" || f.Rows[0]["title"] != title {
		t.Errorf("%v", f.Rows)
	}
	// The name that the attribute had before, and the order in which spans arrive, make no difference.
	for name, e := range map[string]*aggregate.Memory{"old": queueing("db.system", .2, false), "shuffled": queueing("db.system", .2, true)} {
		if again := ask(t, e, report.ViewContention, report.Options{}); !reflect.DeepEqual(again.Rows, a.Rows) {
			t.Errorf("%s: %v\nwant %v", name, again.Rows, a.Rows)
		}
	}
	for _, r := range ask(t, queueing("db.system", 0, false), report.ViewContention, report.Options{Limit: 2}).Rows {
		if r["contended"] != false {
			t.Errorf("without contention: %v", r)
		}
	}
}
