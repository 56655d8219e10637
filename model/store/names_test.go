package store

import (
	"fmt"
	"strings"
	"testing"

	"oteltop/model"

	common "go.opentelemetry.io/proto/otlp/common/v1"
)

// The rule that the Collector's tests of a limit of series have (TestConnectorWithCardinalityLimit): what is known when
// the bound is met stays apart, what comes later is one series more, and nothing is left out. Here it is one for each
// service, so that the figures of services remain whole.
func TestOperationsBeyondTheBound(t *testing.T) {
	n := newNames(1 << 30)
	busy, _, _ := n.service("busy", "")
	other, _, _ := n.service("other", "")
	const beyond = 10
	first, _ := n.operation(busy, "busy", "op 0", model.KindServer)
	counted := map[uint32]int{}
	for i := range maxServiceOperations + beyond {
		id, over := n.operation(busy, "busy", fmt.Sprint("op ", i), model.KindServer)
		if late := i >= maxServiceOperations-1; (over == OperationsFull) != late || (n.Operation(id).Name == Overflow) != late || n.Operation(id).ServiceName != "busy" {
			t.Fatalf("operation %d: over %v, %+v", i, over, n.Operation(id))
		}
		counted[id]++
	}
	if len(counted) != maxServiceOperations {
		t.Errorf("%d operations, want %d", len(counted), maxServiceOperations)
	}
	for id, spans := range counted {
		if want := map[bool]int{true: beyond + 1, false: 1}[n.Operation(id).Name == Overflow]; spans != want {
			t.Errorf("%+v: %d, want %d", n.Operation(id), spans, want)
		}
	}
	var c Counters
	if n.count(&c); c.Busiest != maxServiceOperations {
		t.Errorf("the service with most has %d", c.Busiest)
	}
	if id, over := n.operation(busy, "busy", "op 0", model.KindServer); id != first || over != NameFits {
		t.Error("what was known is so no more")
	}
	if id, over := n.operation(busy, "busy", "op 0", model.KindClient); over != OperationsFull || n.Operation(id).Kind != model.KindUnspecified {
		t.Errorf("another kind of what was known: %+v", n.Operation(id))
	}
	if id, over := n.operation(other, "other", "op", model.KindServer); over != NameFits || n.Operation(id).Service != other {
		t.Errorf("of a service with room: %+v", n.Operation(id))
	}
}

func TestServicesAndPeersBeyondTheBound(t *testing.T) {
	n := newNames(1 << 30)
	for i := range maxServices + 10 {
		id, shown, over := n.service(fmt.Sprint("service ", i), "")
		if late := i >= maxServices-1; (over == ServicesFull) != late || (shown == Overflow) != late || n.Service(id) != shown {
			t.Fatalf("service %d: %v, %q, %q", i, over, shown, n.Service(id))
		}
	}
	if _, shown, over := n.service("service 0", "elsewhere"); over != ServicesFull || shown != Overflow {
		t.Errorf("of another namespace: %q", shown)
	}
	for i := range maxPeers + 10 {
		id := n.peer(fmt.Append(nil, "peer ", i))
		if late := i >= maxPeers-1; (n.Peer(id) == Overflow) != late {
			t.Fatalf("peer %d is %q", i, n.Peer(id))
		}
	}
	if n.Services() != maxServices || n.Peer(n.peer([]byte("peer 7"))) != "peer 7" || n.peerOverflow[PeersFull].Load() != 11 {
		t.Errorf("%d services, %d peers beyond", n.Services(), n.peerOverflow[PeersFull].Load())
	}
}

// Names that are too long, and those for which there are no bytes left, count under Overflow too, which takes none that
// others could have had.
func TestNamesTakeTheirBytes(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	n := newNames(1 << 20)
	service, shown, over := n.service(long, "")
	if over != NameTooLong || shown != Overflow {
		t.Errorf("%q", shown)
	}
	if id, over := n.operation(service, shown, long, model.KindServer); over != NameTooLong || n.Operation(id).Name != Overflow {
		t.Errorf("%+v", n.Operation(id))
	}
	if id := n.peer([]byte(long)); n.Peer(id) != Overflow || n.peerOverflow[NameTooLong].Load() != 1 {
		t.Errorf("%q", n.Peer(id))
	}
	if _, shown, over := n.service(long[1:], ""); over != NameFits || len(shown) != maxName {
		t.Error("a name of the most bytes is refused")
	}
	few := newNames(3 * (nameOverhead + 10))
	kept := 0
	for i := range 10 {
		if _, _, over := few.service(fmt.Sprint("service ", i), ""); over == NameFits {
			kept++
		} else if over != NamesFull {
			t.Errorf("service %d met bound %d", i, over)
		}
	}
	if kept != 3 {
		t.Errorf("%d names in the bytes of three", kept)
	}
}

// A span is counted once, by the bound that it met: its service's before its own.
func TestOverflowsByBound(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	r := New(Options{Encoders: 1})
	for k, name := range []string{"short", long, long, "short"} {
		m := newLoad(uint64(k)).request(1)
		m.ResourceSpans[0].ScopeSpans[0].Spans[0].Name = name
		if k > 1 {
			m.ResourceSpans[0].Resource.Attributes[0].Value.Value = &common.AnyValue_StringValue{StringValue: long}
		}
		append1(t, r, m)
	}
	c := r.Counters()
	if c.Overflowed[NameTooLong] != 3 || c.Overflows() != 3 || c.LongestName > maxName || c.LongestName == 0 || c.NameBytes == 0 {
		t.Errorf("%v, longest %d, %d bytes", c.Overflowed, c.LongestName, c.NameBytes)
	}
}
