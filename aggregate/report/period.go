package report

import (
	"cmp"
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
	if order, known := p.From.compare(p.To); known && order >= 0 {
		return Period{}, fmt.Errorf("%q ends before it begins and is %w", text, ErrPeriod)
	}
	return p, nil
}

// overlaps reports whether the period surely overlaps a baseline, which is all before it where there is none. Where one
// of them is placed by the data and the other is not, that is known only with the data.
func (p *Period) overlaps(baseline *Period) bool {
	if baseline == nil {
		return !p.From.Set
	}
	begins := !p.From.Set || !baseline.To.Set || p.From.isBefore(baseline.To)
	ends := !p.To.Set || !baseline.From.Set || baseline.From.isBefore(p.To)
	return begins && ends
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

// isBefore reports whether a moment is before another whatever the data are.
func (m Moment) isBefore(o Moment) bool {
	order, known := m.compare(o)
	return known && order < 0
}

// compare orders two moments that are both times, or both counted from the same end of the data.
func (m Moment) compare(o Moment) (order int, known bool) {
	switch {
	case !m.Set || !o.Set || m.At.IsZero() != o.At.IsZero():
		return 0, false
	case !m.At.IsZero():
		return m.At.Compare(o.At), true
	}
	return cmp.Compare(m.After, o.After), m.FromEnd == o.FromEnd
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
