package otlp

import (
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
)

// ErrExposed is wrapped by Listen's error for an address that others than this machine can reach while
// nothing protects it.
var ErrExposed = errors.New("reachable from other machines")

// Certificates names the PEM files for TLS. Without Cert and Key connections are in clear; with ClientCA
// clients must present a certificate that it has signed.
type Certificates struct {
	Cert, Key string
	ClientCA  string
}

// config loads the files; nil when no TLS is wanted.
func (c Certificates) config() (*tls.Config, error) {
	if c == (Certificates{}) {
		return nil, nil
	}
	if c.Cert == "" || c.Key == "" {
		return nil, errors.New("TLS needs both a certificate and its key")
	}
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %s: %w", c.Cert, err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.ClientCA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(c.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("TLS client authority: %w", err)
	}
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("TLS client authority %s: no certificate in it", c.ClientCA)
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	return config, nil
}

// checkExposure refuses addresses beyond loopback unless a token, client certificates or an explicit
// wish say otherwise.
func checkExposure(o Options) error {
	if o.Insecure || o.Token != "" || o.TLS.ClientCA != "" {
		return nil
	}
	for _, addr := range append(append([]string{}, o.GRPC...), o.HTTP...) {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("listen address %q: %w", addr, err)
		}
		if !isLoopback(host) {
			return fmt.Errorf("listen address %q is %w and nothing protects it", addr, ErrExposed)
		}
	}
	return nil
}

// Unprotected reports whether other machines can reach the receiver and only Options.Insecure let them,
// which the screen should keep saying.
func (r *Receiver) Unprotected() bool {
	o := r.options
	o.Insecure = false
	return errors.Is(checkExposure(o), ErrExposed)
}

func isLoopback(host string) bool {
	if isLocalhost(host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// isLocalhost knows the names that resolvers keep on the machine (RFC 6761).
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// authorized compares an Authorization header with the token, in constant time. Without a token
// everybody is.
func (r *Receiver) authorized(header string) bool {
	if r.token == nil {
		return true
	}
	const scheme = "bearer "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(header[len(scheme):]), r.token) == 1
}
