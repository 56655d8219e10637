// oteltop serve: the receiver without a screen.

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func serveCommand(f *flags) *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "receive without a screen; ask it with report --live",
		Long:  "serve listens and keeps what a screen would show. When ready it prints one line of JSON with the bound addresses.",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return serve(c.Context(), f, c.OutOrStdout()) },
	}
	f.receiver(c.Flags())
	c.Flags().BoolVar(&f.demo, "demo", false, "generate traces of a web shop as well")
	return c
}

// serve runs the receiver until ctx ends.
func serve(ctx context.Context, f *flags, out io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	p, err := newProgram(f, true)
	if err != nil {
		return err
	}
	r, err := p.listen(f)
	if err != nil {
		return err
	}
	ctx, cancel := p.run(ctx)
	defer p.end(cancel)
	p.feed(ctx, "receiver", r)
	if f.demo {
		p.startDemo(ctx, f)
	}
	line, err := json.Marshal(map[string]any{"grpc": r.GRPCAddrs(), "http": r.HTTPAddrs(), "pid": os.Getpid()})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
		return err
	}
	select {
	case c := <-p.crashed:
		return c
	case <-ctx.Done():
		return failureOf(ctx)
	}
}
