package report

import (
	"context"

	"oteltop/aggregate"
	"oteltop/aggregate/trust"
	"oteltop/model"
)

// ViewQuality is how good the spans of each service are, by name.
const ViewQuality View = "quality"

// serviceQualityRow is a service. Counts are of spans of settled traces; shares are null of none.
//
// Known are client spans to services that send spans; answered are those of them with a span on the other side. Entries are
// servers and consumers with a parent id, whose parent is the caller's span; inner are other spans with a parent id,
// whose parent is the service's own. Exemplars are a few spans with each problem.
type serviceQualityRow struct {
	Service           string               `json:"service"`
	Spans             uint64               `json:"spans"`
	Score             float64              `json:"score_share"` // of spans without a fault, see trust.Service.Score
	Clients           uint64               `json:"clients"`
	Known             uint64               `json:"known_clients"`
	Answered          uint64               `json:"answered_clients"`
	AnsweredShare     *float64             `json:"answered_share"` // of known_clients
	NoPeer            uint64               `json:"client_without_peer"`
	Servers           uint64               `json:"servers"`
	RootServers       uint64               `json:"root_servers"`
	WithClient        uint64               `json:"servers_with_client"`
	WithClientShare   *float64             `json:"with_client_share"` // of servers that are no root
	Orphans           uint64               `json:"orphans"`
	Entries           uint64               `json:"entries"`
	EntryOrphans      uint64               `json:"entry_orphans"`
	CallerMissing     *float64             `json:"caller_missing_share"` // entry_orphans of entries
	Inner             uint64               `json:"inner"`
	InnerOrphans      uint64               `json:"inner_orphans"`
	OwnMissing        *float64             `json:"own_missing_share"` // inner_orphans of inner
	UniqueIDs         uint64               `json:"unique_ids"`
	Duplicate         uint64               `json:"duplicate_id"`
	Negative          uint64               `json:"negative_duration"`
	Outside           uint64               `json:"outside_parent"`
	Unspecified       uint64               `json:"unspecified_kind"`
	UnspecifiedShare  *float64             `json:"unspecified_share"`
	NoName            uint64               `json:"no_service_name"`
	NoVersion         uint64               `json:"no_version"`
	DroppedAttributes uint64               `json:"dropped_attributes"`
	DroppedEvents     uint64               `json:"dropped_events"`
	DroppedLinks      uint64               `json:"dropped_links"`
	Exemplars         map[string][]spanRef `json:"exemplars"`
}

// spanRef names a span.
type spanRef struct {
	TraceID string `json:"trace_id"`
	SpanID  string `json:"span_id"`
}

func qualityView(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error) {
	x, err := e.Trust(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(x.Services, newServiceQualityRow)
	return &document{View: ViewQuality, Provenance: x.Provenance, Rows: rows}, nil
}

func newServiceQualityRow(s *trust.Service) serviceQualityRow {
	row := serviceQualityRow{
		Service: s.Name, Spans: s.Spans, Score: s.Score(), Clients: s.Clients, Known: s.Known, Answered: s.Answered, AnsweredShare: part(s.Answered, s.Known),
		NoPeer: s.Count[trust.NoPeer], Servers: s.Servers, RootServers: s.RootServer, WithClient: s.WithClient,
		WithClientShare: part(s.WithClient, s.Servers-s.RootServer), Orphans: s.Count[trust.Orphan],
		Entries: s.Entries, EntryOrphans: s.EntryOrphans, CallerMissing: part(s.EntryOrphans, s.Entries),
		Inner: s.Inner, InnerOrphans: s.InnerOrphans, OwnMissing: part(s.InnerOrphans, s.Inner),
		UniqueIDs: s.UniqueIDs, Duplicate: s.Count[trust.DuplicateID], Negative: s.Count[trust.Negative], Outside: s.Count[trust.Outside],
		Unspecified: s.Count[trust.UnspecifiedKind], UnspecifiedShare: part(s.Count[trust.UnspecifiedKind], s.Spans),
		NoName: s.Count[trust.NoServiceName], NoVersion: s.Count[trust.NoVersion],
		DroppedAttributes: s.DroppedCounts[0], DroppedEvents: s.DroppedCounts[1], DroppedLinks: s.DroppedCounts[2],
		Exemplars: map[string][]spanRef{},
	}
	for _, p := range trust.Problems() {
		for _, x := range s.Examples[p] {
			row.Exemplars[p.String()] = append(row.Exemplars[p.String()], spanRef{x.Trace.String(), x.Span.String()})
		}
	}
	return row
}

// part is the share of n in of, null of none.
func part(n, of uint64) *float64 {
	return known(float64(n)/float64(max(of, 1)), of > 0)
}

// explainedRow is how much of requests their spans explain: in the view coverage, over settled traces with a root of
// some duration and other spans. coverage_share is the share of the root's duration in which another span runs,
// duration_ratio the sum of the durations of all other spans by the root's, blind_gap_ns the longest stretch of the
// critical path in which a span with children runs alone. Percentiles are nearest ranks; all are null of none.
type explainedRow struct {
	Measured    uint64      `json:"measured_traces"`
	Single      uint64      `json:"single_span_traces"`
	CoverageP5  *float64    `json:"coverage_p5_share"`
	CoverageP50 *float64    `json:"coverage_p50_share"`
	RatioP5     *float64    `json:"duration_ratio_p5"`
	RatioP50    *float64    `json:"duration_ratio_p50"`
	GapP50      *int64      `json:"blind_gap_p50_ns"`
	GapP95      *int64      `json:"blind_gap_p95_ns"`
	GapMax      *int64      `json:"blind_gap_max_ns"`
	Least       []tracedRow `json:"least_covered"`
	Gaps        []tracedRow `json:"largest_blind_gaps"`
}

// tracedRow is how much of one trace its spans explain.
type tracedRow struct {
	TraceID   string  `json:"trace_id"`
	Service   string  `json:"root_service"`
	Operation string  `json:"root_operation"`
	Duration  int64   `json:"duration_ns"`
	Coverage  float64 `json:"coverage_share"`
	Ratio     float64 `json:"duration_ratio"`
	Gap       int64   `json:"blind_gap_ns"`
	GapSpan   string  `json:"blind_gap_span_id"` // empty where there is no gap
	GapWhere  string  `json:"blind_gap_operation"`
}

func newExplainedRow(x *trust.Requests) explainedRow {
	row := explainedRow{Measured: x.Measured, Single: x.Single, Least: []tracedRow{}, Gaps: []tracedRow{}}
	if x.Measured > 0 {
		gap := func(ns float64) *int64 { n := int64(ns); return &n }
		row.CoverageP5, row.CoverageP50, row.RatioP5, row.RatioP50 = &x.Coverage.P5, &x.Coverage.P50, &x.Ratio.P5, &x.Ratio.P50
		row.GapP50, row.GapP95, row.GapMax = gap(x.Gap.P50), gap(x.Gap.P95), gap(x.Gap.Max)
	}
	for i := range x.Least {
		row.Least = append(row.Least, newTracedRow(&x.Least[i]))
	}
	for i := range x.Gaps {
		row.Gaps = append(row.Gaps, newTracedRow(&x.Gaps[i]))
	}
	return row
}

func newTracedRow(x *trust.Traced) tracedRow {
	row := tracedRow{
		TraceID: x.Trace.String(), Service: x.Operation.ServiceName, Operation: x.Operation.Name, Duration: x.Duration,
		Coverage: x.Coverage, Ratio: x.Ratio, Gap: x.Gap,
	}
	if x.GapSpan != 0 {
		row.GapSpan, row.GapWhere = x.GapSpan.String(), x.GapOperation.ServiceName+" "+x.GapOperation.Name
	}
	return row
}

// traceTrustRow is how far one trace can be believed: in the view trace. Figures are null where there is no root of
// some duration.
type traceTrustRow struct {
	Coverage *float64 `json:"coverage_share"`
	Ratio    *float64 `json:"duration_ratio"`
	Gap      *int64   `json:"blind_gap_ns"`
	GapSpan  string   `json:"blind_gap_span_id"` // empty where there is no gap
	Complete bool     `json:"complete"`
}

// newTraceTrustRow measures a trace.
func newTraceTrustRow(t *model.Trace, complete bool) *traceTrustRow {
	row := &traceTrustRow{Complete: complete}
	m := new(trust.Gauge).Measure(t.Heads, &t.Tree, t.Root, t.Sections)
	if !m.Root {
		return row
	}
	row.Coverage, row.Ratio, row.Gap = &m.Coverage, &m.Ratio, &m.Gap
	if m.GapNode >= 0 {
		row.GapSpan = t.Heads[t.Tree.Nodes[m.GapNode].Span].ID.String()
	}
	return row
}
