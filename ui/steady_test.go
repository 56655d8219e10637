// What stays where it is while figures change, and what empty screens say.

package ui

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"oteltop/model/modeltest"
)

// word is what a figure stands beside.
var word = regexp.MustCompile(`\p{L}{2,}`)

// places are the columns at which the words of a line stand.
func places(line string) map[string]int {
	at := map[string]int{}
	for _, w := range word.FindAllString(line, -1) {
		if strings.Count(line, w) == 1 {
			at[w] = indexColumns(line, w)
		}
	}
	return at
}

// titles are the lines of a frame of which figures change and words must not move: the status line and the titles
// of tables, which are underlined.
func (s *session) titles() (lines []int) {
	lines = []int{statusRow}
	for y, l := range splitLines(s.app.View().Content) {
		if y > lensRow && strings.Contains(l, "\x1b[4;") || strings.Contains(l, ";4;38") {
			lines = append(lines, y)
		}
	}
	return lines
}

// While figures change, what they stand beside does not move sideways: the status line, the titles of tables, and of
// the heatmap. Frames are of the same size, start with no erasure, and the line of the tabs is as it was.
func TestFiguresDoNotMoveSideways(t *testing.T) {
	modeltest.OneGoroutine(t)
	e := newShop(t, 40, 20*time.Second)
	e.options.Rate = 300 // counts get more digits
	var screens []*watched
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		screens = append(screens, watchScenes(t, liveScenes, e, size[0], size[1], colorprofile.ANSI256, large256)...)
	}
	type steady struct {
		line   int
		places map[string]int
	}
	were := make([][]steady, len(screens))
	for i, v := range screens {
		v.tick() // what is asked aside has come
		text := splitLines(v.session.screen())
		lines := v.titles()
		if strings.Contains(v.name, "coverage") {
			lines = lines[:1] // titles stand beside rows of another table
		}
		if strings.Contains(v.name, "latency") || strings.Contains(v.name, "map") {
			lines = append(lines, topRows)
		}
		for _, y := range lines {
			were[i] = append(were[i], steady{y, places(text[y])})
		}
	}
	for range 4 {
		e.advance(t, time.Second)
		for i, v := range screens {
			v.clock = e.now
			v.tick()
			text := splitLines(v.session.screen())
			for _, w := range were[i] {
				for name, x := range places(text[w.line]) {
					if was, ok := w.places[name]; ok && was != x {
						t.Errorf("%s: %q went from column %d to %d: %s", v.name, name, was, x, text[w.line])
					}
				}
			}
		}
	}
}

// A refresh repaints what changed: nothing is erased, and lines that are the same are not sent.
func TestRefreshesDoNotFlicker(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := newShop(t, 40, 20*time.Second)
	for _, v := range watchScenes(t, liveScenes, e, 120, 40, colorprofile.ANSI256, large256) {
		was := splitLines(v.app.View().Content)
		e.advance(t, time.Second)
		v.clock = e.now
		v.tick()
		content := v.app.View().Content
		v.show(t, content)
		sent := v.sent.String()
		for _, erase := range []string{"\x1b[2J", "\x1b[J", "\x1b[H\x1b[J", "\x1bc", "\x1b[?1049"} {
			if strings.Contains(sent, erase) {
				t.Errorf("%s: a refresh erases the screen: %q", v.name, sent)
			}
		}
		same := 0
		for y, l := range splitLines(content) {
			if l == was[y] {
				same++
			}
		}
		if most := len(content) * (40 - same) / 40 * 2; len(sent) > most+len(content)/10 {
			t.Errorf("%s: %d of 40 lines changed, and %d bytes of %d were sent", v.name, 40-same, len(sent), len(content))
		}
	}
}

// Rows that arrive, grow, or change their order do not take the cursor with them: it stays on what was selected.
func TestCursorStaysWithWhatWasSelected(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := newShop(t, 40, 30*time.Second)
	e.options.Rate = 120
	type held struct {
		*session
		name     string
		selected func() any
		was      any
	}
	var screens []*held
	watch := func(name string, selected func(a *App) any, sheet string, keys ...string) {
		s := start(e, 120, 40)
		s.clock = e.now
		if sheet != "" {
			s.run(s.app.act(OpenSheet{Name: sheet, About: "tenant", Scope: Scope{Last: time.Minute}}))
		}
		s.keys(keys...)
		screens = append(screens, &held{s, name, func() any { return selected(s.app) }, selected(s.app)})
	}
	operation := func(a *App) any { k, _ := a.screens[LensOperations].(*Operations).table.selected(); return k }
	trace := func(a *App) any { k, _ := a.screens[LensTraces].(*Traces).table.selected(); return k }
	watch("map", func(a *App) any { return a.screens[LensMap].(*Map).picked }, "", "1", "n")
	watch("operations", operation, "", "2", "s", "down", "down", "down")
	watch("services", operation, "", "2", "o", "down", "down")
	watch("traces", trace, "", "5", "down", "down")
	watch("slowest traces", trace, "", "5", "s", "s", "down", "down")
	watch("shapes", func(a *App) any { k, _ := a.screens[LensShapes].(*Shapes).table.selected(); return k }, "", "6", "down", "down")
	watch("sheet", func(a *App) any { k, _ := a.screens[LensSheet].(*Sheet).table.selected(); return k }, sheetBreakdown, "down", "down")
	for range 3 {
		e.advance(t, 2*time.Second)
		for _, s := range screens {
			s.clock = e.now
			s.tick()
			if is := s.selected(); is != s.was {
				t.Errorf("%s: the cursor went from %v to %v", s.name, s.was, is)
			}
		}
	}
}

// Every screen that has nothing to show says why, and what to do about it: before the first span, and when the
// filter fits nothing.
func TestEveryEmptyScreenSaysWhy(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	shop := newShop(t, 40, 20*time.Second)
	silent := newShopOf(shop.options, epoch)
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		for _, key := range []string{"1", "2", "3", "4", "5", "6", "7"} {
			s := start(silent, size[0], size[1])
			s.keys(key)
			s.mustShow(t, "Waiting for the first span", "OTEL_EXPORTER_OTLP_ENDPOINT")
			s = start(shop, size[0], size[1])
			s.clock = shop.now
			s.keys(key, "/")
			s.text("service = nobody")
			s.keys("enter")
			s.clock = s.clock.Add(asideLeast)
			s.tick()
			body := strings.ToLower(strings.Join(splitLines(s.screen())[topRows:size[1]-1], "\n"))
			says := strings.Contains(body, "no ") || strings.Contains(body, "nothing")
			helps := strings.Contains(body, "esc takes it away") || strings.Contains(body, "esc goes back") || strings.Contains(body, "sets a marker")
			if !says || !helps {
				t.Errorf("lens %s at %v says not why it is empty or what to do:\n%s", key, size, s.screen())
			}
		}
	}
}

// Under a filter as well it is the marker that leaves nothing, as long as nothing came since.
func TestEmptySinceTheMarkerSaysSo(t *testing.T) {
	modeltest.OneGoroutine(t)
	shop := stillShop(t)
	s := start(shop, 80, 24)
	s.clock = shop.now
	s.keys("5", "/")
	s.text("service = web")
	s.keys("enter", "b")
	s.mustShow(t, "since the marker yet; b removes it")
	s.keys("b")
	s.mustNotShow(t, "since the marker")
}
