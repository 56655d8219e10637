package otlp

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"time"

	"oteltop/model"
)

// body is the body of a request over HTTP while it comes. What has come of it is in memory and takes a share of the
// budget of requests, so that one that stops in the middle keeps others out; like a message over gRPC it gives way to
// them (cutSlowestBody).
type body struct {
	conn  *conn // nil where the request did not come over a connection of ours; nobody cuts such a body off
	from  io.Reader
	lease lease
	pace  float64 // part of what has come that has to come in timeouts.slow
	came  int64   // bytes
	next  int64   // when so many have come, the sender has got on

	// moved is when the sender last got on, Unix ns; 0 while nothing has come, or all has; cutOff once it has given way.
	moved atomic.Int64
}

const cutOff = -1

// keepPace is how fast a body has to come, as a part of the pace with which all of it would be there just when the time
// for a request is over. Whoever sends evenly and can be in time is therefore never too slow, be it how slowly; and for
// whoever sends on a byte now and then to keep what they hold, that is not enough.
const keepPace = 0.5

// connKey is where the context of a request over HTTP has its *conn.
type connKey struct{}

// withConn is the server's ConnContext: a handler is given its connection in no other way.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

// arrive begins to read a body. A connection has one request at a time, so that its body is used again.
func (r *Receiver) arrive(ctx context.Context, from io.Reader) *body {
	var b *body
	if c, ok := ctx.Value(connKey{}).(*conn); ok {
		b, c.body.conn = &c.body, c
	} else {
		b = new(body)
	}
	b.from, b.lease.budget, b.came, b.next = from, &r.budget, 0, 0
	b.pace = keepPace * float64(r.timeouts.slow) / float64(r.timeouts.body)
	return b
}

// Read implements io.Reader for the body.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.came += int64(n); n > 0 && b.came >= b.next {
		b.next = b.came + int64(b.pace*float64(b.came)) + 1
		if t := b.moved.Load(); t != cutOff {
			b.moved.CompareAndSwap(t, time.Now().UnixNano())
		}
	}
	return n, err
}

// inTime ends the reading, after which nobody cuts the body off, and says whether nobody has.
func (b *body) inTime() bool { return b.moved.Swap(0) != cutOff }

// leave gives back what is held.
func (b *body) leave() {
	b.lease.release()
	b.from = nil
}

// cut takes its share from a body that last got on at t, and has its sender answered, unless it has got on since or
// all of it is there. The share is free before its handler notices, so that who needs it need not wait.
func (b *body) cut(t int64) {
	if b.moved.CompareAndSwap(t, cutOff) {
		b.lease.release()
		_ = b.conn.SetReadDeadline(time.Unix(1, 0)) // no more is read; an answer can still be written
	}
}

// tooSlow is the refusal of a body that was cut off.
func tooSlow() *refusal {
	return &refusal{model.RefusedOverload, "too many bytes of requests are in flight, and this one has stalled; try again"}
}

// cutSlowestBody cuts off the body of which nothing worth mentioning has come for longest, if that is long, and reports
// whether there was one.
func (g *gate) cutSlowestBody() bool {
	found, moved := g.slowest((*conn).bodyMoved, &g.bodiesMoved)
	if found == nil {
		return false
	}
	found.body.cut(moved)
	return true
}

func (c *conn) bodyMoved() int64 { return c.body.moved.Load() }
