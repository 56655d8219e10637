package suspects

import (
	"fmt"
	"math"

	"oteltop/aggregate/prose"
)

// Why says in a sentence what speaks most against a suspect, with figures.
func (s *Suspect) Why() string {
	if len(s.Changes) == 0 {
		return ""
	}
	if text := s.sentence(); s.Score > 0 {
		return text
	}
	return s.sentence() + "; this may be chance"
}

// Recovered says in a sentence what is again as it used to be.
func (s *Suspect) Recovered() string {
	c := &s.Changes[0]
	if c.Mechanism == Work {
		return fmt.Sprintf("%s recovered: %s works %s per call again, %s in the time before", s.Service, c.Operation, span(c.After), span(c.Before))
	}
	return fmt.Sprintf("%s recovered: %s calls %s %s", s.Service, c.Operation, c.Callee, times(c))
}

func (s *Suspect) sentence() string {
	c := &s.Changes[0]
	switch c.Mechanism {
	case Work:
		text := fmt.Sprintf("%s in %s works %s", c.Operation, c.Service, working(c))
		if s.Service != c.Service {
			text += ", only where " + s.Service + " fails"
		}
		return text
	case Wait:
		return s.waiting(c)
	case Calls:
		text := fmt.Sprintf("%s in %s calls %s %s", c.Operation, c.Service, c.Callee, times(c))
		switch {
		case c.After < c.Before && s.Service != c.Service:
			return text + ": it gives up after asking " + s.Service
		case c.After < c.Before:
			return text + ": it returns early"
		case s.Service != c.Service:
			return text + ", only where " + s.Service + " fails"
		}
		return text
	case Unanswered:
		return fmt.Sprintf("%s answers %.0f%% of the calls %s of %s, before %.0f%%", c.Server, 100*c.After, c.Operation, c.Client, 100*c.Before)
	}
	return fmt.Sprintf("errors begin in %s of %s in %.1f%% of the requests, before %.1f%%", c.Operation, c.Service, 100*c.After, 100*c.Before)
}

// working says how long an operation works itself. Less of it is put down to what else is known.
func working(c *Change) string {
	text := fmt.Sprintf("%s per call, before %s", span(c.After), span(c.Before))
	switch {
	case c.After >= c.Before:
		return text
	case c.Early:
		return "only " + text + ": it returns early"
	}
	return "only " + text + ": most of its own work is gone"
}

// waiting explains a longer wait by the side that is charged with it.
func (s *Suspect) waiting(c *Change) string {
	to := c.Server
	if c.Database {
		to = "database " + to
	}
	before := fmt.Sprintf("(before: %s)", span(c.Before))
	if s.Service == c.Client && s.Service != c.Server {
		edges := map[string]bool{}
		for i := range s.Changes {
			if x := &s.Changes[i]; x.Mechanism == Wait && x.Client == s.Service {
				edges[x.Server] = true
			}
		}
		also := ""
		if len(edges) > 1 {
			also = fmt.Sprintf(", and likewise for %d more", len(edges)-1)
		}
		if c.Peer {
			return fmt.Sprintf("%s waits %s for each call to %s %s%s", c.Client, span(c.After), to, before, also)
		}
		return fmt.Sprintf("%s waits %s for each call to %s beyond what that needs %s%s", c.Client, span(c.After), to, before, also)
	}
	if c.Peer {
		return fmt.Sprintf("%s waits %s for each call to %s %s", c.Client, span(c.After), to, before)
	}
	return fmt.Sprintf("%s waits %s for each %s of %s beyond what that needs %s: network or queue", c.Client, span(c.After), c.Operation, c.Server, before)
}

// times says how often a call is made: where never more than once, in how many of a hundred calls of the
// caller.
func times(c *Change) string {
	if max(c.Before, c.After) < 1+once {
		return fmt.Sprintf("in %s, before in %s", ofHundred(c.After), ofHundred(c.Before))
	}
	return fmt.Sprintf("%s per call, before %s", number(c.After), number(c.Before))
}

// once is how near to 1 a mean number of calls is said to be 1.
const once = 0.05

func ofHundred(share float64) string {
	switch n := math.Round(100 * share); {
	case n >= 100:
		return "all calls"
	case n < 1:
		return "hardly any call"
	default:
		return fmt.Sprintf("%.0f of 100 calls", n)
	}
}

// span writes ns with three digits.
func span(ns float64) string {
	if ns < 1000 {
		return "<1us"
	}
	return prose.Duration(int64(ns))
}

// number writes a count per call.
func number(f float64) string {
	if math.Abs(f-1) < once {
		return "once"
	}
	return fmt.Sprintf("%.3g times", math.Round(f*1000)/1000)
}
