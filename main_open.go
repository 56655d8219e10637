// oteltop open: files under the screen.

package main

import (
	"context"
	"sync/atomic"

	"oteltop/feed/files"
	"oteltop/ui"

	"github.com/spf13/cobra"
)

func openCommand(f *flags) *cobra.Command {
	c := &cobra.Command{
		Use:   "open FILE...",
		Short: "show files: OTLP JSON (lines), Jaeger JSON, Zipkin JSON, plain or compressed",
		Args:  someArguments("a file"),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("last") && f.replay == 0 {
				f.last = 0 // a file is looked at as a whole
			}
			return open(c.Context(), f, args)
		},
	}
	f.screen(c.Flags())
	c.Flags().Lookup("last").DefValue = "0s"
	c.Flags().Float64Var(&f.replay, "replay", 0, "let it happen again, now: at so many times the recorded pace (0: show all at once)")
	return c
}

// open shows files; reading goes on under the screen.
func open(ctx context.Context, f *flags, paths []string) error {
	if err := f.check(); err != nil {
		return err
	}
	o := files.Options{Paths: paths}
	if f.replay > 0 {
		o.Replay = &files.Replay{Speed: f.replay}
	}
	fs, err := files.Open(o)
	if err != nil {
		return err
	}
	p, err := newProgram(f, f.replay > 0)
	if err != nil {
		return err
	}
	fs.Intake = p.intake
	var problem problem
	source := ui.Source{Files: paths, Progress: fs.Progress, Problem: problem.get}
	return p.show(ctx, f, source, func(ctx context.Context) {
		p.start(ctx, "files", func(ctx context.Context) error {
			err := fs.Run(ctx, p)
			p.ring.Flush()
			problem.set(err)
			return err
		})
	})
}

// problem is an error that one goroutine sets and another shows.
type problem struct{ text atomic.Value }

func (p *problem) set(err error) {
	if err != nil {
		p.text.Store(err.Error())
	}
}

func (p *problem) get() string {
	s, _ := p.text.Load().(string)
	return s
}
