package otlp

import (
	"net"
	"net/netip"
	"strings"
)

// hosts are the names that HTTP's Host header may hold. A page that has its own name resolve to
// 127.0.0.1 (DNS rebinding) sends its name there, which is how it is found out.
type hosts map[string]bool

func newHosts(names []string) hosts {
	h := hosts{}
	for _, name := range names {
		h[bareHost(name)] = true
	}
	return h
}

// allow takes IP literals, localhost and the configured names, with any port.
func (h hosts) allow(header string) bool {
	host := bareHost(header)
	if isLocalhost(host) || h[host] {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

// bareHost is a host in lower case without its port, brackets and final dot.
func bareHost(header string) string {
	host := header
	if name, _, err := net.SplitHostPort(header); err == nil {
		host = name
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
