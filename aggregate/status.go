// The status line.

package aggregate

import (
	"context"
	"time"

	"oteltop/model"
	"oteltop/model/store"
)

// ReasonCount is a counter with a stable snake_case name.
type ReasonCount struct {
	Reason string
	N      uint64
}

// Status is the status line.
type Status struct {
	Now          time.Time
	SpansPerSec  float64 // over the last few seconds
	TracesPerSec float64
	Received     uint64 // spans
	Services     int
	Operations   int
	Retained     uint64  // spans
	Traces       uint64  // retained traces
	RingSeconds  float64 // how far back the ring goes, see ringSeconds
	Bytes        int64
	Budget       int64
	Refused      uint64 // spans and requests, all reasons
	Evicted      uint64 // spans
	Duplicate    uint64
	Complete     float64 // share of settled retained traces that are complete; -1 unknown
	Logs         uint64  // log records received
	Metrics      uint64  // data points received, not shown
	Oldest       int64   // event time of the data, Unix ns; 0 when there is none
	Newest       int64
	Live         bool          // a receiver or generator is attached: "now" moves
	Requests     []ReasonCount // by transport
	RefusedBy    []ReasonCount
}

// completeSample is how many traces the share of complete traces is estimated from: the status line has
// to be cheap. 500 give ±4 percentage points.
const completeSample = 500

// Status implements Engine.
func (m *Memory) Status(ctx context.Context) (*Status, error) {
	c := m.store.Counters()
	names := m.store.Names()
	s := &Status{
		Now: m.options.Now(), Received: c.Received, Services: names.Services(), Operations: names.Operations(),
		Retained: c.Spans, Traces: c.Traces, Bytes: c.Bytes, Budget: c.Budget,
		Evicted: c.Evicted, Duplicate: c.Duplicate, Live: m.options.Live,
		Logs: m.intake.LogRecords.Load(), Metrics: m.intake.MetricPoints.Load(),
	}
	s.SpansPerSec, s.TracesPerSec = m.rollup.Rates()
	if first, last, ok := m.rollup.View().Extent(rollupWindow(Window{})); ok {
		s.Oldest, s.Newest = first, last
	}
	s.RingSeconds = ringSeconds(&c, s.Newest-s.Oldest)
	m.countIntake(s, &c)
	var err error
	s.Complete, err = ask(ctx, m, questionOf("complete", Query{}), func() (float64, error) { return m.completeShare(ctx) })
	return s, err
}

// ringSeconds is how far back the ring goes, by when spans arrived; where it still holds all of them, by when they
// happened, in ns, if that is longer: what came late, as a replay's beginning does, is there too.
func ringSeconds(c *store.Counters, happened int64) float64 {
	if c.Spans == 0 {
		return 0
	}
	span := c.Newest - c.Oldest
	if c.Evicted == 0 {
		span = max(span, happened)
	}
	return float64(max(0, span)) / 1e9
}

// Arrival implements Engine.
func (m *Memory) Arrival(ctx context.Context, received uint64) {
	next := m.rollup.Arrival() // before the counter is read, so that nothing comes unseen in between
	if m.store.Counters().Received != received {
		return
	}
	select {
	case <-next:
	case <-ctx.Done():
	}
}

// countIntake fills in what reached the receivers. Where nothing counted refusals there, the store did.
func (m *Memory) countIntake(s *Status, c *store.Counters) {
	for t := model.Transport(0); t < model.Transports; t++ {
		if n := m.intake.Requests[t].Load(); n > 0 {
			s.Requests = append(s.Requests, ReasonCount{t.String(), n})
		}
	}
	for r := model.Refusal(0); r < model.Refusals; r++ {
		n := max(m.intake.RefusedSpans[r].Load(), c.Refused[r]) + m.intake.RefusedRequests[r].Load()
		if n > 0 {
			s.RefusedBy = append(s.RefusedBy, ReasonCount{r.String(), n})
			s.Refused += n
		}
	}
}

// completeShare is the share of settled traces that are complete, by a sample; -1 unknown.
func (m *Memory) completeShare(ctx context.Context) (float64, error) {
	s, err := m.scope(ctx, nil)
	if err != nil {
		return -1, err
	}
	d := detailer{m: m, snap: s.snap}
	settled, complete := 0, 0
	s.snap.Traces(func(t *store.TraceInfo) bool {
		if t.Settled {
			settled++
			if d.of(t).complete {
				complete++
			}
		}
		return settled < completeSample
	})
	if settled == 0 {
		return -1, nil
	}
	return float64(complete) / float64(settled), nil
}
