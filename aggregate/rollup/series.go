package rollup

import (
	"oteltop/model"
	"oteltop/model/store"
)

// Measure says which spans or calls a series counts.
type Measure uint8

// The measures. Of the four series of an edge, Call counts every call by the duration that the client
// saw, or the server where no client span was seen; Bare counts the latter, so that Call−Bare is the
// client's view.
const (
	MeasureOperation Measure = iota // every span of (service, operation, kind), and their self time
	MeasureEntry                    // entry spans of a service that are not of kind server or consumer
	MeasureRoot                     // main root spans of an operation
	MeasureCall                     // calls of an edge; errors: failed calls
	MeasureServer                   // server side of the calls of an edge
	MeasureGap                      // client−server of an edge; errors: gaps that were negative
	MeasureBare                     // calls of an edge without a client span
)

// Subject is what a series is about.
type Subject struct {
	Measure Measure
	Service uint32 // of operation, entry and root series
	Op      uint32 // of operation and root series; 0: operations folded into store.Overflow
	Kind    model.Kind
	Edge    int32 // index into View.Edges of edge series, else -1
}

// Entry reports whether the spans of an operation series are entry spans by their kind alone.
func (s Subject) Entry() bool { return s.Measure == MeasureOperation && s.Kind.IsEntry() }

// NodeKind is what an end of an edge is.
type NodeKind uint8

// The kinds of ends.
const (
	NodeService   NodeKind = iota // ID is a service id
	NodeDatabase                  // ID is a peer id
	NodeMessaging                 // ID is a peer id
	NodeInferred                  // ID is a peer id
	NodeUser                      // ID is a peer id, or 0: nothing is known of the caller
)

// Node is an end of an edge.
type Node struct {
	Kind NodeKind
	ID   uint32
}

// EdgeKind is what calls an edge counts.
type EdgeKind uint8

// The kinds of edges.
const (
	EdgeCall EdgeKind = iota
	EdgeMessaging
	EdgeDatabase
	EdgeInferred
)

// Edge identifies the calls from one node to another.
type Edge struct {
	Client, Server Node
	Kind           EdgeKind
}

// registry gives series their numbers. Owned by Rollup.mu; the slices only grow, so that a View can
// keep the prefix it has seen.
type registry struct {
	subjects []Subject // by series; 0 is unused because a zero key marks an empty cell
	edges    []Edge
	ops      []uint32 // series by operation id
	roots    []uint32
	entries  []uint32 // series by service id

	edgeSeries map[Edge]uint32 // first of the edge's four series, in the order call, server, gap, bare
	recent     [recentEdges]recentEdge
	overflow   map[overflowKey]uint32
	maxEdges   int
}

// recentEdge remembers the series of an edge, which saves hashing it for nearly every call.
type recentEdge struct {
	edge   Edge
	series uint32
}

const recentEdges = 512

// overflowKey is where folded operations are counted: their service and kind stay exact.
type overflowKey struct {
	measure Measure
	service uint32
	kind    model.Kind
}

func newRegistry(maxEdges int) registry {
	g := registry{
		subjects:   make([]Subject, 1, 256),
		edgeSeries: map[Edge]uint32{},
		overflow:   map[overflowKey]uint32{},
		maxEdges:   maxEdges,
	}
	for m := MeasureOperation; m <= MeasureRoot; m++ {
		g.other(m, 0, model.KindUnspecified)
	}
	return g
}

// operation is the series of an operation (MeasureOperation) or of its main roots (MeasureRoot).
func (g *registry) operation(m Measure, h *model.Head) uint32 {
	ids := g.ops
	if m == MeasureRoot {
		ids = g.roots
	}
	if int(h.Op) < len(ids) && ids[h.Op] != 0 {
		return ids[h.Op]
	}
	return g.newOperation(m, h)
}

func (g *registry) newOperation(m Measure, h *model.Head) uint32 {
	ids := &g.ops
	if m == MeasureRoot {
		ids = &g.roots
	}
	s := uint32(0)
	if h.Op != 0 {
		s = g.add(Subject{Measure: m, Service: h.Service, Op: h.Op, Kind: h.Kind, Edge: -1})
	}
	if s == 0 {
		s = g.other(m, h.Service, h.Kind)
	}
	*ids = assign(*ids, h.Op, s)
	return s
}

// entry is the series of a service's entry spans that their kind does not show to be entries.
func (g *registry) entry(service uint32) uint32 {
	if int(service) < len(g.entries) {
		if s := g.entries[service]; s != 0 {
			return s
		}
	}
	s := g.add(Subject{Measure: MeasureEntry, Service: service, Edge: -1})
	if s == 0 {
		s = g.other(MeasureEntry, 0, 0)
	}
	g.entries = assign(g.entries, service, s)
	return s
}

// edge is the first of the four series of an edge; 0 when the bound on edges is reached. An edge that
// was refused once is always refused, so that taking back meets the same fate as adding.
func (g *registry) edge(e Edge) uint32 {
	c := &g.recent[(e.Client.ID*31+e.Server.ID+uint32(e.Kind)<<5)%recentEdges]
	if c.series == 0 || c.edge != e {
		*c = recentEdge{e, g.findEdge(e)}
	}
	return c.series
}

func (g *registry) findEdge(e Edge) uint32 {
	if s, ok := g.edgeSeries[e]; ok {
		return s
	}
	if len(g.edges) >= g.maxEdges || len(g.subjects)+4 > maxSeries-seriesReserve {
		return 0
	}
	index := int32(len(g.edges))
	g.edges = append(g.edges, e)
	first := uint32(len(g.subjects))
	for m := MeasureCall; m <= MeasureBare; m++ {
		g.subjects = append(g.subjects, Subject{Measure: m, Edge: index})
	}
	g.edgeSeries[e] = first
	return first
}

// seriesReserve keeps numbers free for the overflow series of every service.
const seriesReserve = 1 << 16

// add makes a series; 0 when the numbers are used up.
func (g *registry) add(s Subject) uint32 {
	if len(g.subjects) >= maxSeries-seriesReserve {
		return 0
	}
	g.subjects = append(g.subjects, s)
	return uint32(len(g.subjects) - 1)
}

// other is the series under which operations beyond a bound are counted, one per service and kind. More
// services than there are numbers share the series of service 0, made with the registry.
func (g *registry) other(m Measure, service uint32, kind model.Kind) uint32 {
	k := overflowKey{m, service, kind}
	if s, ok := g.overflow[k]; ok {
		return s
	}
	if len(g.subjects) >= maxSeries {
		return g.overflow[overflowKey{measure: m}]
	}
	g.subjects = append(g.subjects, Subject{Measure: m, Service: service, Kind: kind, Edge: -1})
	s := uint32(len(g.subjects) - 1)
	g.overflow[k] = s
	return s
}

// assign sets ids[id], growing by doubling.
func assign(ids []uint32, id, series uint32) []uint32 {
	if int(id) >= len(ids) {
		ids = append(ids, make([]uint32, max(int(id)+1, 2*len(ids))-len(ids))...)
	}
	ids[id] = series
	return ids
}

// OperationName is the name of an operation subject: store.Overflow for folded operations.
func (s Subject) OperationName(names store.Names) string {
	if s.Op == 0 {
		return store.Overflow
	}
	return names.Operation(s.Op).Name
}

func (g *registry) bytes() int64 {
	const subjectBytes, edgeBytes = 20, 20 + 2*(20+4) + 16 // with its entry in a half-empty map
	return int64(cap(g.subjects))*subjectBytes + int64(cap(g.edges))*edgeBytes +
		4*int64(cap(g.ops)+cap(g.roots)+cap(g.entries))
}
