package findings_test

import (
	"strings"
	"testing"

	"oteltop/aggregate/findings"
	"oteltop/aggregate/suspects"
)

// An onset counts the requests that show it, not what it costs; a database is called one; a recovery is neither a
// change nor told of more than its first suspect.
func TestOfOnset(t *testing.T) {
	s := suspects.Suspect{Service: "ts", Peer: true, Score: 2.5, Share: .7, Harmed: 60, Passing: 61, Changes: []suspects.Change{{
		Mechanism: suspects.Wait, Service: "auth", Operation: "SELECT", Client: "auth", Server: "ts", Peer: true, Database: true, Before: 11.7e6, After: 49.3e6, Calls: 61, Score: 2.5,
	}}}
	other := suspects.Suspect{Service: "cart", Score: 1, Share: .3, Harmed: 9, Passing: 20, Changes: []suspects.Change{{
		Mechanism: suspects.Calls, Service: "cart", Operation: "GET", Callee: "POST", Before: .72, After: .97, Score: 1,
	}}}
	x := suspects.Onset{At: 5e9, To: 65e9, Suspects: []suspects.Suspect{s, other}, Baseline: 300, Focus: 67}
	got := findings.OfOnset(&x)
	if len(got) != 2 || got[0].Kind != findings.Onset || got[0].Harmed != 60 || got[0].Of != 67 || got[0].Effect != 2.5 || got[0].To != 65e9 ||
		got[0].Title != "database ts: auth waits 49.3ms for each call to database ts (before: 11.7ms)" ||
		got[1].Title != "cart: GET in cart calls POST in 97 of 100 calls, before in 72 of 100 calls" {
		t.Errorf("%+v", got)
	}
	x.Ended = 20.1e9
	if got = findings.OfOnset(&x); got[0].To != 20.1e9 || got[0].Ended != 20.1e9 || !strings.HasSuffix(got[0].Title, "(before: 11.7ms); over after 15.1s") || got[1].Ended != 0 {
		t.Errorf("%+v", got)
	}
	x.Suspects[1].Ended = 35e9
	if got = findings.OfOnset(&x); got[1].Ended != 35e9 || got[1].To != 35e9 || !strings.HasSuffix(got[1].Title, "; over after 30.0s") {
		t.Errorf("%+v", got[1])
	}
	ongoing := got[0]
	ongoing.Ended, ongoing.Operation = 0, "INSERT"
	if list := findings.Merge(got[:1], []findings.Finding{ongoing}); len(list) != 2 || list[0].Ended != 0 || list[1].Score <= 0 {
		t.Errorf("what is over stands before what goes on: %+v", list)
	}
	x.Recovery, x.Suspects = true, []suspects.Suspect{other, s}
	if got = findings.OfOnset(&x); len(got) != 1 || got[0].Kind != findings.Recovery || got[0].Kind.Class() != findings.Untold ||
		got[0].Title != "cart recovered: GET calls POST in 97 of 100 calls, before in 72 of 100 calls" {
		t.Errorf("%+v", got)
	}
}
