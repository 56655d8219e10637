package failures

import (
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	for message, want := range map[string]string{
		"connection refused":                                   "connection refused",
		"GET https://shop.example/cart/17?x=1 failed":          "GET <url> failed",
		"could not reach (http://a:8080/x), giving up":         "could not reach (<url>), giving up",
		"order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 not found": "order <uuid> not found",
		"dial tcp 10.0.3.17:5432: i/o timeout":                 "dial tcp <ip>: i/o timeout",
		"dial tcp [fe80::1ff:fe23:4567:890a]:443: refused":     "dial tcp [<ip>]:<n>: refused",
		"from 192.168.0.1":                                     "from <ip>",
		"at 0x7ffde3a1b2c4 in block 9f86d081884c7d65":          "at <hex> in block <hex>",
		"deadline 2024-05-01T12:03:04.567Z exceeded":           "deadline <time> exceeded",
		"2024-05-01 12:03:04 lock wait timeout":                "<time> lock wait timeout",
		"12:03:04.5 lock":                                      "<time> lock",
		"user_id=alice cart id=77, mode=fast valid=true":       "user_id=<value> cart id=<value>, mode=fast valid=true",
		"requestId=abc-def; retry":                             "requestId=<value>; retry",
		"took 1532ms of 3.5 s (87%)":                           "took <n>ms of <n> s (<n>%)",
		"could not decode utf8 of h264 over http2: HY000":      "could not decode utf8 of h264 over http2: HY000",
		"pod cart-7d9f8b6c5-x2x9z evicted":                     "pod cart-<hex>-<hex> evicted",
		"table orders12345 is locked":                          "table orders<n> is locked",
		"first line 1\n\tat shop.handle(handler:42)":           "first line <n>",
		"  blanks \t collapse  ":                               "blanks collapse",
		"ORA-00942: table or view does not exist":              "ORA-<n>: table or view does not exist",
		"Duplicate entry '4711' for key 'PRIMARY'":             "Duplicate entry '<n>' for key 'PRIMARY'",
		"rpc error: code = Unavailable desc = 3 of 5 replicas": "rpc error: code = Unavailable desc = <n> of <n> replicas",
		"":    "",
		"...": "...",
	} {
		if got := normalise(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

// What differs only in what is single is of one kind, and what came out stays as it is.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"order 17 of 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "a=b=c id=<x", "<<>>", "[::]:1", "\xff 1", "0x", "1.2.3.4.5", "id=1&id=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, message string) {
		once := normalise(message)
		if len(once) > 8*maxMessage || strings.ContainsAny(once, "\n\r\t") {
			t.Errorf("%q: %q", message, once)
		}
		if len(once) <= maxMessage {
			if twice := normalise(once); twice != once {
				t.Errorf("%q: %q, then %q", message, once, twice)
			}
		}
	})
}
