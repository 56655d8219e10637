// The distribution of an expression over traces.

package aggregate

import (
	"context"
	"errors"
	"strings"

	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/model"
	"oteltop/model/store"
)

// ErrExpression is returned by Engine.Features without an expression.
var ErrExpression = errors.New("no expression is given, such as count(error)")

// FeaturesQuery asks for a column of the traces in scope, see package features.
type FeaturesQuery struct {
	Query
	Expr   *features.Expr
	By     *features.Expr // groups by another column; nil: no groups
	Select *filter.Expr   // compares the traces that match with the rest; nil: no comparison
}

// Features is the distribution of a column of traces.
type Features struct {
	Provenance Provenance
	Unit       string // "ns" or empty
	features.Summary
	LeastTrace, MostTrace model.TraceID // with the smallest and the largest number
	Groups                []FeatureGroup
	Comparison            *features.Comparison // nil without Select
}

// FeatureGroup is the traces that have one value of the column to group by.
type FeatureGroup struct {
	features.Group
	MostTrace model.TraceID
}

// ParseFeatures reads an expression and, after by, what to group by: max(duration) by tenant. An error is a
// *filter.Error, with the column in this text.
func ParseFeatures(text string) (q FeaturesQuery, err error) {
	expr, by := cutBy(text)
	if q.Expr, err = features.Parse(expr); err != nil || by == "" {
		return q, err
	}
	q.By, err = ParseBy(by)
	var wrong *filter.Error
	if errors.As(err, &wrong) {
		err = &filter.Error{Column: len([]rune(text)) - len([]rune(by)) + wrong.Column, Message: wrong.Message}
	}
	return q, err
}

// cutBy cuts a text at the word by, where that stands in no parentheses and no quotes.
func cutBy(text string) (expr, by string) {
	const word = " by "
	depth, quote := 0, rune(0)
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '`':
			quote = r
		case r == '(':
			depth++
		case r == ')':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], word):
			return text[:i], text[i+len(word):]
		}
	}
	return text, ""
}

// ParseBy reads what a column is grouped by: an expression, or the name of an attribute, which stands for
// its first value in the trace.
func ParseBy(text string) (*features.Expr, error) {
	if strings.Contains(text, "(") {
		return features.Parse(text)
	}
	const before = "first(."
	x, err := features.Parse(before + strings.TrimPrefix(strings.TrimSpace(text), ".") + ")")
	var fe *filter.Error
	if errors.As(err, &fe) {
		return nil, &filter.Error{Column: max(fe.Column-len(before), 1), Message: fe.Message}
	}
	return x, err
}

// Features implements Engine.
func (m *Memory) Features(ctx context.Context, q FeaturesQuery) (*Features, error) {
	if q.Expr == nil {
		return nil, ErrExpression
	}
	k := questionOf("features", q.Query)
	k.key = q.Expr.String() + "\x00" + canonical(q.Select)
	if q.By != nil {
		k.key += "\x00" + q.By.String()
	}
	return ask(ctx, m, k, func() (*Features, error) {
		s, err := m.scope(ctx, q.Filter)
		if err != nil {
			return nil, err
		}
		c := &columns{}
		if err := c.fill(ctx, m, s, q); err != nil {
			return nil, err
		}
		return c.features(ctx, m, s, q)
	})
}

// columns are the cells of traces.
type columns struct {
	traces     []store.TraceInfo
	cells      [2][]features.Cell // of the expression and of what it is grouped by
	provenance Provenance
	lost       uint64
}

// fill evaluates the expressions for the traces of a scope. Traces without a span that an expression counts are not
// loaded.
func (c *columns) fill(ctx context.Context, m *Memory, s *scope, q FeaturesQuery) error {
	var err error
	if c.traces, err = m.tracesIn(ctx, s, TracesQuery{Query: q.Query}); err != nil {
		return err
	}
	sortByStart(c.traces)
	c.provenance = s.provenance()
	c.provenance.Spans, c.provenance.Traces = 0, uint64(len(c.traces))
	c.provenance.From, c.provenance.To = extentOf(c.traces)
	var readers []*columnReader
	for _, x := range [...]*features.Expr{q.Expr, q.By} {
		if x == nil {
			continue
		}
		r, err := m.readColumn(ctx, s, x)
		if err != nil {
			return err
		}
		if len(readers) > 0 {
			r.sharing(readers[0])
		}
		readers = append(readers, r)
	}
	for i := range c.traces {
		if i%ctxEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		info := &c.traces[i]
		c.provenance.Spans += uint64(info.Spans)
		for k, r := range readers {
			c.cells[k] = append(c.cells[k], r.cell(info))
		}
	}
	for _, r := range readers {
		c.lost += r.Lost()
	}
	return nil
}

// features sums up the columns.
func (c *columns) features(ctx context.Context, m *Memory, s *scope, q FeaturesQuery) (*Features, error) {
	out := &Features{Provenance: c.provenance, Unit: q.Expr.Unit(), Summary: features.Summarise(c.cells[0])}
	out.Provenance.count(c.lost, "%d values are beyond the bounds: of attributes counted as one, of distinct left out")
	out.LeastTrace, out.MostTrace = c.id(out.Least), c.id(out.Most)
	if q.By != nil {
		for _, g := range features.Divide(c.cells[0], c.cells[1]) {
			out.Groups = append(out.Groups, FeatureGroup{g, c.id(g.Most)})
		}
	}
	if q.Select != nil {
		selected, err := q.Select.Scan(ctx, s.snap, m.store.Names())
		if err != nil {
			return nil, err
		}
		x := features.Compare(c.cells[0], func(i int) bool { return selected.Trace(c.traces[i].Index) })
		out.Comparison = &x
	}
	return out, nil
}

// id is the trace of a cell, zero for −1.
func (c *columns) id(i int) model.TraceID {
	if i < 0 {
		return model.TraceID{}
	}
	return c.traces[i].ID
}
