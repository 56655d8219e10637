package otlp

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"oteltop/model"
)

func TestToken(t *testing.T) {
	const token = "s3cret-token"
	for _, transport := range transports {
		for header, want := range map[string]codes.Code{
			"":                    codes.Unauthenticated,
			"Bearer " + token:     codes.OK,
			"bearer " + token:     codes.OK,
			"Bearer wrong":        codes.Unauthenticated,
			"Bearer " + token[1:]: codes.Unauthenticated,
			"Basic " + token:      codes.Unauthenticated,
			token:                 codes.Unauthenticated,
		} {
			f := start(t, Options{Token: token}, nil)
			c := call{transport: transport, request: request(span(1)), header: map[string]string{}}
			if header != "" {
				c.header["authorization"] = header
			}
			a := f.send(t, c)
			if a.code != want {
				t.Errorf("%s %q: %v, want %v", transport, header, a.code, want)
			}
			if strings.Contains(a.text, "s3cret") {
				t.Errorf("%s: the token is echoed: %s", transport, a.text)
			}
			refused := uint64(0)
			if want != codes.OK {
				refused = 1
				if transport != "grpc" && (a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != "Bearer") {
					t.Errorf("%s %q: status %d, %v", transport, header, a.status, a.header)
				}
			}
			if n := f.intake.RefusedRequests[model.RefusedAuth].Load(); n != refused {
				t.Errorf("%s %q: %d counted", transport, header, n)
			}
			if n := len(f.sink.spans()); n != 1-int(refused) {
				t.Errorf("%s %q: %d spans", transport, header, n)
			}
		}
	}
}

func TestHosts(t *testing.T) {
	f := start(t, Options{AllowedHosts: []string{"Otel.Example."}}, nil)
	for host, allowed := range map[string]bool{
		"127.0.0.1:4318":         true,
		"10.1.2.3":               true,
		"[::1]:4318":             true,
		"[::1]":                  true,
		"[fe80::1]:80":           true,
		"localhost":              true,
		"LOCALHOST:4318":         true,
		"localhost.":             true,
		"app.localhost:4318":     true,
		"otel.example:4318":      true,
		"OTEL.example":           true,
		"evil.example":           false,
		"evil.example:4318":      false,
		"localhost.evil.example": false,
		"notlocalhost":           false,
		"127.0.0.1.evil.example": false,
		"sub.otel.example":       false,
	} {
		for _, path := range []string{"/v1/traces", "/report/services"} {
			before := f.intake.RefusedRequests[model.RefusedHost].Load()
			a := f.send(t, call{transport: "http/json", path: path, body: []byte(`{}`), header: map[string]string{"Host": host}})
			refused := a.status == http.StatusForbidden
			if refused == allowed {
				t.Errorf("%s %s: status %d", host, path, a.status)
			}
			if n := f.intake.RefusedRequests[model.RefusedHost].Load() - before; (n == 1) != refused {
				t.Errorf("%s: %d counted", host, n)
			}
		}
	}
}

func TestExposure(t *testing.T) {
	cases := []struct {
		name    string
		options Options
		exposed bool
	}{
		{"loopback", Options{GRPC: []string{"127.0.0.1:0"}, HTTP: []string{"127.5.5.5:0"}}, false},
		{"localhost", Options{GRPC: []string{"localhost:0"}, HTTP: []string{}}, false},
		{"everything", Options{GRPC: []string{":0"}, HTTP: []string{}}, true},
		{"every IPv4", Options{GRPC: []string{}, HTTP: []string{"0.0.0.0:0"}}, true},
		{"every IPv6", Options{GRPC: []string{}, HTTP: []string{"[::]:0"}}, true},
		{"a name", Options{GRPC: []string{"otel.example:0"}, HTTP: []string{}}, true},
		{"a deceptive name", Options{GRPC: []string{"localhost.example:0"}, HTTP: []string{}}, true},
		{"with TLS that anybody may speak", Options{GRPC: []string{"0.0.0.0:0"}, HTTP: []string{}, TLS: Certificates{Cert: "c", Key: "k"}}, true},
		{"with a token", Options{GRPC: []string{"0.0.0.0:0"}, HTTP: []string{}, Token: "t"}, false},
		{"insecure", Options{GRPC: []string{"0.0.0.0:0"}, HTTP: []string{}, Insecure: true}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.options.Intake = new(model.Intake)
			r, err := Listen(c.options)
			if errors.Is(err, ErrExposed) != c.exposed {
				t.Errorf("error %v", err)
			}
			if err == nil {
				if r.Unprotected() != c.options.Insecure {
					t.Errorf("Unprotected is %v", r.Unprotected())
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestCORS(t *testing.T) {
	cases := []struct {
		name                string
		origins             []string
		origin              string
		allow, credentials  string
		preflight, exported int
	}{
		{"off", nil, "https://app.example", "", "", 405, 200},
		{"chosen", []string{"https://app.example/"}, "https://app.example", "https://app.example", "true", 204, 200},
		{"other", []string{"https://app.example"}, "https://evil.example", "", "", 405, 200},
		{"any", []string{"*"}, "https://app.example", "*", "", 204, 200},
		{"any and chosen", []string{"*", "http://a.example"}, "http://a.example", "http://a.example", "true", 204, 200},
		{"null", []string{"https://app.example"}, "null", "", "", 405, 200},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, Options{CORSOrigins: c.origins}, nil)
			q, err := http.NewRequest(http.MethodOptions, "http://"+f.HTTPAddrs()[0]+"/v1/traces", nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Origin", c.origin)
			q.Header.Set("Access-Control-Request-Method", "POST")
			q.Header.Set("Access-Control-Request-Headers", "content-type,x-team")
			a := do(t, q)
			checkOrigin(t, a, c.allow, c.credentials)
			if a.status != c.preflight {
				t.Errorf("preflight %d, want %d", a.status, c.preflight)
			}
			if c.preflight == 204 && (a.header.Get("Access-Control-Allow-Methods") != "POST" || a.header.Get("Access-Control-Allow-Headers") != "content-type,x-team") {
				t.Errorf("preflight %v", a.header)
			}
			a = f.send(t, call{transport: "http/json", body: []byte(`{}`), header: map[string]string{"Origin": c.origin}})
			checkOrigin(t, a, c.allow, c.credentials)
			if a.status != c.exported {
				t.Errorf("export %d, want %d", a.status, c.exported)
			}
			a = f.send(t, call{transport: "http/json", path: "/report/traces", body: []byte(`{}`), header: map[string]string{"Origin": c.origin}})
			checkOrigin(t, a, "", "")
		})
	}
}

func checkOrigin(t *testing.T, a answer, allow, credentials string) {
	t.Helper()
	if got := a.header.Get("Access-Control-Allow-Origin"); got != allow {
		t.Errorf("Access-Control-Allow-Origin %q, want %q", got, allow)
	}
	if got := a.header.Get("Access-Control-Allow-Credentials"); got != credentials {
		t.Errorf("Access-Control-Allow-Credentials %q, want %q", got, credentials)
	}
}

func TestExtra(t *testing.T) {
	extra := http.NewServeMux()
	for _, pattern := range []string{"/healthz", "/report/"} {
		extra.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) { w.WriteHeader(http.StatusTeapot) })
	}
	f := start(t, Options{Extra: extra, Token: "t"}, nil)
	for path, want := range map[string]int{"/healthz": http.StatusTeapot, "/report/services": http.StatusUnauthorized} {
		if a := f.send(t, call{transport: "http/json", path: path, body: []byte(`{}`)}); a.status != want {
			t.Errorf("%s: status %d, want %d", path, a.status, want)
		}
	}
	a := f.send(t, call{transport: "http/json", path: "/report/services", body: []byte(`{}`), header: map[string]string{"Authorization": "Bearer t"}})
	if a.status != http.StatusTeapot {
		t.Errorf("with the token: status %d", a.status)
	}
	// An export to a path that nobody serves is told so in a Status, and counted.
	a = f.send(t, call{transport: "http/protobuf", path: "/v1/traces/", body: []byte{}, header: map[string]string{"Authorization": "Bearer t"}})
	if a.status != http.StatusNotFound || a.code != codes.NotFound || !strings.Contains(a.text, "/v1/traces") || f.intake.RefusedRequests[model.RefusedUnsupported].Load() != 1 {
		t.Errorf("elsewhere: %+v, counted %v", a, refusedRequests(f.intake))
	}
}
