package suspects_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// hits counts how often the true cause was ranked first and among the first three.
type hits struct{ cases, first, three int }

func (h *hits) count(rank int) {
	h.cases++
	if rank == 1 {
		h.first++
	}
	if rank >= 1 && rank <= 3 {
		h.three++
	}
}

func (h *hits) String() string {
	return fmt.Sprintf("%d\t%.0f %%\t%.0f %%", h.cases, 100*float64(h.first)/float64(h.cases), 100*float64(h.three)/float64(h.cases))
}

// TestInjections ranks the services of every recorded fault injection, prints the table of the README and
// holds the rates: of the whole, of windows that are wrong by half a minute either way, and of every
// second trace. The bar is the first place in 85 % and the first three in 95 %.
func TestInjections(t *testing.T) {
	cases := readInjections(t)
	if testing.Short() {
		cases = slices.DeleteFunc(cases, func(x *injection) bool { return len(x.File)%4 != 0 })
	}
	all := func(int) bool { return true }
	by := map[string]*hits{"all": {}}
	var shifted, halved, untoldHalved hits
	untold := map[string]*hits{"ob": {}, "tt": {}, "": {}} // by system
	accused := 0
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, x := range cases {
		x.read(t)
		ranked := x.rank(x.At, all)
		rank := x.rankOf(ranked)
		if by[x.Fault] == nil {
			by[x.Fault] = &hits{}
		}
		by["all"].count(rank)
		by[x.Fault].count(rank)
		fmt.Fprintf(w, "%s\t%d\t", x.ID, rank)
		for _, s := range ranked[:min(3, len(ranked))] {
			fmt.Fprintf(w, "%s %.4f  ", s.Service, s.Score)
		}
		for _, by := range []time.Duration{-30 * time.Second, 30 * time.Second} {
			shifted.count(x.rankOf(x.rank(x.At.Add(by), all)))
		}
		for half := range 2 {
			halved.count(x.rankOf(x.rank(x.At, func(i int) bool {
				h := fnv.New32a()
				fmt.Fprint(h, x.traces[i].id)
				return int(h.Sum32()>>7)%2 == half
			})))
		}
		history := x.history()
		fmt.Fprintf(w, "\t%s\n", x.found(t, history, untold[""], untold[x.ID[:2]]))
		for half := range uint64(2) {
			x.found(t, history.Some(func(id model.TraceID) bool { return (id.Lo^id.Lo>>7)%2 == half }), &untoldHalved)
		}
		if s := x.rankQuiet(); len(s) > 0 && s[0].Score > 0 {
			accused++
		}
		x.traces = nil
	}
	fmt.Fprintln(w, "\nfault\tcases\tfirst\tfirst three")
	for _, fault := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(w, "%s\t%v\n", fault, by[fault])
	}
	fmt.Fprintf(w, "onset wrong by 30 s\t%v\nhalf of the traces\t%v\nonset and cause not told\t%v\n", &shifted, &halved, untold[""])
	fmt.Fprintf(w, "of Online Boutique\t%v\nof Train Ticket\t%v\nfrom half of the traces\t%v\n", untold["ob"], untold["tt"], &untoldHalved)
	fmt.Fprintf(w, "suspects in baselines, where nothing happened: %d\n", accused)
	w.Flush()
	t.Log("\n" + table.String())
	by["all"].require(t, "all", 1, 1)
	if testing.Short() {
		return // too few for shares
	}
	shifted.require(t, "onset wrong by 30 s", .88, .90)
	if accused > len(cases)/4 {
		t.Errorf("in %d of %d baselines one half accuses somebody against the other", accused, len(cases))
	}
	untold[""].require(t, "onset and cause not told", .92, .96)
	untoldHalved.require(t, "onset and cause not told, from half of the traces", .65, .65)
	halved.require(t, "half of the traces", .88, .92)
}

// found searches a whole recording for onsets, counts the place of the one that names the true cause within
// a minute of when it began, and says what there was.
func (x *injection) found(t *testing.T, h *suspects.History, counts ...*hits) string {
	t.Helper()
	found, err := h.Onsets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rank := 0
	var all []string
	for i, o := range found {
		late := time.Duration(o.At - x.At.UnixNano())
		if rank == 0 && o.Suspects[0].Service == x.Cause && late.Abs() <= time.Minute {
			rank = i + 1
		}
		all = append(all, fmt.Sprintf("%s %+.0f s", o.Suspects[0].Service, late.Seconds()))
	}
	for _, c := range counts {
		c.count(rank)
	}
	return strings.Join(all[:min(3, len(all))], ", ")
}

// require holds shares of cases with the cause ranked first and among the first three.
func (h *hits) require(t *testing.T, what string, first, three float64) {
	t.Helper()
	if n := float64(h.cases); float64(h.first) < first*n || float64(h.three) < three*n {
		t.Errorf("%s: %d and %d of %d, want shares of %.2f and %.2f", what, h.first, h.three, h.cases, first, three)
	}
}
