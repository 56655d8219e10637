package paths

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Band is a part of the requests of an operation by duration: those from the percentile Low on and below
// the percentile High. The zero Band is all of them.
type Band struct{ Low, High float64 }

// Bands are the ones that screens offer: the ordinary requests, the slower ones, the tail, and its end.
func Bands() []Band { return []Band{{0, 50}, {50, 95}, {95, 99}, {99, 100}} }

// ErrBand means that a text is no band.
var ErrBand = errors.New("want two percentiles, the lower first: 95-99")

// ParseBand reads "95-99". Nothing is all requests.
func ParseBand(text string) (Band, error) {
	if text == "" {
		return Band{}, nil
	}
	low, high, _ := strings.Cut(text, "-")
	l, err := strconv.ParseFloat(low, 64)
	h, err2 := strconv.ParseFloat(high, 64)
	if b := (Band{l, h}); err == nil && err2 == nil && l >= 0 && l < h && h <= 100 {
		return b, nil
	}
	return Band{}, fmt.Errorf("%q: %w", text, ErrBand)
}

// String is what ParseBand reads.
func (b Band) String() string {
	if b.IsAll() {
		return ""
	}
	return fmt.Sprintf("%g-%g", b.Low, b.High)
}

// IsAll reports whether every request is in the band.
func (b Band) IsAll() bool { return b == Band{} || b.Low <= 0 && b.High >= 100 }

// Of finds the shortest and the longest duration in the band; false where no request is in it. Requests that
// take equally long are in or out together, in the lower band of two. It sorts durations.
func (b Band) Of(durations []int64) (low, high int64, ok bool) {
	slices.Sort(durations)
	n := len(durations)
	to := n
	if b.High < 100 {
		to = int(b.High / 100 * float64(n))
	}
	if to == 0 {
		return 0, 0, false
	}
	high = durations[to-1]
	if from := int(b.Low / 100 * float64(n)); from > 0 {
		low = durations[from-1] + 1
	}
	return low, high, low <= high
}
