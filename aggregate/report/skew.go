package report

import (
	"context"

	"oteltop/aggregate"
)

// ViewSkew is how far the clocks of hosts disagree: pairs of hosts that call each other, by the size of the offset.
const ViewSkew View = "skew"

// skewRow is the calls from one host to another. Hosts are named by the attribute that tells them: host.id=…, host.ip=…,
// host.name=… or service.instance.id=….
//
// offset_ns is what is to be added to the times of the server's host to compare them with the client's: 0 where the
// clocks may agree, negative where the server's is ahead. It is known to ± half_width_ns. It and the bounds are null
// where calls contradict each other.
type skewRow struct {
	Client         string   `json:"client_host"`
	Server         string   `json:"server_host"`
	ClientServices []string `json:"client_services"` // a few that run there
	ServerServices []string `json:"server_services"`
	Calls          uint64   `json:"calls"`
	Used           int      `json:"used_calls"`          // at most 500, of at most a minute
	Contradicting  int      `json:"contradicting_calls"` // of these, left out
	Offset         *int64   `json:"offset_ns"`
	Half           *int64   `json:"half_width_ns"`
	Low            *int64   `json:"low_ns"` // what the calls leave possible
	High           *int64   `json:"high_ns"`
	Adjusts        bool     `json:"adjusts"` // traces are corrected by it: there are calls enough, and 0 is not possible
	Latest         int64    `json:"latest_unix_nano"`
	TraceIDs       []string `json:"trace_ids"`
}

func skewView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Skew(ctx, q)
	if err != nil {
		return nil, err
	}
	services := map[string][]string{}
	for _, h := range x.Hosts {
		services[h.Name] = h.Services
	}
	rows := make([]skewRow, 0, len(x.Pairs))
	for i := range x.Pairs {
		p := &x.Pairs[i]
		row := skewRow{
			Client: p.Client, Server: p.Server, ClientServices: services[p.Client], ServerServices: services[p.Server],
			Calls: p.Calls, Used: p.Used, Contradicting: p.Contradicting, Adjusts: p.Known() && p.Offset != 0, Latest: p.Latest, TraceIDs: idTexts(p.Traces),
		}
		if p.Agreed {
			row.Offset, row.Half, row.Low, row.High = &p.Offset, &p.Half, &p.Low, &p.High
		}
		rows = append(rows, row)
	}
	return &document{View: ViewSkew, Provenance: x.Provenance, Rows: rows}, nil
}
