package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"oteltop/aggregate/report"
	"oteltop/feed/demo"
	"oteltop/feed/files"
	"oteltop/feed/otlp"
	"oteltop/ui"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"
)

// listen binds the receiver's ports, before anything is drawn.
func (p *program) listen(f *flags) (*otlp.Receiver, error) {
	token := ""
	if f.tokenFile != "" {
		b, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return nil, usagef("--token-file: %w", err)
		}
		if token = strings.TrimSpace(string(b)); token == "" {
			return nil, usagef("--token-file %s is empty", f.tokenFile)
		}
	}
	grpc, httpAddrs := f.addresses()
	mux := http.NewServeMux()
	mux.Handle("/report/", report.Handler(p.engine))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	r, err := otlp.Listen(otlp.Options{
		GRPC: grpc, HTTP: httpAddrs, Intake: p.intake,
		// A request takes room as it came and decompressed: a larger one would be told to retry for ever.
		MaxBody: int(min(int64(f.maxBody), f.inFlight()/2)), InFlight: f.inFlight(), MaxConnections: f.maxConnections,
		Token: token, TLS: otlp.Certificates{Cert: f.cert, Key: f.key, ClientCA: f.ca}, Insecure: f.insecure,
		AllowedHosts: f.hosts, CORSOrigins: f.corsOrigins, Extra: mux, Log: p.log.add, Panicked: p.survived,
	})
	if errors.Is(err, otlp.ErrExposed) {
		return nil, usagef("%w: give --token-file or --tls-client-ca, or --insecure to do without", err)
	}
	return r, err
}

// live is the main job: receiver, and demo if asked for, under the screen.
func live(ctx context.Context, f *flags) error {
	if err := f.check(); err != nil {
		return err
	}
	p, err := newProgram(f, true)
	if err != nil {
		return err
	}
	source := ui.Source{}
	r, err := p.listen(f)
	switch {
	case err == nil:
		source.GRPC, source.HTTP = r.GRPCAddrs(), r.HTTPAddrs()
	case f.demo && errors.Is(err, otlp.ErrBusy):
		// A demo does not need the ports; whoever holds them keeps them.
		p.log.add("not listening: " + err.Error())
		source.Banner = "demo only: " + busyPort(err)
	default:
		return err
	}
	if r != nil && r.Unprotected() {
		source.Banner = "open to the network without authentication"
	}
	return p.show(ctx, f, source, func(ctx context.Context) {
		if r != nil {
			p.feed(ctx, "receiver", r)
		}
		if f.demo {
			p.startDemo(ctx, f)
		}
	})
}

// busyPort says in a few words which port is taken.
func busyPort(err error) string {
	var b *otlp.BusyError
	if errors.As(err, &b) {
		return b.Addr + " is in use"
	}
	return "ports are in use"
}

func (p *program) startDemo(ctx context.Context, f *flags) {
	p.feed(ctx, "demo", demo.New(demo.Options{Rate: f.demoRate, Intake: p.intake}))
}

// screenThreads is how many threads more than cores a program with a screen runs Go code on. When requests
// keep every core busy, a key otherwise waits for the scheduler's turn, up to 10 ms at each step; with more
// threads the system gives it one at once. Measured on two cores at full load: half of the keys answered
// within 20 ms instead of 31, a third as many after more than 50.
const screenThreads = 2

// show runs the screen with the parts that begin starts, and ends them with it.
func (p *program) show(ctx context.Context, f *flags, source ui.Source, begin func(context.Context)) error {
	profile, err := f.profile()
	if err != nil {
		return err
	}
	saved, err := f.savedBaseline(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := p.run(ctx)
	defer p.end(cancel)
	begin(ctx)
	go p.quitOnCrash(ctx, cancel)
	o := ui.Options{
		Engine: p.engine, Out: os.Stdout, Theme: f.theme, Profile: profile, ASCII: f.ascii, Mouse: !f.noMouse,
		Refresh: f.refresh, Last: f.last, Source: source, Tour: f.tour, Views: f.views, KeepView: keepView, Baselines: saved,
	}
	if p.live && !f.demo {
		o.StartDemo = func() { p.startDemo(ctx, f) }
	}
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + screenThreads)
	}
	finish := insist(ctx, os.Stdout)
	err = ui.Run(ctx, o, p.guardModel, tea.WithoutSignalHandler())
	finish()
	return screenError(ctx, err)
}

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
