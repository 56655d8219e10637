package ui

import (
	"path/filepath"
	"testing"

	"oteltop/aggregate"
	"oteltop/model/modeltest"
)

// Of the spans that a focus means, the cursor goes to the one that the request waited for longest; of an edge to
// the client's side, where waiting on the wire is seen.
func TestSubjectIsWhatWasWaitedFor(t *testing.T) {
	m := newTraceModel(waterfallView(modeltest.Trace(t, `
web  GET /  server 0..100
  web  log  internal 0..90
  web  POST cart  client 1..60
    cart  POST  server 5..6
  web  POST cart  client 61..64
    cart  POST  server 61..63
  web  mail  client 64..90 peer.service=smtp
  web  pay  client 90..99
    pay  charge  server 90..98
      pay  charge  internal 91..92`)))
	for _, c := range []struct {
		focus aggregate.Focus
		start int64 // ms; which of the spans of a name it is
		name  string
	}{
		{aggregate.Focus{Client: "web", Server: "cart"}, 1, "POST cart"},
		{aggregate.Focus{Client: "web", Server: "smtp"}, 64, "mail"},
		{aggregate.Focus{Service: "cart"}, 61, "POST"},
		{aggregate.Focus{Service: "pay", Operation: "charge"}, 90, "charge"},
	} {
		n := m.subject(Scope{Focus: c.focus})
		if n < 0 || m.span(n).Name != c.name || m.head(n).Start != modeltest.Base+c.start*1e6 {
			t.Errorf("%v: node %d", c.focus, n)
		}
	}
	if n := m.subject(Scope{Focus: aggregate.Focus{Client: "cart", Server: "pay"}}); n < 0 || m.service(n) != "pay" {
		t.Errorf("without a client span: node %d", n)
	}
}

// A scope of failures is about where these start; one with a filter about the first span that matches; of the spans
// that a focus means about one that matches, though another was waited for longer.
func TestSubjectIsWhatTheScopeSelects(t *testing.T) {
	m := newTraceModel(waterfallView(modeltest.Trace(t, `
web  GET /  server 0..100 error
  web  POST cart  client 1..60
  web  POST pay  client 60..90 error
    pay  charge  server 61..89 error
  web  POST cart  client 91..99`)))
	failed := Scope{Selection: &aggregate.Selection{ErrorsOnly: true}}
	if n := m.subject(failed); n != 3 {
		t.Errorf("of failures: node %d", n)
	}
	if n := m.subject(Scope{}); n != -1 {
		t.Errorf("of everything: node %d", n)
	}
	m.match(nil, []int{2, 4})
	if n := m.subject(failed); n != 2 {
		t.Errorf("of a filter: node %d", n)
	}
	if n := m.subject(Scope{Focus: aggregate.Focus{Service: "web", Operation: "POST cart"}}); n != 4 {
		t.Errorf("of a focus and a filter: node %d", n)
	}
}

// The example of a finding and the way over latency and traces both end on the span that is accused, in sight on
// the smallest screen too, and Esc comes back to the scope that was left.
func TestFindingOpensAtTheAccusedSpan(t *testing.T) {
	modeltest.OneGoroutine(t)
	t.Parallel()
	e := recordedEngine(t, filepath.Join(injections, "ob-08-22-0427-cartservice-network_delay.jsonl.gz"))
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		for _, keys := range [][]string{{"o"}, {"enter", "T", "enter"}, {"T", "enter"}} {
			s := start(e, size[0], size[1])
			s.keys(append([]string{"4"}, keys...)...)
			s.screen()
			r := s.fall().selected()
			if r == nil {
				t.Fatalf("%v at %v leads to no trace:\n%s", keys, size, s.screen())
			}
			if sp := s.fall().m.span(r.node); sp.Name != "hipstershop.CartService/GetCart" || s.fall().m.service(r.node) != "frontend" {
				t.Errorf("%v at %v: the cursor is on %s of %s", keys, size, sp.Name, s.fall().m.service(r.node))
			}
			if at := s.fall().at - s.fall().top; at < 0 || at >= s.fall().lay.rows.H {
				t.Errorf("%v at %v: the cursor is out of sight", keys, size)
			}
			for range keys {
				s.keys("esc")
			}
			if p := s.app.trail.here(); p.lens != LensFindings || !p.scope.Focus.IsZero() {
				t.Errorf("%v at %v: back at %v with %+v", keys, size, p.lens, p.scope.Focus)
			}
		}
	}
}
