package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/trust"
	"oteltop/model/store"
)

// fakeTrust has a sound service, one of which callers are missing, and one that loses spans of its own and names no
// kind.
func fakeTrust() *aggregate.Trust {
	service := func(name string, spans uint64) trust.Service {
		return trust.Service{Name: name, Spans: spans, Clients: spans / 4, Known: spans / 5, Answered: spans / 5, Servers: spans / 4, WithClient: spans / 4, Entries: spans / 4, Inner: spans / 2}
	}
	some := func(s *trust.Service, p trust.Problem, n uint64, trace int) {
		s.Count[p] = n
		s.Examples[p] = []trust.Example{{Trace: fakeTrace(trace), Span: 7}}
	}
	front, cart, mail := service("frontend", 40_000), service("cart", 4000), service("notification", 1200)
	cart.EntryOrphans, cart.OrphanTraces = 12, 12
	some(&cart, trust.Orphan, 12, 1)
	some(&cart, trust.NoVersion, 4000, 2)
	mail.EntryOrphans, mail.InnerOrphans, mail.OrphanTraces, mail.Answered = 4, 180, 140, 200
	some(&mail, trust.Orphan, 184, 3)
	some(&mail, trust.UnspecifiedKind, 300, 4)
	some(&mail, trust.Unanswered, 40, 5)
	some(&mail, trust.Negative, 2, 6)
	return &aggregate.Trust{Provenance: fakeRollups(), Result: trust.Result{
		Services: []trust.Service{cart, front, mail},
		Requests: trust.Requests{
			Traces: 4120, Complete: 3950, Measured: 4000, Single: 120,
			Coverage: trust.Percentiles{P5: .41, P50: .97, P95: .99, Max: 1},
			Least: []trust.Traced{{Trace: fakeTrace(8), Operation: store.Operation{ServiceName: "frontend", Name: "GET /checkout"}, Duration: 900e6, GapSpan: 4,
				GapOperation: store.Operation{ServiceName: "checkout", Name: "place order"}, Measure: trust.Measure{Coverage: .12, Gap: 700e6, Root: true}}},
		},
	}}
}

func (e *fakeEngine) Trust(_ context.Context, q aggregate.Query) (*aggregate.Trust, error) {
	return fakeTrust(), e.note(q)
}

func (e hostile) Trust(context.Context, aggregate.Query) (*aggregate.Trust, error) {
	x := fakeTrust()
	for i := range x.Services {
		x.Services[i].Name = hostileName
	}
	x.Requests.Least[0].GapOperation.Name = hostileName
	return x, nil
}
