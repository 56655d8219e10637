package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
	"oteltop/aggregate/paths"
	"oteltop/aggregate/report"
	"oteltop/feed/files"
	"oteltop/model"

	"github.com/spf13/cobra"
)

// reportFlags are those of report alone.
type reportFlags struct {
	filter string
	since  time.Duration
	id     string
	shape  string

	service, operation, by, expr string

	band   string
	factor float64
	limit  int
	text   bool
	json   bool
	live   string

	selected string
	baseline string
	focus    string
	at       string
}

// liveDefault is where a running oteltop answers unless told otherwise.
const liveDefault = "127.0.0.1:4318"

func reportCommand(f *flags) *cobra.Command {
	r := &reportFlags{}
	var names []string
	for _, v := range report.Views() {
		names = append(names, string(v))
	}
	c := &cobra.Command{
		Use:   "report VIEW [FILE...]",
		Short: "print a view as JSON, from files or from a running oteltop",
		Long: "report computes from files what the screen shows and prints it as JSON, or as a table with --text.\n" +
			"Views: " + strings.Join(names, ", ") + ". The view compare takes two files, before and after,\n" +
			"or one with --at or --baseline. A FILE of - is standard input. With --live it asks a running oteltop.",
		ValidArgs: names,
		Args:      someArguments("a view (" + strings.Join(names, ", ") + ")"),
		RunE: func(c *cobra.Command, args []string) error {
			return r.run(c.Context(), f, c.OutOrStdout(), report.View(args[0]), args[1:])
		},
	}
	fs := c.Flags()
	fs.StringVar(&r.filter, "filter", "", "only traces with a span that matches, e.g. 'service = \"cart\" && duration > 100ms'")
	fs.DurationVar(&r.since, "since", 0, "only what started within this long before the newest span (live: before now)")
	fs.StringVar(&r.id, "id", "", "the trace of view trace, 32 hex digits")
	fs.StringVar(&r.shape, "shape", "", "the shape of view shape, 8 hex digits as view shapes prints them")
	fs.StringVar(&r.service, "service", "", "of views dependencies and frequency: the service or peer asked of; of view breakdown: whose spans; of view whatif: what is faster")
	fs.StringVar(&r.operation, "operation", "", "with --service: one of its operations; of view whatif also without it: service/operation")
	fs.StringVar(&r.by, "by", "", "of view sessions: the attribute that tells sessions, before session.id and user.id; of view breakdown: the attribute to group by; of view features: likewise, or an expression; of view profile: service or category")
	fs.StringVar(&r.expr, "expr", "", "of view features: what to compute for each trace, e.g. 'sum(self where db.system.name != \"\")' or 'count(service = \"cart\")'")
	fs.StringVar(&r.band, "band", "", "of views critical and profile: only requests between two percentiles of the duration of their operation: 95-99")
	fs.Float64Var(&r.factor, "factor", .5, "of view whatif: by how much the operation runs its own time, 0.5 is twice as fast")
	fs.IntVar(&r.limit, "limit", 0, "at most this many rows of view traces, newest first (0: all)")
	fs.BoolVar(&r.text, "text", false, "a table for people")
	fs.BoolVar(&r.json, "json", false, "JSON (the default)")
	fs.StringVar(&r.live, "live", "", "ask the oteltop at this address instead of reading files")
	fs.Lookup("live").NoOptDefVal = liveDefault
	fs.StringVar(&r.selected, "select", "", "of view explain: the traces to explain, those with a span that matches; of view features: the traces to compare with the rest")
	fs.StringVar(&r.baseline, "baseline", "", "of view explain: the traces to compare them with (default: the others of the same root operations); of view compare: the traces before; of view suspects: a period, as --focus (default: all before that)")
	fs.StringVar(&r.focus, "focus", "", "of view suspects: when something is wrong, FROM..TO, as RFC 3339 or as durations from the start of the data: 5m..8m")
	fs.StringVar(&r.at, "at", "", "of view compare: what started before this time is compared with the rest, as RFC 3339 or as a duration from the start of the data: 5m; -5m: from its end")
	c.MarkFlagsMutuallyExclusive("text", "json")
	return c
}

// options checks what can be checked before anything is read.
func (r *reportFlags) options(v report.View) (report.Options, error) {
	o := report.Options{Service: r.service, Operation: r.operation, By: r.by, Since: r.since, Shape: r.shape, Limit: r.limit, Text: r.text}
	known := false
	for _, k := range report.Views() {
		known = known || k == v
	}
	if !known {
		return o, usagef("no view %q: want one of %v", v, report.Views())
	}
	if r.since < 0 || r.limit < 0 {
		return o, usagef("--since and --limit cannot be negative")
	}
	var err error
	if o.Filter, err = parseFilter("filter", r.filter); err != nil {
		return o, err
	}
	if o.Expr, err = parseExpr(r.expr); err != nil {
		return o, err
	}
	if v == report.ViewExplain || v == report.ViewFeatures {
		if o.Select, err = parseFilter("select", r.selected); err != nil {
			return o, err
		}
	}
	if v == report.ViewExplain || v == report.ViewCompare {
		if o.Baseline, err = parseFilter("baseline", r.baseline); err != nil {
			return o, err
		}
	}
	if r.at != "" {
		at, err := report.ParseMoment(r.at)
		if err != nil {
			return o, usagef("--at: %w", err)
		}
		o.At = &at
	}
	if v == report.ViewWhatIf {
		o.Factor = &r.factor
	}
	if v == report.ViewSuspects {
		if o.Before, err = parsePeriod("baseline", r.baseline); err != nil {
			return o, err
		}
		if o.Focus, err = parsePeriod("focus", r.focus); err != nil {
			return o, err
		}
	}
	if o.Band, err = paths.ParseBand(r.band); err != nil {
		return o, usagef("--band: %w", err)
	}
	if r.id != "" {
		id, err := model.ParseTraceID(r.id)
		if err != nil {
			return o, usagef("--id %q: want 32 hexadecimal digits", r.id)
		}
		o.ID = id
	}
	return o, nil
}

// parsePeriod reads a period of a flag; none is nil.
func parsePeriod(flag, text string) (*report.Period, error) {
	if text == "" {
		return nil, nil
	}
	p, err := report.ParsePeriod(text)
	if err != nil {
		return nil, usagef("--%s: %w", flag, err)
	}
	return &p, nil
}

// parseExpr reads the expression of view features; none is nil.
func parseExpr(text string) (*features.Expr, error) {
	if text == "" {
		return nil, nil
	}
	x, err := features.Parse(text)
	return x, atColumn("expr", text, err)
}

// parseFilter reads a filter of a flag; none is nil.
func parseFilter(flag, text string) (*filter.Expr, error) {
	if text == "" {
		return nil, nil
	}
	x, err := filter.Parse(text)
	return x, atColumn(flag, text, err)
}

// atColumn points at what is wrong with the text of a flag.
func atColumn(flag, text string, err error) error {
	var fe *filter.Error
	if errors.As(err, &fe) {
		return usagef("--%s: column %d: %s\n  %s\n  %*s", flag, fe.Column, fe.Message, text, fe.Column, "^")
	}
	if err != nil {
		return usagef("--%s: %w", flag, err)
	}
	return nil
}

func (r *reportFlags) run(ctx context.Context, f *flags, out io.Writer, v report.View, paths []string) error {
	o, err := r.options(v)
	if err != nil {
		return err
	}
	if r.live != "" {
		// "--live ADDR" arrives as an argument, because the address is optional.
		if len(paths) == 1 && r.live == liveDefault && strings.Contains(paths[0], ":") {
			r.live, paths = paths[0], nil
		}
		if len(paths) > 0 {
			return usagef("--live and files exclude each other")
		}
		return asUsage(report.Fetch(ctx, out, r.live, v, o))
	}
	if len(paths) == 0 {
		return usagef("no file given; - is standard input, --live asks a running oteltop")
	}
	// Without anything else to compare with, the first of two files is the baseline.
	var beforeErr error
	if v == report.ViewCompare && len(paths) == 2 && o.At == nil && o.Baseline == nil {
		var p *program
		if p, beforeErr = readFiles(ctx, f, paths[:1]); p == nil {
			return beforeErr
		}
		if o.Saved, err = report.Before(ctx, p.engine, o); err != nil {
			return errors.Join(beforeErr, err)
		}
		paths = paths[1:]
	}
	p, readErr := readFiles(ctx, f, paths)
	if p == nil {
		return readErr
	}
	readErr = errors.Join(beforeErr, readErr)
	// What could be read is reported even when something could not: the exit code and standard error
	// say so.
	if err := report.Write(ctx, out, p.engine, v, o); err != nil {
		return errors.Join(readErr, asUsage(err))
	}
	return readErr
}

// readFiles reads files into a program of their own. Without one, nothing could be read; with one, the
// error says what could not.
func readFiles(ctx context.Context, f *flags, paths []string) (*program, error) {
	p, err := newProgram(f, false)
	if err != nil {
		return nil, err
	}
	fs, err := files.Open(files.Options{Paths: paths, Intake: p.intake})
	if err != nil {
		return nil, err
	}
	readErr := fs.Run(ctx, p)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx) // figures of half a file would be taken for those of the whole
	}
	p.ring.Flush()
	if c := p.ring.Counters(); c.Evicted > 0 {
		fmt.Fprintf(os.Stderr, "oteltop: %d spans did not fit into --memory %s: views of single traces lack them\n", c.Evicted, f.memory.String())
	}
	return p, readErr
}

// asUsage marks the errors that bad arguments cause.
func asUsage(err error) error {
	if report.IsUsage(err) {
		return usageError{err}
	}
	return err
}
