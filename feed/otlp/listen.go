package otlp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// ErrBusy is wrapped by *BusyError.
var ErrBusy = errors.New("port is in use")

// BusyError says that a port to listen on is taken.
type BusyError struct {
	Protocol string // "gRPC" or "HTTP"
	Addr     string // host:port
	Holder   string // who holds it, as in "jaeger (pid 4711)"; empty when that cannot be found out
}

// Error is one line that names the port and its likely holder.
func (e *BusyError) Error() string {
	holder := "another program, perhaps a collector or another oteltop"
	if e.Holder != "" {
		holder = e.Holder
	}
	return fmt.Sprintf("cannot listen on %s for OTLP/%s: the %v by %s", e.Addr, e.Protocol, ErrBusy, holder)
}

// Unwrap makes errors.Is(err, ErrBusy) hold.
func (e *BusyError) Unwrap() error { return ErrBusy }

// portTries is how often a port that the system chose on one address is tried on the others: somebody
// may hold it there, which is rare, so that a second failure in a row is rarer still.
const portTries = 4

// bindAll listens on all addresses of a protocol, or on none.
func bindAll(protocol string, addrs []string, wrap func(net.Listener) net.Listener) ([]net.Listener, error) {
	addrs = bothFamilies(addrs)
	var err error
	for range portTries {
		var ls []net.Listener
		if ls, err = bindOnce(protocol, addrs, wrap); err == nil {
			return ls, nil
		}
		var clash *chosenPortError
		if !errors.As(err, &clash) {
			return nil, err
		}
	}
	return nil, err
}

// bothFamilies replaces localhost, which SDKs may resolve to either, by both of its addresses.
func bothFamilies(addrs []string) []string {
	var out []string
	for _, addr := range addrs {
		if host, port, err := net.SplitHostPort(addr); err == nil && isLocalhost(host) {
			out = append(out, net.JoinHostPort("127.0.0.1", port), net.JoinHostPort("::1", port))
			continue
		}
		out = append(out, addr)
	}
	return out
}

// chosenPortError says that a port chosen by the system for one address is taken on another one.
type chosenPortError struct{ error }

// bindOnce listens on all addresses, or on none. Of addresses with port 0 all get the port that the system chose for the
// first; where that is taken on another one the error is a *chosenPortError, and the caller may try again.
func bindOnce(protocol string, addrs []string, wrap func(net.Listener) net.Listener) (ls []net.Listener, err error) {
	defer func() {
		if err != nil {
			for _, l := range ls {
				_ = l.Close() // the error on the way out says more
			}
			ls = nil
		}
	}()
	chosen := 0
	absent := error(nil)
	for _, addr := range addrs {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return ls, fmt.Errorf("listen address %q: %w", addr, err)
		}
		follows := port == "0" && chosen != 0
		if follows {
			port = strconv.Itoa(chosen)
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		switch {
		case err == nil:
		case isAbsentIPv6(host, err):
			absent = err
			continue
		case follows:
			return ls, &chosenPortError{err}
		default:
			return ls, listenError(protocol, net.JoinHostPort(host, port), err)
		}
		if port == "0" {
			chosen = l.Addr().(*net.TCPAddr).Port
		}
		ls = append(ls, wrap(l))
	}
	if len(ls) == 0 && absent != nil {
		return nil, absent
	}
	return ls, nil
}

// isAbsentIPv6 recognises a machine without IPv6 loopback (containers, mostly), which is no error as
// long as another address can be bound.
func isAbsentIPv6(host string, err error) bool {
	ip, parseErr := netip.ParseAddr(host)
	if parseErr != nil || ip != netip.IPv6Loopback() {
		return false
	}
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}

func listenError(protocol, addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return &BusyError{Protocol: protocol, Addr: addr, Holder: holder(addr)}
	}
	return fmt.Errorf("listen on %s for OTLP/%s: %w", addr, protocol, err)
}
