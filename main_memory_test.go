package main

import (
	"math"
	"runtime/debug"
	"testing"
	"testing/fstest"
)

// What the process may use is what the machine has, or the least of what its control groups leave.
func TestUsableMemory(t *testing.T) {
	const gib = 1 << 30
	machine := func(files map[string]string) fstest.MapFS {
		root := fstest.MapFS{"proc/meminfo": {Data: []byte("MemTotal:       8388608 kB\nMemFree: 1 kB\n")}}
		for name, text := range files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return root
	}
	for name, c := range map[string]struct {
		root fstest.MapFS
		want int64
	}{
		"nothing known":         {fstest.MapFS{}, 0},
		"no control groups":     {machine(nil), 8 * gib},
		"without a limit":       {machine(map[string]string{"sys/fs/cgroup/memory.max": "max\n"}), 8 * gib},
		"a container":           {machine(map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1073741824\n"}), gib},
		"more than the machine": {machine(map[string]string{"sys/fs/cgroup/memory.max": "68719476736\n"}), 8 * gib},
		"a service": {machine(map[string]string{
			"proc/self/cgroup": "0::/system.slice/oteltop.service\n", "sys/fs/cgroup/system.slice/oteltop.service/memory.max": "2147483648\n", "sys/fs/cgroup/system.slice/memory.max": "max\n",
		}), 2 * gib},
		"a slice around it": {machine(map[string]string{
			"proc/self/cgroup": "0::/user.slice/user-1.slice/session\n", "sys/fs/cgroup/user.slice/user-1.slice/session/memory.max": "max\n", "sys/fs/cgroup/user.slice/memory.max": "3221225472\n",
		}), 3 * gib},
		"the first version": {machine(map[string]string{
			"proc/self/cgroup": "9:cpu,cpuacct:/a\n4:hugetlb,memory:/docker/b\n", "sys/fs/cgroup/memory/docker/b/memory.limit_in_bytes": "1073741824\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}), gib},
		"outside of what is seen": {machine(map[string]string{"proc/self/cgroup": "0::/../../other\n", "sys/fs/cgroup/memory.max": "1073741824\n"}), gib},
	} {
		if got := usableMemory(c.root); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if d := defaultMemory(); d <= 0 || d > 2*gib {
		t.Errorf("the default is %d", d)
	}
}

// Everything that has a share of --memory has it within --memory, and the spans get no less than a fifth.
func TestSharesAreWithinTheBudget(t *testing.T) {
	for _, memory := range []byteSize{16 << 20, 64 << 20, 256 << 20, 512 << 20, 1 << 30, 2 << 30, 16 << 30} {
		for _, flight := range []byteSize{0, minInFlight, memory / 4} {
			f := &flags{memory: memory, flight: flight}
			s := f.shares(true)
			if sum := s.spans + s.rollups + s.logs + f.requests(); sum > int64(memory) || s.spans < int64(memory)/5 || s.rollups <= 0 || s.logs <= 0 || f.inFlight() <= 0 {
				t.Errorf("--memory %s --in-flight %s: %+v and %d for requests are %d", &memory, &flight, s, f.requests(), sum)
			}
			if file := f.shares(false); file.spans <= s.spans {
				t.Errorf("--memory %s: files get %d, a receiver %d", &memory, file.spans, s.spans)
			}
		}
	}
}

// The collector's soft limit follows --memory, unless the person who started the program has set one.
func TestLimitOfTheHeap(t *testing.T) {
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetMemoryLimit(limit); debug.SetGCPercent(percent) })
	for variable, want := range map[string]int64{"": 256<<20 + memorySlack - uncounted, "1GiB": math.MaxInt64} {
		t.Setenv("GOMEMLIMIT", variable)
		debug.SetMemoryLimit(math.MaxInt64)
		limitHeap(&flags{memory: 256 << 20})
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("GOMEMLIMIT=%q: %d, want %d", variable, got, want)
		}
	}
}
