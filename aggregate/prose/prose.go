// Package prose writes the figures and names in sentences: the titles of findings, the reasons of suspects.
// Figures on screens have a fixed width and are written by ui/num; durations have one form in both.
package prose

import (
	"strconv"
	"strings"
)

// Duration writes ns as everywhere: see AppendDuration.
func Duration(ns int64) string {
	var b [16]byte
	return string(AppendDuration(b[:0], ns))
}

// AppendDuration appends ns with three significant digits and the largest unit that leaves something before the point,
// in minutes and more the two largest: 312ns 8.10us 1.21s 2m05s 3h07m 2d04h 1391d. It takes at most six columns up to
// 270 years, and ASCII only.
func AppendDuration(b []byte, ns int64) []byte {
	if ns < 0 {
		b, ns = append(b, '-'), max(-ns, -(ns+1)) // the least has no counterpart
	}
	switch f := float64(ns); {
	case ns == 0:
		return append(b, '0')
	case ns < 1000:
		return append(strconv.AppendInt(b, ns, 10), "ns"...)
	case f < 999.5e3:
		return append(AppendThree(b, f/1e3), "us"...)
	case f < 999.5e6:
		return append(AppendThree(b, f/1e6), "ms"...)
	case f < 59.95e9:
		return append(AppendThree(b, f/1e9), 's')
	}
	s := ns/1e9 + (ns%1e9+5e8)/1e9
	switch {
	case s < 3600:
		return pair(b, s/60, 'm', s%60, 's')
	case s < 86400:
		return pair(b, s/3600, 'h', s/60%60, 'm')
	}
	if d := s / 86400; d >= 100 { // hours say nothing there
		return append(strconv.AppendInt(b, d, 10), 'd')
	}
	return pair(b, s/86400, 'd', s/3600%24, 'h')
}

func pair(b []byte, hi int64, hu byte, lo int64, lu byte) []byte {
	b = append(strconv.AppendInt(b, hi, 10), hu)
	if lo < 10 {
		b = append(b, '0')
	}
	return append(strconv.AppendInt(b, lo, 10), lu)
}

// AppendThree appends v in [0, 1000) with three significant digits.
func AppendThree(b []byte, v float64) []byte {
	switch {
	case v < 9.995:
		return strconv.AppendFloat(b, v, 'f', 2, 64)
	case v < 99.95:
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	return strconv.AppendFloat(b, v, 'f', 0, 64)
}

// Count is AppendCount as text.
func Count(n uint64) string { return string(AppendCount(nil, n)) }

// AppendCount appends n exactly below 10,000 and with three significant digits and k, M, G above, in sentences as in
// tables.
func AppendCount(b []byte, n uint64) []byte {
	if n < 10_000 {
		return strconv.AppendUint(b, n, 10)
	}
	return AppendScaled(b, float64(n))
}

// AppendScaled appends v with three significant digits and k, M, G, T.
func AppendScaled(b []byte, v float64) []byte {
	for _, u := range [...]struct {
		div  float64
		name byte
	}{{1e3, 'k'}, {1e6, 'M'}, {1e9, 'G'}, {1e12, 'T'}} {
		if v < u.div*999.5 {
			return append(AppendThree(b, v/u.div), u.name)
		}
	}
	return append(b, strings.Replace(strconv.FormatFloat(v, 'e', 1, 64), "e+", "e", 1)...)
}

// List writes names as a person would: a, b and c.
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
