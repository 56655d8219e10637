package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/skew"
	"oteltop/model"
)

// fakeSkew has hosts that disagree, hosts that may agree, and hosts of which too little is known.
func fakeSkew() *aggregate.Skew {
	return &aggregate.Skew{Provenance: fakeRollups(), Result: skew.Result{
		Hosts: []skew.Host{{Name: "host.name=a", Services: []string{"frontend"}}, {Name: "host.name=b", Services: []string{"cart"}}, {Name: "host.name=c", Services: []string{"payments"}}},
		Pairs: []skew.Pair{
			{Client: "host.name=a", Server: "host.name=b", Calls: 900, Used: 500, Contradicting: 3, Agreed: true, Low: -5_400_000, High: -4_800_000, Offset: -5_100_000, Half: 300_000, Traces: []model.TraceID{fakeTrace(30)}},
			{Client: "host.name=a", Server: "host.name=c", Calls: 400, Used: 400, Agreed: true, Low: -200_000, High: 700_000, Half: 450_000, Traces: []model.TraceID{fakeTrace(31)}},
			{Client: "host.name=b", Server: "host.name=c", Calls: 4, Used: 4, Agreed: true},
		},
	}}
}

func (e *fakeEngine) Skew(_ context.Context, q aggregate.Query) (*aggregate.Skew, error) {
	return fakeSkew(), e.note(q)
}

func (e hostile) Skew(context.Context, aggregate.Query) (*aggregate.Skew, error) {
	x := fakeSkew()
	for i := range x.Pairs {
		x.Pairs[i].Client, x.Pairs[i].Server = hostileName, hostileName
	}
	return x, nil
}
