// Where each style stands on every screen, in every theme and colour profile.

package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/model/modeltest"

	uv "github.com/charmbracelet/ultraviolet"
)

// styleLetters name the styles of a screen in the order in which they appear; what is beyond them shares the last.
const styleLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+"

// styleNames are the letters of the styles of a screen.
type styleNames map[string]byte

func newStyleNames() styleNames { return styleNames{"": '.'} }

func (n styleNames) of(sgr string) (letter byte, isNew bool) {
	l, ok := n[sgr]
	if !ok {
		l = styleLetters[min(len(n)-1, len(styleLetters)-1)]
		n[sgr] = l
	}
	return l, !ok
}

// stylePlane is the style of each cell of a screen: the colours and attributes as they are sent, or nothing.
type stylePlane [][]string

func (s *session) stylePlane() stylePlane {
	b := uv.NewScreenBuffer(s.app.w, s.app.h)
	uv.NewStyledString(s.app.View().Content).Draw(b, b.Bounds())
	p := make(stylePlane, s.app.h)
	for y := range p {
		p[y] = make([]string, s.app.w)
		for x := range p[y] {
			p[y][x] = strings.TrimSuffix(strings.TrimPrefix(b.CellAt(x, y).Style.String(), "\x1b["), "m")
		}
	}
	return p
}

// follows reports whether cells that have one style in another plane have one in this, and then writes which: by the
// letters that write gives to the styles of the other.
func (p stylePlane) follows(of stylePlane, to *strings.Builder) bool {
	as := map[string]string{}
	var order []string
	for y := range p {
		for x, sgr := range p[y] {
			was, seen := as[of[y][x]]
			if seen && was != sgr {
				return false
			}
			if !seen {
				as[of[y][x]] = sgr
				order = append(order, of[y][x])
			}
		}
	}
	letters := newStyleNames()
	for _, sgr := range order {
		l, _ := letters.of(sgr)
		fmt.Fprintf(to, "%c is %s\n", l, as[sgr])
	}
	return true
}

// write writes the styles by letters, and each line as runs of them: "12a 3b". A line without styles is empty.
func (p stylePlane) write(to *strings.Builder) {
	letters := newStyleNames()
	var lines strings.Builder
	for _, line := range p {
		for x := 0; x < len(line); {
			end, sgr := x, line[x]
			for end < len(line) && line[end] == sgr {
				end++
			}
			l, isNew := letters.of(sgr)
			if isNew {
				fmt.Fprintf(to, "%c %s\n", l, sgr)
			}
			if end < len(line) || sgr != "" {
				fmt.Fprintf(&lines, " %d%c", end-x, l)
			}
			x = end
		}
		lines.WriteByte('\n')
	}
	to.WriteString(lines.String())
}

// sheetsInColour are sheets with every kind of cell: bars, a tree, lanes, differences, judgements.
var sheetsInColour = []string{sheetTail, sheetCritical, sheetSessions, sheetDependencies, sheetTrends, sheetQuality}

// Every lens, panel and overlay in every look, at the size that has the least room.
func TestEveryLook(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	shop, plain := stillShop(t), map[string]stylePlane{}
	scenes := slices.Concat(lensScenes, panelScenes, waterfallScenes)
	show := func(l look, yield func(name string, s *session)) {
		for _, sc := range scenes {
			yield(sc.name, sc.panel(t, sizes[0][0], sizes[0][1], l))
		}
		s := scene{}.playOn(shop, sizes[0][0], sizes[0][1], l)
		for _, n := range sheetsInColour {
			s.run(s.app.act(aboutCheckout(n)))
			yield("sheet "+n, s)
		}
	}
	show(plainLook, func(name string, s *session) { plain[name] = s.stylePlane() })
	for name, l := range looks() {
		var b strings.Builder
		show(l, func(n string, s *session) {
			fmt.Fprintf(&b, "# %s\n", n)
			p := s.stylePlane()
			if l == plainLook || !p.follows(plain[n], &b) {
				p.write(&b)
			}
		})
		golden(t, "looks-"+name+".txt", b.String())
	}
}
