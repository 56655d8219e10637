package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// constant is what the program may take beyond --memory; the README of oteltop states it.
const constant = 192 << 20

// settings of a run.
type settings struct {
	binary, recording, budgets, only string
	rounds, bombs                    int
	hour, patience                   time.Duration
}

func main() {
	var o settings
	flag.StringVar(&o.binary, "binary", "", "oteltop to run (default: built from this checkout)")
	flag.StringVar(&o.recording, "recording", "../../../shared/fixtures/stream/*.jsonl.gz", "stream to replay")
	flag.StringVar(&o.budgets, "memory", "64MiB,256MiB,1GiB", "budgets to run with")
	flag.StringVar(&o.only, "only", "", "run phases whose name contains one of these, separated by |")
	flag.IntVar(&o.rounds, "rounds", 10, "times that the stream is replayed")
	flag.IntVar(&o.bombs, "bombs", 200, "how many of each bomb go off at once")
	flag.DurationVar(&o.hour, "hour", 45*time.Second, "how long an hour's load takes")
	flag.DurationVar(&o.patience, "patience", time.Minute, "how long a volley of bombs may take; what is left is cut off")
	flag.Parse()
	failures, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(2)
	}
	if failures > 0 {
		fmt.Printf("\n%d failures\n", failures)
		os.Exit(1)
	}
}

// run does all phases with all budgets and says how many failed.
func run(o settings) (failures int, err error) {
	s, err := readStream(o.recording)
	if err != nil {
		return 0, err
	}
	if o.binary == "" {
		dir, err := os.MkdirTemp("", "soak")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		o.binary = filepath.Join(dir, "oteltop")
		build := exec.Command("go", "build", "-o", o.binary, ".")
		build.Dir = filepath.Join("..", "..")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 0, err
		}
	}
	all := bombs()
	fmt.Println("| budget | phase | seconds | peak MiB | allowed | received | stored | duplicate | refused | retained | evicted | answers | |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for budget := range strings.SplitSeq(o.budgets, ",") {
		n, err := o.budget(budget, s, all)
		if err != nil {
			return failures, err
		}
		failures += n
	}
	return failures, nil
}

// soak is a run with one budget.
type soak struct {
	settings
	budget   string
	allowed  int64
	server   *server
	client   *client
	before   account
	failures int
}

// budget runs all phases against one process.
func (o settings) budget(budget string, s *stream, all []bomb) (failures int, err error) {
	bytes, err := parseSize(budget)
	if err != nil {
		return 0, err
	}
	k := &soak{settings: o, budget: budget, allowed: bytes + constant}
	if k.server, err = serve(o.binary, budget); err != nil {
		return 0, err
	}
	defer k.server.stop()
	if k.client, err = newClient(k.server); err != nil {
		return 0, err
	}
	defer k.client.close()
	k.phase(fmt.Sprintf("stream × %d", o.rounds), func(ctx context.Context) (string, uint64, error) {
		sent := uint64(0)
		for round := range o.rounds {
			n, err := s.send(ctx, k.client, uint64(round), s.asRecorded())
			sent += n
			if err != nil {
				return "", sent, err
			}
		}
		return fmt.Sprintf("%d sent", sent), sent, nil
	})
	k.phase("an hour's load", func(ctx context.Context) (string, uint64, error) {
		const parts = 6
		sent, passes := uint64(0), 0
		for end := time.Now().Add(o.hour); time.Now().Before(end); passes++ {
			n, err := s.send(ctx, k.client, uint64(o.rounds+passes), s.inAnHour(passes%parts, parts))
			sent += n
			if err != nil {
				return "", sent, err
			}
		}
		return fmt.Sprintf("%d sent in %d passes", sent, passes), sent, nil
	})
	for _, b := range all {
		k.phase(fmt.Sprintf("%d × %s", o.bombs, b.name), func(ctx context.Context) (string, uint64, error) {
			t, _ := volley(ctx, k.server, b.bodies, o.bombs) // running out of time is no failure of the program
			return t.String(), 0, nil
		})
	}
	return k.failures, nil
}

// phase does one thing to the program, while a reader asks for figures, and prints what it took. work
// returns how many spans the program has taken in, 0 where that cannot be known.
func (k *soak) phase(name string, work func(context.Context) (string, uint64, error)) {
	if !slices.ContainsFunc(strings.Split(k.only, "|"), func(part string) bool { return strings.Contains(name, part) }) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*k.patience)
	if strings.Contains(name, "×") && !strings.HasPrefix(name, "stream") {
		ctx, cancel = context.WithTimeout(context.Background(), k.patience)
	}
	defer cancel()
	k.server.resetPeak()
	start := time.Now()
	stop := k.watch(ctx)
	answers, sent, err := work(ctx)
	stop()
	took := time.Since(start)
	var problems []string
	note := func(err error) {
		if err != nil {
			problems = append(problems, err.Error())
		}
	}
	note(err)
	note(k.server.alive())
	a, err := k.server.account()
	note(err)
	if err != nil {
		a = &account{}
	} else {
		note(a.balance())
		if sent > 0 && a.Received-k.before.Received != sent {
			note(fmt.Errorf("%d spans were taken, %d received", sent, a.Received-k.before.Received))
		}
	}
	k.before = *a
	peak := k.server.peak()
	if peak == 0 || peak > k.allowed {
		note(fmt.Errorf("%d MiB over", (peak-k.allowed)>>20))
	}
	if len(problems) > 0 {
		k.failures++
	}
	fmt.Printf("| %s | %s | %.0f | %d | %d | %d | %d | %d | %d | %d | %d | %s | %s |\n", k.budget, name, took.Seconds(), peak>>20, k.allowed>>20,
		a.Received, a.Stored, a.Duplicate, a.refused(), a.Retained, a.Evicted, answers, strings.Join(append(problems, verdict(problems)), "; "))
}

func verdict(problems []string) string {
	if len(problems) == 0 {
		return "ok"
	}
	return "FAILED"
}

// watch asks for the figures of a screen every two seconds until the function it returns is called: what
// queries take is part of the memory that must stay within bounds.
func (k *soak) watch(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(2 * time.Second):
			}
			for _, view := range []string{"operations", "edges", "heatmap", "traces?limit=50"} {
				_ = k.server.report(view, new(struct{})) // the phase's end finds out whether it still answers
			}
		}
	}()
	return func() { cancel(); <-done }
}

// parseSize reads a budget in MiB or GiB.
func parseSize(text string) (n int64, err error) {
	unit := ""
	if _, err := fmt.Sscanf(text, "%d%s", &n, &unit); err != nil {
		return 0, fmt.Errorf("budget %q: %w", text, err)
	}
	switch unit {
	case "MiB":
		return n << 20, nil
	case "GiB":
		return n << 30, nil
	}
	return 0, fmt.Errorf("budget %q: want MiB or GiB", text)
}
