package otlp

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"

	"oteltop/model"
)

// exchange is one OTLP request over HTTP and its answer.
type exchange struct {
	receiver    *Receiver
	signal      signal
	transport   model.Transport
	contentType string // of the request and therefore of the answer
}

func (x *exchange) serve(w http.ResponseWriter, q *http.Request) {
	r := x.receiver
	r.intake.Requests[x.transport].Add(1)
	o, err := r.take(func() (outcome, error) { return x.handle(w, q) })
	if err != nil {
		x.drain(q)
		x.refuse(w, err)
		return
	}
	body := reply(o).proto
	if x.transport == model.TransportHTTPJSON {
		body = reply(o).json
	}
	write(w, x.contentType, http.StatusOK, body())
}

// handle reads, decompresses and delivers the body. Errors are *refusal.
func (x *exchange) handle(w http.ResponseWriter, q *http.Request) (outcome, error) {
	r := x.receiver
	compressed, ok := encodingNamed(q.Header.Get("Content-Encoding"))
	if !ok {
		return outcome{}, &refusal{model.RefusedUnsupported, "the content encoding must be gzip, zstd, deflate or identity"}
	}
	most := int64(r.options.MaxBody)
	if compressed != identity {
		most += wireSlack
	}
	length := max(q.ContentLength, 0)
	if length > most {
		return outcome{}, tooLarge(r.options.MaxBody)
	}
	// What a sender announces has to fit, but takes its share only as it comes: whoever announces 64 MiB and
	// sends nothing would keep everybody else out.
	if !r.budget.fits(length) {
		return outcome{}, overloaded()
	}
	if q.ContentLength >= 0 {
		most = length // no buffer need grow beyond it
	}
	b := r.arrive(q.Context(), q.Body)
	defer b.leave()
	buffer := r.buffers.take()
	defer r.buffers.put(buffer)
	err := readAll(buffer, b, int(most), &b.lease, 0)
	if !b.inTime() {
		w.Header().Set("Connection", "close") // its deadline is of no use to another request
		return outcome{}, tooSlow()
	}
	if err != nil {
		return outcome{}, err
	}
	if compressed != identity {
		expanded := r.buffers.take()
		defer r.buffers.put(expanded)
		// Only now that all of it is here: a few kB that become 64 MiB would hold them for as long as the rest
		// may take to come. As for gRPC, it is faster without ReadByte.
		whole := struct{ io.Reader }{bytes.NewReader(*buffer)}
		if err := r.expander.fill(expanded, whole, compressed, r.options.MaxBody, &b.lease, int64(len(*buffer))); err != nil {
			return outcome{}, err
		}
		buffer = expanded
	}
	return r.deliver(q.Context(), x.transport, x.signal, *buffer, &b.lease)
}

// drainable is how many times the limit of a request is read of one that is refused: what is dropped costs time as
// well. Beyond it a sender finds its connection reset.
const drainable = 2

// drain reads what a sender still has to write, for as long as a request may take. Many read the answer only when
// they have written everything, and would get a reset connection instead of the status and Retry-After; net/http
// reads no more than 256 kB for them. Those that ask before they write need no such help.
func (x *exchange) drain(q *http.Request) {
	most := drainable * int64(x.receiver.options.MaxBody)
	if q.ContentLength <= most && q.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, q.Body, most) // whoever breaks off reads no answer
	}
}

// refuse answers with the status for the reason; take has counted it.
func (x *exchange) refuse(w http.ResponseWriter, err error) {
	f, ok := err.(*refusal)
	if !ok {
		f = &refusal{model.RefusedInternal, err.Error()}
	}
	httpStatus := http.StatusInternalServerError
	switch f.reason {
	case model.RefusedMalformed:
		httpStatus = http.StatusBadRequest
	case model.RefusedTooLarge:
		httpStatus = http.StatusRequestEntityTooLarge
	case model.RefusedUnsupported:
		httpStatus = http.StatusUnsupportedMediaType
	case model.RefusedOverload:
		httpStatus = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	}
	writeStatus(w, x.contentType, httpStatus, f.code(), f.text)
}
