package failures

// maxPeriods is into how many stretches of equally many requests what was looked at is divided: fine enough for
// a burst of a minute in an hour.
const maxPeriods = 64

// periods divide requests that come one after the other into stretches of equally many, so that neither a
// quiet night nor one clock that is wrong by a century makes them useless. They grow with what comes: when
// all are full, each two become one.
type periods struct {
	starts []int64 // start of the first request of each, Unix ns
	size   int     // requests that each holds
	filled int     // requests in the last
}

// series counts something by period.
type series [maxPeriods]uint32

// next is the period of the next request, and whether all series have to be halved before it is counted.
func (p *periods) next(start int64) (at int, halve bool) {
	p.size = max(p.size, 1)
	if len(p.starts) == 0 || p.filled == p.size {
		if len(p.starts) == maxPeriods {
			halve = true
			for i := range maxPeriods / 2 {
				p.starts[i] = p.starts[2*i]
			}
			p.starts = p.starts[:maxPeriods/2]
			p.size *= 2
		}
		p.starts = append(p.starts, start)
		p.filled = 0
	}
	p.filled++
	return len(p.starts) - 1, halve
}

// halve makes one of each two periods.
func (s *series) halve() {
	for i := range maxPeriods / 2 {
		s[i] = s[2*i] + s[2*i+1]
	}
	clear(s[maxPeriods/2:])
}

// sum is the count of the periods [from, to).
func (s *series) sum(from, to int) (n uint64) {
	for _, x := range s[from:to] {
		n += uint64(x)
	}
	return n
}
