package features_test

import (
	"errors"
	"strings"
	"testing"

	"oteltop/aggregate/features"
	"oteltop/aggregate/filter"
)

// Errors say what is wrong at the column of the whole text, also those of the filter inside.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		says   string
	}{
		{"", 1, "missing at the end"},
		{"  1 + 2", 1, "no function"},
		{"sum", 4, "( is missing"},
		{"sum(", 4, "not closed"},
		{"sum()", 5, "sum of what"},
		{"median(self)", 1, "no function median"},
		{"sum(self where)", 15, "the filter is empty"},
		{"sum(self where svc = = 3)", 22, "a value is missing"},
		{"count(svc = )", 13, "a value is missing"},
		{"sum(service)", 5, "takes numbers"},
		{"max(elapsed)", 5, "no value elapsed"},
		{"max(duration kind = client)", 5, "one value"},
		{"count(error) x", 14, "not expected"},
		{"(count(error)", 14, ") is missing"},
		{"count(x where error)", 7, "a filter only"},
		{`sum(self where name = "x)`, 26, "quote is not closed"},
		{"count() +", 10, "missing at the end"},
		{strings.Repeat("(", 70) + "count()", 65, "nested"},
		{strings.Repeat("count()+", 16) + "count()", 129, "at most 16"},
		{"max(.)", 5, "name of an attribute"},
	} {
		_, err := features.Parse(c.text)
		var fe *filter.Error
		if !errors.As(err, &fe) || fe.Column != c.column || !strings.Contains(fe.Message, c.says) {
			t.Errorf("%q: %v, want column %d: %s", c.text, err, c.column, c.says)
		}
	}
}

func TestParse(t *testing.T) {
	for text, unit := range map[string]string{
		`sum(self where db.system.name != "")`:             "ns",
		`count(service = "cart")`:                          "",
		`COUNT( where (kind = client || error) )`:          "",
		`max(duration where kind = client)`:                "ns",
		`first(.user.id)`:                                  "",
		`first(."a key" where name = "a ) where ( b")`:     "",
		`sum(db.rows)`:                                     "",
		`distinct(duration)`:                               "",
		`2 * (sum(self) - sum(critical)) / max(duration) `: "",
		`(mean(duration))`:                                 "ns",
		`min( depth )`:                                     "",
	} {
		x, err := features.Parse(text)
		if err != nil || x.Unit() != unit || x.String() != strings.TrimSpace(text) {
			t.Errorf("%s: %v, unit %q", text, err, unit)
		}
	}
}

// Whatever is typed, it is parsed or refused at a column within it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`sum(self where db.system.name != "")`, "count() / 2", "first(.a)", "((", `count("`, "max(duration where {error} >> {error})"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := features.Parse(text)
		if err == nil {
			again, err := features.Parse(x.String())
			if err != nil || again.Unit() != x.Unit() {
				t.Errorf("%q is not what %q was: %v", x, text, err)
			}
			return
		}
		var fe *filter.Error
		if !errors.As(err, &fe) || fe.Column < 1 || fe.Column > len([]rune(text))+1 {
			t.Errorf("%q: %v", text, err)
		}
	})
}
