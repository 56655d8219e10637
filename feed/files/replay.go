package files

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Replay delivers recorded spans as if they happened now.
type Replay struct {
	Speed float64 // times the recorded pace; 0 is as fast as possible
	// Retime moves all times so that the first span starts when the replay does. Implied by Speed > 0.
	Retime bool
	// NewIDs, if not 0, makes other trace ids: the same file can be replayed again beside itself.
	NewIDs uint64
}

// longestReplay keeps the sum of a start and a recorded distance, which may be absurd, within what a
// time can hold.
const longestReplay = 100 * 365 * 24 * time.Hour

// shiftsKept is for how many traces, twice over, it is remembered how far they were moved: more than are
// in flight in any recording.
const shiftsKept = 50_000

// pace keeps the time of a replay; owned by Run's goroutine.
type pace struct {
	Replay
	began time.Time
	first uint64 // recorded start of the first span, ns
	// shifts is by how many ns each trace is moved, modulo 2⁶⁴; older has those of before the last clearing.
	shifts, older map[string]uint64
}

func newPace(r Replay) *pace { return &pace{Replay: r} }

// retime waits until a request is due, and moves its times. Requests come as they were recorded, so
// that a request is due when its last span has ended.
func (p *pace) retime(ctx context.Context, request []byte) ([]byte, error) {
	var q trace.TracesData
	if err := proto.Unmarshal(request, &q); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	first, last := extent(&q)
	if p.began.IsZero() && first != 0 {
		p.began, p.first = time.Now(), first
	}
	if p.Speed > 0 && last > p.first && !p.began.IsZero() {
		due := time.Duration(min(float64(last-p.first)/p.Speed, float64(longestReplay)))
		if err := wait(ctx, time.Until(p.began.Add(due))); err != nil {
			return nil, err
		}
	}
	eachSpan(&q, func(s *trace.Span) { p.move(s) })
	return proto.Marshal(&q)
}

// move shifts a span. What is inside a trace stays as it was recorded: only the distance of traces from the
// first span shrinks with Speed.
func (p *pace) move(s *trace.Span) {
	if p.NewIDs != 0 {
		s.TraceId = p.newID(s.TraceId)
		for _, l := range s.Links {
			l.TraceId = p.newID(l.TraceId)
		}
	}
	if !p.Retime && p.Speed <= 0 || s.StartTimeUnixNano == 0 {
		return
	}
	by := p.shift(s)
	s.StartTimeUnixNano += by
	s.EndTimeUnixNano += by
	for _, e := range s.Events {
		e.TimeUnixNano += by
	}
}

// shift is by how much the trace of a span is moved: so that the first of its spans to come begins where it
// is due.
func (p *pace) shift(s *trace.Span) uint64 {
	id := string(s.TraceId)
	if by, ok := p.shifts[id]; ok {
		return by
	}
	by, ok := p.older[id]
	if !ok {
		offset := int64(s.StartTimeUnixNano - p.first)
		if p.Speed > 0 {
			offset = int64(float64(offset) / p.Speed)
		}
		by = uint64(p.began.UnixNano()+offset) - s.StartTimeUnixNano // wraps round for earlier, as intended
	}
	if len(p.shifts) == shiftsKept {
		p.older, p.shifts = p.shifts, nil
	}
	if p.shifts == nil {
		p.shifts = map[string]uint64{}
	}
	p.shifts[id] = by
	return by
}

func (p *pace) newID(id []byte) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte(nil), id...), p.NewIDs))
	return sum[:16]
}

// extent is the first start and the last end of a request, ns.
func extent(q *trace.TracesData) (first, last uint64) {
	eachSpan(q, func(s *trace.Span) {
		if t := s.StartTimeUnixNano; t != 0 && (first == 0 || t < first) {
			first = t
		}
		last = max(last, s.EndTimeUnixNano)
	})
	return first, last
}

func eachSpan(q *trace.TracesData, f func(*trace.Span)) {
	for _, r := range q.ResourceSpans {
		for _, c := range r.ScopeSpans {
			for _, s := range c.Spans {
				f(s)
			}
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
