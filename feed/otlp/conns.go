package otlp

import (
	"errors"
	"net"
	"sync"

	"oteltop/model"
)

// gate counts the connections of all listeners and turns away those beyond its limit.
type gate struct {
	limit  int64
	intake *model.Intake
}

// listener lets connections through a gate.
type listener struct {
	net.Listener
	gate *gate
	h2c  bool // gRPC in clear
}

// Accept closes connections beyond the limit at once and counts them: an SDK then tries again later,
// while a queue would keep it waiting for an unknown time.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.gate.intake.Connections.Add(1) > l.gate.limit {
			l.gate.intake.Connections.Add(-1)
			l.gate.intake.RefusedRequests[model.RefusedOverload].Add(1)
			_ = c.Close() // nothing was written
			continue
		}
		counted := &conn{Conn: c, gate: l.gate, greet: l.h2c}
		counted.remote = remoteAddr{Addr: c.RemoteAddr(), conn: counted}
		return counted, nil
	}
}

// conn is a connection that is counted while it is open.
type conn struct {
	net.Conn
	gate   *gate
	closed sync.Once
	remote remoteAddr
	greet  bool // the first bytes must be those of HTTP/2; belongs to the reader
}

// errWrongPort ends a connection that speaks HTTP/1 to the gRPC port.
var errWrongPort = errors.New("HTTP/1 on the port for gRPC")

// Read counts senders that took the gRPC port for the HTTP port, as is easily done. They cannot be told:
// grpc-go writes its settings before it reads.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.greet || n == 0 {
		return n, err
	}
	c.greet = false
	if b[0] == 'P' && (n == 1 || b[1] == 'R') { // PRI, not POST, PUT or PATCH
		return n, err
	}
	c.gate.intake.RefusedRequests[model.RefusedUnsupported].Add(1)
	return 0, errWrongPort
}

// Close may be called more than once, as servers do.
func (c *conn) Close() error {
	c.closed.Do(func() { c.gate.intake.Connections.Add(-1) })
	return c.Conn.Close()
}

// RemoteAddr carries the connection itself, which gRPC gives to handlers in no other way: a handler
// must be able to cut off a sender that stalls.
func (c *conn) RemoteAddr() net.Addr { return &c.remote }

type remoteAddr struct {
	net.Addr
	conn *conn
}
