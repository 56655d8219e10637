package shapes

// Frequent counts keys in bounded memory: SpaceSaving (Metwally, Agrawal and El Abbadi, "Efficient
// Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005). When there is no room, a new key
// takes the place of the one that was counted least, and its count with it. Of N keys counted with m
// counters, a count is at most N/m too large, never too small, and every key seen more often than N/m is
// there. The zero value is empty and ready. Not safe for concurrent use.
type Frequent[T any] struct {
	N        uint64 // keys counted
	Replaced uint64 // counters that were given to another key

	counters []Counter[T]
	place    map[uint64]int
}

// Counter is a key with its count and what was learnt of it since it has the counter.
type Counter[T any] struct {
	Key   uint64
	Count uint64 // at least the true count
	Error uint64 // and at most so much more
	Of    T
}

// Known is how often the key was seen for certain: since it has the counter, of which Of tells.
func (c *Counter[T]) Known() uint64 { return c.Count - c.Error }

// Count counts a key once. room says whether another counter may be made; when it may not, the key gets that
// of another, with what was learnt of it, which displaced is told before it is cleared (nil: nobody).
// Without room and counters, nothing is counted and the answer is nil. It is valid until the next call.
func (f *Frequent[T]) Count(key uint64, room bool, displaced func(*Counter[T])) (c *Counter[T], fresh bool) {
	if at, ok := f.place[key]; ok {
		f.N++
		c = &f.counters[at]
		c.Count++
		return c, false
	}
	if f.place == nil {
		f.place = map[uint64]int{}
	}
	switch {
	case room:
		f.place[key] = len(f.counters)
		f.counters = append(f.counters, Counter[T]{Key: key})
		c = &f.counters[len(f.counters)-1]
	case len(f.counters) == 0:
		return nil, false
	default:
		at := f.least()
		c = &f.counters[at]
		if displaced != nil {
			displaced(c)
		}
		delete(f.place, c.Key)
		f.place[key] = at
		*c = Counter[T]{Key: key, Count: c.Count, Error: c.Count}
		f.Replaced++
	}
	f.N++
	c.Count++
	return c, true
}

// least is the counter with the lowest count; of several the one with the lowest key.
func (f *Frequent[T]) least() int {
	best := 0
	for i := range f.counters {
		a, b := &f.counters[i], &f.counters[best]
		if a.Count < b.Count || a.Count == b.Count && a.Key < b.Key {
			best = i
		}
	}
	return best
}

// Counters are all counters, in no order that means anything.
func (f *Frequent[T]) Counters() []Counter[T] { return f.counters }
