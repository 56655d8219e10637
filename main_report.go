package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/report"
	"oteltop/feed/files"
	"oteltop/model"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// reportFlags are those of report that are no parameters of a view.
type reportFlags struct {
	text bool
	live string
}

// liveDefault is where a running oteltop answers unless told otherwise.
const liveDefault = "127.0.0.1:4318"

func reportCommand(f *flags) *cobra.Command {
	r := &reportFlags{}
	names := report.ViewNames()
	c := &cobra.Command{
		Use:   "report VIEW [FILE...]",
		Short: "print a view as JSON, from files or from a running oteltop",
		Long: "report computes from files what the screen shows and prints it as JSON, or as a table with --text.\n" +
			"Views: " + strings.Join(names, ", ") + ". The view compare takes two files, before and after,\n" +
			"or one with --at or --baseline. A FILE of - is standard input. With --live it asks a running oteltop.",
		ValidArgs: names,
		Args:      someArguments("a view (" + strings.Join(names, ", ") + ")"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			v := report.View(args[0])
			o, err := r.options(c.Flags(), v)
			if err != nil {
				return err
			}
			q := reportRequest{flags: f, view: v, options: o, paths: args[1:]}
			if r.live != "" {
				return q.fetch(c.Context(), c.OutOrStdout(), r.live)
			}
			return q.write(c.Context(), c.OutOrStdout())
		},
	}
	fs := c.Flags()
	parameters(fs)
	fs.BoolVar(&r.text, "text", false, "a table for people")
	fs.Bool("json", false, "JSON (the default)")
	fs.StringVar(&r.live, "live", "", "ask the oteltop at this address instead of reading files")
	fs.Lookup("live").NoOptDefVal = liveDefault
	fs.StringVar(&f.tokenFile, "token-file", "", "with --live: file with the bearer token that the oteltop there demands")
	c.MarkFlagsMutuallyExclusive("text", "json")
	return c
}

// parameters are the flags that are parameters of a view, under the names that they have in a request.
func parameters(fs *pflag.FlagSet) {
	fs.String("filter", "", "only traces with a span that matches, e.g. 'service = \"cart\" && duration > 100ms'")
	fs.Duration("since", 0, "only what started within this long before the newest span (live: before now)")
	fs.String("id", "", "the trace of view trace, 32 hex digits")
	fs.String("shape", "", "the shape of view shape, 8 hex digits as view shapes prints them")
	fs.String("service", "", "of views dependencies and frequency: the service or peer asked of; of view breakdown: whose spans; of view whatif: what is faster")
	fs.String("operation", "", "with --service: one of its operations; of view whatif also without it: service/operation")
	fs.String("by", "", "of view sessions: the attribute that tells sessions, before session.id and user.id; of view breakdown: the attribute to group by; of view features: likewise, or an expression; of view profile: service or category")
	fs.String("expr", "", "of view features: what to compute for each trace, e.g. 'sum(self where db.system.name != \"\")' or 'count(service = \"cart\")'")
	fs.String("band", "", "of views critical and profile: only requests between two percentiles of the duration of their operation: 95-99")
	fs.Float64("factor", .5, "of view whatif: by how much the operation runs its own time, 0.5 is twice as fast")
	fs.Int("limit", 0, "at most this many rows (0: as many as the view has by itself)")
	fs.String("select", "", "of view explain: the traces to explain, those with a span that matches; of view features: the traces to compare with the rest")
	fs.String("baseline", "", "of view explain: the traces to compare them with (default: the others of the same root operations); of view compare: the traces before; of view suspects: a period, as --focus (default: all before that)")
	fs.String("focus", "", "of view suspects: when something is wrong, FROM..TO, as RFC 3339 or as durations from the start of the data: 5m..8m")
	fs.String("at", "", "of view compare: what started before this time is compared with the rest, as RFC 3339 or as a duration from the start of the data: 5m; -5m: from its end")
}

// options checks what can be checked before anything is read.
func (r *reportFlags) options(fs *pflag.FlagSet, v report.View) (report.Options, error) {
	given := url.Values{}
	fs.Visit(func(fl *pflag.Flag) { given.Set(fl.Name, fl.Value.String()) })
	o, err := report.ParseOptions(v, given)
	o.Text = r.text
	var p *report.ParameterError
	if errors.As(err, &p) {
		return o, atColumn(p)
	}
	return o, asUsage(err)
}

// atColumn points at what is wrong with the text of a flag.
func atColumn(p *report.ParameterError) error {
	var fe *filter.Error
	if errors.As(p.Err, &fe) {
		return usagef("--%s: column %d: %s\n  %s\n  %*s", p.Name, fe.Column, fe.Message, p.Text, fe.Column, "^")
	}
	return usagef("--%s: %w", p.Name, p.Err)
}

// reportRequest is one view that was asked for.
type reportRequest struct {
	flags   *flags
	view    report.View
	options report.Options
	paths   []string // files
}

// fetch asks a running oteltop.
func (q *reportRequest) fetch(ctx context.Context, out io.Writer, addr string) error {
	paths := q.paths
	// "--live ADDR" arrives as an argument, because the address is optional.
	if len(paths) == 1 && addr == liveDefault && strings.Contains(paths[0], ":") {
		addr, paths = paths[0], nil
	}
	if len(paths) > 0 {
		return usagef("--live and files exclude each other")
	}
	if err := q.options.Check(q.view); err != nil {
		return usageError{err}
	}
	token, err := q.flags.token()
	if err != nil {
		return err
	}
	err = report.Fetch(ctx, out, addr, token, q.view, q.options)
	if errors.Is(err, report.ErrToken) {
		err = fmt.Errorf("%w: give --token-file, with the file that it was started with", err)
	}
	return asUsage(err)
}

// write computes the view from files. What could be read is reported even when something could not: the exit
// code and standard error say so.
func (q *reportRequest) write(ctx context.Context, out io.Writer) error {
	if len(q.paths) == 0 {
		return usagef("no file given; - is standard input, --live asks a running oteltop")
	}
	var beforeErr error
	if q.view == report.ViewCompare && len(q.paths) == 2 && q.options.At == nil && q.options.Baseline == nil {
		if beforeErr = q.readBefore(ctx); q.options.Saved == nil {
			return beforeErr
		}
	}
	if err := q.options.Check(q.view); err != nil {
		return errors.Join(beforeErr, usageError{err})
	}
	p, readErr := readFiles(ctx, q.flags, q.paths)
	readErr = errors.Join(beforeErr, readErr)
	if p == nil {
		return readErr
	}
	return errors.Join(readErr, asUsage(report.Write(ctx, out, p.engine, q.view, q.options)))
}

// readBefore makes the first file the baseline. Without one, nothing could be read; with one, the error says
// what could not.
func (q *reportRequest) readBefore(ctx context.Context) error {
	p, readErr := readFiles(ctx, q.flags, q.paths[:1])
	if p == nil {
		return readErr
	}
	profile, err := report.Before(ctx, p.engine, q.options)
	if err != nil {
		return errors.Join(readErr, err)
	}
	q.options.Saved, q.paths = profile, q.paths[1:]
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
	c := p.ring.Counters()
	if c.Evicted > 0 {
		fmt.Fprintf(os.Stderr, "oteltop: %d spans did not fit into --memory %s: views of single traces lack them\n", c.Evicted, f.memory.String())
	}
	if list := refusals(c.Refused); list != "" {
		fmt.Fprintf(os.Stderr, "oteltop: spans refused, which no view has: %s\n", list)
	}
	return p, readErr
}

// refusals is how many spans were refused and why; empty for none. They were in requests that could be read: the
// rest is an error of reading.
func refusals(refused [model.Refusals]uint64) string {
	var list []string
	for why, n := range refused {
		if n > 0 {
			list = append(list, fmt.Sprintf("%d as %s", n, model.Refusal(why)))
		}
	}
	return strings.Join(list, ", ")
}

// asUsage marks the errors that bad arguments cause.
func asUsage(err error) error {
	if report.IsUsage(err) {
		return usageError{err}
	}
	return err
}
