package compare

import "testing"

// Changes of one call below two callers are one row, unless they go different ways; those of times are not calls.
func TestTwinsAreOneRow(t *testing.T) {
	op := Operation{Service: "stock", Name: "reserve"}
	less := Change{Kind: Structure, Operation: op, Client: "shop", Before: .9, After: .4}
	other, more, client, slower := less, less, less, less
	other.At, other.Path = 7, []string{"mobile POST", "shop reserve"}
	more.After = 1
	client.Client = "cart"
	slower.Kind = LatencyShift
	got := withoutTwins([]Change{less, other, more, client, slower, slower, other})
	if len(got) != 5 || got[0].Twins != 2 || got[1].Twins+got[2].Twins+got[3].Twins+got[4].Twins != 0 || got[0].At != 0 {
		t.Errorf("%+v", got)
	}
}
