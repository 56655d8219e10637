package model_test

import (
	"strings"
	"testing"

	"oteltop/model"
)

const (
	someToken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x"
	someKey   = "AKIAABCDEFGHIJKLMNOP"
)

// maskCase is an attribute, and its value with what is secret masked.
type maskCase struct{ key, value, want string }

// What the name of an attribute says is secret.
func TestMaskByKey(t *testing.T) {
	checkMasks(t, []maskCase{
		{"http.request.header.authorization", "Basic Zm9v", "[masked]"},
		{"Set-Cookie", "a=b", "[masked]"},
		{"db.PASSWORD", "x", "[masked]"},
		{"passwd", "x", "[masked]"},
		{"client_secret", "x", "[masked]"},
		{"access.token", "x", "[masked]"},
		{"apikey", "x", "[masked]"},
		{"x-api-key", "x", "[masked]"},
		{"API_KEY", "x", "[masked]"},
		{"api.key", "x", "[masked]"},
		{"aws.credentials", "x", "[masked]"},
		{"authorization", "", ""},
		{"api--key", "x", "x"},
		{"rapid.keyboard", "x", "x"},
		{"user.name", "jo", "jo"},
		{"pass", "x", "x"},
		{"gen_ai.usage.input_tokens", "1234", "1234"},
		{"tokens", "sk-1234", "[masked]"},
		{"token", "1234", "[masked]"},
	})
}

// What is secret by its form, wherever it stands.
func TestMaskByForm(t *testing.T) {
	checkMasks(t, []maskCase{
		{"url.full", "https://jo:pw@host/a?b=c", "https://[masked]@host/a?b=c"},
		{"url.full", "https://host/a@b", "https://host/a@b"},
		{"url.full", "https://host?mail=a@b", "https://host?mail=a@b"},
		{"x", "from redis://:pw@a:1/0 to amqp://u@b", "from redis://[masked]@a:1/0 to amqp://[masked]@b"},
		{"url.query", "sig=abc&x=1", "sig=[masked]&x=1"},
		{"url.full", "https://h/?AWSAccessKeyId=1&Signature=2&X-Goog-Signature=3#f", "https://h/?AWSAccessKeyId=[masked]&Signature=[masked]&X-Goog-Signature=[masked]#f"},
		{"url.full", "https://h/?X-Amz-Signature=3", "https://h/?X-Amz-Signature=[masked]"},
		{"url.query", "design=blue&config=1", "design=blue&config=1"},
		{"url.query", "sig=", "sig="},

		{"log", "got " + someToken + " ok", "got [masked] ok"},
		{"log", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "Bearer [masked]"},
		{"log", "xeyJh.eyJz.c", "xeyJh.eyJz.c"},
		{"log", "eyJhbGci.plain.text", "eyJhbGci.plain.text"},
		{"log", "eyJ", "eyJ"},

		{"log", "key " + someKey + ", and ASIA0123456789ABCDEF", "key [masked], and [masked]"},
		{"log", "X" + someKey + " " + someKey + "Q AKIAshort", "X" + someKey + " " + someKey + "Q AKIAshort"},

		{"cert", "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb", "a\n[masked]\nb"},
		{"cert", "-----BEGIN CERTIFICATE-----\nMII", "[masked]"},
		{"cert", "-----BEGIN X-----\nMII\n-----END X", "[masked]"},
		{"md", "----- BEGIN -----", "----- BEGIN -----"},
	})
}

// What a name within a text says is secret.
func TestMaskAssigned(t *testing.T) {
	checkMasks(t, []maskCase{
		{"log", "login jo password=hunter2 ok", "login jo password=[masked] ok"},
		{"log", "DB_PASSWORD='a b' x", "DB_PASSWORD='[masked]' x"},
		{"url.query", "page=2&token=abc&api_key=k#f", "page=2&token=[masked]&api_key=[masked]#f"},
		{"body", `{"user":"jo","password": "a\"b","n":1}`, `{"user":"jo","password": "[masked]","n":1}`},
		{"body", `password="never closed`, `password="[masked]`},
		{"body", `{\"client_secret\":\"x y\",\"n\":1}`, `{\"client_secret\":\"[masked]\",\"n\":1}`},
		{"body", `{"password":12345,"token":null,"max_tokens":512}`, `{"password":[masked],"token":null,"max_tokens":512}`},
		{"log", "{User:jo Token:abc Age:3}", "{User:jo Token:[masked] Age:3}"},
		{"log", "password: hunter2", "password: [masked]"},
		{"log", "password=", "password="},
		{"log", "token == other", "token == other"},
		{"log", "Authorization: Basic dXNlcjpwdw==", "Authorization: Basic [masked]"},
		{"log", "> authorization: bearer abc def\n> accept: */*", "> authorization: bearer [masked]\n> accept: */*"},
		{"log", "authorization: denied for jo", "authorization: denied for jo"},
		{"log", "Cookie: a=b; c=d\nHost: x", "Cookie: [masked]\nHost: x"},
		{"log", "cookie: none was sent", "cookie: none was sent"},
		{"log", "unexpected token: end of file", "unexpected token: end of file"},
		{"log", "cannot read secret: permission denied", "cannot read secret: permission denied"},
		{"arn", "arn:aws:secretsmanager:eu-1:1:secret:db-x", "arn:aws:secretsmanager:eu-1:1:secret:db-x"},
		{"sql", "SELECT 1 WHERE password = ? AND token = $1 AND secret=%s", "SELECT 1 WHERE password = ? AND token = $1 AND secret=%s"},
		{"sql", "SELECT 1 WHERE password = 'x' AND a = 1", "SELECT 1 WHERE password = '[masked]' AND a = 1"},
		{"log", "usage: input_tokens=100 output_tokens=7", "usage: input_tokens=100 output_tokens=7"},
		{"log", strings.Repeat("a", 100) + "=1", strings.Repeat("a", 100) + "=1"},
	})
}

func checkMasks(t *testing.T, cases []maskCase) {
	t.Helper()
	for _, c := range cases {
		got, did := model.Mask(c.key, c.value)
		if got != c.want || did != (c.want != c.value) {
			t.Errorf("Mask(%q, %q) = %q, %v; want %q", c.key, c.value, got, did, c.want)
		}
	}
}

// The cost stays linear: each of these made every name search to the end of the value, or its neighbours do so.
func BenchmarkMaskHostile(b *testing.B) {
	for _, part := range []string{"token=?", "cookie:", "cookie=", `password="`, "authorization: Bearer ", "secret:", "tokens=1"} {
		b.Run(part, func(b *testing.B) {
			value := strings.Repeat(part, 1<<20/len(part))
			b.SetBytes(int64(len(value)))
			for b.Loop() {
				model.Mask("log", value)
			}
		})
	}
}

func TestMaskAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { model.Mask("url.full", "https://shop.example/cart?page=2") }); n != 0 {
		t.Errorf("%v allocations for a value without secrets", n)
	}
}

// FuzzMask: masking twice changes nothing more, and no planted secret survives at a word's start.
func FuzzMask(f *testing.F) {
	f.Add("url", "https://a:b@c?sig=1")
	f.Add("k", "eyJa.eyJb.c=AKIA://@-----BEGIN ")
	f.Fuzz(func(t *testing.T, key, value string) {
		once, did := model.Mask(key, value)
		if did != (once != value) {
			t.Errorf("did is %v for %q → %q", did, value, once)
		}
		if twice, _ := model.Mask(key, once); twice != once {
			t.Errorf("not idempotent: %q → %q → %q", value, once, twice)
		}
		for _, secret := range []string{someToken, someKey} {
			if got, _ := model.Mask(key, value+" "+secret+" "); strings.Contains(got, " "+secret+" ") {
				t.Errorf("%q survives in %q", secret, got)
			}
		}
	})
}
