package compare

import (
	"slices"
	"testing"
)

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

// What hardly touches the duration of requests comes after what does, however clear it is; but causes stay first, and
// where requests take as long as before nothing is of no account.
func TestWhatMattersIsFirst(t *testing.T) {
	of := func(name string, k Kind, origin bool, lower float64, part float64) Change {
		c := Change{Kind: k, Operation: Operation{Name: name}, Origin: origin, Lower: lower, Before: 1, After: 2, Ratio: 2}
		if part != 0 {
			c.CriticalShare = &part
		}
		return c
	}
	want := []Change{
		of("more calls", Calls, true, .9, .001), of("unknown", LatencyShift, true, .8, 0), of("whole", LatencyTail, true, .2, .9), of("crumb", LatencyTail, true, .95, .0001),
		of("follows", LatencyShift, false, .3, .8), of("follows a crumb", LatencyShape, false, .99, -.002),
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareRank)
	for i := range want {
		if got[i].Name != want[i].Name {
			t.Errorf("%d: %s, want %s", i, got[i].Name, want[i].Name)
		}
	}
}
