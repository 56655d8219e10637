// Package enginetest makes engines over stores, wired as in the program, for tests.
package enginetest

import (
	"oteltop/aggregate"
	"oteltop/aggregate/rollup"
	"oteltop/model/store"
)

// Store is one that can be observed: the ring, and the store of tests.
type Store interface {
	store.Store
	Observe(o store.Observer)
}

// Over is an engine over a store that has no spans yet: its rollups count what comes from now on.
func Over(s Store) *aggregate.Memory {
	r := rollup.New(rollup.Options{Names: s.Names(), Find: s.Find})
	s.Observe(r)
	return aggregate.NewMemory(s, r, nil, aggregate.MemoryOptions{})
}
