package growth

import (
	"cmp"
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
	services := operationsOf(rows)
	var origins []*Row
	for i := range rows {
		r := &rows[i]
		if r.Operation == "" && services[r.Service].speakFor(r) {
			if r.Alarm() && !services[r.Service].changed {
				r.Shape = Masked
			}
			continue
		}
		if r.Origin() {
			origins = append(origins, r)
		}
	}
	// The largest first: what waits is explained by it, if it can be.
	slices.SortStableFunc(origins, func(a, b *Row) int { return cmp.Compare(b.Own, a.Own) })
	for i := range rows {
		r := &rows[i]
		if !r.Alarm() || slices.Contains(origins, r) {
			continue
		}
		for _, o := range origins {
			if o.Service == r.Service || reaches(r.Service, o.Service) {
				place := o.Place
				r.Because = &place
				break
			}
		}
		if r.Because == nil && r.Operation == "" && services[r.Service].speakFor(r) {
			place := services[r.Service].first
			r.Because = &place
		}
	}
}

// operations are those of a service that were judged.
type operations struct {
	calls   uint64 // of the service, by them
	changed bool
	first   model.Place // that changed
}

// speakFor reports whether enough of a service's operations were judged for them to say what it does.
func (o operations) speakFor(service *Row) bool {
	return float64(o.calls) >= minTested*float64(service.Calls)
}

func operationsOf(rows []Row) map[string]operations {
	all := map[string]operations{}
	for i := range rows {
		r := &rows[i]
		if r.Operation == "" {
			continue
		}
		o := all[r.Service]
		if r.Place.Kind.IsEntry() {
			o.calls += r.Calls
		}
		if r.Alarm() && !o.changed {
			o.changed, o.first = true, r.Place
		}
		all[r.Service] = o
	}
	return all
}

// Origin reports whether a change is of the place's own time.
func (r *Row) Origin() bool { return r.Alarm() && r.OwnShare >= minOwn }

// Alarms are the rows that a person has to look at: those that changed by themselves. What waits for something that
// did not change enough to be called a change is no place to look.
func Alarms(rows []Row) []*Row {
	var found []*Row
	for i := range rows {
		if r := &rows[i]; r.Origin() && r.Because == nil {
			found = append(found, r)
		}
	}
	return found
}
