package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate"
	"oteltop/aggregate/failures"
	"oteltop/aggregate/patterns"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// What is called is seen where there is room for methods without their packages; whole names where there is more.
func TestNeedlessCallsAreNamed(t *testing.T) {
	row := patterns.Row{Kind: patterns.NPlusOne, Service: "frontend", Operation: "shop.v1.Frontend/Recv", Call: "grpc.shop.Currency/Convert", Calls: 9, CallsMax: 9}
	a := patternsAnswer(&aggregate.Patterns{Result: patterns.Result{Rows: []patterns.Row{row, {Kind: patterns.NPlusOne, Calls: 5, CallsMax: 7}}}})
	for width, want := range map[int]string{
		80: "frontend shop.v1.Frontend/Recv: grpc.shop.Currency/Convert",
		44: "frontend Frontend/Recv: Currency/Convert",
		30: "frontend Frontend/Recv: Curre…",
	} {
		k := canvas.New(width, 1)
		k.Reset(width, 1, themes.Style{})
		(&Sheet{}).draw(&a.rows[0].cells[0], 0, k.All(), mapFrame(plainTheme(), 80, 24))
		if got := strings.TrimSpace(ansi.Strip(k.Encode())); got != want {
			t.Errorf("in %d columns %q, want %q", width, got, want)
		}
	}
	for i, want := range []string{"9", "5–7"} {
		if got := a.rows[i].cells[5].text.String(); got != want {
			t.Errorf("%q calls, want %q", got, want)
		}
	}
}

// Two bounds that are the same figure are told once.
func TestOriginsTellABoundOnce(t *testing.T) {
	row := func(least, most int64) string {
		r := failures.Origin{Service: "stock", Type: "Busy", Traces: 2, Visible: 2}
		r.Saving.Least, r.Saving.Most, r.Saving.Requests = least, most, 2
		o := &aggregate.Origins{OriginsResult: failures.OriginsResult{Rows: []failures.Origin{r}}, Verdicts: []string{"origin: stock → user-visible"}}
		return originsAnswer(o).rows[0].say.String()
	}
	if got := row(2e6, 2e6); !strings.Contains(got, "Busy in 2 requests, 2 of which") || !strings.Contains(got, "each would gain 1.00ms; in one of them: stock → user-visible") {
		t.Error(got)
	}
	if got := row(2e6, 4e6); !strings.Contains(got, "each would gain 1.00ms at least, 2.00ms at most") {
		t.Error(got)
	}
}
