// How --memory is divided, and what the garbage collector is told of it.

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"oteltop/feed/otlp"
)

const (
	// memorySlack is what the program may take beyond --memory: code, stacks, the screen, garbage that
	// has not been collected yet. Stated in the README; .ci/soak measures that it holds.
	memorySlack = 192 << 20
	// uncounted is the part of memorySlack that the runtime's soft limit does not count (code, 17 MiB), or
	// goes over while a collection is under way.
	uncounted = 128 << 20
	// gcPercent trades memory, which the soft limit bounds, for CPU: 20 % less at full load (INGEST.md).
	gcPercent = 400
	// inboxSlack is the part of memorySlack for requests that are being received; what they may take beyond it
	// (otlp.InboxLimit) comes out of the budget.
	inboxSlack = 40 << 20
	// The rollups get a quarter of the budget, log records 1/32: at 512 MiB that is about 50,000 of them.
	rollupShare, logShare = 4, 32
	// minMemory is the least budget: a receiver with it keeps 7 MiB of spans.
	minMemory = 16 << 20
)

// limitHeap tells the garbage collector what --memory allows. Who sets GOMEMLIMIT knows better.
func limitHeap(f *flags) {
	debug.SetGCPercent(gcPercent)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(f.memory) + memorySlack - uncounted)
	}
}

// shares is how --memory is divided, in bytes. What a receiver holds of requests is the rest.
type shares struct{ spans, rollups, logs int64 }

// shares divides the budget. Only a live program receives requests.
func (f *flags) shares(live bool) shares {
	all := int64(f.memory)
	s := shares{rollups: all / rollupShare, logs: all / logShare}
	s.spans = all - s.rollups - s.logs
	if live {
		s.spans -= f.requests()
	}
	return s
}

// requests is what a receiver may hold of requests, in bytes; check sees to it that it is at most half of the budget.
func (f *flags) requests() int64 {
	return f.inFlight() + max(0, otlp.InboxLimit(f.inFlight())-inboxSlack)
}

// inFlight is the part of the budget for requests that are being handled.
func (f *flags) inFlight() int64 {
	if f.flight > 0 {
		return int64(f.flight)
	}
	// Up to 128 MiB a quarter, which then takes the largest request that OTLP receivers accept by default,
	// as it came and decompressed; from 1 GiB on an eighth, so that the spans get the rest.
	const least, most = 128 << 20, 256 << 20
	return max(min(int64(f.memory)/4, least), min(int64(f.memory)/8, most))
}

// defaultMemory is a quarter of the memory that this process may use, at most 2 GiB.
func defaultMemory() byteSize {
	const most, unknown = 2 << 30, 512 << 20
	total := usableMemory(os.DirFS("/"))
	if total == 0 {
		return unknown
	}
	return byteSize(min(total/4, most))
}

// usableMemory is the memory of the machine whose files these are, in bytes, or what the control groups of this process
// leave of it; 0 where nothing says.
func usableMemory(root fs.FS) int64 {
	total := int64(0)
	if b, err := fs.ReadFile(root, "proc/meminfo"); err == nil {
		fmt.Sscanf(string(b), "MemTotal: %d kB", &total)
		total <<= 10
	}
	for _, file := range limitFiles(root) {
		if b, err := fs.ReadFile(root, file); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 && (total == 0 || n < total) {
				total = n
			}
		}
	}
	return total
}

// limitFiles are where the memory limits of this process's control groups stand, from its own to the root. A container
// sees its own as the root; under systemd a service or a session has one of its own further down.
func limitFiles(root fs.FS) (files []string) {
	unified, memory := "/", "/" // of cgroup v2 and of v1's memory controller
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(text)) { // number:controllers:path, no controllers for v2
		switch f := strings.SplitN(strings.TrimSpace(line), ":", 3); {
		case len(f) < 3:
		case f[1] == "":
			unified = f[2]
		case slices.Contains(strings.Split(f[1], ","), "memory"):
			memory = f[2]
		}
	}
	upward := func(mount, group, file string) {
		for dir := path.Join("/", group); ; dir = path.Dir(dir) {
			files = append(files, path.Join(mount, dir, file))
			if dir == "/" {
				return
			}
		}
	}
	upward("sys/fs/cgroup", unified, "memory.max")
	upward("sys/fs/cgroup/memory", memory, "memory.limit_in_bytes")
	return files
}

// byteSize is a number of bytes as a flag: 512MiB, 2GiB, 64k, 1000000.
type byteSize int64

// String implements pflag.Value.
func (b *byteSize) String() string {
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n := int64(*b); n >= u.size && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(*b), 10)
}

// units are the bytes of each unit that a byteSize may be written in: all of them powers of 1,024.
func units() map[string]float64 {
	return map[string]float64{
		"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10,
		"m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20, "g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30,
	}
}

// Set implements pflag.Value.
func (b *byteSize) Set(s string) error {
	const most = 1 << 50 // a petabyte: far from the end of int64
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	n, err := strconv.ParseFloat(digits, 64)
	unit, known := units()[strings.ToLower(strings.TrimSpace(s[len(digits):]))]
	if err != nil || !known || !(n >= 0 && n*unit <= most) {
		return errors.New("want a size like 512MiB or 2GiB")
	}
	*b = byteSize(n * unit)
	return nil
}

// Type implements pflag.Value.
func (b *byteSize) Type() string { return "size" }
