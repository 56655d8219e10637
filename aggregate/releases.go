// Versions of services that retained spans come from.

package aggregate

import (
	"cmp"
	"context"
	"slices"

	"oteltop/model"
	"oteltop/model/store"
)

// Release is a version of a service that retained spans come from.
type Release struct {
	Service, Version string
	First, Last      int64 // start of its first and of its last span, Unix ns
	Spans            uint64
}

// Releaser is an engine that knows which versions of services there are: what a comparison of two of them needs.
type Releaser interface {
	// Releases are the versions of the services that have more than one, by service, the newest first.
	Releases(ctx context.Context) ([]Release, error)
}

var _ Releaser = (*Memory)(nil)

const versionKey = "service.version"

// Releases implements Releaser.
func (m *Memory) Releases(ctx context.Context) ([]Release, error) {
	return ask(ctx, m, questionOf("releases", Query{}), func() ([]Release, error) {
		segments := m.store.Snapshot().Segments()
		several := m.severalVersions(segments)
		found := map[[2]string]*Release{}
		for _, seg := range segments {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			m.countReleases(seg, several, found)
		}
		var out []Release
		for _, r := range found {
			out = append(out, *r)
		}
		slices.SortFunc(out, func(a, b Release) int {
			return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(b.First, a.First), cmp.Compare(a.Version, b.Version))
		})
		return out, nil
	})
}

// severalVersions finds the services that say more than one version, without looking at spans.
func (m *Memory) severalVersions(segments []store.Segment) map[uint32]bool {
	first, several := map[uint32]string{}, map[uint32]bool{}
	for _, seg := range segments {
		for c := range seg.Classes() {
			class := seg.Class(uint32(c))
			v := versionOf(class)
			if v == "" {
				continue
			}
			if f, ok := first[class.Service]; !ok {
				first[class.Service] = v
			} else if f != v {
				several[class.Service] = true
			}
		}
	}
	return several
}

func versionOf(c *store.Class) string {
	v, _ := model.Lookup(model.AttributesOf(c.Resource), versionKey)
	return v.String()
}

// countReleases adds the spans of a segment.
func (m *Memory) countReleases(seg store.Segment, several map[uint32]bool, found map[[2]string]*Release) {
	byClass := make([]*Release, seg.Classes())
	wanted := make([]bool, len(byClass))
	some := false
	for c := range byClass {
		class := seg.Class(uint32(c))
		v := versionOf(class)
		if v == "" || !several[class.Service] {
			continue
		}
		key := [2]string{m.store.Names().Service(class.Service), v}
		if found[key] == nil {
			found[key] = &Release{Service: key[0], Version: v}
		}
		byClass[c], wanted[c], some = found[key], true, true
	}
	if !some {
		return
	}
	seg.Records(wanted, func(_ int, s *store.Record) bool {
		r := byClass[s.Class]
		if r.Spans == 0 || s.Start < r.First {
			r.First = s.Start
		}
		r.Last = max(r.Last, s.Start)
		r.Spans++
		return true
	})
}
