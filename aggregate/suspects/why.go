package suspects

import (
	"fmt"
	"math"
	"time"
)

// Why says in a sentence what speaks most against a suspect, with figures.
func (s *Suspect) Why() string {
	if len(s.Changes) == 0 {
		return ""
	}
	text := s.sentence()
	switch {
	case s.Score == 0:
		return text + "; this may be chance"
	case s.Changes[0].Score < s.Score:
		return fmt.Sprintf("%s; that is %.0f %% of what it accounts for", text, 100*s.Changes[0].Score/s.Score)
	}
	return text
}

func (s *Suspect) sentence() string {
	c := &s.Changes[0]
	switch c.Mechanism {
	case Work:
		if c.After < c.Before {
			return fmt.Sprintf("%s in %s works only %s per call, before %s: it returns early", c.Operation, c.Service, span(c.After), span(c.Before))
		}
		return fmt.Sprintf("%s in %s works %s per call, before %s", c.Operation, c.Service, span(c.After), span(c.Before))
	case Wait:
		return s.waiting(c)
	case Calls:
		if c.After < c.Before && s.Service != c.Service {
			return fmt.Sprintf("%s in %s calls %s %s times per call, before %s: it gives up after asking %s", c.Operation, c.Service, c.Callee, number(c.After), number(c.Before), s.Service)
		}
		if c.After < c.Before {
			return fmt.Sprintf("%s in %s calls %s %s times per call, before %s: it returns early", c.Operation, c.Service, c.Callee, number(c.After), number(c.Before))
		}
		return fmt.Sprintf("%s in %s calls %s %s times per call, before %s", c.Operation, c.Service, c.Callee, number(c.After), number(c.Before))
	case Unanswered:
		return fmt.Sprintf("%s answers %.0f %% of the calls %s of %s, before %.0f %%", c.Server, 100*c.After, c.Operation, c.Client, 100*c.Before)
	}
	return fmt.Sprintf("errors begin in %s of %s in %.1f %% of the traces, before %.1f %%", c.Operation, c.Service, 100*c.After, 100*c.Before)
}

// waiting explains a longer wait by the side that is charged with it.
func (s *Suspect) waiting(c *Change) string {
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
			return fmt.Sprintf("%s waits %s per call for %s, before %s%s", c.Client, span(c.After), c.Server, span(c.Before), also)
		}
		return fmt.Sprintf("%s waits %s longer per call for %s than that works, before %s%s", c.Client, span(c.After), c.Server, span(c.Before), also)
	}
	if s.Peer {
		return fmt.Sprintf("%s waits %s per call for %s, before %s", c.Client, span(c.After), c.Server, span(c.Before))
	}
	return fmt.Sprintf("%s waits %s longer per call of %s than %s works, before %s: network or queue", c.Client, span(c.After), c.Operation, c.Server, span(c.Before))
}

// span writes ns with three digits.
func span(ns float64) string {
	d := time.Duration(ns)
	for unit := time.Nanosecond; ; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
}

// number writes a count per call.
func number(f float64) string {
	return fmt.Sprintf("%.3g", math.Round(f*1000)/1000)
}
