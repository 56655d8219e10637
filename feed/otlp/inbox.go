package otlp

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc/peer"

	"oteltop/model"
)

const (
	// inboxAllowance is what a connection may have received without a share of the budget: the usual batch
	// never asks for one. 1,024 connections have 64 MiB of it.
	inboxAllowance = 64 << 10
	// inboxStep is how much of the budget a connection takes at a time.
	inboxStep = 256 << 10
	// Bytes of a connection that are no message: its headers, and 9 bytes of frame header in 16 KB or less.
	headerBytes, framesPerByte = 512, 1.0 / 256
)

const inboxExtra = 8 << 20

// InboxLimit is the budget of connections, in bytes of what has come and is not handled yet. It stands beside
// that of requests being handled, Options.InFlight, so that ordinary overload is found by export, which can say
// when to come back: what one largest request takes (half of the other budget, where it is decompressed), and
// room for small ones.
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
	mu        sync.Mutex
	lease     lease
	bytes     int64 // read and not yet handed over, as far as is known
	receiving int   // calls that wait for their message
	closed    bool
}

// read notes n bytes; false when there is no room for them, nor will be soon.
func (i *inbox) read(n int) bool {
	if i.add(n) {
		return true
	}
	for range inboxPatience / inboxPause {
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
	if i.closed {
		return false
	}
	i.bytes += int64(n)
	if i.receiving == 0 {
		// Either the call of these bytes is about to begin, or they are for one that was refused, and
		// grpc-go drops them. Whoever goes on sending those must not use up the budget.
		i.bytes = min(i.bytes, streamWindow)
	}
	if i.bytes <= inboxAllowance || i.bytes <= i.lease.held {
		return true
	}
	return i.lease.cover((i.bytes/inboxStep + 1) * inboxStep)
}

// begin notes that a call waits for its message.
func (i *inbox) begin() {
	i.mu.Lock()
	i.receiving++
	i.mu.Unlock()
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
	if i.bytes <= inboxAllowance {
		i.lease.release()
	} else if spare := i.lease.held - (i.bytes/inboxStep+1)*inboxStep; spare > 0 {
		i.lease.give(spare)
	}
}

// close gives back what the connection holds.
func (i *inbox) close() {
	i.mu.Lock()
	i.bytes, i.closed = 0, true
	i.lease.release()
	i.mu.Unlock()
}

// wait is a call that waits for its message; zero where nothing is kept account of.
type wait struct{ inbox *inbox }

// await begins a wait on the connection that a call came over.
func await(ctx context.Context) (w wait) {
	if p, ok := peer.FromContext(ctx); ok {
		if addr, ok := p.Addr.(*remoteAddr); ok && addr.conn.inbox != nil {
			w.inbox = addr.conn.inbox
			w.inbox.begin()
		}
	}
	return w
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
