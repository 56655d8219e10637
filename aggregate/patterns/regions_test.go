package patterns_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"oteltop/aggregate/patterns"
	"oteltop/model"
)

// far are the calls of traces that leave their region, with what they take on the way in ms.
func far(r *patterns.Result) string {
	var list []string
	for i := range r.Rows {
		x := &r.Rows[i]
		if x.Kind != patterns.CrossRegion {
			continue
		}
		here := ""
		if x.ServedHere {
			here = " here too"
		}
		list = append(list, fmt.Sprintf("%s %s > %s %s %s ×%d %v%s", x.Service, strings.Join(x.Path, " > "), x.Peer, x.Call, x.Protocol, x.Occurrences, float64(x.Save)/1e6, here))
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// CRISP's graph of calls across regions (github.com/uber-research/CRISP, tests/test_graph.py): the same operation in
// another region counts, by zone where nothing else is said; the same region, another operation and what says no region do
// not. There every figure of a call is kept; here what is waited on the way, which without clients is not known.
func TestFarCallsOfCRISP(t *testing.T) {
	const graph = `
		A GetUser server 0..1000 @region=us-west-1
		  B GetUser server 100..300 @region=us-east-1
		    C GetUser server 150..250 @zone=eu-west-1a
		  D GetUser server 300..350 @region=us-west-1
		  B GetData server 400..475 @region=us-east-1
		  E GetUser server 500..525`
	want := "A us-west-1 > us-east-1 > B GetUser  ×1 0; B us-east-1 > eu-west-1a > C GetUser  ×1 0"
	if got := far(drawn(t, graph)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for name, drawing := range map[string]string{
		"alone":                     `A GetUser server 0..1000 @region=us-west-1`,
		"a zone of the same region": "A GetUser server 0..1000 @region=us-west-1\n  B GetUser server 10..900 @zone=us-west-1b",
		"zones where regions agree": "A GetUser server 0..1000 @region=us-west-1 @zone=us-west-1a\n  B GetUser server 10..900 @zone=us-west-1b @region=us-west-1",
		"written otherwise":         "A GetUser server 0..1000 @region=us-west-1\n  B GetUser server 10..900 @region=US-West-1",
		"inside of a service":       "A GetUser server 0..1000 @region=us-west-1\n  A GetUser internal 10..900 @region=us-east-1",
	} {
		if got := far(drawn(t, drawing)); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Present and former names of the attributes say the same, of calls between clients and servers, through a gateway of the
// same name, and not of messages.
func TestFarCalls(t *testing.T) {
	for name, c := range map[string]struct{ region, zone string }{
		"present": {"cloud.region", "cloud.availability_zone"}, "former": {"cloud.region", "cloud.zone"}, "Jaeger": {"region", "zone"},
	} {
		drawing := strings.NewReplacer("@r", "@"+c.region, "@z", "@"+c.zone).Replace(`
			web GET server 0..1000 @r=eu @z=eu-1
			  web stock client 10..400 @r=eu @z=eu-1
			    stock find server 100..300 @r=us @z=us-1
			      stock forward client 110..290 @r=us @z=us-1
			        stock find server 120..280 @r=eu @z=eu-2
			  web send producer 500..510 @r=eu
			    mail take consumer 600..700 @r=us
			  web pay client 700..800 @z=eu-1
			    bank pay server 710..790 @z=eu-2`)
		want := "stock us > eu > stock find  ×1 20 here too; web eu > us > stock find  ×1 190 here too; web eu-1 > eu-2 > bank pay  ×1 20"
		if got := far(drawn(t, drawing)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// A finding is what costs, and what need not be: nothing is said of a service that runs in one region only, nor of calls
// that stay, nor of a fast way.
func TestFarCallsThatAreFound(t *testing.T) {
	at := func(answers string, way int) string {
		return fmt.Sprintf(`
web GET server 0..1000 @cloud.region=eu
  web stock client 100..%d @cloud.region=eu
    stock find server %d..%d @cloud.region=%s`, 500+2*way, 100+way, 500+way, answers)
	}
	for name, c := range map[string]struct {
		draw func(i int) string
		want []string
	}{
		"half go far": {func(i int) string {
			return []string{at("eu", 1), at("us", 80)}[i%2]
		}, []string{"cross_region: web stock in eu calls stock find in us, although eu has it: 160ms of 1.00s on the way"}},
		"it is there only":      {func(int) string { return at("us", 80) }, nil},
		"it is here":            {func(int) string { return at("eu", 80) }, nil},
		"the way is short":      {func(i int) string { return []string{at("eu", 1), at("us", 10)}[i%2] }, nil},
		"one in three hundred":  {func(i int) string { return at([]string{"eu", "us"}[min(i%300, 1)^1], 80) }, nil},
		"resources say nothing": {func(int) string { return strings.ReplaceAll(at("eu", 80), "@cloud.region=eu", "") }, nil},
	} {
		n := 600
		if got := found(t, n, c.draw); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Regions that are made up by the thousand are counted beyond the bound, and neither they nor the order in which spans
// come change what is said of others.
func TestFarCallsOfMadeUpRegions(t *testing.T) {
	var spans []model.Span
	for i := range 6000 {
		region, name := fmt.Sprint("r", i), "GET"
		if i%6 == 0 {
			region, name = []string{"eu", "EU", "us"}[i/6%3], "known"
		}
		on := func(service, region string) *model.Resource {
			return &model.Resource{Service: service, Attributes: []model.Attribute{{Key: []string{"region", "cloud.region"}[i%2], Value: model.StringValue(region)}}}
		}
		id := model.TraceID{Lo: uint64(i) + 1}
		spans = append(spans,
			model.Span{TraceID: id, ID: 1, Name: name, Kind: model.KindClient, Start: 1e18 + int64(i), End: 1e18 + int64(i) + 100, Resource: on("a", "eu"), Scope: &model.Scope{}},
			model.Span{TraceID: id, ID: 2, Parent: 1, Name: name, Kind: model.KindServer, Start: 1e18 + int64(i) + 10, End: 1e18 + int64(i) + 60, Resource: on("b", region), Scope: &model.Scope{}})
	}
	known := func(r *patterns.Result) (rows []patterns.Row) {
		for _, x := range r.Rows {
			if x.Kind == patterns.CrossRegion && x.Call == "known" {
				x.Examples = nil
				rows = append(rows, x)
			}
		}
		return rows
	}
	r := fold(spans)
	rows := known(r)
	if len(rows) != 1 || rows[0].Requests != 333 || !rows[0].ServedHere || rows[0].Save != 333*50 || !slices.Equal(rows[0].Path, []string{"EU", "us"}) || r.Dropped == 0 || len(r.Rows) > 5000 {
		t.Errorf("%+v of %d rows, %d dropped", rows, len(r.Rows), r.Dropped)
	}
	slices.Reverse(spans[:600])
	if again := known(fold(spans)); !reflect.DeepEqual(again, rows) {
		t.Errorf("%+v\n%+v", again, rows)
	}
}
