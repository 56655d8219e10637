package patterns

import (
	"strings"
	"testing"
)

func TestStatements(t *testing.T) {
	for _, c := range []struct {
		text, want string
		traits     traits
	}{
		{"SELECT * FROM item", "SELECT * FROM item", reads},
		{"SELECT  *\n\tFROM item;\n", "SELECT * FROM item", reads},
		{"SELECT * FROM item WHERE id = 17 AND price < 1.5e3", "SELECT * FROM item WHERE id = ? AND price < ?", reads | parametrised},
		{"SELECT * FROM item WHERE d = -3", "SELECT * FROM item WHERE d = ?", reads | parametrised},
		{"SELECT a-1 FROM t", "SELECT a-? FROM t", reads | parametrised},
		{"SELECT * FROM item WHERE name = 'it''s' OR name = 'a\\'b'", "SELECT * FROM item WHERE name = ?? OR name = ?", reads | parametrised},
		{"SELECT * FROM item WHERE id IN (1, 2,3 , 4)", "SELECT * FROM item WHERE id IN (?)", reads | parametrised},
		{"SELECT * FROM item WHERE id IN (?,?,?)", "SELECT * FROM item WHERE id IN (?)", reads | parametrised | sanitised},
		{"SELECT * FROM item WHERE id IN ($1, $2)", "SELECT * FROM item WHERE id IN (?)", reads | parametrised | sanitised},
		{"SELECT * FROM item WHERE id = :id", "SELECT * FROM item WHERE id = ?", reads | parametrised | sanitised},
		{"SELECT * FROM item WHERE id = @p1 AND x = %s", "SELECT * FROM item WHERE id = ? AND x = ?", reads | parametrised | sanitised},
		{"SELECT id::text FROM item_2", "SELECT id::text FROM item_2", reads},
		{`SELECT "a"."b" FROM "a" WHERE "a"."b" = "c"."d"`, `SELECT "a"."b" FROM "a" WHERE "a"."b" = "c"."d"`, reads},
		{`SELECT b FROM a WHERE b = "x"`, `SELECT b FROM a WHERE b = ?`, reads | parametrised},
		{"SELECT b FROM a /* traceparent='00-1' */ WHERE c -- why\n IS NULL", "SELECT b FROM a WHERE c IS NULL", reads},
		{"SELECT * FROM a WHERE id = 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "SELECT * FROM a WHERE id = ?", reads | parametrised},
		{"INSERT INTO a VALUES (1, 'x'), (2, 'y'), (3, 'z')", "INSERT INTO a VALUES (?)", parametrised},
		{"GET cart:17", "GET cart:?", reads | parametrised},
		{"HGETALL cart:u-0a1b2c3d", "HGETALL cart:u-?", reads | parametrised},
		{`{"find":"items","filter":{"_id":"x17","n":4}}`, `{"find":?,"filter":{"_id":?,"n":?}}`, parametrised},
		{`{"query":{"match":{"title":"?"}}}`, `{"query":{"match":{"title":?}}}`, parametrised | sanitised},
		{"SELECT * FROM a FOR UPDATE", "SELECT * FROM a FOR UPDATE", 0},
		{"SELECT nextval('s')", "SELECT nextval(?)", parametrised},
		{"WITH x AS (DELETE FROM a) SELECT * FROM x", "WITH x AS (DELETE FROM a) SELECT * FROM x", 0},
		{"SELECT * FROM a LIMIT 10 OFFSET 20", "SELECT * FROM a LIMIT ? OFFSET ?", reads | parametrised | paged},
		{"SELECT * FROM a WHERE id > 7 ORDER BY id limit 10", "SELECT * FROM a WHERE id > ? ORDER BY id limit ?", reads | parametrised | paged},
		{"SELECT * FROM a WHERE id > 1 ORDER BY id limit 1", "SELECT * FROM a WHERE id > ? ORDER BY id limit ?", reads | parametrised},
		{"SELECT 'open", "SELECT ?", parametrised},
		{"SELECT été FROM a", "SELECT été FROM a", reads},
		{"", "", 0},
	} {
		if got, traits := describeText(nil, c.text, database, classify); string(got) != c.want || traits != c.traits {
			t.Errorf("%q: %q %b, want %q %b", c.text, got, traits, c.want, c.traits)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		text, want string
		traits     traits
	}{
		{"http://shop:80/items", "/items", reads},
		{"https://shop", "/", reads},
		{"/items/17/parts#top", "/items/?/parts", reads | parametrised},
		{"http://a/3f2504e0-4f89-11d3-9a0c-0305e82c3301/x", "/?/x", reads | parametrised},
		{"http://a/v1/users/4f8a9b2c", "/v1/users/?", reads | parametrised},
		{"http://a/users/ann@example.org", "/users/?", reads | parametrised},
		{"http://a/s3/bucket2/k8s", "/s3/bucket2/k8s", reads},
		{"http://a/f?q=shoe&sort=price", "/f?q&sort", reads | parametrised},
		{"http://a/f?page_token=x", "/f?page_token", reads | parametrised | paged},
		{"http://a/f?sig=REDACTED", "/f?sig", reads | parametrised | sanitised},
	} {
		if got, traits := describeText(nil, c.text, web, classify); string(got) != c.want || traits != c.traits {
			t.Errorf("%q: %q %b, want %q %b", c.text, got, traits, c.want, c.traits)
		}
	}
}

// Whatever the text, normalising ends, adds little, and does not depend on what was normalised before.
func FuzzDescribe(f *testing.F) {
	for _, s := range []string{"SELECT * FROM a WHERE b IN (1, 2) -- x", "GET a:1", `{"a":"b`, "/a/1?b=c", "http://", "':@$1%s***?", "/*", strings.Repeat("(?), (", 9)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range []protocol{database, web} {
			got, traits := describeText([]byte("?, (?), ("), text, p, classify)
			if len(got) > 2*maxSources+8 {
				t.Errorf("%d bytes of %d", len(got), len(text))
			}
			if again, also := describeText(nil, text, p, classify); string(again) != string(got) || also != traits {
				t.Errorf("%q: %q, then %q", text, got, again)
			}
		}
	})
}
