package ui

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/themes"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// hostileName holds what must not reach a terminal.
const hostileName = "\x1b[2J\x1b]0;owned\a\r\n\u202egnp.exe\u200b\u0085\xff 日本語 e\u0301"

// hostileTrace is a random trace that breaks rules, with hostile text in every field.
func hostileTrace(seed uint64, n int) *model.Trace {
	r := modeltest.Rand(seed)
	spans := modeltest.Hostile(r, n)
	for i := range spans {
		s := &spans[i]
		if r.IntN(3) == 0 {
			s.Name = hostileName
			s.Resource = &model.Resource{Service: hostileName, Attributes: []model.Attribute{{Key: hostileName, Value: model.StringValue(hostileName)}}}
			s.Scope = &model.Scope{Name: hostileName}
			s.StatusText, s.TraceState = hostileName, hostileName
			s.Attributes = []model.Attribute{{Key: hostileName, Value: model.StringValue(strings.Repeat(hostileName, 9))}, {Key: "password", Value: model.StringValue("hunter2")},
				{Key: strings.Repeat("k", 70), Value: model.ArrayValue([]model.Value{model.StringValue(hostileName), model.DoubleValue(math.NaN())})}}
			s.Links = []model.Link{{TraceID: s.TraceID, SpanID: spans[r.IntN(n)].ID}}
			s.DroppedAttributes, s.DroppedEvents, s.DroppedLinks = 1, 2, 3
		}
		for range r.IntN(3) {
			s.Events = append(s.Events, model.Event{Name: hostileName, Time: r.Int64() - r.Int64(), Attributes: s.Attributes, Dropped: 1})
		}
	}
	return model.NewTrace(model.TraceID{Lo: 1}, spans, nil)
}

// everyKey is what a bored person presses.
var everyKey = strings.Fields("up down left right enter x z Z F + - 0 < > / n N e E c C tab d { } M K y Y f w p esc pgup pgdown g G h l j k a é")

// play presses keys chosen by the bytes and draws after each at a changing size.
func play(tb testing.TB, t *model.Trace, script []byte) {
	s := newWaterfallScene(tb, waterfallView(t), 120, 36)
	for i, b := range script {
		switch k := int(b) % (len(everyKey) + 6); {
		case k < len(everyKey):
			s.press(everyKey[k])
		case k == len(everyKey):
			s.c.Reset(int(b)%221, i%71, themes.Style{})
		case k == len(everyKey)+1:
			s.f.Theme = themes.New("light", colorprofile.Profile(i%5), b%2 == 0)
			s.f.G = s.f.Theme.Glyphs
		default:
			w, h := s.c.Size()
			x, y := int(b)*7%max(1, w), i*5%max(1, h)
			s.mouse(MouseEvent(i%6), x, y)
		}
		s.draw()
	}
	for _, r := range ansi.Strip(s.c.Encode()) {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			tb.Fatalf("%U is on the screen", r)
		}
	}
}

func TestWaterfallSurvivesAnything(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	for seed := range uint64(60) {
		r := modeltest.Rand(seed)
		script := make([]byte, 60)
		for i := range script {
			script[i] = byte(r.Uint32())
		}
		play(t, hostileTrace(seed, 1+int(seed*3)), script)
	}
}

func FuzzWaterfall(f *testing.F) {
	f.Add(uint64(1), uint8(20), []byte("some keys"))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8, script []byte) {
		play(t, hostileTrace(seed, 1+int(n)), script[:min(len(script), 100)])
	})
}

func TestWaterfallDrawsAtEverySize(t *testing.T) {
	v := waterfallCheckoutView(t)
	s := newWaterfallScene(t, v, 0, 0)
	for w := 0; w <= 220; w += 3 {
		for h := 0; h <= 70; h += 3 {
			s.c.Reset(w, h, themes.Style{})
			s.draw()
			s.w.pane.mode = paneMode((w + h) % 4)
		}
	}
}

func TestWaterfallEmptyTrace(t *testing.T) {
	s := newWaterfallScene(t, waterfallView(model.NewTrace(model.TraceID{Lo: 3}, nil, nil)), 80, 20)
	for _, k := range everyKey {
		s.press(k)
	}
	if !strings.Contains(s.text(), "no spans") {
		t.Error(s.text())
	}
}

func TestWaterfallOdditiesOnScreen(t *testing.T) {
	s := newWaterfallScene(t, waterfallView(modeltest.Trace(t, `
shop  GET /  server 0..90 id=1 parent=0
cart  orphaned one  server 10..40 id=2 parent=77 error="gone"
cart  orphaned two  server 45..60 id=3 parent=77
loop  turns round  internal 5..20 id=4 parent=5
loop  and round  internal 6..19 id=5 parent=4
time  ends early  internal 50..30 id=6 parent=1
time  no time  internal 70..70 id=7 parent=1
twin  first  internal 10..20 id=8 parent=1
twin  second  internal 30..40 id=8 parent=1
wait  goes on  internal 60..140 id=9 parent=1
`)), 120, 36)
	s.press("e")
	golden(t, "waterfall_oddities.txt", s.text())
}
