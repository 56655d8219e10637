package prose_test

import (
	"math"
	"testing"

	"oteltop/aggregate/prose"
)

func TestDuration(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0", 7: "7ns", 999: "999ns", 1000: "1.00us", 1234: "1.23us", 999_499: "999us", 999_999: "1.00ms", 31_250_000: "31.2ms", 312_345_678: "312ms",
		1_216_000_000: "1.22s", 59_940_000_000: "59.9s", 59_960_000_000: "1m00s", 300e9: "5m00s", 3599_600_000_000: "1h00m", 86_399_600_000_000: "1d00h",
		-1_234_567: "-1.23ms", 99 * 86_400e9: "99d00h", 1391 * 86_400e9: "1391d", math.MaxInt64: "106751d", math.MinInt64: "-106751d",
	} {
		if got := prose.Duration(ns); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1000", 9999: "9999", 10_000: "10.0k", 1_234_567: "1.23M", math.MaxUint64: "1.8e19"} {
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
