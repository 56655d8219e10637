package filter

import "testing"

// values is a catalog of a few values.
type values map[string][]string

func (v values) Keys() []string           { return nil }
func (v values) Values(k string) []string { return v[k] }

func TestNearest(t *testing.T) {
	c := values{"service": {"cart", "checkout", "frontend"}, "span.http.route": {"/cart/{id}"}, "resource.host.name": {"node-1", "node-2"}, "name": {"GET /"}}
	for text, want := range map[string]string{
		`service = "chekout"`:                   `service = "checkout"`,
		`service == chekcout`:                   `service == "checkout"`,
		`service = CART`:                        `service = "cart"`,
		`service = front && duration > 1ms`:     `service = "frontend" && duration > 1ms`,
		`service = cart && service = "checkou"`: `service = cart && service = "checkout"`,
		`host.name = nod-2`:                     `host.name = "node-2"`,
		`span.http.route = "/cart/{i}"`:         `span.http.route = "/cart/{id}"`,
		`service = payment`:                     "",
		`service = checkout`:                    "",
		`service != chekout`:                    "",
		`service =~ chekout`:                    "",
		`duration = 3ms`:                        "",
		`chekout`:                               "",
		`service = "chek`:                       "",
		`service = x`:                           "",
	} {
		got, ok := Nearest(text, c)
		if !ok {
			if want != "" {
				t.Errorf("%s: nothing, want %s", text, want)
			}
			continue
		}
		r := []rune(text)
		if is := string(r[:got.From]) + got.Text + string(r[got.To:]); is != want {
			t.Errorf("%s: %s, want %s", text, is, want)
		}
	}
	if x, _ := Nearest(`service = chekout`, c); !x.Alone || x.Field != "service" || x.Typed != "chekout" || x.Nearest != "checkout" {
		t.Errorf("%+v", x)
	}
	if x, _ := Nearest(`error && service = chekout`, c); x.Alone {
		t.Error("one of two conditions stands alone")
	}
}

func TestTypos(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"chekout", "checkout", 1}, {"acrt", "cart", 1}, {"cart", "card", 1}, {"kitten", "sitting", 3}} {
		if got := typos([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if back := typos([]rune(c.b), []rune(c.a)); back != c.want {
			t.Errorf("%s, %s: %d, want %d", c.b, c.a, back, c.want)
		}
	}
}
