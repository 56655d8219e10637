// Values of resources that appeared with a change: versions, hosts, zones.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// minAppeared is the share of a suspect's spans in the focus that must have a new attribute value.
	minAppeared = 0.05
	// maxAppeared is how many new values are given for one suspect.
	maxAppeared = 5
)

// resourceValue is an attribute of what sends the spans of a service.
type resourceValue struct{ service, key, value string }

// appeared gives suspects the attributes of their resources that no span of the baseline has: another
// version, pod or node since then is a deploy, a restart or a move.
func (s *scope) appeared(ctx context.Context, rows []suspects.Suspect, before, after []store.TraceInfo) error {
	sides := make(map[uint32]suspects.Side, len(before)+len(after))
	for i := range before {
		sides[before[i].Index] = suspects.Baseline
	}
	for i := range after {
		sides[after[i].Index] = suspects.Focus
	}
	spans := map[string][2]uint64{} // by service
	found := map[resourceValue][2]uint64{}
	for _, seg := range s.snap.Segments() {
		if err := ctx.Err(); err != nil {
			return err
		}
		counts := make([][2]uint64, seg.Classes())
		seg.Records(wantedOf(seg, rows), func(_ int, r *store.Record) bool {
			if side, ok := sides[r.Trace]; ok {
				counts[r.Class][side]++
			}
			return true
		})
		for c, n := range counts {
			if n == [2]uint64{} {
				continue
			}
			resource := seg.Class(uint32(c)).Resource
			service := model.ServiceOf(resource)
			spans[service] = plus(spans[service], n)
			for _, a := range resource.Attributes {
				v := resourceValue{service, a.Key, a.Value.String()}
				found[v] = plus(found[v], n)
			}
		}
	}
	for i := range rows {
		rows[i].Appeared = newOf(rows[i].Service, spans[rows[i].Service], found)
	}
	return nil
}

// wantedOf says which classes of a segment are of the services of suspects.
func wantedOf(seg store.Segment, rows []suspects.Suspect) []bool {
	wanted := make([]bool, seg.Classes())
	for c := range wanted {
		r := seg.Class(uint32(c)).Resource
		wanted[c] = r != nil && slices.ContainsFunc(rows, func(s suspects.Suspect) bool { return !s.Peer && s.Service == model.ServiceOf(r) })
	}
	return wanted
}

func plus(a, b [2]uint64) [2]uint64 { return [2]uint64{a[0] + b[0], a[1] + b[1]} }

// newOf is the values of a service that only the focus has, the most common first. A service without spans
// in the baseline has nothing to compare with.
func newOf(service string, spans [2]uint64, found map[resourceValue][2]uint64) []suspects.Appeared {
	if spans[suspects.Baseline] == 0 {
		return nil
	}
	var out []suspects.Appeared
	for v, n := range found {
		share := float64(n[suspects.Focus]) / float64(max(1, spans[suspects.Focus]))
		if v.service == service && n[suspects.Baseline] == 0 && share >= minAppeared {
			out = append(out, suspects.Appeared{Key: v.key, Value: v.value, Share: share})
		}
	}
	slices.SortFunc(out, func(a, b suspects.Appeared) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), maxAppeared)]
}
