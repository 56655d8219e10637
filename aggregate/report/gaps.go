package report

import (
	"context"

	"oteltop/aggregate"
)

// ViewGaps is the pairs of services of which one calls the other without an answer in the same trace: first those
// between which context is lost, then by calls without an answer.
const ViewGaps View = "gaps"

// gapRow is a caller and a service that sends spans of its own. Matched are the unanswered calls during which the
// server started a trace, each call and each trace counting once; by_chance_share is the share of the unanswered that
// would be matched if the two had nothing to do with each other. server_traces has for each of client_traces the one
// that it was matched with.
type gapRow struct {
	Client       string   `json:"client"`
	Server       string   `json:"server"`
	Lost         bool     `json:"context_lost"`
	LostShare    float64  `json:"lost_share"` // matched of calls
	Calls        uint64   `json:"calls"`
	Unanswered   uint64   `json:"unanswered"`
	Failed       uint64   `json:"failed"` // of the unanswered
	Matched      uint64   `json:"matched"`
	ByChance     float64  `json:"by_chance_share"`
	Roots        uint64   `json:"server_roots"`         // traces that the server starts
	RootsInside  uint64   `json:"server_roots_matched"` // of these, during a call of whoever
	ClientTraces []string `json:"client_traces"`
	ServerTraces []string `json:"server_traces"`
	Sentence     string   `json:"sentence"` // empty where context is not lost
}

func gapsView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Gaps(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]gapRow, 0, len(x.Pairs))
	for i := range x.Pairs {
		p := &x.Pairs[i]
		row := gapRow{
			Client: p.Client, Server: p.Server, Lost: p.Lost, LostShare: p.Rate(), Calls: p.Calls, Unanswered: p.Unanswered, Failed: p.Failed,
			Matched: p.Matched, ByChance: p.Chance, Roots: p.Roots, RootsInside: p.RootsMatched, ClientTraces: idTexts(p.ClientTraces), ServerTraces: idTexts(p.ServerTraces),
		}
		if p.Lost {
			row.Sentence = p.Title()
		}
		rows = append(rows, row)
	}
	return &document{View: ViewGaps, Provenance: x.Provenance, Rows: rows}, nil
}
