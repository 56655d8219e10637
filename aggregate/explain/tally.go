package explain

import "oteltop/aggregate/hist"

const (
	// tallyValues is how many values of a key are counted in each cohort (SpaceSaving, Metwally et al.
	// 2005): with n traces no count is off by more than n/256.
	tallyValues = 256
	// maxCounters bounds the counters of all keys together: 20 MB.
	maxCounters = 1 << 18
	// verdictAfter is after how many values of a full table it is judged whether a key is an identifier.
	verdictAfter = 2 * tallyValues
)

// tallyKey identifies a tally. Op is 0 but for ScopeTrace; there attributes of spans have an operation,
// those of resources a service.
type tallyKey struct {
	scope   Scope
	op      uint32
	service uint32
	key     string
}

// tally counts the values of a key by cohort, each once for a trace.
type tally struct {
	tallyKey
	sides  [2]saving
	number [2]numbers
}

// idLike reports whether most traces have a value of their own. The cohort with more values knows: among
// few traces most values of any key are new.
func (t *tally) idLike() bool {
	if t.sides[0].values > t.sides[1].values {
		return t.sides[0].idLike()
	}
	return t.sides[1].idLike()
}

// saving is a SpaceSaving table over the traces of a cohort.
type saving struct {
	index    map[uint32]uint16 // value → entry
	entries  []counter
	present  uint64 // traces that have the key at all
	latest   int32  // 1 + the ordinal of the last of them
	values   uint64 // values seen, once per trace each
	fresh    uint64 // of them, how many were not in the table
	lost     uint64 // largest count that a value outside the table may have
	isFrozen bool   // proved an identifier: values that are not in the table are no longer looked at
}

// counter is a value with the traces that have it; at most err of them had another value.
type counter struct {
	value  uint32
	latest int32 // 1 + the ordinal of the last trace that was counted
	count  uint64
	err    uint64
}

// see notes that a trace has the key, whatever its value.
func (s *saving) see(ordinal int) {
	if s.latest != int32(ordinal)+1 {
		s.latest = int32(ordinal) + 1
		s.present++
	}
}

// add counts a value for a trace, unless it has been counted for it already. room is how many counters
// may still be made; without any, new values take the places of old ones as in a full table.
func (s *saving) add(ordinal int, value uint32, room *int) {
	if at, ok := s.index[value]; ok {
		if c := &s.entries[at]; c.latest != int32(ordinal)+1 {
			c.latest = int32(ordinal) + 1
			c.count++
			s.values++
		}
		return
	}
	s.values++
	s.fresh++
	if s.isFrozen {
		return
	}
	if len(s.entries) < tallyValues && (*room > 0 || len(s.entries) == 0) {
		*room--
		if s.index == nil {
			s.index = map[uint32]uint16{}
		}
		s.index[value] = uint16(len(s.entries))
		s.entries = append(s.entries, counter{value, int32(ordinal) + 1, 1, 0})
		return
	}
	s.replace(ordinal, value)
	// An identifier would replace for ever, which costs a search each time and finds nothing.
	s.isFrozen = s.values > verdictAfter && 2*s.fresh > s.values
}

// replace gives the place of the rarest value to a new one, which inherits its count as its error.
func (s *saving) replace(ordinal int, value uint32) {
	rarest := 0
	for i := range s.entries {
		if s.entries[i].count < s.entries[rarest].count {
			rarest = i
		}
	}
	c := &s.entries[rarest]
	delete(s.index, c.value)
	s.index[value] = uint16(rarest)
	s.lost = max(s.lost, c.count)
	*c = counter{value, int32(ordinal) + 1, c.count + 1, c.count}
}

// of is how many traces have a value: at most count, at least count−err.
func (s *saving) of(value uint32) (count, err uint64) {
	if at, ok := s.index[value]; ok {
		return s.entries[at].count, s.entries[at].err
	}
	return s.lost, s.lost
}

// minIdentifiers is how many values it takes to call a key an identifier.
const minIdentifiers = 20

// idLike reports whether more than half of the values seen were new.
func (s *saving) idLike() bool { return s.values >= minIdentifiers && 2*s.fresh > s.values }

// numbers is the numeric values of a key in a cohort: of each trace the first to arrive, so that traces
// with more spans do not have larger numbers.
type numbers struct {
	latest int32
	count  uint64
	hist   hist.Histogram
}

func (n *numbers) add(ordinal int, v float64) {
	if n.latest == int32(ordinal)+1 {
		return
	}
	n.latest = int32(ordinal) + 1
	n.count++
	n.hist.AddBin(numberBin(v), 1)
}
