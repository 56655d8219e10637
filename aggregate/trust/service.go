package trust

import "oteltop/model"

// Problem is something that is wrong with a span. Its values are stable: scripts read them.
type Problem uint8

// The problems.
const (
	Orphan          Problem = iota // its parent was not seen
	Unanswered                     // a call to a known service of which no span was seen
	NoPeer                         // a client that does not name whom it calls
	NoClient                       // a server, not a root, whose parent is no client
	Negative                       // it ended before it started
	Outside                        // wholly before or after the parent that waits for it
	DuplicateID                    // another, different span of the trace has its id
	UnspecifiedKind                // it does not say what kind it is
	NoServiceName                  // its resource has no service.name
	NoVersion                      // its resource has no service.version
	DroppedField                   // its SDK dropped attributes, events or links
	problems
)

// String is the name of a problem in reports.
func (p Problem) String() string {
	return [...]string{
		"orphan", "unanswered_client", "client_without_peer", "server_without_client", "negative_duration", "outside_parent",
		"duplicate_id", "unspecified_kind", "no_service_name", "no_version", "dropped_fields",
	}[p]
}

// Problems are all problems.
func Problems() []Problem {
	all := make([]Problem, problems)
	for i := range all {
		all[i] = Problem(i)
	}
	return all
}

// Example is a span that has a problem.
type Example struct {
	Trace model.TraceID
	Span  model.SpanID
}

// Service is how good the spans of a service are. Counts are of spans.
type Service struct {
	Name  string
	Spans uint64
	Count [problems]uint64

	Clients  uint64 // kind client
	Known    uint64 // of Clients: to a service that sends spans, as their peer or an answer tells
	Answered uint64 // of Known: with a span on the other side

	Servers    uint64 // kind server
	RootServer uint64 // of Servers: without a parent id
	WithClient uint64 // of Servers: below a client

	Entries       uint64    // servers and consumers with a parent id: their parent is the caller's
	EntryOrphans  uint64    // of Entries: the caller's span is missing
	Inner         uint64    // other spans with a parent id: their parent is the service's own
	InnerOrphans  uint64    // of Inner: the service's own span is missing
	OrphanTraces  uint64    // traces with an orphan of the service
	UniqueIDs     uint64    // Spans but those of an id that another span of the trace has, too
	DroppedCounts [3]uint64 // attributes, events and links that its SDK dropped

	Examples [problems][]Example // a few of each
	last     uint64              // trace with an orphan, by number
}

// Score is the share of spans that would have no fault if faults had nothing to do with each other, 0 to 1: the
// product, over what can be wrong, of the share in which it is not. A peer and a resource without their names or version
// hide no span and do not count; a server whose caller is missing counts as an orphan.
func (s *Service) Score() float64 {
	score := 1.0
	for p, of := range [problems]uint64{
		Orphan: s.Entries + s.Inner, Unanswered: s.Known, Negative: s.Spans, Outside: s.Spans, DuplicateID: s.Spans,
		UnspecifiedKind: s.Spans, DroppedField: s.Spans,
	} {
		if of > 0 { // else it is none of these, or there is nothing to be wrong
			score *= 1 - float64(min(s.Count[p], of))/float64(of)
		}
	}
	return score
}

// maxExamples is how many spans are named of each problem and service.
const maxExamples = 3

func (s *Service) has(p Problem, trace model.TraceID, span model.SpanID) {
	s.Count[p]++
	if len(s.Examples[p]) < maxExamples {
		s.Examples[p] = append(s.Examples[p], Example{trace, span})
	}
}
