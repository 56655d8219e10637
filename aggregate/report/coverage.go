package report

import (
	"context"

	"oteltop/aggregate"
)

// coverageRow says how far the figures can be trusted. Counts are of spans unless the name says
// otherwise; retained_… and what follows it speak of the traces that can still be opened.
type coverageRow struct {
	Received      uint64            `json:"received"`
	Stored        uint64            `json:"stored"`
	Duplicate     uint64            `json:"duplicate"`
	Refused       uint64            `json:"refused"`
	RefusedBy     map[string]uint64 `json:"refused_by"`
	Evicted       uint64            `json:"evicted"`
	Late          uint64            `json:"late"`
	IDCollisions  uint64            `json:"id_collisions"`
	Overflowed    uint64            `json:"overflowed"`
	Retained      uint64            `json:"retained_spans"`
	Traces        uint64            `json:"traces"`
	OpenTraces    uint64            `json:"open_traces"`
	EvictedTraces uint64            `json:"evicted_traces"`
	ShelfTraces   uint64            `json:"shelf_traces"`
	Complete      uint64            `json:"complete"` // traces
	Orphans       uint64            `json:"orphans"`
	Roots         map[string]uint64 `json:"traces_by_roots"`
	Quality       map[string]uint64 `json:"quality"`
	Dropped       map[string]uint64 `json:"dropped_by_sdk"`
	Requests      map[string]uint64 `json:"requests"`
	Logs          uint64            `json:"log_records"`
	LogsBy        map[string]uint64 `json:"log_records_by"` // retained, evicted, untraced, refused, duplicate
	Metrics       uint64            `json:"metric_points"`
	Memory        int64             `json:"memory_bytes"`
	Budget        int64             `json:"memory_budget_bytes"`
	Rollups       int64             `json:"rollup_bytes"`
	Missing       []missingRow      `json:"missing_by"`
	Services      []qualityRow      `json:"services"`
	Bounds        []boundRow        `json:"bounds"`

	explainedRow
}

// missingRow counts orphans by the child whose parent is missing.
type missingRow struct {
	Service string `json:"service"`
	Kind    string `json:"kind"`
	Orphans uint64 `json:"orphans"`
	Spans   uint64 `json:"spans"`
}

type qualityRow struct {
	Service         string `json:"service"`
	Spans           uint64 `json:"spans"`
	Orphans         uint64 `json:"orphans"`
	UnspecifiedKind uint64 `json:"unspecified_kind"`
	Negative        uint64 `json:"negative_duration"`
	DroppedFields   uint64 `json:"dropped_fields"`
	NoVersion       bool   `json:"no_version"`
	NoInstance      bool   `json:"no_instance"`
}

// boundRow is a limit of the program, and what was lost to it. max is 0 where it has no single figure.
type boundRow struct {
	Name string `json:"name"`
	Used int64  `json:"used"`
	Max  int64  `json:"max"`
	Lost uint64 `json:"lost"`
}

func coverage(ctx context.Context, e aggregate.Engine) (*document, error) {
	c, err := e.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	t, err := e.Trust(ctx, aggregate.Query{})
	if err != nil {
		return nil, err
	}
	row := coverageRow{
		explainedRow: newExplainedRow(&t.Requests),
		Received:     c.Received, Stored: c.Stored, Duplicate: c.Duplicate, Refused: c.Status.Refused,
		RefusedBy: byReason(c.Status.RefusedBy), Evicted: c.Evicted, Late: c.Late, IDCollisions: c.IDCollisions,
		Overflowed: c.Overflowed, Retained: c.Retained, Traces: c.Traces, OpenTraces: c.OpenTraces,
		EvictedTraces: c.EvictedTraces, ShelfTraces: c.ShelfTraces, Complete: c.CompleteTraces, Orphans: c.Orphans,
		Roots: byReason(c.RootCount), Quality: byReason(c.Quality), Dropped: byReason(c.DroppedFields),
		Requests: byReason(c.Status.Requests), Logs: c.Status.Logs, Metrics: c.Status.Metrics,
		Memory: c.Bytes, Budget: c.Budget, Rollups: c.RollupBytes,
		Missing: []missingRow{}, Services: []qualityRow{}, Bounds: []boundRow{},
	}
	l := &c.LogRecords
	row.LogsBy = map[string]uint64{"retained": l.Retained, "evicted": l.Evicted, "untraced": l.Untraced, "refused": l.Refused, "duplicate": l.Duplicate}
	for _, m := range c.MissingBy {
		row.Missing = append(row.Missing, missingRow{m.Service, m.Kind.String(), m.Orphans, m.Spans})
	}
	for _, s := range c.Services {
		row.Services = append(row.Services, qualityRow(s))
	}
	for _, b := range c.Bounds {
		row.Bounds = append(row.Bounds, boundRow(b))
	}
	return &document{View: ViewCoverage, Provenance: c.Provenance, Rows: []coverageRow{row}}, nil
}

func byReason(rs []aggregate.ReasonCount) map[string]uint64 {
	m := make(map[string]uint64, len(rs))
	for _, r := range rs {
		m[r.Reason] = r.N
	}
	return m
}
