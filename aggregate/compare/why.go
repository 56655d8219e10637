package compare

import (
	"fmt"
	"strings"
)

// Unit is what Before and After of a change are in.
type Unit string

// The units.
const (
	CallsPerTrace Unit = "calls_per_trace"
	Nanoseconds   Unit = "ns"
	Share         Unit = "share" // 0–1
)

// Unit is what the figures of such a change are in.
func (k Kind) Unit() Unit {
	switch k {
	case Calls:
		return CallsPerTrace
	case LatencyShift, LatencyShape, OwnTime:
		return Nanoseconds
	}
	return Share
}

// Why says a change in a sentence; duration writes ns.
func (c *Change) Why(duration func(ns int64) string) string {
	what := strings.TrimSpace(c.Service + " " + c.Name)
	if c.Callee != "" {
		what += " (a call to " + c.Callee + ")"
	}
	percent := func(v float64) string { return fmt.Sprintf("%.3g%%", 100*v) }
	switch c.Kind {
	case Calls:
		return fmt.Sprintf("%s calls %s %.3g times a trace, was %.3g (×%.3g)", c.Client, what, c.After, c.Before, c.Ratio)
	case Structure:
		return fmt.Sprintf("%s calls %s in %s of traces, was %s", c.Client, what, percent(c.After), percent(c.Before))
	case NewOperation:
		return fmt.Sprintf("%s is new, in %s of traces", what, percent(c.After))
	case VanishedOperation:
		return fmt.Sprintf("%s is gone, was in %s of traces", what, percent(c.Before))
	case NewEdge:
		return fmt.Sprintf("%s calls %s, which is new, in %s of traces", c.Client, what, percent(c.After))
	case VanishedEdge:
		return fmt.Sprintf("%s no longer calls %s, did in %s of traces", c.Client, what, percent(c.Before))
	case NewError:
		return fmt.Sprintf("%s fails with %q, which is new, in %s of calls", what, c.Error, percent(c.After))
	case VanishedError:
		return fmt.Sprintf("%s no longer fails with %q, did in %s of calls", what, c.Error, percent(c.Before))
	case Errors:
		return fmt.Sprintf("%s fails in %s of traces, was %s", what, percent(c.After), percent(c.Before))
	case LatencyTail:
		return fmt.Sprintf("%s: %s of traces take longer than 99%% did before, was %s", what, percent(c.After), percent(c.Before))
	case LatencyShape:
		return fmt.Sprintf("%s varies otherwise: p95 %s, was %s", what, duration(int64(c.After)), duration(int64(c.Before)))
	case OwnTime:
		return fmt.Sprintf("%s takes %s without what it calls, was %s (×%.3g)", what, duration(int64(c.After)), duration(int64(c.Before)), c.Ratio)
	}
	return fmt.Sprintf("%s takes %s, was %s (×%.3g)", what, duration(int64(c.After)), duration(int64(c.Before)), c.Ratio)
}
