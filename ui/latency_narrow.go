// Lens 3, Latency: a row of the explanation as a condition of a filter.

package ui

import (
	"regexp"
	"strconv"
	"strings"

	"oteltop/aggregate"
	"oteltop/aggregate/explain"
	"oteltop/aggregate/filter"
)

// Filters for what explains a selection. They stand in braces: in the same trace as what the filter of the
// scope asks for, not on the same span. "Without" is said of the trace too.

// rowCondition is a filter for the traces that have what a row is about; empty where none can say it.
func rowCondition(r *explain.Row, focus aggregate.Focus) string {
	switch {
	case r.Key == explain.KeyPath:
		return pathCondition(r)
	case r.Key == explain.KeyCritical:
		return "{ " + operationCondition(r.Service, r.Operation) + " }"
	case r.Absent:
		return "!{ " + subjectCondition(r, focus) + attributeOf(r) + " != nil }"
	}
	if c := valueCondition(r); c != "" {
		return "{ " + subjectCondition(r, focus) + c + " }"
	}
	return ""
}

// rowExclusion is a filter for the traces that do not have it. A share of the critical path is on all of them.
func rowExclusion(r *explain.Row, focus aggregate.Focus) string {
	c := rowCondition(r, focus)
	switch {
	case c == "" || r.Key == explain.KeyCritical:
		return ""
	case r.Key == explain.KeyPath:
		return "!(" + c + ")"
	case strings.HasPrefix(c, "!"):
		return c[1:]
	}
	return "!" + c
}

func operationCondition(service, operation string) string {
	c := "service = " + filter.Quote(service)
	if operation != "" {
		c += " && name = " + filter.Quote(operation)
	}
	return c
}

func pathCondition(r *explain.Row) string {
	var sets []string
	for i, s := range r.Steps {
		c := operationCondition(s.Service, s.Operation)
		if i == 0 && !r.IsCut {
			c += " && parentId = nil"
		}
		sets = append(sets, "{ "+c+" }")
	}
	return strings.Join(sets, " > ")
}

// subjectCondition says on which spans an attribute stands: those of an operation in the trace, or those that
// the selection is about.
func subjectCondition(r *explain.Row, focus aggregate.Focus) string {
	switch {
	case r.Scope == explain.ScopeTrace:
		return operationCondition(r.Service, r.Operation) + " && "
	case focus.Service != "":
		return operationCondition(focus.Service, focus.Operation) + " && "
	case focus.IsZero():
		return "parentId = nil && "
	}
	return "" // the calls of an edge have no operation in common: all spans were looked at
}

// attributeOf is the field of a row's attribute.
func attributeOf(r *explain.Row) string {
	if r.Scope == explain.ScopeResource || r.Scope == explain.ScopeTrace && r.Operation == "" {
		return "resource." + filter.QuoteKey(r.Key)
	}
	return "span." + filter.QuoteKey(r.Key)
}

func valueCondition(r *explain.Row) string {
	field := attributeOf(r)
	switch {
	case r.Numeric && r.AUC > 0.5:
		return field + " >= " + strconv.FormatFloat(r.SelectedMedian, 'f', -1, 64)
	case r.Numeric:
		return field + " <= " + strconv.FormatFloat(r.SelectedMedian, 'f', -1, 64)
	case r.IsCut && r.Beginning == "":
		return ""
	case r.IsCut:
		return field + " =~ " + filter.Quote("(?s)"+regexp.QuoteMeta(strings.ToValidUTF8(r.Beginning, ""))+".*")
	}
	return field + " = " + filter.Quote(r.Value)
}
