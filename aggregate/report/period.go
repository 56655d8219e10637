package report

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"oteltop/aggregate"
)

// ErrPeriod means bad usage, as ErrID does.
var ErrPeriod = errors.New("not a period: want FROM..TO, both an RFC 3339 time or a duration from the start of the data (5m; -5m: from its end), or nothing")

// Period is a stretch of time, absolute or relative to the data.
type Period struct{ From, To Moment }

// Moment is a point in time. The zero value is open.
type Moment struct {
	At      time.Time     // not zero: this
	After   time.Duration // else this long after the start of the data
	FromEnd bool          // else, with After below 0, before its end
	Set     bool
}

// ParsePeriod reads FROM..TO.
func ParsePeriod(text string) (Period, error) {
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return Period{}, fmt.Errorf("%q is %w", text, ErrPeriod)
	}
	var p Period
	var err error
	if p.From, err = parseMoment(from); err != nil {
		return Period{}, fmt.Errorf("%q is %w", text, ErrPeriod)
	}
	if p.To, err = parseMoment(to); err != nil {
		return Period{}, fmt.Errorf("%q is %w", text, ErrPeriod)
	}
	return p, nil
}

// ErrMoment means bad usage, as ErrID does.
var ErrMoment = errors.New("not a time: want RFC 3339 or a duration from the start of the data (5m; -5m: from its end)")

// ParseMoment reads a point in time.
func ParseMoment(text string) (Moment, error) {
	m, err := parseMoment(text)
	if err != nil || !m.Set {
		return Moment{}, fmt.Errorf("%q is %w", text, ErrMoment)
	}
	return m, nil
}

func parseMoment(text string) (Moment, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Moment{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return Moment{After: d, FromEnd: strings.HasPrefix(text, "-"), Set: true}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return Moment{At: at, Set: true}, err
}

// String is what ParsePeriod reads.
func (p Period) String() string { return p.From.String() + ".." + p.To.String() }

// String is empty for an open end.
func (m Moment) String() string {
	switch {
	case !m.Set:
		return ""
	case !m.At.IsZero():
		return m.At.Format(time.RFC3339Nano)
	case m.FromEnd && m.After == 0:
		return "-0s"
	}
	return m.After.String()
}

// window places a period in data that lasts from start to end, Unix ns.
func (p Period) window(start, end int64) aggregate.Window {
	return aggregate.Window{From: p.From.unixNano(start, end), To: p.To.unixNano(start, end)}
}

func (m Moment) unixNano(start, end int64) int64 {
	switch {
	case !m.Set:
		return 0
	case !m.At.IsZero():
		return m.At.UnixNano()
	case m.FromEnd:
		return end + int64(m.After)
	}
	return start + int64(m.After)
}
