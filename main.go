// Oteltop is top for traces: an OTLP receiver, an in-memory ring of recent traces, and a terminal screen
// that shows what the traces say together and drills from any figure down to one trace.
//
//	exporters ──OTLP──▶ feed ──requests──▶ store.Ring ─┬─▶ rollups of all spans, at ingest
//	files, demo ──────▶                                └─▶ scans of retained traces, on demand
//	                                 ui, report ◀── aggregate.Engine ◀──┘
//
//	oteltop                     receiver and screen
//	oteltop --demo              the same with a built-in generator
//	oteltop open FILE...        screen on files
//	oteltop serve               receiver without a screen
//	oteltop report VIEW FILE... figures as JSON
//
// Each of these commands has a file: main_live.go, main_open.go, main_serve.go and main_report.go. What they share is in
// main_run.go (a running program and its parts), main_flags.go, main_config.go (flags from the environment and a file)
// and main_memory.go (what --memory is divided into); how a program ends is in main_signals.go, main_crash.go and
// main_terminal.go.
//
// Comments cite the documents that the program was built to: DESIGN, ANALYSES, INGEST, PROTOCOL and TERMINAL, which
// are kept beside the repository, in ../shared. The rules and the list of analyses that they define stand in the
// documentation of packages model and aggregate as well.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes: what scripts rely on. A report that a signal cut short, and whatever SIGQUIT ended, exits
// with 128 and the signal's number, as shells have it.
const (
	exitFailure = 1  // unreadable input, a busy port
	exitUsage   = 2  // flags, arguments or configuration that make no sense
	exitCrash   = 70 // a panic; a crash file was left (EX_SOFTWARE)
)

// complaintPatience is how long standard error may take to take a line or two.
const complaintPatience = time.Second

// usageError is an error of the person who typed the command.
type usageError struct{ err error }

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() { os.Exit(run(&flags{})) }

// run is the whole program; it returns the exit code.
func run(f *flags) int {
	ctx, stop := untilSignal()
	err := command(f).ExecuteContext(ctx)
	if errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	stop()
	pprof.StopCPUProfile() // does nothing unless --cpuprofile started one
	code := exitCodeOf(err)
	if code != 0 {
		complain(err, code)
	}
	return code
}

// complain says on standard error why the program failed. A terminal that takes no output is not waited for.
func complain(err error, code int) {
	text := fmt.Sprintln("oteltop:", err)
	if code == exitUsage {
		text += "see oteltop --help\n"
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.WriteString(os.Stderr, text) // there is no other place to say that this failed
	}()
	within(complaintPatience, written)
}

// exitCodeOf sorts errors into exit codes.
func exitCodeOf(err error) int {
	var u usageError
	var c *crash
	var s *signaled
	switch {
	case err == nil:
		return 0
	case errors.As(err, &c):
		return exitCrash
	case errors.As(err, &s):
		return s.code()
	case errors.As(err, &u):
		return exitUsage
	}
	return exitFailure
}

// command is the whole command line.
func command(f *flags) *cobra.Command {
	root := &cobra.Command{
		Use:   "oteltop",
		Short: "top for traces: what your traces say together, live in a terminal",
		Long: `oteltop listens where services already send OTLP (localhost:4317 and :4318), shows who calls whom,
how fast, what fails, and drills from any figure on the screen down to the one trace that explains it.

Every flag can be set by an environment variable (OTELTOP_MEMORY for --memory) or in the configuration file
` + configPath() + ` (memory = "1GiB"). Flags win over the environment, the environment over the file.`,
		Args:          noArguments,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if err := f.settle(c.Flags()); err != nil {
				return err
			}
			return f.profileCPU()
		},
		RunE: func(c *cobra.Command, _ []string) error { return live(c.Context(), f) },
	}
	f.shared(root.PersistentFlags())
	f.screen(root.Flags())
	f.receiver(root.Flags())
	root.Flags().BoolVar(&f.demo, "demo", false, "generate traces of a web shop with faults to be found")
	root.Flags().BoolVar(&f.tour, "tour", false, "begin with a tour of the screens; best with --demo")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(openCommand(f), serveCommand(f), reportCommand(f), versionCommand())
	return root
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unknown command or argument %q", args[0])
	}
	return nil
}

func someArguments(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("%s is missing", what)
		}
		return nil
	}
}

// version is set by the linker for releases; else the module's own build information answers.
var version = ""

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: noArguments,
		Run: func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "oteltop", versionText()) },
	}
}

func versionText() string {
	if version != "" {
		return version
	}
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := bi.Main.Version
	if text == "" {
		text = "(devel)"
	}
	for _, s := range bi.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			text += " " + s.Value[:12]
		}
	}
	return text + " " + bi.GoVersion
}
