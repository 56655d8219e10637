package findings

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// perOperation is how many findings of one operation and window are listed, whatever their kinds: the
// fourth tells nothing that the first three do not make a person find.
const perOperation = 3

// weights are what a finding that harms every request counts, by class. What requests have always done too
// much of must not stand above what makes some of them fail, nor that above what has just changed, unless it
// harms very many more: by the root of the share, four times as many for each halving of the weight.
var weights = [...]float64{Changed: 1, Broken: .5, Slow: .2, Wasteful: .03, Unusual: .01, Untold: .01}

// recovered is the weight of a Recovery: good news is for who asks for it.
const recovered = .005

// ended is by how much less a change counts that is over: what goes on can still be stopped.
const ended = .5

// sameEvent is how much earlier than the first error a change may be seen that they are both about; and how far apart
// the end of a change and a recovery of its service may be dated.
const sameEvent = int64(time.Minute)

// Merge ranks findings of all kinds in one list, by score, and thins it out: of findings of one kind about
// the same place the first is kept, and of one operation and window the first three.
//
// The score is the weight of the class times the root of the share of requests harmed (the root, because
// a fault that one request in a hundred meets is not a hundred times less worth a look than one that all
// meet). It orders; it measures nothing. Of equal scores the one that cost more time goes first. Errors that
// began with a change of the same service stand before it, with its score: they say what fails. A recovery that is
// the end of a change is told there.
func Merge(all ...[]Finding) []Finding {
	list := slices.Concat(all...)
	for i := range list {
		list[i].Score = list[i].score()
	}
	explain(list)
	list = foldRecoveries(list)
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.Lost, a.Lost), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Client, b.Client), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.From, b.From))
	})
	places := map[place]int{}
	same := map[sameness]struct{}{}
	kept := list[:0]
	for i := range list {
		f := &list[i]
		at := place{f.Service, f.Operation, f.Client, f.From}
		like := sameness{f.Kind, at}
		if f.Kind == Onset {
			like.from = 0 // the largest change of a place tells of the smaller ones
		}
		if _, ok := same[like]; ok || places[at] == perOperation {
			continue
		}
		same[like] = struct{}{}
		places[at]++
		kept = append(kept, *f)
	}
	return kept
}

// place is an operation, a service or an edge, and a window.
type place struct {
	service, operation, client string
	from                       int64
}

type sameness struct {
	kind Kind
	place
}

func (f *Finding) score() float64 {
	if f.Of == 0 {
		return 0
	}
	share, weight := float64(f.Harmed)/float64(f.Of), weights[f.Kind.Class()]
	if f.Effect > 0 {
		share = f.Effect
	}
	if f.Kind == Recovery {
		weight = recovered
	}
	if f.Ended != 0 {
		weight *= ended
	}
	return weight * math.Sqrt(min(1, share))
}

// explain gives errors the score of the largest change that they explain.
func explain(list []Finding) {
	for i := range list {
		e := &list[i]
		if e.rank() != 0 {
			continue
		}
		for j := range list {
			if x := &list[j]; x.Kind == Onset && x.Service == e.Service && e.explains(x) {
				e.Score = max(e.Score, x.Score)
			}
		}
	}
}

// explains reports whether errors began with a change of their service. Those that come and go have no begin:
// they explain changes of the operation that fails.
func (f *Finding) explains(x *Finding) bool {
	if f.From == 0 {
		return f.Operation == x.Operation
	}
	return x.From >= f.From-sameEvent && (f.To == 0 || x.From <= f.To)
}

// foldRecoveries leaves out recoveries that are the end of a change which is said to be over.
func foldRecoveries(list []Finding) []Finding {
	var over []Finding
	for i := range list {
		if f := &list[i]; f.Kind == Onset && f.Ended != 0 {
			over = append(over, *f)
		}
	}
	return slices.DeleteFunc(list, func(f Finding) bool {
		return f.Kind == Recovery && slices.ContainsFunc(over, func(x Finding) bool {
			return x.Service == f.Service && max(x.Ended-f.From, f.From-x.Ended) <= sameEvent
		})
	})
}

// rank is the order of equal scores: errors say what fails.
func (f *Finding) rank() int {
	if f.Kind == ErrorOrigin || f.Kind == ErrorGroup {
		return 0
	}
	return 1
}
