// oteltop: the receiver under the screen.

package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"

	"oteltop/aggregate/report"
	"oteltop/feed/demo"
	"oteltop/feed/otlp"
	"oteltop/ui"

	tea "charm.land/bubbletea/v2"
)

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

// listen binds the receiver's ports, before anything is drawn.
func (p *program) listen(f *flags) (*otlp.Receiver, error) {
	token, err := f.token()
	if err != nil {
		return nil, err
	}
	grpc, httpAddrs := f.addresses()
	mux := http.NewServeMux()
	mux.Handle(report.Path, report.Handler(p.engine))
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

// token is what senders must present; empty where they need nothing.
func (f *flags) token() (string, error) {
	if f.tokenFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(f.tokenFile)
	if err != nil {
		return "", usagef("--token-file: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" {
		return "", usagef("--token-file %s is empty", f.tokenFile)
	}
	return token, nil
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
