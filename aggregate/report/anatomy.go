package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/hist"
)

// ViewAnatomy is where the time between the two sides of calls goes, and how old messages are.
const ViewAnatomy View = "anatomy"

// anatomyRow is the calls, or the messages, from one service to another, of which both sides were seen; those first that
// take the most time together.
//
// Of calls: the gap is what the client waited beyond the server's own time, gap_share that part of all that it waited,
// 0 to 1, request the part of it before the server
// began, response the part after it had ended. These are known of split_calls only: between hosts that are one, or whose
// clocks calls enough compare; they are null where there are none. request_longer_calls and response_longer_calls are
// those of which that part is the longer one whatever the clocks, undecided_calls the others. Of clock_contradicting_calls
// a part would be negative, and counts as 0.
//
// Of messages: the age is from the start of the span that sends or creates one to the start of its consumer, the wait
// from that span's end. Of corrected_messages clocks were compared; the others are as right as the clocks of both sides,
// and early_messages would have been taken before they were sent.
type anatomyRow struct {
	Client string `json:"client"`
	Server string `json:"server"`
	Kind   string `json:"kind"` // call or messaging

	Calls          uint64  `json:"calls"`
	Negative       uint64  `json:"negative_gap_calls"`
	ServerP50      *int64  `json:"server_p50_ns"`
	ServerP95      *int64  `json:"server_p95_ns"`
	ServerP99      *int64  `json:"server_p99_ns"`
	GapP50         *int64  `json:"gap_p50_ns"`
	GapP95         *int64  `json:"gap_p95_ns"`
	GapP99         *int64  `json:"gap_p99_ns"`
	GapShare       float64 `json:"gap_share"`
	Split          uint64  `json:"split_calls"`
	RequestP50     *int64  `json:"request_p50_ns"`
	RequestP95     *int64  `json:"request_p95_ns"`
	RequestP99     *int64  `json:"request_p99_ns"`
	ResponseP50    *int64  `json:"response_p50_ns"`
	ResponseP95    *int64  `json:"response_p95_ns"`
	ResponseP99    *int64  `json:"response_p99_ns"`
	RequestLonger  uint64  `json:"request_longer_calls"`
	ResponseLonger uint64  `json:"response_longer_calls"`
	Undecided      uint64  `json:"undecided_calls"`
	Contradicting  uint64  `json:"clock_contradicting_calls"`

	Messages  uint64 `json:"messages"`
	Corrected uint64 `json:"corrected_messages"`
	Early     uint64 `json:"early_messages"`
	AgeP50    *int64 `json:"age_p50_ns"`
	AgeP95    *int64 `json:"age_p95_ns"`
	AgeP99    *int64 `json:"age_p99_ns"`
	WaitP50   *int64 `json:"wait_p50_ns"`
	WaitP95   *int64 `json:"wait_p95_ns"`
	WaitP99   *int64 `json:"wait_p99_ns"`

	Uncertainty *int64 `json:"clock_error_ns"` // the most that any of the differences of clocks may be wrong by; null where none was used
	TraceID     string `json:"trace_id"`       // with the longest gap or age
}

func anatomyView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Anatomy(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]anatomyRow, 0, len(x.Rows))
	for i := range x.Rows {
		r := &x.Rows[i]
		row := anatomyRow{
			Client: r.Client, Server: r.Server, Kind: string(aggregate.EdgeCall), Calls: r.Calls, Negative: r.Negative, GapShare: r.GapShare, Split: r.Split,
			RequestLonger: r.LongerThere, ResponseLonger: r.LongerBack, Undecided: r.Undecided(), Contradicting: r.Outside,
			Messages: r.Messages, Corrected: r.Corrected, Early: r.Early,
			Uncertainty: present(r.Uncertainty, r.Split+r.Corrected > 0), TraceID: idText(r.Example),
		}
		if r.Messaging {
			row.Kind = string(aggregate.EdgeMessaging)
		}
		row.ServerP50, row.ServerP95, row.ServerP99 = measured(r.Works, r.Calls-r.Negative)
		row.GapP50, row.GapP95, row.GapP99 = measured(r.Gap, r.Calls-r.Negative)
		row.RequestP50, row.RequestP95, row.RequestP99 = measured(r.There, r.Split)
		row.ResponseP50, row.ResponseP95, row.ResponseP99 = measured(r.Back, r.Split)
		row.AgeP50, row.AgeP95, row.AgeP99 = measured(r.Age, r.Messages)
		row.WaitP50, row.WaitP95, row.WaitP99 = measured(r.Wait, r.Messages)
		rows = append(rows, row)
	}
	return &document{View: ViewAnatomy, Provenance: x.Provenance, Rows: rows}, nil
}

// measured are quantiles of n durations, null of none.
func measured(q hist.Quantiles, n uint64) (p50, p95, p99 *int64) {
	return present(q.P50, n > 0), present(q.P95, n > 0), present(q.P99, n > 0)
}
