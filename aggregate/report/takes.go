package report

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// takenBy are the parameters that only some views take: the rest would pass them over, and answer another
// question than the one that was asked.
func takenBy() map[string][]View {
	return map[string][]View{
		paramID:        {ViewTrace},
		paramShape:     {ViewShape},
		paramService:   {ViewWhatIf, ViewDependencies, ViewFrequency, ViewBreakdown},
		paramOperation: {ViewWhatIf, ViewDependencies, ViewFrequency, ViewBreakdown},
		paramBy:        {ViewProfile, ViewSessions, ViewFeatures, ViewBreakdown},
		paramExpr:      {ViewFeatures},
		paramBand:      {ViewCritical, ViewProfile},
		paramFactor:    {ViewWhatIf},
		paramSelect:    {ViewExplain, ViewFeatures},
		paramBaseline:  {ViewExplain, ViewCompare, ViewSuspects},
		paramFocus:     {ViewSuspects},
		paramAt:        {ViewCompare},
	}
}

// checkTaken finds a parameter that a view does not take.
func checkTaken(view View, v url.Values) error {
	taken := takenBy()
	for _, name := range slices.Sorted(maps.Keys(taken)) {
		if text := v.Get(name); text != "" && !slices.Contains(taken[name], view) {
			return &ParameterError{name, text, fmt.Errorf("the view %s does not take it, only %s", view, listed(taken[name]))}
		}
	}
	return nil
}

// checkKnown finds a parameter that no view has: misspelt, it would be passed over.
func checkKnown(v url.Values) error {
	known := append(slices.Sorted(maps.Keys(takenBy())), paramFilter, paramSince, paramLimit, paramFormat)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !slices.Contains(known, name) {
			return &ParameterError{name, v.Get(name), fmt.Errorf("no such parameter: there are %s", strings.Join(known, ", "))}
		}
	}
	return nil
}

// listed are the names of views, as a person would write them.
func listed(views []View) string {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = string(v)
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
