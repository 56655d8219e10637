package patterns

import (
	"encoding/binary"
	"strings"

	"oteltop/aggregate/request"
	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxRegions is how many regions and zones are told apart: the clouds together have a few hundred.
	maxRegions = 1 << 12
	// maxServed is how many operations are known to be served in a region.
	maxServed = 1 << 14
	// maxSpots is for how many classes of spans is remembered where they ran.
	maxSpots = 1 << 14
)

// Keys of resources that say where something runs, the present name first, then those of earlier conventions and of Jaeger.
var (
	regionKeys = [...]string{"cloud.region", "region"}
	zoneKeys   = [...]string{"cloud.availability_zone", "cloud.zone", "zone"}
)

// spot is where something runs: numbers of a region and of a zone, 0 for what is not said.
type spot struct{ region, zone uint32 }

// regions is what is known of where operations are served.
type regions struct {
	spots  map[*store.Class]spot
	ids    map[string]uint32
	names  []string // by number − 1: as resources say, of several ways to write it the first in order
	keys   []string // by number − 1: under which that is said, likewise
	served map[servedKey]struct{}
}

type servedKey struct{ op, where uint32 }

func newRegions() regions {
	return regions{spots: map[*store.Class]spot{}, ids: map[string]uint32{}, served: map[servedKey]struct{}{}}
}

// hops finds calls that leave the region of their caller (A35): from a client to its server, and where no client span is
// seen, from a span to the same operation of another service. Between resources of which one says no region, zones are
// compared. What a zone of the same region answers is none, and neither are messages, for which nobody waits.
func (f *Fold) hops(t *request.Trace) {
	for i := range t.Tree.Nodes {
		node := int32(i)
		s, p := t.Span(node), t.Parent(node)
		if s == nil || s.Kind == model.KindConsumer || s.Kind != model.KindServer && (p < 0 || t.Span(p).Service == s.Service) {
			continue
		}
		to := f.spot(t, node)
		if to == (spot{}) {
			continue
		}
		f.serve(s.Op, to)
		if p < 0 {
			continue
		}
		from := t.Exits()[node]
		switch {
		case from >= 0 && t.Span(from).Kind != model.KindClient,
			from < 0 && t.Operation(p).Name != t.Operation(node).Name:
			continue
		case from < 0:
			from = p
		}
		if a, b := apart(f.spot(t, from), to, &f.regions); a != b {
			f.hop(t, from, node, a, b)
		}
	}
}

// hop counts a call from one region to another, by what its client waits on the way. What a span waits that is no client
// is not known, so that such a call costs nothing that could be said.
func (f *Fold) hop(t *request.Trace, from, node int32, a, b uint32) {
	c, s := t.Span(from), t.Span(node)
	path := binary.BigEndian.AppendUint32(nil, a)
	path = binary.BigEndian.AppendUint32(path, b)
	path = binary.BigEndian.AppendUint32(path, s.Op)
	o := occurrence{calls: 1, width: 1}
	if c.Kind == model.KindClient {
		o.time, o.critical = max(c.Duration()-s.Duration(), 0), t.Critical()[from]
		o.save = o.critical
	}
	f.collect(t, placeKey{kind: CrossRegion, caller: c.Op, path: string(path)}, node, o)
}

// apart are the regions, or else the zones, of two spots that are different; two that are the same where they are not,
// or where it is not known.
func apart(from, to spot, r *regions) (a, b uint32) {
	switch {
	case from.region != 0 && to.region != 0:
		return from.region, to.region
	case from.zone != 0 && to.zone != 0:
		return from.zone, to.zone
	case from == spot{}:
		return 0, 0
	}
	a, b = max(from.region, from.zone), max(to.region, to.zone) // one of each is 0
	if x, y := strings.ToLower(r.names[a-1]), strings.ToLower(r.names[b-1]); strings.HasPrefix(x, y) || strings.HasPrefix(y, x) {
		return 0, 0 // eu-west-1a is in eu-west-1
	}
	return a, b
}

// serve notes that an operation is served somewhere.
func (f *Fold) serve(op uint32, at spot) {
	for _, where := range [...]uint32{at.region, at.zone} {
		if where == 0 || len(f.regions.served) >= maxServed {
			continue
		}
		f.regions.served[servedKey{op, where}] = struct{}{}
	}
}

// spot is where the span of a node ran.
func (f *Fold) spot(t *request.Trace, node int32) spot {
	r := &f.regions
	c := t.Class(node)
	x, ok := r.spots[c]
	if !ok {
		if c.Resource != nil {
			x = spot{f.place(c.Resource, regionKeys[:]), f.place(c.Resource, zoneKeys[:])}
		}
		if len(r.spots) == maxSpots {
			clear(r.spots)
		}
		r.spots[c] = x
	}
	return x
}

// place is the number of the region or zone that a resource is in by the first of some keys that it has.
func (f *Fold) place(of *model.Resource, keys []string) uint32 {
	r := &f.regions
	for _, key := range keys {
		v, _ := model.Lookup(of.Attributes, key)
		name := strings.TrimSpace(v.Str())
		if name == "" {
			continue
		}
		id, ok := r.ids[strings.ToLower(name)]
		if !ok {
			if len(r.names) == maxRegions {
				f.dropped++
				return 0
			}
			r.names, r.keys = append(r.names, name), append(r.keys, key)
			id = uint32(len(r.names))
			r.ids[strings.ToLower(name)] = id
		}
		if old := &r.names[id-1]; name < *old || name == *old && key < r.keys[id-1] {
			*old, r.keys[id-1] = name, key
		}
		return id
	}
	return 0
}

// crossing says of a row what leaves which region for which.
func (f *Fold) crossing(r *Row, path string) {
	at := func(i int) uint32 { return binary.BigEndian.Uint32([]byte(path[4*i:])) }
	from, to, op := at(0), at(1), at(2)
	o := f.names.Operation(op)
	r.Path = []string{f.regions.names[from-1], f.regions.names[to-1]}
	r.Peer, r.Call = o.ServiceName, o.Name
	r.Select = Selection{Service: o.ServiceName, Name: o.Name, Key: f.regions.keys[to-1], Value: r.Path[1]}
	_, r.ServedHere = f.regions.served[servedKey{op, from}]
}
