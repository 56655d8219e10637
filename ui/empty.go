// What stands where nothing is to be seen: before the first span, and in a scope without any.

package ui

import (
	"net"
	"strings"

	"oteltop/aggregate"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// drawEmpty is what stands in place of every lens until the first span: where it listens, what to set in
// an SDK, what was received and refused so far, and the offer of a demo.
func (a *App) drawEmpty(r canvas.Area) {
	t := a.theme
	c := r.Sub(max(2, (r.W-72)/2), max(1, (r.H-17)/3), min(76, r.W-2), r.H)
	y := 0
	line := func(label canvas.Literal, text string) {
		c.Lit(2, y, label, t.Dim)
		y = drawWrapped(c, 16, y, text, t.Strong)
	}
	if len(a.o.Source.Files) > 0 {
		c.Lit(0, y, "No spans in what was read so far", t.Title)
		y += 2
		for _, f := range a.o.Source.Files {
			line("file", f)
		}
	} else {
		c.Lit(0, y, "Waiting for the first span", t.Title)
		y += 2
		line("OTLP/gRPC", strings.Join(a.o.Source.GRPC, "   "))
		line("OTLP/HTTP", strings.Join(a.o.Source.HTTP, "   ")+"   protobuf and JSON")
		y++
		y = a.drawEnvironment(c, y)
	}
	a.drawReceived(c, y+1)
}

// drawEnvironment shows the settings that make any OpenTelemetry SDK export here.
func (a *App) drawEnvironment(c canvas.Area, y int) int {
	t := a.theme
	c.Lit(0, y, "Start your service with", t.Text)
	y++
	env := []string{"OTEL_SERVICE_NAME=my-service", "OTEL_TRACES_EXPORTER=otlp"}
	switch {
	case len(a.o.Source.HTTP) > 0:
		env = append(env, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+loopback(a.o.Source.HTTP[0]), "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
	case len(a.o.Source.GRPC) > 0:
		env = append(env, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+loopback(a.o.Source.GRPC[0]), "OTEL_EXPORTER_OTLP_PROTOCOL=grpc")
	}
	for _, e := range env {
		c.Text(2, y, model.Sanitise(e), t.Accent)
		y++
	}
	c.Lit(2, y, "Most SDKs send to the default ports without any of this.", t.Dim)
	return y + 1
}

// drawReceived shows that something arrives, or is refused and why, even when no span was stored.
func (a *App) drawReceived(c canvas.Area, y int) {
	t, s := a.theme, a.status
	for _, r := range s.Requests {
		if r.N > 0 {
			c.Text(2, y, model.Sanitise(requestsText(r.N)+" by "+r.Reason), t.OK)
			y++
		}
	}
	if s.Logs+s.Metrics > 0 {
		c.Text(2, y, model.Textf("%s log records and %s metric points received, but no spans to show", num.Count(nil, s.Logs), num.Count(nil, s.Metrics)), t.Info)
		y++
	}
	for _, r := range s.RefusedBy {
		if r.N > 0 {
			c.Text(2, y, model.Textf("%c %s refused: %s", t.Glyphs.Error, num.Count(nil, r.N), strings.ReplaceAll(r.Reason, "_", " ")), t.Error)
			y++
		}
	}
	if p := a.o.Source.Problem; p != nil && p() != "" {
		c.Rune(2, y, t.Glyphs.Error, t.Error)
		y = drawWrapped(c, 4, y, p(), t.Error)
	}
	if a.o.StartDemo != nil {
		y++
		x := c.Lit(2, y, "d", t.AccentStrong)
		c.Lit(3+x, y, "shows a demo: a web shop with faults to be found", t.Text)
	}
}

// drawWrapped draws text from (x, y) on as many lines as it needs and returns the line after: why a file
// cannot be read is said at the end of a message.
func drawWrapped(c canvas.Area, x, y int, text string, s themes.Style) int {
	lines, _ := wrapText(text, c.W-x, max(1, c.H-y))
	for _, l := range lines {
		c.Text(x, y, l, s)
		y++
	}
	return y
}

// loopback writes a wildcard address as one that a program on this machine can dial.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// drawNothing says why a screen is empty and what to do.
func drawNothing(a canvas.Area, f *Frame, what canvas.Literal) {
	hint := canvas.Literal("- takes a longer time window, esc goes back")
	switch {
	case f.Scope.Baseline != (aggregate.Window{}) && f.Scope.Filter == nil:
		hint = "nothing came since the marker yet; b removes it"
	case f.Scope.Baseline != (aggregate.Window{}):
		hint = "nothing like it came since the marker yet; b removes it, / changes the filter"
	case f.Scope.Filter != nil && f.Scope.everything():
		hint = "/ changes the filter, esc takes it away"
	case f.Scope.Filter != nil:
		hint = "/ changes the filter, esc takes it away, - takes a longer time window"
	case f.Scope.everything():
		hint = "esc goes back"
	}
	drawWhy(a, f, what, hint)
}

// drawWhy says why there is nothing, and what to do.
func drawWhy(a canvas.Area, f *Frame, what, hint canvas.Literal) {
	x, y := max(2, min(a.W/2-24, a.W-2-len(hint))), max(0, a.H/3)
	a.Lit(x, y, what, f.Theme.Title)
	a.Lit(x, y+1, hint, f.Theme.Dim)
}
