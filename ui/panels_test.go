// What is on the screens besides the lenses as one first sees them: parts that have the keys, other forms, the
// waterfall in all that it does, and every sheet.

package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oteltop/model"
	"oteltop/model/modeltest"
)

// sizes are those that people have.
var sizes = [][2]int{{80, 24}, {120, 40}, {200, 60}}

// panelScenes are parts and forms of the lenses.
var panelScenes = []scene{
	{name: "map-story", keys: []string{"1", "n", "tab", "down"}},
	{name: "map-list", keys: []string{"1", "v", "v", "v", "v", "down"}},
	{name: "latency-list", keys: []string{"3", "V", "tab", "tab"}},
	{name: "latency-errors", keys: []string{"3", "c", "v", "right"}},
	{name: "findings-special", keys: []string{"4", "tab", "tab", "down"}},
	{name: "traces-column", keys: []string{":"}, text: "a column of your own", then: []string{"enter", "down", "enter"}},
	{name: "expression-column", keys: []string{"5", ":"}, text: "a column of your own", then: []string{"enter", "down"}},
	{name: "traces-failed", keys: []string{"5", "e", "s"}},
	{name: "typical", keys: []string{"6", "tab", "down"}},
	{name: "coverage-services", small: true, keys: []string{"8", "tab", "down"}},
	{name: "coverage-problems", small: true, keys: []string{"8", "tab", "tab"}},
	{name: "coverage-hops", small: true, keys: []string{"8", "tab", "tab", "tab"}},
	{name: "coverage-clocks", small: true, keys: []string{"8", "tab", "tab", "tab", "tab"}},
	{name: "coverage-sampling", small: true, keys: []string{"8", "tab", "tab", "tab", "tab", "tab"}},
	{name: "coverage-spans", small: true, keys: []string{"8", "shift+tab", "shift+tab", "shift+tab"}},
	{name: "coverage-room", small: true, keys: []string{"8", "shift+tab", "shift+tab", "down"}},
	{name: "coverage-log", small: true, keys: []string{"8", "shift+tab"}},
	{name: "view-name", keys: []string{"2", ":"}, text: "keep this view", then: []string{"enter", "c", "a", "r"}},
}

// openCheckout opens the trace of traceEngine.
var openCheckout = OpenTrace{ID: model.TraceID{Lo: 1}}

// waterfallScenes are what one does with a trace.
var waterfallScenes = []scene{
	{name: "waterfall-trace", first: openCheckout},
	{name: "waterfall-details", first: openCheckout, keys: []string{"e", "e", "tab", "down"}},
	{name: "waterfall-group", first: openCheckout, keys: []string{"down", "down", "down", "down"}},
	{name: "waterfall-against", first: openCheckout, keys: []string{"v"}},
	{name: "waterfall-typing", first: openCheckout, small: true, keys: []string{"/"}, text: "charge"},
	{name: "waterfall-found", first: openCheckout, small: true, keys: []string{"/"}, text: "charge", then: []string{"enter", "n"}},
	{name: "waterfall-focus", first: openCheckout, small: true, keys: []string{"e", "F", "z"}},
	{name: "waterfall-zoom", first: openCheckout, small: true, keys: []string{"C", "s", "+", "d"}},
	{name: "waterfall-masked", first: openCheckout, small: true, keys: []string{"M", "tab"}},
}

// panel shows one of panelScenes or waterfallScenes.
func (x scene) panel(t *testing.T, w, h int, l look) *session {
	if x.first != nil {
		return x.playOn(traceEngine(t), w, h, l)
	}
	return x.play(w, h, l)
}

// traceEngine answers with a trace that has something of everything.
func traceEngine(t *testing.T) typicalEngine {
	return typicalEngine{waterfallEngine{newFake(), loggedCheckoutView(t)}, typicalOf(t, usualCheckout, usualCheckout, usualCheckout), &[]string{}}
}

// usualCheckout is what most of waterfallCheckout's kind are like.
const usualCheckout = `
web  GET /checkout  server 0..180
    web  render  internal 2..9
    cart  GET /cart  server 12..40
      cart  GetItems  internal 14..38
        cart  SELECT item  client 15..21
    web  reserve  client 40..60
    web  POST /pay  client 61..150
      payments  POST /pay  server 64..146
        payments  validate  internal 66..70
        payments  POST /charge  client 72..140
          bank  POST /charge  server 76..136
    web  publish order  producer 152..156
    web  render page  internal 157..178
`

// shopScenes are of a running shop: what an engine of fixed figures cannot answer.
var shopScenes = []scene{
	{name: "shop-traces", keys: []string{"5", "s", "s", "s", "down"}},
	{name: "group-by", keys: []string{"5", "a"}},
}

// eachSheet opens every sheet, in an order that stays, about what a running shop did.
func eachSheet(e *shop, w, h int, l look, yield func(name string, s *session)) {
	s := scene{}.playOn(e, w, h, l)
	var names []string
	for n := range sheetSpecs() {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		s.run(s.app.act(aboutCheckout(n)))
		yield(strings.ReplaceAll(n, " ", "-"), s)
	}
}

// atEverySize is a screen at every size, in one text.
type atEverySize map[string]*strings.Builder

func (x atEverySize) add(name string, s *session) {
	if x[name] == nil {
		x[name] = &strings.Builder{}
	}
	fmt.Fprintf(x[name], "# %dx%d\n%s", s.app.w, s.app.h, s.lines())
}

func TestPanels(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	screens, shop := atEverySize{}, stillShop(t)
	for _, size := range sizes {
		for _, sc := range slices.Concat(panelScenes, waterfallScenes) {
			if !sc.small || size == sizes[0] {
				screens.add(sc.name, sc.panel(t, size[0], size[1], plainLook))
			}
		}
		for _, sc := range shopScenes {
			screens.add(sc.name, sc.playOn(shop, size[0], size[1], plainLook))
		}
		eachSheet(shop, size[0], size[1], plainLook, func(name string, s *session) { screens.add("sheet-"+name, s) })
	}
	for name, text := range screens {
		golden(t, "panel-"+name+".txt", text.String())
	}
}
