// Package num writes figures for people: at most Width columns, with units, and of constant width for
// constant magnitude, so that columns of them do not jump. All append to a buffer and allocate nothing.
package num

import (
	"math"
	"strconv"

	"oteltop/aggregate/prose"
)

// Width is the most columns that a figure of this package takes, percentages and rates included.
const Width = 7

// Duration appends ns as sentences have it too: 312ns 8.10us 1.21s 2m05s 3h07m 2d04h.
func Duration(b []byte, ns int64) []byte { return prose.AppendDuration(b, ns) }

// Count appends n as sentences have it too: 9999 10.0k 1.23M.
func Count(b []byte, n uint64) []byte { return prose.AppendCount(b, n) }

// Rate appends v per second: 0.35/s 12.1/s 18.2k/s; what is less than 0.005/s, but not nothing, is <0.01/s.
func Rate(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v) || v < 0:
		return append(b, '-')
	case v == 0:
		return append(b, "0/s"...)
	case v < .005:
		return append(b, "<0.01/s"...)
	case v < 999.5:
		b = prose.AppendThree(b, v)
	default:
		b = prose.AppendScaled(b, v)
	}
	return append(b, "/s"...)
}

// Share appends v in [0,1] as a percentage: 0% 0.04% 2.4% 37% 100%; values that would round to 0 or 100
// without being it say <0.01% and 99.9%.
func Share(b []byte, v float64) []byte {
	p := v * 100
	switch {
	case math.IsNaN(p):
		return append(b, '-')
	case p <= 0:
		return append(b, "0%"...)
	case p < 0.01:
		return append(b, "<0.01%"...)
	case p < 0.995:
		b = strconv.AppendFloat(b, p, 'f', 2, 64)
	case p < 9.95:
		b = strconv.AppendFloat(b, p, 'f', 1, 64)
	case p < 99.5:
		b = strconv.AppendFloat(b, p, 'f', 0, 64)
	case p < 100:
		b = append(b, "99.9"...)
	default:
		b = strconv.AppendFloat(b, p, 'f', 0, 64)
	}
	return append(b, '%')
}

// Ratio appends a factor: x0.42 x1.8 x12 x340.
func Ratio(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
		return append(b, '-')
	}
	b = append(b, 'x')
	switch {
	case v < 0.005:
		return append(b, "<.01"...)
	case v < 0.995:
		return strconv.AppendFloat(b, v, 'f', 2, 64)
	case v < 9.95:
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	case v < 9999.5:
		return strconv.AppendFloat(b, v, 'f', 0, 64)
	}
	return append(b, "10k+"...)
}

// Bytes appends a size in binary units: 512B 64.0K 1.21M 2.00G (KiB, MiB, GiB).
func Bytes(b []byte, n int64) []byte {
	if n < 1024 {
		return append(strconv.AppendInt(b, n, 10), 'B')
	}
	v := float64(n)
	for _, u := range []byte("KMGT") {
		if v /= 1024; v < 999.5 {
			return append(prose.AppendThree(b, v), u)
		}
	}
	return append(prose.AppendThree(b, v), 'T')
}
