package report

import (
	"context"

	"oteltop/aggregate"
)

// question computes a view for a scope.
type question func(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error)

// view is a view and what computes it.
type view struct {
	name View
	ask  question
}

// Views are all views, in the order in which help lists them.
func Views() []View {
	var names []View
	for _, x := range views() {
		names = append(names, x.name)
	}
	return names
}

// ViewNames are the names of all views, in the same order.
func ViewNames() []string {
	var names []string
	for _, v := range Views() {
		names = append(names, string(v))
	}
	return names
}

// plain is a view that has no options of its own.
func plain(f func(ctx context.Context, e aggregate.Engine, q aggregate.Query) (*document, error)) question {
	return func(ctx context.Context, e aggregate.Engine, q aggregate.Query, _ Options) (*document, error) {
		return f(ctx, e, q)
	}
}

func views() []view {
	return []view{
		{ViewServices, func(ctx context.Context, e aggregate.Engine, q aggregate.Query, _ Options) (*document, error) {
			return operations(ctx, e, ViewServices, q)
		}},
		{ViewOperations, func(ctx context.Context, e aggregate.Engine, q aggregate.Query, _ Options) (*document, error) {
			return operations(ctx, e, ViewOperations, q)
		}},
		{ViewEdges, plain(edges)},
		{ViewTraces, func(ctx context.Context, e aggregate.Engine, q aggregate.Query, o Options) (*document, error) {
			return traces(ctx, e, q, o.Limit)
		}},
		{ViewTrace, func(ctx context.Context, e aggregate.Engine, _ aggregate.Query, o Options) (*document, error) {
			return trace(ctx, e, o.ID)
		}},
		{ViewHeatmap, plain(heatmap)},
		{ViewCritical, criticalView},
		{ViewProfile, profileView},
		{ViewTail, plain(tailView)},
		{ViewWhatIf, whatIfView},
		{ViewExplain, explainView},
		{ViewCompare, compareView},
		{ViewSuspects, suspectsView},
		{ViewFindings, findingsView},
		{ViewTrends, plain(trendsView)},
		{ViewOrigins, plain(originsView)},
		{ViewErrors, plain(errorsView)},
		{ViewRetries, plain(retriesView)},
		{ViewHotspots, plain(hotspotsView)},
		{ViewContention, plain(contentionView)},
		{ViewCorrelated, correlatedView},
		{ViewShapes, plain(shapesView)},
		{ViewShape, shapeView},
		{ViewOutliers, plain(outliersView)},
		{ViewDependencies, dependenciesView},
		{ViewFrequency, frequencyView},
		{ViewSessions, sessionsView},
		{ViewFeatures, featuresView},
		{ViewBreakdown, breakdownView},
		{ViewPatterns, plain(patternsView)},
		{ViewSkew, plain(skewView)},
		{ViewAnatomy, plain(anatomyView)},
		{ViewCosts, plain(costsView)},
		{ViewGaps, plain(gapsView)},
		{ViewSampling, plain(samplingView)},
		{ViewQuality, plain(qualityView)},
		{ViewCoverage, func(ctx context.Context, e aggregate.Engine, _ aggregate.Query, _ Options) (*document, error) {
			return coverage(ctx, e)
		}},
	}
}
