// The list of sheets, and what making one takes.

package ui

import (
	"context"

	"oteltop/aggregate"
	"oteltop/model"
)

// The sheets, by the name that questions open them with.
const (
	sheetTail         = "tail"
	sheetCritical     = "critical path"
	sheetTrends       = "trends"
	sheetHotspots     = "hotspots"
	sheetContention   = "contention"
	sheetDependencies = "dependencies"
	sheetSessions     = "sessions"
	sheetOrigins      = "error origins"
	sheetErrors       = "errors"
	sheetRetries      = "retries"
	sheetPatterns     = "patterns"
	sheetCosts        = "costs"
	sheetWhatIf       = "what if"
	sheetBreakdown    = "group by"
	sheetHistogram    = "histogram"
	sheetHistogramBy  = "histogram by"
	sheetGaps         = "gaps"
	sheetSkew         = "clocks"
	sheetAnatomy      = "anatomy"
	sheetSampling     = "sampling"
	sheetQuality      = "quality"
	sheetCorrelated   = "correlated"
)

func sheetSpecs() map[string]*sheetSpec {
	return map[string]*sheetSpec{
		sheetTail:         tailSheet(),
		sheetCritical:     criticalSheet(),
		sheetTrends:       trendsSheet(),
		sheetHotspots:     hotspotsSheet(),
		sheetContention:   contentionSheet(),
		sheetDependencies: dependenciesSheet(),
		sheetSessions:     sessionsSheet(),
		sheetOrigins:      originsSheet(),
		sheetErrors:       errorsSheet(),
		sheetRetries:      retriesSheet(),
		sheetPatterns:     patternsSheet(),
		sheetCosts:        costsSheet(),
		sheetWhatIf:       whatIfSheet(),
		sheetBreakdown:    breakdownSheet(),
		sheetHistogram:    histogramSheet(),
		sheetHistogramBy:  histogramBySheet(),
		sheetGaps:         gapsSheet(),
		sheetSkew:         skewSheet(),
		sheetAnatomy:      anatomySheet(),
		sheetSampling:     samplingSheet(),
		sheetQuality:      qualitySheet(),
		sheetCorrelated:   correlatedSheet(),
		sheetWeird:        weirdSheet(),
	}
}

// asked makes a Question of a call of the engine and of what makes a sheet of its answer.
func asked[T any](call func(ctx context.Context, e aggregate.Engine) (T, error), sheet func(T) *sheetAnswer) Question {
	return func(ctx context.Context, e aggregate.Engine) (any, error) {
		r, err := call(ctx, e)
		if err != nil {
			return nil, err
		}
		return sheet(r), nil
	}
}

// askScope asks for sheets that need no more than the scope: call is a method of the engine.
func askScope[T any](call func(aggregate.Engine, context.Context, aggregate.Query) (T, error), sheet func(T) *sheetAnswer) func(Moment, string) Question {
	return func(at Moment, _ string) Question {
		q := at.Query()
		return asked(func(ctx context.Context, e aggregate.Engine) (T, error) { return call(e, ctx, q) }, sheet)
	}
}

// toLatency shows the latencies of an operation.
func toLatency(service, operation string, kind model.Kind) func(s Scope) Action {
	return func(s Scope) Action { return Drill{LensLatency, operationFocus(s, service, operation, kind)} }
}

// toTraces shows the traces in scope that a condition matches, wherever they begin.
func toTraces(condition string) func(s Scope) Action {
	return func(s Scope) Action {
		s.Focus, s.Selection = aggregate.Focus{}, nil
		n, err := s.filtered(condition)
		if err != nil {
			return Say{Text: err.Error(), Problem: true}
		}
		return Drill{LensTraces, n}
	}
}

// toLatencies narrows to a filter and shows the latencies, whatever the focus.
func toLatencies(expr string) func(s Scope) Action {
	return func(s Scope) Action {
		n, err := s.filtered(expr)
		if err != nil {
			return Say{Text: err.Error(), Problem: true}
		}
		return Drill{LensLatency, n}
	}
}

// exampleOf opens a trace, where there is one.
func exampleOf(id model.TraceID) func() (OpenTrace, bool) {
	return func() (OpenTrace, bool) { return OpenTrace{ID: id}, !id.IsZero() }
}
