package num

import (
	"math"
	"testing"
	"testing/quick"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{string(Duration(nil, 0)), "0"},
		{string(Duration(nil, 1)), "1ns"},
		{string(Duration(nil, 999)), "999ns"},
		{string(Duration(nil, 8_100)), "8.10us"},
		{string(Duration(nil, 999_499)), "999us"},
		{string(Duration(nil, 999_500)), "1.00ms"},
		{string(Duration(nil, 12_345_678)), "12.3ms"},
		{string(Duration(nil, 1_210_000_000)), "1.21s"},
		{string(Duration(nil, 59_940_000_000)), "59.9s"},
		{string(Duration(nil, 59_960_000_000)), "1m00s"},
		{string(Duration(nil, 3_599_600_000_000)), "1h00m"},
		{string(Duration(nil, 11_220e9)), "3h07m"},
		{string(Duration(nil, 187_200e9)), "2d04h"},
		{string(Duration(nil, -5_000_000)), "-5.00ms"},
		{string(Count(nil, 0)), "0"},
		{string(Count(nil, 9_999)), "9999"},
		{string(Count(nil, 10_000)), "10.0k"},
		{string(Count(nil, 999_499)), "999k"},
		{string(Count(nil, 999_500)), "1.00M"},
		{string(Count(nil, 2_900_000)), "2.90M"},
		{string(Rate(nil, 0)), "0/s"},
		{string(Rate(nil, 0.354)), "0.35/s"},
		{string(Rate(nil, 0.0047)), "<0.01/s"}, {string(Rate(nil, 0.005)), "0.01/s"},
		{string(Rate(nil, 18_230)), "18.2k/s"},
		{string(Rate(nil, math.NaN())), "-"},
		{string(Share(nil, 0)), "0%"},
		{string(Share(nil, 0.00001)), "<0.01%"},
		{string(Share(nil, 0.0004)), "0.04%"},
		{string(Share(nil, 0.024)), "2.4%"},
		{string(Share(nil, 0.37)), "37%"},
		{string(Share(nil, 0.9996)), "99.9%"},
		{string(Share(nil, 1)), "100%"},
		{string(Ratio(nil, 1.84)), "x1.8"},
		{string(Ratio(nil, 0.42)), "x0.42"},
		{string(Ratio(nil, 0.0001)), "x<.01"}, {string(Ratio(nil, 12_345)), "x10k+"},
		{string(Ratio(nil, 340)), "x340"},
		{string(Ratio(nil, math.Inf(1))), "-"},
		{string(Bytes(nil, 512)), "512B"},
		{string(Bytes(nil, 64<<10)), "64.0K"},
		{string(Bytes(nil, 2<<30)), "2.00G"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Every figure of the magnitudes that occur keeps to its width: columns are laid out by it.
func TestFiguresKeepToTheirWidth(t *testing.T) {
	check := func(n uint64, f float64) bool {
		f = math.Abs(math.Mod(f, 1e9))
		for _, b := range [][]byte{
			Duration(nil, int64(n%uint64(100*24*3600e9))), Count(nil, n%1e15), Rate(nil, f),
			Share(nil, math.Mod(f, 1)), Ratio(nil, f), Bytes(nil, int64(n>>8)),
		} {
			if len(b) > Width {
				t.Logf("%q is wider than %d", b, Width)
				return false
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 20000}); err != nil {
		t.Error(err)
	}
}

func BenchmarkDuration(b *testing.B) {
	var buf [16]byte
	b.ReportAllocs()
	for i := range b.N {
		Duration(buf[:0], int64(i)*1021)
	}
}
