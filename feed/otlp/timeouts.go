package otlp

import "time"

// timeouts are how long a connection may make the receiver wait. Senders on the same machine take
// milliseconds; what takes longer is a network in trouble, or somebody who holds connections open on
// purpose. Tests use shorter ones.
type timeouts struct {
	header    time.Duration // for the headers of an HTTP request, from its first byte or the connection's start
	body      time.Duration // for an HTTP request as a whole
	idle      time.Duration // between requests on an HTTP connection
	handshake time.Duration // for TLS and the start of HTTP/2 on a gRPC connection
	receive   time.Duration // for one gRPC message, as long as an HTTP request
	slow      time.Duration // for another inboxStep, or part of an HTTP body (keepPace), while others find no room
	spare     time.Duration // without a byte before a connection may be closed to make room for another
}

func defaultTimeouts() timeouts {
	return timeouts{
		header: 5 * time.Second, body: 30 * time.Second, idle: time.Minute,
		handshake: 10 * time.Second, receive: 30 * time.Second,
		slow:  2 * time.Second,  // 1 Mbit/s over gRPC; twice inboxPatience, for which a sender may have to wait itself
		spare: 15 * time.Second, // three times what SDKs wait between batches
	}
}
