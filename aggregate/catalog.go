// What the filter language completes from: keys and values of retained spans.

package aggregate

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"oteltop/model"
	"oteltop/model/store"
)

// Bounds of what completion looks at: it runs with every key that is typed.
const (
	catalogSpans    = 4096 // newest spans whose values are counted
	catalogValues   = 100
	catalogTextSize = 120 // bytes; longer values are not worth completing
)

// Keys implements filter.Catalog: the attribute keys of retained spans and their resources.
func (m *Memory) Keys() []string {
	keys, _ := ask(context.Background(), m, questionOf("keys", Query{}), func() ([]string, error) {
		found := map[string]struct{}{}
		resources := map[*model.Resource]struct{}{}
		for _, seg := range m.store.Snapshot().Segments() {
			for c := range seg.Classes() {
				class := seg.Class(uint32(c))
				for _, k := range class.Keys {
					found["span."+k] = struct{}{}
				}
				if _, ok := resources[class.Resource]; ok || class.Resource == nil {
					continue
				}
				resources[class.Resource] = struct{}{}
				for _, a := range class.Resource.Attributes {
					found["resource."+a.Key] = struct{}{}
				}
			}
		}
		return slices.Sorted(maps.Keys(found)), nil
	})
	return keys
}

// Values implements filter.Catalog: the most frequent values first.
func (m *Memory) Values(key string) []string {
	q := questionOf("values", Query{})
	q.key = key
	values, _ := ask(context.Background(), m, q, func() ([]string, error) {
		counts := map[string]int{}
		names := m.store.Names()
		switch attribute, ofSpan := strings.CutPrefix(key, "span."); {
		case ofSpan:
			m.countValues(attribute, counts)
		case key == "service" || key == "rootService":
			for id := 1; id <= names.Services(); id++ {
				counts[names.Service(uint32(id))]++
			}
		case key == "name" || key == "rootName":
			for id := 1; id <= names.Operations(); id++ {
				counts[names.Operation(uint32(id)).Name]++
			}
		default:
			m.countClassValues(key, counts)
		}
		return mostFrequent(counts), nil
	})
	return values
}

// mostFrequent are the values worth offering, by count, then text.
func mostFrequent(counts map[string]int) []string {
	values := slices.Collect(maps.Keys(counts))
	values = slices.DeleteFunc(values, func(v string) bool { return v == "" || len(v) > catalogTextSize })
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return values[:min(len(values), catalogValues)]
}

// countValues counts a span attribute's values in the newest spans that have it.
func (m *Memory) countValues(key string, counts map[string]int) {
	segments := m.store.Snapshot().Segments()
	left := catalogSpans
	for at := len(segments) - 1; at >= 0 && left > 0; at-- {
		seg := segments[at]
		place := make([]int, seg.Classes())
		wanted := make([]bool, len(place))
		for c := range place {
			place[c] = slices.Index(seg.Class(uint32(c)).Keys, key)
			wanted[c] = place[c] >= 0
		}
		seg.Records(wanted, func(i int, r *store.Record) bool {
			counts[seg.Value(i, place[r.Class]).String()]++
			left--
			return left > 0
		})
	}
}

// countClassValues counts what classes tell: kinds, scopes, resource attributes.
func (m *Memory) countClassValues(key string, counts map[string]int) {
	for _, seg := range m.store.Snapshot().Segments() {
		for c := range seg.Classes() {
			class := seg.Class(uint32(c))
			attribute, ofResource := strings.CutPrefix(key, "resource.")
			switch {
			case ofResource:
				if v, ok := model.Lookup(model.AttributesOf(class.Resource), attribute); ok {
					counts[v.String()]++
				}
			case key == "kind":
				counts[class.Kind.String()]++
			case key == "status":
				counts[class.Status.String()]++
			case key == "scope:name" && class.Scope != nil:
				counts[class.Scope.Name]++
			case key == "scope:version" && class.Scope != nil:
				counts[class.Scope.Version]++
			}
		}
	}
}
