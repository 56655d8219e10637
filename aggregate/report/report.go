// Package report is the headless contract of DESIGN section 6: the views of the program as JSON or text,
// from files or from a running oteltop.
//
//	Engine ─▶ Write ─▶ {"view":…, "provenance":{…}, "rows":[…]}       report VIEW FILE…
//	Engine ─▶ Handler ─▶ GET /report/VIEW ─▶ Fetch                    report VIEW --live ADDR
//
// Field names are stable: snake_case with the unit at the end (_ns, _unix_nano, _share from 0 to 1,
// _per_second). Times are JSON integers; readers that hold numbers in doubles (JavaScript, jq before 1.7)
// lose the last digits of _unix_nano, which is a fraction of a microsecond. Fields beyond those that
// DESIGN lists may be added, never changed. A figure that is not known is null.
//
// Rows are always in the same order: services and operations by time share, then name; edges by client,
// server, kind; traces by start, newest first; spans depth first; heatmap cells by time, then duration.
// Of explain, attributes and callees come first, then shares of the critical path, then identifiers, each by
// lower; of compare, what is an origin, then the rest, by lower.
package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/compare"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/paths"
	"oteltop/model"
)

// View names a report.
type View string

// The views.
const (
	ViewServices   View = "services"
	ViewOperations View = "operations"
	ViewEdges      View = "edges"
	ViewTraces     View = "traces"
	ViewTrace      View = "trace"
	ViewHeatmap    View = "heatmap"
	ViewCoverage   View = "coverage"
)

// IsUsage reports whether an error says that a report was asked for in a way that has no answer.
func IsUsage(err error) bool {
	for _, usage := range []error{
		ErrView, ErrID, ErrShape, ErrSelect, ErrCompare, ErrPeriods, ErrAddress, ErrRefused, ErrToken, ErrForbidden,
		aggregate.ErrFocus, aggregate.ErrExpression, aggregate.ErrKey, aggregate.ErrWhatIf, aggregate.ErrCostBy,
	} {
		if errors.Is(err, usage) {
			return true
		}
	}
	return errors.As(err, new(*filter.Error)) || errors.As(err, new(*ParameterError))
}

// Options narrow a report. The zero value is everything, as JSON.
type Options struct {
	Filter *filter.Expr
	Since  time.Duration // back from the newest span, or from now in a live engine; 0: everything
	ID     model.TraceID // of ViewTrace
	Shape  string        // of ViewShape
	Band   paths.Band    // of ViewCritical and ViewProfile
	Factor *float64      // of ViewWhatIf; nil: 0.5
	Limit  int           // rows; 0: all, but 10 of ViewSuspects, 50 of ViewExplain and ViewCorrelated, 100 of ViewFindings
	Text   bool          // an aligned table for people; its layout is not stable

	Service   string // of ViewDependencies and ViewFrequency: of what. Of ViewBreakdown: whose spans. Of ViewWhatIf: what is faster
	Operation string // with Service; of ViewWhatIf also without: "service/operation"
	By        string // of ViewSessions: the attribute that tells them. Of ViewBreakdown and ViewFeatures: what to group by. Of ViewProfile: service, category or nothing

	Expr *features.Expr // of ViewFeatures

	Select   *filter.Expr // of ViewExplain: which traces to explain. Of ViewFeatures: which to compare with the rest
	Baseline *filter.Expr // of ViewExplain: against which; nil: the others. Of ViewCompare: the traces before

	At    *Moment          // of ViewCompare: what started before is the baseline
	Saved *compare.Profile // of ViewCompare: the baseline, from another engine (see Before); not of a request

	Focus  *Period // of ViewSuspects: when something is wrong
	Before *Period // of ViewSuspects: the baseline; nil: everything before Focus
}

// document is the JSON object. Only the view trace has trace, spans, critical_path and logs; its rows are the one
// row that the view traces shows for it. Only the view shape has shape, which is the row that the view shapes
// shows for it, and representatives.
type document struct {
	View       View                 `json:"view"`
	Provenance aggregate.Provenance `json:"provenance"`
	Rows       any                  `json:"rows"`
	Trace      *traceRow            `json:"trace,omitempty"`
	Spans      []spanRow            `json:"spans,omitempty"`
	Critical   []sectionRow         `json:"critical_path,omitzero"`
	Logs       []logRow             `json:"logs,omitempty"`
	MoreLogs   int                  `json:"more_logs,omitempty"` // older ones that are kept
	Trust      *traceTrustRow       `json:"trust,omitempty"`
	Verdict    string               `json:"verdict,omitempty"` // of ViewTrace: where its errors begin and how far they go

	Shape           *shapeRow     `json:"shape,omitempty"`
	Representatives []exemplarRow `json:"representatives,omitempty"`

	*failureTables // of ViewOrigins
}

// Write computes a view and writes it.
func Write(ctx context.Context, w io.Writer, e aggregate.Engine, v View, o Options) error {
	d, err := compute(ctx, e, v, o)
	if err != nil {
		return err
	}
	if o.Text {
		return writeText(w, d)
	}
	out := json.NewEncoder(escaper{w})
	out.SetEscapeHTML(false)
	return out.Encode(d)
}

func compute(ctx context.Context, e aggregate.Engine, v View, o Options) (*document, error) {
	if err := o.Check(v); err != nil {
		return nil, err
	}
	for _, x := range views() {
		if x.name == v {
			q, err := scopeOf(ctx, e, o)
			if err != nil {
				return nil, err
			}
			d, err := x.ask(ctx, e, q, o)
			if err != nil {
				return nil, err
			}
			d.Rows = first(d.Rows, o.Limit)
			if !scoped(v) && (o.Filter != nil || o.Since > 0) {
				d.Provenance.AddNote("a filter or a period does not narrow this view")
			}
			return d, nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrView, v)
}

// scoped is false of the views that a filter or a period cannot narrow: one trace, and what became of everything
// received. They are accepted with every view, as DESIGN has it.
func scoped(v View) bool { return v != ViewTrace && v != ViewCoverage }

// scopeOf is the scope that options narrow a report to.
func scopeOf(ctx context.Context, e aggregate.Engine, o Options) (aggregate.Query, error) {
	q := aggregate.Query{Filter: o.Filter}
	if o.Since <= 0 {
		return q, nil
	}
	s, err := e.Status(ctx)
	if err != nil {
		return q, err
	}
	until := s.Newest
	if s.Live {
		until = s.Now.UnixNano()
	}
	q.Window.From, q.Exact = until-int64(o.Since), true
	return q, nil
}
