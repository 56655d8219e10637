package growth

import (
	"slices"

	"oteltop/model"
)

const (
	// minOwn is the part of a change that has to be self time for the place to be where it comes from.
	minOwn = .5
	// minTested is the share of a service's calls whose operations have to be long enough to be judged,
	// for them to say whether the service as a whole is slower.
	minTested = .8
)

// Explain finds out whose growth is whose. A caller that waits for something slower is slower itself: its
// row is given the place whose own time changed, of its own service or of one that it reaches by calls.
// And a service of which no operation changed only does more of what is slow: its shape becomes Masked.
func Explain(rows []Row, reaches func(from, to string) bool) {
	type tally struct {
		tested  uint64
		changed bool
	}
	operations := map[string]tally{}
	var origins []*Row
	for i := range rows {
		r := &rows[i]
		if r.Operation == "" {
			continue
		}
		t := operations[r.Service]
		if isEntry(r.Place) {
			t.tested += r.Calls
		}
		t.changed = t.changed || r.Alarm()
		operations[r.Service] = t
		if r.Alarm() && r.OwnShare >= minOwn {
			origins = append(origins, r)
		}
	}
	// The largest first: what waits is explained by it, if it can be.
	slices.SortStableFunc(origins, func(a, b *Row) int {
		switch {
		case a.Own > b.Own:
			return -1
		case a.Own < b.Own:
			return 1
		}
		return 0
	})
	for i := range rows {
		r := &rows[i]
		if !r.Alarm() || r.Operation != "" && r.OwnShare >= minOwn {
			continue
		}
		if t := operations[r.Service]; r.Operation == "" && !t.changed && float64(t.tested) >= minTested*float64(r.Calls) {
			r.Shape = Masked
			continue
		}
		for _, o := range origins {
			if o.Service == r.Service || reaches(r.Service, o.Service) {
				place := o.Place
				r.Because = &place
				break
			}
		}
	}
}

// isEntry reports whether the spans of an operation are calls of its service by their kind alone.
func isEntry(p Place) bool { return p.Kind == model.KindServer || p.Kind == model.KindConsumer }

// Alarms are the rows that a person has to look at: those that changed and whose change is not another's.
func Alarms(rows []Row) []*Row {
	var found []*Row
	for i := range rows {
		if r := &rows[i]; r.Alarm() && r.Because == nil {
			found = append(found, r)
		}
	}
	return found
}
