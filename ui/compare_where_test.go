package ui

import (
	"strings"
	"testing"

	"oteltop/aggregate/compare"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"

	"github.com/charmbracelet/x/ansi"
)

// Where there is little room the name of what changed comes before who is at the other end, and an error keeps a third.
func TestWhereOfAChange(t *testing.T) {
	f := mapFrame(plainTheme(), 80, 24)
	call := compare.Operation{Service: "front", Name: "shop.Cart/GetCart", Kind: model.KindClient}
	for _, c := range []struct {
		change compare.Change
		width  int
		want   string
	}{
		{compare.Change{Kind: compare.LatencyShift, Operation: call, Callee: "cart"}, 40, "front shop.Cart/GetCart → cart"},
		{compare.Change{Kind: compare.LatencyShift, Operation: call, Callee: "cartservice"}, 30, "front shop.Cart/GetCart → car…"},
		{compare.Change{Kind: compare.LatencyShift, Operation: call, Callee: "cart"}, 26, "front shop.Cart/GetCart"},
		{compare.Change{Kind: compare.LatencyShift, Operation: call, Callee: "cart"}, 18, "front …art/GetCart"},
		{compare.Change{Kind: compare.NewError, Operation: call, Error: "deadline exceeded"}, 24, "front …t/GetCart deadli…"},
		{compare.Change{Kind: compare.NewError, Operation: call, Error: "lost"}, 24, "front …Cart/GetCart lost"},
		{compare.Change{Kind: compare.NewEdge, Operation: compare.Operation{Service: "cart"}, Client: "front"}, 24, "front → cart"},
	} {
		r := newChangeRow(&c.change, false)
		k := canvas.New(c.width, 1)
		k.Reset(c.width, 1, themes.Style{})
		r.drawWhere(k.All(), themes.Style{}, f)
		if got := strings.TrimRight(ansi.Strip(k.Encode()), " \n"); got != c.want {
			t.Errorf("%d columns: %q, want %q", c.width, got, c.want)
		}
	}
}
