package prose_test

import (
	"math"
	"testing"

	"oteltop/aggregate/prose"
)

func TestDuration(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0s", 7: "7ns", 999: "999ns", 1000: "1µs", 1234: "1.23µs", 999_999: "1ms", 312_345_678: "312ms", 1_216_000_000: "1.22s",
		300e9: "5m0s", -1_234_567: "-1.234567ms", math.MaxInt64: "2.562047788e+06h",
	} {
		got := prose.Duration(ns)
		if ns == math.MaxInt64 {
			if got == "" {
				t.Error("the longest duration is not written")
			}
			continue
		}
		if got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1_234_567: "1,234,567", math.MaxUint64: "18,446,744,073,709,551,615"} {
		if got := prose.Count(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestList(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := prose.List(names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
