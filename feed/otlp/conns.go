package otlp

import (
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
		counted := &conn{Conn: c, gate: l.gate}
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
