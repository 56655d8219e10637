package report

import (
	"errors"
	"fmt"

	"oteltop/aggregate"
)

// Errors that mean bad usage (see IsUsage); the program exits with 2 for them.
var (
	ErrView    = errors.New("no such view")
	ErrID      = errors.New("the view trace needs the id of a trace (--id)")
	ErrShape   = errors.New("the view shape needs a shape (--shape), as the views shapes and traces name them")
	ErrSelect  = errors.New("the view explain needs a filter that says which traces to explain (--select)")
	ErrCompare = errors.New("the view compare needs something to compare with: two files (before, after), --at TIME, or --baseline FILTER")
	ErrPeriods = errors.New("the view suspects needs two periods that do not overlap: --focus FROM..TO, in which something is wrong, and --baseline FROM..TO (by default all before the focus)")
)

// Check finds what a view needs and o does not have, without asking an engine. Its errors mean bad usage.
func (o *Options) Check(v View) error {
	switch {
	case v == ViewTrace && o.ID.IsZero():
		return ErrID
	case v == ViewShape && o.Shape == "":
		return ErrShape
	case v == ViewExplain && o.Select == nil:
		return ErrSelect
	case v == ViewSuspects && (o.Focus == nil || o.Focus.overlaps(o.Before)):
		return ErrPeriods
	case v == ViewCompare && o.At == nil && o.Baseline == nil && o.Saved == nil:
		return ErrCompare
	case (v == ViewDependencies || v == ViewFrequency) && o.Service == "":
		return needs(v, "--service", aggregate.ErrFocus)
	case v == ViewFeatures && o.Expr == nil:
		return needs(v, "--expr", aggregate.ErrExpression)
	case v == ViewBreakdown && o.By == "":
		return needs(v, "--by", aggregate.ErrKey)
	case v == ViewBreakdown && o.Operation != "" && o.Service == "":
		return needs(v, "--service with --operation", aggregate.ErrFocus)
	case v == ViewWhatIf && o.Service == "" && o.Operation == "":
		return needs(v, "--service or --operation", aggregate.ErrWhatIf)
	}
	return nil
}

func needs(v View, flag string, err error) error {
	return fmt.Errorf("the view %s needs %s: %w", v, flag, err)
}
