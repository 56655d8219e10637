package otlp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

// authority signs certificates for a test.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.sign(t, "ca", true)
	return a
}

// sign makes a key and a certificate and writes both as PEM files.
func (a *authority) sign(t *testing.T, name string, isCA bool) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, name+".pem", "CERTIFICATE", der)
	a.write(t, name+".key", "PRIVATE KEY", keyDER)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(a.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

func TestMutualTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	ours.sign(t, "server", false)
	ours.sign(t, "client", false)
	theirs.sign(t, "client", false)
	// mTLS is protection enough for every address.
	f := start(t, Options{
		GRPC: []string{"0.0.0.0:0"}, HTTP: []string{"0.0.0.0:0"},
		TLS: Certificates{Cert: ours.path("server.pem"), Key: ours.path("server.key"), ClientCA: ours.path("ca.pem")},
	}, nil)
	cases := []struct {
		name string
		by   *authority // who signed the client's certificate; nil: it has none
		ok   bool
	}{{"ours", ours, true}, {"theirs", theirs, false}, {"none", nil, false}}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
			config.RootCAs.AddCert(ours.cert)
			if c.by != nil {
				pair, err := tls.LoadX509KeyPair(c.by.path("client.pem"), c.by.path("client.key"))
				if err != nil {
					t.Fatal(err)
				}
				config.Certificates = []tls.Certificate{pair}
			}
			if err := exportTLS(t, f, config); (err == nil) != c.ok {
				t.Errorf("gRPC: %v", err)
			}
			if err := postTLS(t, f, config); (err == nil) != c.ok {
				t.Errorf("HTTP: %v", err)
			}
		})
	}
	if n := len(f.sink.spans()); n != 2 {
		t.Errorf("%d spans, want those of the two exports with our certificate", n)
	}
}

// Whoever begins to shake hands and does not go on is cut off in time, as without TLS.
func TestHalfOpenHandshakesAreClosed(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "server", false)
	f := waiting(t, 300*time.Millisecond, Options{TLS: Certificates{Cert: a.path("server.pem"), Key: a.path("server.key")}})
	var open []net.Conn
	for _, addr := range []string{f.GRPCAddrs()[0], f.HTTPAddrs()[0]} {
		for _, sent := range []string{"", "\x16\x03\x01\x02\x00\x01"} { // nothing; the beginning of a ClientHello
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.Write([]byte(sent)); err != nil {
				t.Fatal(err)
			}
			open = append(open, c)
		}
	}
	for i, c := range open {
		_ = c.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("connection %d is not closed", i)
		}
	}
}

// local is an address of a wildcard listener that the certificate is for.
func local(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", port)
}

func exportTLS(t *testing.T, f *fixture, config *tls.Config) error {
	t.Helper()
	client, err := grpc.NewClient(local(t, f.GRPCAddrs()[0]), grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	body := encode(t, "grpc", request(span(1)))
	var response []byte
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return client.Invoke(ctx, method("/v1/traces"), &body, &response, grpc.ForceCodecV2(verbatim{}))
}

func postTLS(t *testing.T, f *fixture, config *tls.Config) error {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: patience}
	defer client.CloseIdleConnections()
	body := encode(t, "http/protobuf", request(span(1)))
	p, err := client.Post("https://"+local(t, f.HTTPAddrs()[0])+"/v1/traces", protobufType, bytes.NewReader(body))
	if err != nil {
		return err
	}
	_ = p.Body.Close()
	if p.StatusCode != http.StatusOK {
		return status.Error(codes.Unknown, p.Status)
	}
	return nil
}

func TestCertificateErrors(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "server", false)
	for name, c := range map[string]Certificates{
		"no key":        {Cert: a.path("server.pem")},
		"no cert":       {ClientCA: a.path("ca.pem")},
		"missing":       {Cert: a.path("nothing"), Key: a.path("server.key")},
		"no authority":  {Cert: a.path("server.pem"), Key: a.path("server.key"), ClientCA: a.path("nothing")},
		"not authority": {Cert: a.path("server.pem"), Key: a.path("server.key"), ClientCA: a.path("server.key")},
	} {
		if _, err := c.config(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if config, err := (Certificates{}).config(); config != nil || err != nil {
		t.Errorf("without certificates: %v, %v", config, err)
	}
}
