package otlp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/peer"

	"oteltop/model"
)

const (
	// receiveAllowance is what a call takes while it waits for its message, whatever has come of that: about what
	// its stream, its goroutine and its headers do. 100 streams on each of 1,024 connections would have 1.6 GiB.
	receiveAllowance = 16 << 10
	// inboxAllowance is what a connection may have received without a share of the budget: one call with the usual
	// batch never asks for one. 1,024 connections have 80 MiB of it.
	inboxAllowance = 64<<10 + receiveAllowance
	// inboxStep is how much of the budget a connection takes at a time.
	inboxStep = 256 << 10
	// Bytes of a connection that are no message: its headers, and 9 bytes of frame header in 16 KB or less.
	headerBytes, framesPerByte = 512, 1.0 / 256
)

const inboxExtra = 8 << 20

// InboxLimit is the budget of connections, in bytes of what has come and is not handled yet. It stands beside
// that of requests being handled, Options.InFlight, so that ordinary overload is found by export, which can say
// when to come back: what one largest request takes (half of the other budget, where it is decompressed), and
// room for small ones. Nothing that is still arriving over gRPC holds any of the other one: whoever stalls can
// fill only this one, and gives way here (closeSlowestInbox).
func InboxLimit(inFlight int64) int64 { return inFlight/2 + inboxExtra }

// A connection for whose message there is no room waits for a moment, since most messages come and go
// within milliseconds. Its sender notices nothing but a delay.
const (
	inboxPatience = time.Second
	inboxPause    = 10 * time.Millisecond
)

// errInboxFull ends a connection whose message does not fit into the budget. The sender sees UNAVAILABLE
// and comes back.
var errInboxFull = errors.New("too many bytes of requests are in flight")

// inbox keeps account of what has come over a gRPC connection and not reached export yet. grpc-go reads a
// message as a whole, up to the size limit, for each of maxStreams streams of every connection, and asks
// nobody: 200 senders of 64 MiB took 3.7 GB without it.
type inbox struct {
	gate *gate // of all connections that share the budget

	mu        sync.Mutex
	lease     lease
	bytes     int64 // read and not yet handed over, as far as is known
	receiving int   // calls that wait for their message
	brought   int64 // bytes read since moved
	closed    bool

	// moved is when the connection last got a share of the budget or had brought another inboxStep, Unix ns; 0 while
	// it has no share.
	moved atomic.Int64
}

// read notes n bytes; false when there is no room for them, nor will be soon.
func (i *inbox) read(n int) bool {
	if i.add(n) {
		return true
	}
	for range inboxPatience / inboxPause {
		if i.gate.closeSlowestInbox() && i.add(0) {
			return true
		}
		time.Sleep(inboxPause)
		if i.add(0) {
			return true
		}
	}
	return false
}

// add notes n bytes, and says whether there is room for all that came.
func (i *inbox) add(n int) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.bytes += int64(n)
	if i.brought += int64(n); i.brought >= inboxStep && i.lease.held.Load() > 0 {
		i.move()
	}
	if i.receiving == 0 {
		// Either the call of these bytes is about to begin, or they are for one that was refused, and
		// grpc-go drops them. Whoever goes on sending those must not use up the budget.
		i.bytes = min(i.bytes, streamWindow)
	}
	return i.cover()
}

// begin notes that a call waits for its message, and says whether there is room for it to. There is for a few on every
// connection: what comes for them may have to wait for room of its own, in read.
func (i *inbox) begin() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.receiving++
	return i.cover() || i.receiving*receiveAllowance <= inboxAllowance
}

// needs is what all that is under way takes. It needs mu.
func (i *inbox) needs() int64 { return i.bytes + int64(i.receiving)*receiveAllowance }

// cover takes a share of the budget that is large enough, and says whether there was one. It needs mu.
func (i *inbox) cover() bool {
	n, held := i.needs(), i.lease.held.Load()
	if i.closed {
		return false
	}
	if n <= inboxAllowance || n <= held {
		return true
	}
	if !i.lease.cover((n/inboxStep + 1) * inboxStep) {
		return false
	}
	if held == 0 {
		i.move()
	}
	return true
}

// move notes that the connection gets on. It needs mu.
func (i *inbox) move() {
	i.brought = 0
	i.moved.Store(time.Now().UnixNano())
}

// end notes that a call has its message of n bytes, or gave up. From then on it is the caller's to account
// for. Where no other call waits, nothing is under way.
func (i *inbox) end(n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.receiving--
	i.bytes = max(0, i.bytes-int64(n)-int64(float64(n)*framesPerByte)-headerBytes)
	if i.receiving == 0 {
		i.bytes = 0
	}
	if n := i.needs(); n <= inboxAllowance {
		i.free()
	} else if spare := i.lease.held.Load() - (n/inboxStep+1)*inboxStep; spare > 0 {
		i.lease.give(spare)
	}
}

// free gives the whole share back. It needs mu.
func (i *inbox) free() {
	i.lease.release()
	i.moved.Store(0)
}

// close gives back what the connection holds.
func (i *inbox) close() {
	i.mu.Lock()
	i.bytes, i.closed = 0, true
	i.free()
	i.mu.Unlock()
}

// closeSlowestInbox closes the connection that has brought the least for longest of those that hold a share of the budget of
// inboxes, if that is long: whoever begins requests and does not go on with them must not keep others out. It reports
// whether there was one.
func (g *gate) closeSlowestInbox() bool {
	found, _ := g.slowest((*conn).inboxMoved, &g.inboxesMoved)
	if found == nil {
		return false
	}
	g.intake.RefusedRequests[model.RefusedOverload].Add(1)
	_ = found.Close() // it is of no more use
	return true
}

func (c *conn) inboxMoved() int64 {
	if c.inbox == nil {
		return 0
	}
	return c.inbox.moved.Load()
}

// wait is a call that waits for its message; zero where nothing is kept account of.
type wait struct {
	inbox *inbox
	room  bool // for the call to wait
}

// await begins a wait on the connection that a call came over.
func await(ctx context.Context) wait {
	if p, ok := peer.FromContext(ctx); ok {
		if addr, ok := p.Addr.(*remoteAddr); ok && addr.conn.inbox != nil {
			i := addr.conn.inbox
			return wait{i, i.begin() || i.gate.closeSlowestInbox() && i.add(0)}
		}
	}
	return wait{room: true}
}

// over ends it, once: n bytes came.
func (w *wait) over(n int) {
	if w.inbox != nil {
		w.inbox.end(n)
		w.inbox = nil
	}
}

// full ends the connection.
func (c *conn) full() error {
	c.gate.intake.RefusedRequests[model.RefusedOverload].Add(1)
	return errInboxFull
}
