package otlp

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"oteltop/model"
)

// gate counts the connections of all listeners and turns away those beyond its limit.
type gate struct {
	limit    int
	intake   *model.Intake
	timeouts *timeouts

	mu   sync.Mutex // protects what follows
	open map[*conn]struct{}
	// When closeSlowestInbox and cutSlowestBody last found nobody who is slow.
	inboxesMoved, bodiesMoved time.Time
}

// admit lets a connection in if there is room, or if one that has been silent for long can make room:
// whoever opens connections and does nothing with them must not keep senders out.
func (g *gate) admit(c *conn) bool {
	g.mu.Lock()
	if len(g.open) < g.limit {
		g.enter(c)
		g.mu.Unlock()
		return true
	}
	g.intake.RefusedRequests[model.RefusedOverload].Add(1)
	silent := g.mostSilent()
	if silent == nil {
		g.mu.Unlock()
		return false
	}
	g.leave(silent)
	g.enter(c)
	g.mu.Unlock()
	_ = silent.Close() // nobody listens
	return true
}

// enter and leave keep the count. They need mu.
func (g *gate) enter(c *conn) {
	g.open[c] = struct{}{}
	g.intake.Connections.Store(int64(len(g.open)))
}

func (g *gate) leave(c *conn) {
	delete(g.open, c)
	g.intake.Connections.Store(int64(len(g.open)))
}

// mostSilent is the connection on which nothing has come for the longest time, nil if that is not long.
// It needs mu, and looks at all connections: a microsecond or two, and only when the limit is reached.
func (g *gate) mostSilent() *conn {
	var found *conn
	since := time.Now().Add(-g.timeouts.spare).UnixNano()
	for c := range g.open {
		if t := c.heard.Load(); t < since {
			found, since = c, t
		}
	}
	return found
}

// slowest finds the connection that has not got on for longest of those that hold a share of a budget, and when it last
// did, by a function that is 0 or less for those that hold none; nil if that is not long. It looks at all connections,
// which a thousand that find no room must not do all the time: not soon after there was none, by allMoved.
func (g *gate) slowest(moved func(*conn) int64, allMoved *time.Time) (found *conn, since int64) {
	now := time.Now()
	since = now.Add(-g.timeouts.slow).UnixNano()
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(*allMoved) < inboxPause {
		return nil, 0
	}
	for c := range g.open {
		if t := moved(c); t > 0 && t < since {
			found, since = c, t
		}
	}
	if found == nil {
		*allMoved = now
	}
	return found, since
}

// listener lets connections through a gate.
type listener struct {
	net.Listener
	gate   *gate
	h2c    bool    // gRPC in clear
	budget *budget // of what is arriving, for gRPC; nil for HTTP, whose handlers know what is to come
}

// Accept closes connections beyond the limit at once and counts them: an SDK then tries again later,
// while a queue would keep it waiting for an unknown time.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		counted := &conn{Conn: c, gate: l.gate, greet: l.h2c}
		counted.remote = remoteAddr{Addr: c.RemoteAddr(), conn: counted}
		counted.heard.Store(time.Now().UnixNano())
		if l.budget != nil {
			counted.inbox = &inbox{gate: l.gate, lease: l.budget.lease()}
		}
		if l.gate.admit(counted) {
			return counted, nil
		}
		_ = c.Close() // nothing was written
	}
}

// conn is a connection that is counted while it is open.
type conn struct {
	net.Conn
	gate   *gate
	closed sync.Once
	remote remoteAddr
	heard  atomic.Int64 // Unix ns of the last bytes
	greet  bool         // the first bytes must be those of HTTP/2; belongs to the reader
	inbox  *inbox       // nil for HTTP
	body   body         // what comes over HTTP
}

// errWrongPort ends a connection that speaks HTTP/1 to the gRPC port.
var errWrongPort = errors.New("HTTP/1 on the port for gRPC")

// Read notes when something came, ends the connection when there is no room for it, and counts senders
// that took the gRPC port for the HTTP port, as is easily done. They cannot be told: grpc-go writes its
// settings before it reads.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.heard.Store(time.Now().UnixNano())
		if c.inbox != nil && !c.inbox.read(n) {
			return 0, c.full()
		}
	}
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
	c.closed.Do(func() {
		c.gate.mu.Lock()
		c.gate.leave(c)
		c.gate.mu.Unlock()
		if c.inbox != nil {
			c.inbox.close()
		}
	})
	return c.Conn.Close()
}

// RemoteAddr carries the connection itself, which gRPC gives to handlers in no other way: a handler
// must be able to cut off a sender that stalls.
func (c *conn) RemoteAddr() net.Addr { return &c.remote }

type remoteAddr struct {
	net.Addr
	conn *conn
}
