package ui

import (
	"strings"
	"testing"
	"time"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// waterfallCheckout is a trace with something of everything: two services and more, a database called 12 times in a
// row, an error with an exception, an async tail, a link, secrets.
const waterfallCheckout = `
web  GET /checkout  server 0..412 http.request.method=GET http.route=/checkout http.response.status_code=200 url.full=https://shop.example/checkout?sig=9f8e7d authorization="Bearer abc.def" @service.version=1.4.2 @host.name=web-1
    web  render  internal 2..9
    cart  GET /cart  server 12..96 http.route=/cart @host.name=cart-1
      cart  GetItems  internal 14..92
        cart  SELECT item  client 15..21 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 1"
        cart  SELECT item  client 22..28 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 2"
        cart  SELECT item  client 29..34 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 3"
        cart  SELECT item  client 35..42 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 4"
        cart  SELECT item  client 43..49 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 5"
        cart  SELECT item  client 50..57 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 6"
        cart  SELECT item  client 58..63 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 7"
        cart  SELECT item  client 64..71 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 8"
        cart  SELECT item  client 72..79 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 9"
        cart  SELECT item  client 80..88 db.system=postgresql db.query.text="SELECT * FROM item WHERE id = 10"
    web  POST /pay  client 101..371 server.address=payments
      payments  POST /pay  server 108..366 error="card processor timed out" http.response.status_code=504 @host.name=pay-1
        payments  validate  internal 110..121
        payments  POST /charge  client 124..361 error error.type=timeout http.request.resend_count=2
          bank  POST /charge  server 130..228
          bank  POST /charge  server 236..355
    web  publish order  producer 374..379 messaging.system=kafka messaging.destination.name=orders
      mailer  process order  consumer 383..455 messaging.system=kafka
        mailer  send mail  client 390..448 server.address=smtp.example
    web  render page  internal 381..409
`

// waterfallView is the trace with figures of its population, as an engine answers.
func waterfallView(t *model.Trace) *aggregate.TraceView {
	v := &aggregate.TraceView{Trace: t, RootCount: 18_200, ShapeShare: 0.12, ShapeCount: 2184}
	v.Row = aggregate.TraceRow{ID: t.ID, Start: t.Start, Duration: t.Duration(), Percentile: 99.2, Spans: len(t.Spans),
		Services: t.Services, Errors: t.Errors, Complete: t.Complete(), Orphans: t.Orphans, Settled: true, Shape: "3f2a91", Kept: model.KeptSlow}
	v.Context = make([]aggregate.SpanContext, len(t.Tree.Nodes))
	for i := range v.Context {
		n := t.Tree.Nodes[i]
		if n.Span < 0 {
			continue
		}
		if i == int(t.Root) {
			v.Row.RootService, v.Row.RootOperation = model.ServiceOf(t.Spans[n.Span].Resource), t.Spans[n.Span].Name
		}
		d := t.Heads[n.Span].Duration()
		switch i % 5 { // of each judgement some
		case 0:
			v.Context[i] = aggregate.SpanContext{N: 18_200, Percentile: 99.7, Median: max(1, d/12), P95: d / 2}
		case 1:
			v.Context[i] = aggregate.SpanContext{N: 6}
		case 2:
			v.Context[i] = aggregate.SpanContext{N: 941, Percentile: 52, Median: d, P95: d * 2}
		case 3:
			v.Context[i] = aggregate.SpanContext{N: 941, Percentile: 96.4, Median: d / 2, P95: d}
		case 4:
			v.Context[i] = aggregate.SpanContext{N: 941, Percentile: 0.4, Median: d * 5, P95: d * 9}
		}
	}
	return v
}

// waterfallCheckoutView is checkout with an exception, a link and another trace's link.
func waterfallCheckoutView(t *testing.T) *aggregate.TraceView {
	spans := modeltest.Spans(t, waterfallCheckout)
	for i := range spans {
		s := &spans[i]
		switch s.Name {
		case "POST /charge":
			if s.Kind == model.KindClient {
				s.Events = []model.Event{
					{Name: "retry", Time: s.Start + 110e6, Attributes: []model.Attribute{{Key: "attempt", Value: model.IntValue(2)}}},
					{Name: "exception", Time: s.End - 2e6, Attributes: []model.Attribute{
						{Key: "exception.type", Value: model.StringValue("java.net.SocketTimeoutException")},
						{Key: "exception.stacktrace", Value: model.StringValue("java.net.SocketTimeoutException: Read timed out\n\tat bank.Client.charge(Client.java:88)\n\tat pay.Handler.post(Handler.java:31)\n")},
					}},
				}
			}
		case "process order":
			s.Links = []model.Link{{TraceID: s.TraceID, SpanID: 1}, {TraceID: model.TraceID{Lo: 0xbeef}, SpanID: 7}}
		}
	}
	return waterfallView(model.NewTrace(spans[0].TraceID, spans, nil))
}

// waterfallScene is a waterfall with a trace on a canvas.
type waterfallScene struct {
	w  *Waterfall
	c  *canvas.Canvas
	f  *Frame
	tb testing.TB
}

func newWaterfallScene(tb testing.TB, v *aggregate.TraceView, width, height int) *waterfallScene {
	s := &waterfallScene{w: newWaterfall(), c: canvas.New(width, height), tb: tb}
	s.f = waterfallFrame(v.Trace.ID, width, height, themes.New("dark", colorprofile.TrueColor, false))
	s.w.Answer(waterfallAnswer{view: v})
	s.draw()
	return s
}

func waterfallFrame(id model.TraceID, width, height int, t *themes.Theme) *Frame {
	return &Frame{
		Moment: Moment{Status: &aggregate.Status{Now: time.Unix(0, modeltest.Base).Add(200 * time.Second), Live: true}, W: width, H: height, Trace: id},
		Theme:  t, G: t.Glyphs,
	}
}

func (s *waterfallScene) draw() {
	w, h := s.c.Size()
	s.c.Reset(w, h, themes.Style{})
	s.c.SetASCII(s.f.G.ASCII)
	s.w.Draw(s.c.All(), s.f)
}

// text is the screen without colours, blanks at line ends cut.
func (s *waterfallScene) text() string {
	s.draw()
	lines := strings.Split(ansi.Strip(s.c.Encode()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// press sends keys by their names and draws after each, as App does.
func (s *waterfallScene) press(keys ...string) Action {
	var act Action
	for _, k := range keys {
		act = s.w.Key(keyPress(k), s.f.Moment)
		s.draw()
	}
	return act
}
