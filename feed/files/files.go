// Package files reads recorded traces and delivers them as a feed.Source.
//
//	file ─▶ decompress (gzip, zstd) ─▶ values (lines or a document) ─▶ OTLP, Jaeger or Zipkin ─▶ Sink
//
// What a file holds is found from its content, never from its name. Nothing is read whole that can be
// read in pieces: OTLP JSON Lines go line by line, protobuf goes resource by resource. What cannot be
// read is reported with file, line and reason, and everything around it is still delivered.
//
// The Intake adds up: of Requests, those that are not in RefusedRequests were taken, by the sink or, for
// logs and metrics, by a counter; of Spans, those that are not in RefusedSpans.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"oteltop/feed"
	"oteltop/model"
)

const (
	// maxValue bounds a line or a document. The Collector writes one request a line; 64 MiB is four times
	// the largest request that OTLP receivers take by default.
	maxValue = 64 << 20
	// maxErrors bounds how many problems are kept; the rest is counted.
	maxErrors = 100
)

// Options say what to read.
type Options struct {
	Paths  []string      // "-" is standard input
	Intake *model.Intake // counted into as TransportFile; nil makes one that nobody sees
	Replay *Replay       // nil delivers as fast as possible with the times that were recorded
	Stdin  io.Reader     // what "-" reads; nil is the process's own
}

// Error is one thing that could not be read.
type Error struct {
	Path   string
	Line   int // from 1; 0 where lines mean nothing, as in protobuf
	Reason string
}

// Error tells all three, as compilers do.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Reason)
}

// Files is a feed.Source.
type Files struct {
	Intake *model.Intake // see Options; may be set until Run

	paths  []string
	replay *Replay
	stdin  io.Reader
	total  int64        // bytes on disk; 0 when a size is not known
	read   atomic.Int64 // bytes on disk
	ended  atomic.Bool
}

// Open checks that every file can be opened. The error joins one *Error for each that cannot.
func Open(o Options) (*Files, error) {
	f := &Files{Intake: o.Intake, paths: o.Paths, replay: o.Replay, stdin: o.Stdin}
	if f.stdin == nil {
		f.stdin = os.Stdin
	}
	known := true
	var errs []error
	for _, p := range o.Paths {
		if p == "-" {
			known = false
			continue
		}
		size, err := checkFile(p)
		if err != nil {
			errs = append(errs, &Error{Path: p, Reason: reason(err)})
		}
		if size < 0 {
			known = false
		}
		f.total += size
	}
	if !known {
		f.total = 0
	}
	return f, errors.Join(errs...)
}

// checkFile opens a file to see that it can be, and returns its size in bytes, -1 where it has none. A
// pipe is not opened: whoever writes to it would be told that its reader has gone.
func checkFile(path string) (int64, error) {
	stat, err := os.Stat(path)
	switch {
	case err != nil:
		return 0, err
	case stat.IsDir():
		return 0, errors.New("is a directory")
	case !stat.Mode().IsRegular():
		return -1, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	return stat.Size(), file.Close()
}

// reason drops the path that os errors repeat.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// Progress is the share of the bytes read so far, 0 to 1. It stays 0 until the end where the size is
// not known, as with standard input.
func (f *Files) Progress() float64 {
	switch {
	case f.ended.Load():
		return 1
	case f.total == 0:
		return 0
	}
	return min(1, float64(f.read.Load())/float64(f.total))
}

// Run reads all files in order and implements feed.Source. The error is that of ctx, or joins an *Error
// for everything that could not be read; the rest has been delivered then.
func (f *Files) Run(ctx context.Context, sink feed.Sink) error {
	defer f.ended.Store(true)
	if f.Intake == nil {
		f.Intake = new(model.Intake)
	}
	r := &run{Files: f, ctx: ctx, sink: sink}
	if f.replay != nil {
		r.pace = newPace(*f.replay)
	}
	for _, p := range f.paths {
		r.file(p)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if r.unkept > 0 {
		r.errs = append(r.errs, fmt.Errorf("and %d more problems", r.unkept))
	}
	return errors.Join(r.errs...)
}
