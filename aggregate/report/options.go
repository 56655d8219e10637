package report

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/request"
	"oteltop/model"
)

// The parameters of a request.
const (
	paramFilter = "filter"
	paramSince  = "since"
	paramID     = "id"
	paramShape  = "shape"
	paramLimit  = "limit"
	paramFormat = "format" // "text" for a table

	paramService   = "service"
	paramOperation = "operation"
	paramBy        = "by"
	paramExpr      = "expr"
	paramBand      = "band"
	paramFactor    = "factor"

	paramSelect   = "select"
	paramBaseline = "baseline"
	paramFocus    = "focus"
	paramAt       = "at"
)

// parameter is an option as it stands in a request.
type parameter struct {
	name string
	read func(text string) error
}

// into is how a text is read into an option.
func into[T any](option *T, parse func(text string) (T, error)) func(string) error {
	return func(text string) (err error) {
		*option, err = parse(text)
		return err
	}
}

// maybe is into for an option that may be missing.
func maybe[T any](option **T, parse func(text string) (T, error)) func(string) error {
	return into(option, func(text string) (*T, error) {
		x, err := parse(text)
		return &x, err
	})
}

// readable is for an option that is kept as it is written, once it is known that it can be read.
func readable[T any](parse func(text string) (T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

// ParameterError says what is wrong with a parameter. It means bad usage.
type ParameterError struct {
	Name, Text string
	Err        error // a *filter.Error where it is known in which column
}

func (e *ParameterError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap is what is wrong with the text.
func (e *ParameterError) Unwrap() error { return e.Err }

// ParseOptions reads the parameters of a request for a view, or the flags of the same names, and passes over names
// that are not those of parameters. Errors are ErrView or a *ParameterError, also for a parameter that only other
// views take: they are meant for whoever wrote it.
func ParseOptions(view View, v url.Values) (Options, error) {
	var o Options
	if !slices.Contains(Views(), view) {
		return o, fmt.Errorf("%w: %q is none of %s", ErrView, view, strings.Join(ViewNames(), ", "))
	}
	if err := checkTaken(view, v); err != nil {
		return o, err
	}
	for name, to := range o.texts() {
		*to = v.Get(name)
	}
	parameters := []parameter{
		{paramFilter, into(&o.Filter, parseFilter)},
		{paramSelect, into(&o.Select, parseFilter)},
		{paramSince, into(&o.Since, parseSince)},
		{paramID, into(&o.ID, model.ParseTraceID)},
		{paramExpr, into(&o.Expr, features.Parse)},
		{paramAt, maybe(&o.At, ParseMoment)},
		{paramBand, into(&o.Band, paths.ParseBand)},
		{paramFactor, maybe(&o.Factor, parseFactor)},
		{paramLimit, into(&o.Limit, parseLimit)},
		{paramFormat, into(&o.Text, parseFormat)},
	}
	for _, p := range append(parameters, o.parametersOf(view)...) {
		if text := v.Get(p.name); text != "" {
			if err := p.read(text); err != nil {
				return o, &ParameterError{p.name, text, err}
			}
		}
	}
	return o, nil
}

// parametersOf are the parameters that a view reads in a way of its own.
func (o *Options) parametersOf(view View) []parameter {
	baseline := parameter{paramBaseline, into(&o.Baseline, parseFilter)}
	switch view {
	case ViewSuspects:
		return []parameter{{paramFocus, maybe(&o.Focus, ParsePeriod)}, {paramBaseline, maybe(&o.Before, ParsePeriod)}}
	case ViewFeatures:
		return []parameter{baseline, {paramBy, readable(aggregate.ParseBy)}}
	case ViewProfile:
		return []parameter{baseline, {paramBy, readable(aggregate.ParseCostBy)}}
	case ViewShape:
		return []parameter{baseline, {paramShape, checkShape}}
	}
	return []parameter{baseline}
}

// parseFilter takes blanks for no filter, as everything is in its scope.
func parseFilter(text string) (*filter.Expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return filter.Parse(text)
}

// parseSince takes 0 for everything.
func parseSince(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 5m", text)
	}
	return d, nil
}

func parseFactor(text string) (float64, error) {
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	if !aggregate.IsWhatIfFactor(factor) {
		return 0, aggregate.ErrWhatIf
	}
	return factor, nil
}

func checkShape(text string) error {
	if !request.IsShapeName(text) {
		return fmt.Errorf("%q is not a shape: want 8 hexadecimal digits, as the views shapes and traces print them", text)
	}
	return nil
}

func parseLimit(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a number of rows", text)
	}
	return n, nil
}

// parseFormat tells whether the answer is a table for people.
func parseFormat(text string) (bool, error) {
	if text != "json" && text != "text" {
		return false, errors.New("json or text")
	}
	return text == "text", nil
}

// texts are the options that are taken as they are, by the names of their parameters.
func (o *Options) texts() map[string]*string {
	return map[string]*string{paramService: &o.Service, paramOperation: &o.Operation, paramBy: &o.By, paramShape: &o.Shape}
}

// parameters is the inverse of ParseOptions.
func (o Options) parameters() url.Values {
	v := url.Values{}
	for name, p := range map[string]*Period{paramFocus: o.Focus, paramBaseline: o.Before} {
		if p != nil {
			v.Set(name, p.String())
		}
	}
	for name, x := range map[string]*filter.Expr{paramFilter: o.Filter, paramSelect: o.Select, paramBaseline: o.Baseline} {
		if x != nil {
			v.Set(name, x.String())
		}
	}
	if o.Since > 0 {
		v.Set(paramSince, o.Since.String())
	}
	if !o.ID.IsZero() {
		v.Set(paramID, o.ID.String())
	}
	for name, text := range o.texts() {
		if *text != "" {
			v.Set(name, *text)
		}
	}
	if o.Expr != nil {
		v.Set(paramExpr, o.Expr.String())
	}
	if o.At != nil {
		v.Set(paramAt, o.At.String())
	}
	if !o.Band.IsAll() {
		v.Set(paramBand, o.Band.String())
	}
	if o.Factor != nil {
		v.Set(paramFactor, strconv.FormatFloat(*o.Factor, 'g', -1, 64))
	}
	if o.Limit > 0 {
		v.Set(paramLimit, strconv.Itoa(o.Limit))
	}
	if o.Text {
		v.Set(paramFormat, "text")
	}
	return v
}
